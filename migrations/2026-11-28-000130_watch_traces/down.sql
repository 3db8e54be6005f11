DROP FUNCTION save_watches(uuid[], bigint[], uuid[], uuid[], int4multirange[], integer[], integer[], integer[], boolean[], bigint[], timestamptz, date, date);
DROP INDEX lesson_progress_reached;
ALTER TABLE lesson_progress DROP COLUMN trace;
