-- A second factor: the secret that an authenticator app shares with us, sealed (see campus/src/seal.rs).
CREATE TABLE second_factors (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    -- What codes are checked against; none: none is asked for.
    sealed_secret bytea,
    confirmed_at timestamptz,
    -- The 30-second step of the last code that was taken: no code is taken twice.
    last_step bigint NOT NULL DEFAULT 0,
    -- What is being set up, until a first code shows that the app has it.
    sealed_pending bytea,
    CHECK ((sealed_secret IS NULL) = (confirmed_at IS NULL))
);

-- For whoever has lost the app. Random enough that a plain digest keeps them.
CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES accounts,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account_id, code_hash)
);

-- Whose password was right and whose code is still to come.
CREATE TABLE log_in_challenges (
    token_hash bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    expires_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    answered_at timestamptz
);
CREATE INDEX log_in_challenges_expired ON log_in_challenges (expires_at);

-- When the holder of a session last showed who they are.
ALTER TABLE session_families ADD COLUMN proved_at timestamptz;
UPDATE session_families SET proved_at = created_at;
ALTER TABLE session_families ALTER COLUMN proved_at SET NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON second_factors, recovery_codes, log_in_challenges TO changqing_app;
