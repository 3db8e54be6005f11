-- Opens a session as before; with `unguarded_only` nothing is opened, and the answer is false, where
-- the account has a second factor.
CREATE FUNCTION open_session(
    family uuid, account uuid, device uuid, new_device_token bytea, device_label text, device_expires_at timestamptz,
    opened_at timestamptz, proved_at timestamptz, expires_at timestamptz, token bytea, unguarded_only boolean)
RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF unguarded_only AND EXISTS (
        SELECT FROM second_factors WHERE account_id = account AND sealed_secret IS NOT NULL) THEN
        RETURN false;
    END IF;
    IF new_device_token IS NOT NULL THEN
        INSERT INTO known_devices (id, account_id, token_hash, label, created_at, last_seen_at, expires_at)
        VALUES (device, account, new_device_token, device_label, opened_at, opened_at, device_expires_at);
    END IF;
    INSERT INTO session_families (id, account_id, created_at, expires_at, proved_at, device_id)
    VALUES (family, account, opened_at, open_session.expires_at, open_session.proved_at, device);
    INSERT INTO session_tokens (token_hash, family_id, issued_at) VALUES (token, family, opened_at);
    RETURN true;
END $$;
