REVOKE UPDATE (body) ON credit_notes FROM changqing_app;
-- What is forgotten stays forgotten.
UPDATE credit_notes SET body = '' WHERE body IS NULL;
ALTER TABLE credit_notes ALTER COLUMN body SET NOT NULL;
CREATE OR REPLACE FUNCTION index_changed_residents() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM resident_terms WHERE resident_id = NEW.id;
    INSERT INTO resident_terms (branch_id, term, resident_id)
    SELECT NEW.branch_id, term, NEW.id
    FROM (SELECT search_terms(NEW.name) AS term UNION SELECT search_terms(NEW.initials)) AS each
    WHERE NEW.merged_into IS NULL;
    RETURN NULL;
END $$;
ALTER TABLE residents DROP CONSTRAINT residents_left_nothing;
ALTER TABLE residents DROP COLUMN left_at;
