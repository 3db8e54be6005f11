-- A course that residents learn from is changed by making its next version: who is enrolled
-- finishes the one they began. The row in `courses` shows the version that is offered, or the
-- first while there is none; what is worked on is in the latest version.
CREATE TABLE course_versions (
    course_id uuid NOT NULL REFERENCES courses,
    number integer NOT NULL CHECK (number > 0),
    status text NOT NULL
        CHECK (status IN ('draft', 'declared', 'approved', 'rejected', 'published', 'superseded')),
    title text NOT NULL CHECK (title <> ''),
    summary text NOT NULL,
    topic text NOT NULL REFERENCES topics,
    groups text[] NOT NULL DEFAULT '{}',
    -- hundredths of a credit, given once for the whole course
    credits bigint NOT NULL DEFAULT 0 CHECK (credits >= 0),
    -- courses to be finished before one may enrol
    prerequisites uuid[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    published_at timestamptz,
    PRIMARY KEY (course_id, number)
);
CREATE UNIQUE INDEX course_versions_worked_on ON course_versions (course_id)
    WHERE status IN ('draft', 'declared', 'approved', 'rejected');

INSERT INTO course_versions
    (course_id, number, status, title, summary, topic, groups, credits, created_at, updated_at, published_at)
SELECT id, 1, CASE status WHEN 'archived' THEN 'published' ELSE status END, title, summary, topic, groups, credits,
    created_at, updated_at, published_at FROM courses;

ALTER TABLE courses
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN latest_version integer NOT NULL DEFAULT 1,
    ADD COLUMN prerequisites uuid[] NOT NULL DEFAULT '{}';

CREATE TABLE version_lessons (
    course_id uuid NOT NULL,
    number integer NOT NULL,
    lesson_id uuid NOT NULL REFERENCES lessons ON DELETE CASCADE,
    position integer NOT NULL CHECK (position > 0),
    PRIMARY KEY (course_id, number, lesson_id),
    UNIQUE (course_id, number, position) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (course_id, number) REFERENCES course_versions ON DELETE CASCADE
);
CREATE INDEX version_lessons_lesson ON version_lessons (lesson_id);
INSERT INTO version_lessons SELECT course_id, 1, id, position FROM lessons;

ALTER TABLE lessons DROP COLUMN position;
CREATE INDEX lessons_course ON lessons (course_id);

ALTER TABLE course_steps ADD COLUMN version integer NOT NULL DEFAULT 1;

ALTER TABLE enrollments ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE enrollments ADD FOREIGN KEY (course_id, version) REFERENCES course_versions;

-- Whether a record is enrolled in a version of the course that has this lesson.
CREATE FUNCTION learns_lesson(resident uuid, lesson uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM version_lessons AS part
        JOIN enrollments ON enrollments.course_id = part.course_id AND enrollments.version = part.number
        WHERE part.lesson_id = lesson AND enrollments.resident_id = resident)
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON course_versions, version_lessons TO changqing_app;
GRANT EXECUTE ON FUNCTION learns_lesson(uuid, uuid) TO changqing_app;
