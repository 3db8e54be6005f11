-- What an award stands on: photos, the sheet that was signed. By the batch, or the proposal that waits
-- to become it.
CREATE TABLE award_files (
    id uuid PRIMARY KEY,
    batch_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts,
    name text NOT NULL CHECK (name <> ''),
    content_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    object_key text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);
CREATE INDEX award_files_batch ON award_files (batch_id, created_at);
CREATE INDEX award_files_object_key_bytes ON award_files (object_key COLLATE "C");

GRANT SELECT, INSERT ON award_files TO changqing_app;
