DROP TABLE certificate_keys;
DROP INDEX enrollments_completed;
DROP TABLE certificates;
DROP FUNCTION keep_certificate();
