-- What courses are found by. One row for each course that has been published; made by the
-- application, which knows how Chinese is read, and marked as stale by whatever it was made of.
CREATE TABLE course_texts (
    course_id uuid PRIMARY KEY REFERENCES courses,
    -- in lower case, as all of these
    title text NOT NULL,
    -- of the titles of course and lessons, in pinyin: in full and by initials
    readings text NOT NULL,
    -- the summary and the titles of the lessons
    contents text NOT NULL,
    -- what is said in the videos
    transcript text NOT NULL,
    -- every sign, every two signs that stand together, and three letters where they are Latin
    terms text[] NOT NULL,
    -- all videos together
    duration_ms bigint NOT NULL,
    stale boolean NOT NULL DEFAULT false
);
CREATE INDEX course_texts_terms ON course_texts USING gin (terms);
CREATE INDEX course_texts_stale ON course_texts (course_id) WHERE stale;

CREATE FUNCTION mark_course_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'courses' THEN
        UPDATE course_texts SET stale = true WHERE course_id = NEW.id AND NOT stale;
    ELSIF TG_TABLE_NAME = 'lessons' THEN
        UPDATE course_texts SET stale = true
        WHERE course_id = coalesce(NEW.course_id, OLD.course_id) AND NOT stale;
    ELSE
        UPDATE course_texts SET stale = true
        WHERE course_id IN (SELECT lessons.course_id FROM lessons WHERE lessons.video_id = coalesce(NEW.video_id, OLD.video_id))
            AND NOT stale;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER courses_mark_texts AFTER UPDATE OF title, summary ON courses
    FOR EACH ROW EXECUTE FUNCTION mark_course_texts();
CREATE TRIGGER lessons_mark_texts AFTER INSERT OR UPDATE OR DELETE ON lessons
    FOR EACH ROW EXECUTE FUNCTION mark_course_texts();
CREATE TRIGGER captions_mark_texts AFTER INSERT OR UPDATE OR DELETE ON video_captions
    FOR EACH ROW EXECUTE FUNCTION mark_course_texts();

CREATE TRIGGER course_texts_announce AFTER INSERT OR UPDATE OR DELETE ON course_texts
    FOR EACH STATEMENT EXECUTE FUNCTION announce_catalogue_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON course_texts TO changqing_app;
