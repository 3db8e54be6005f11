-- What a comparison of the database with the store has found, and what was done about it.
CREATE TABLE storage_reports (
    id uuid PRIMARY KEY,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    -- how many of what was seen, found and mended
    counts jsonb NOT NULL,
    -- the first of what was found
    findings jsonb NOT NULL
);
CREATE INDEX storage_reports_started ON storage_reports (started_at DESC, id DESC);

-- What was found at the last comparison, and since when: it is acted upon a day later and not before.
CREATE TABLE storage_suspects (
    kind text NOT NULL CHECK (kind IN ('unnamed_object', 'missing_object', 'open_upload')),
    object_key text NOT NULL,
    -- tells it from another that lies under the same key later
    mark text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    report_id uuid NOT NULL,
    PRIMARY KEY (kind, object_key, mark)
);

-- The store lists keys by their bytes; so does the comparison.
CREATE INDEX videos_object_key_bytes ON videos (object_key COLLATE "C");
CREATE INDEX video_renditions_object_key_bytes ON video_renditions (object_key COLLATE "C");
CREATE INDEX course_files_object_key_bytes ON course_files (object_key COLLATE "C");

GRANT SELECT, INSERT ON storage_reports TO changqing_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON storage_suspects TO changqing_app;
