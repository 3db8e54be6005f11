-- A year's figures, lists, documents and pictures as one archive in the object store. It holds names, so it is
-- removed again after some days; the row stays and says who had it made.
CREATE TABLE dossiers (
    id uuid PRIMARY KEY,
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2999),
    -- NULL: the whole street's
    branch_id uuid REFERENCES branches,
    state text NOT NULL CHECK (state IN ('making', 'ready', 'failed', 'removed')),
    -- how many of its parts are in it
    done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    parts integer NOT NULL CHECK (parts >= done),
    -- NULL before it is ready: of two workers that make it at once each stores under a key of its own
    object_key text UNIQUE,
    files integer,
    size bigint,
    sha256 text,
    requested_by uuid NOT NULL REFERENCES accounts,
    requested_at timestamptz NOT NULL,
    finished_at timestamptz,
    CHECK (state <> 'ready' OR (object_key IS NOT NULL AND files IS NOT NULL AND size IS NOT NULL AND sha256 IS NOT NULL AND finished_at IS NOT NULL))
);
-- One of a kind at a time.
CREATE UNIQUE INDEX dossiers_making ON dossiers (year, branch_id) NULLS NOT DISTINCT WHERE state = 'making';
CREATE INDEX dossiers_years ON dossiers (year, requested_at DESC);
CREATE INDEX dossiers_object_keys ON dossiers (object_key COLLATE "C") WHERE state = 'ready';
GRANT SELECT, INSERT, UPDATE ON dossiers TO changqing_app;
