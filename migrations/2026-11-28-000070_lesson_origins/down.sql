ALTER TABLE lessons DROP COLUMN origin_id;
