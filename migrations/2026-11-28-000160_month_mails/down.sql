ALTER TABLE mail_deliveries DROP COLUMN about;
DROP TABLE month_branches;
