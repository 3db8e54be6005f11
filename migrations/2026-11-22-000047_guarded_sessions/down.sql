DROP FUNCTION open_session(
    uuid, uuid, uuid, bytea, text, timestamptz, timestamptz, timestamptz, timestamptz, bytea, boolean);
