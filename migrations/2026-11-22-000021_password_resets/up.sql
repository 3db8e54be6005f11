-- Links that were mailed to somebody who has forgotten the password: each serves once, for an hour.
-- The token of a link is kept as a digest; it is random enough for that.
CREATE TABLE password_resets (
    token_hash bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX password_resets_account ON password_resets (account_id);
CREATE INDEX password_resets_expired ON password_resets (expires_at);
GRANT SELECT, INSERT, DELETE ON password_resets TO changqing_app;
