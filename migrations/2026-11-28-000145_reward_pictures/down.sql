ALTER TABLE rewards DROP COLUMN picture_key;
