ALTER TABLE courses DROP COLUMN cover_id, DROP COLUMN handouts;
ALTER TABLE course_versions DROP COLUMN cover_id, DROP COLUMN handouts;
DROP TABLE course_files;
