DROP INDEX accounts_staff;
DROP TABLE one_time_codes;
