ALTER TABLE session_families DROP COLUMN proved_at;
DROP TABLE log_in_challenges;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
