-- What somebody got out of a course that they have finished. One of a person counts: the last that
-- was given under any of their records.
CREATE TABLE course_ratings (
    resident_id uuid NOT NULL REFERENCES residents,
    course_id uuid NOT NULL,
    -- that which was finished
    version integer NOT NULL,
    value text NOT NULL CHECK (value IN ('good', 'fair', 'poor')),
    rated_at timestamptz NOT NULL,
    PRIMARY KEY (resident_id, course_id),
    FOREIGN KEY (course_id, version) REFERENCES course_versions
);
CREATE INDEX course_ratings_course ON course_ratings (course_id);

GRANT SELECT, INSERT, UPDATE ON course_ratings TO changqing_app;
