CREATE TABLE roster_imports (
    id uuid PRIMARY KEY,
    branch_id uuid NOT NULL REFERENCES branches,
    account_id uuid NOT NULL REFERENCES accounts,
    file_name text NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'reading', 'staged', 'confirming', 'confirmed', 'failed', 'expired')),
    progress smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    -- the refusal's stable code, when a file read in the background is no roster, and what
    -- there is to say about it besides (missing columns, limits)
    failure text,
    failure_extra jsonb,
    rows integer NOT NULL DEFAULT 0,
    counts jsonb NOT NULL DEFAULT '{}',
    -- {"read": [{"name", "header_row", "rows"}], "ignored": ["name"]}
    sheets jsonb NOT NULL DEFAULT '{"read": [], "ignored": []}',
    registered integer,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    confirmed_at timestamptz
);
CREATE INDEX roster_imports_branch ON roster_imports (branch_id, created_at DESC);
CREATE INDEX roster_imports_expiry ON roster_imports (expires_at) WHERE status IN ('queued', 'reading', 'staged', 'failed');

-- A large file waits here for the worker; gone once it is read.
CREATE TABLE roster_files (
    import_id uuid PRIMARY KEY REFERENCES roster_imports ON DELETE CASCADE,
    content bytea NOT NULL
);

CREATE TABLE roster_rows (
    import_id uuid NOT NULL REFERENCES roster_imports ON DELETE CASCADE,
    row integer NOT NULL,
    sheet text,
    sheet_row integer NOT NULL,
    -- 'ok' or the problem's code
    verdict text NOT NULL,
    name text,
    birth_date date,
    gender text,
    phone text,
    id_number text,
    groups text[] NOT NULL DEFAULT '{}',
    registered_on date,
    -- what stands in the column at fault, and whom a duplicate repeats
    written text,
    duplicate_row integer,
    duplicate_sheet text,
    duplicate_sheet_row integer,
    PRIMARY KEY (import_id, row)
);

-- Rosters name two groups more than people choose for themselves.
INSERT INTO target_groups VALUES
    ('employed', '在职职工', 'Employees', 8),
    ('veteran', '退役军人', 'Veterans', 9);
UPDATE target_groups SET position = 10 WHERE code = 'resident';

GRANT SELECT, INSERT, UPDATE, DELETE ON roster_imports, roster_files, roster_rows TO changqing_app;
