ALTER TABLE recognitions DROP COLUMN notice_days;
