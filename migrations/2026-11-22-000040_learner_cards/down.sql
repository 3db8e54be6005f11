ALTER TABLE session_families DROP COLUMN shared_device;
ALTER TABLE known_devices DROP COLUMN opens;
ALTER TABLE accounts DROP COLUMN pin_hash;
DROP TABLE learner_cards;
