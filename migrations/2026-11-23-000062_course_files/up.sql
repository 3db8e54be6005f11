-- Covers, handouts, and pictures of articles. The file itself is in the store; a version names the
-- cover and the handouts that it shows, an article the pictures in its text.
CREATE TABLE course_files (
    id uuid PRIMARY KEY,
    course_id uuid NOT NULL REFERENCES courses,
    account_id uuid NOT NULL REFERENCES accounts,
    kind text NOT NULL CHECK (kind IN ('cover', 'handout', 'picture')),
    -- as its owner calls it
    name text NOT NULL CHECK (name <> ''),
    -- found in its first bytes, never in its name
    content_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    object_key text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);
CREATE INDEX course_files_course ON course_files (course_id, created_at);

ALTER TABLE course_versions
    ADD COLUMN cover_id uuid REFERENCES course_files,
    ADD COLUMN handouts uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE courses
    ADD COLUMN cover_id uuid REFERENCES course_files,
    ADD COLUMN handouts uuid[] NOT NULL DEFAULT '{}';

GRANT SELECT, INSERT ON course_files TO changqing_app;
