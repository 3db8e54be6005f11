-- A resident allows somebody with an account of their own to see, enrol and fill in for them.
-- Rows are kept: who helped whom, from when to when.
CREATE TABLE help_allowances (
    id uuid PRIMARY KEY,
    resident_id uuid NOT NULL REFERENCES residents,
    helper_account_id uuid NOT NULL REFERENCES accounts,
    channel text NOT NULL CHECK (channel IN ('code', 'desk')),
    -- who set it up at the desk
    arranged_by uuid REFERENCES accounts,
    granted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > granted_at AND expires_at <= granted_at + interval '8784 hours'),
    ended_at timestamptz,
    ended_by text CHECK (ended_by IN ('resident', 'helper', 'desk', 'renewed')),
    -- the last day on which the helper looked or did something
    last_used_on date,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK ((channel = 'desk') = (arranged_by IS NOT NULL))
);
CREATE UNIQUE INDEX help_allowances_open ON help_allowances (resident_id, helper_account_id) WHERE ended_at IS NULL;
CREATE INDEX help_allowances_helper ON help_allowances (helper_account_id) WHERE ended_at IS NULL;
CREATE INDEX help_allowances_resident ON help_allowances (resident_id);

-- The code that a resident tells a helper: one at a time, good for a day, used once.
CREATE TABLE help_invitations (
    resident_id uuid PRIMARY KEY REFERENCES residents,
    code_hash bytea NOT NULL,
    months smallint NOT NULL CHECK (months BETWEEN 1 AND 12),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

-- Who enrolled the resident, where it was a helper.
ALTER TABLE enrollments ADD COLUMN helped_by uuid REFERENCES accounts;

GRANT SELECT, INSERT, UPDATE ON help_allowances TO changqing_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON help_invitations TO changqing_app;
