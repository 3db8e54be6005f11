-- A learner card says who somebody is, nothing more. What is printed on it (a token of 128 random
-- bits in the QR, and a code of 59 to type) is random enough that plain digests keep it.
CREATE TABLE learner_cards (
    id uuid PRIMARY KEY,
    resident_id uuid NOT NULL REFERENCES residents,
    token_hash bytea NOT NULL UNIQUE,
    code_hash bytea NOT NULL UNIQUE,
    issued_at timestamptz NOT NULL,
    issued_by uuid NOT NULL REFERENCES accounts,
    revoked_at timestamptz,
    revoked_because text CHECK (revoked_because IN ('reissued', 'revoked', 'departed')),
    CHECK ((revoked_at IS NULL) = (revoked_because IS NULL))
);
CREATE UNIQUE INDEX learner_cards_standing ON learner_cards (resident_id) WHERE revoked_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON learner_cards TO changqing_app;

-- Six digits, good together with a card or on a device that has been opened with one.
ALTER TABLE accounts ADD COLUMN pin_hash text;

-- Whether somebody has been here with card and PIN: then the device opens for them.
ALTER TABLE known_devices ADD COLUMN opens boolean NOT NULL DEFAULT false;

-- A session at a device that everybody uses: it is over after a quarter of an hour without use.
ALTER TABLE session_families ADD COLUMN shared_device boolean NOT NULL DEFAULT false;
