DROP TABLE quiz_attempts;
DROP TABLE readings;
-- A lesson without a video cannot be told from one whose video is still to come.
ALTER TABLE lessons DROP COLUMN kind, DROP COLUMN content;
