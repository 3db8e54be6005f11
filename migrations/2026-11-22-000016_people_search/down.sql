DROP TRIGGER residents_index_changed ON residents;
DROP TRIGGER residents_index_new ON residents;
DROP FUNCTION index_changed_residents;
DROP FUNCTION index_new_residents;
DROP FUNCTION search_terms;
DROP TABLE resident_terms;
