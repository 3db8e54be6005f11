DROP TRIGGER session_families_announce ON session_families;
DROP FUNCTION announce_session_end;
ALTER TABLE session_families DROP COLUMN device_id;
DROP TABLE known_devices;
