DROP INDEX certificates_course;
