-- A code that lets somebody set a password of their own, once, within 24 hours. Whoever hands it
-- out never learns the password. Random enough that a plain digest keeps it.
CREATE TABLE one_time_codes (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    code_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    used_at timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON one_time_codes TO changqing_app;
CREATE INDEX accounts_staff ON accounts (name, id) WHERE role <> 'resident';
