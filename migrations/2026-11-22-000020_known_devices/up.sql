-- Browsers that somebody has logged in from. Attempts from one are not held up by what strangers try
-- elsewhere; its owner sees it in a list and can revoke it. The cookie's token is random enough that
-- a plain digest keeps it; a shared phone carries one token for several accounts.
CREATE TABLE known_devices (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    token_hash bytea NOT NULL,
    -- what kind of browser it says it is: 'WeChat, Android'
    label text,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    UNIQUE (token_hash, account_id)
);
CREATE INDEX known_devices_account ON known_devices (account_id);
CREATE INDEX known_devices_expired ON known_devices (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON known_devices TO changqing_app;

-- The device that a session was opened from: revoking the device ends its sessions.
ALTER TABLE session_families ADD COLUMN device_id uuid REFERENCES known_devices ON DELETE SET NULL;
CREATE INDEX session_families_device ON session_families (device_id) WHERE device_id IS NOT NULL;

-- A session that ends takes its verified access tokens along, in every process.
CREATE FUNCTION announce_session_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('changqing_accounts', NEW.account_id::text);
    RETURN NEW;
END $$;
CREATE TRIGGER session_families_announce AFTER UPDATE OF ended_at ON session_families
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION announce_session_end();
