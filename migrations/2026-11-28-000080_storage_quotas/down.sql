DROP FUNCTION stored_bytes(uuid);
ALTER TABLE branches DROP COLUMN storage_quota;
