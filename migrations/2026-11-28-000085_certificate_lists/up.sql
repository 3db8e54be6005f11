-- The certificates of a course, the newest first.
CREATE INDEX certificates_course ON certificates (course_id, id DESC);
