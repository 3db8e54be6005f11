DROP TRIGGER captions_mark_texts ON video_captions;
DROP TRIGGER lessons_mark_texts ON lessons;
DROP TRIGGER courses_mark_texts ON courses;
DROP TABLE course_texts;
DROP FUNCTION mark_course_texts();
