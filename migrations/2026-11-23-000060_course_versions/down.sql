DROP FUNCTION learns_lesson(uuid, uuid);
ALTER TABLE enrollments DROP COLUMN version;
ALTER TABLE course_steps DROP COLUMN version;
DROP INDEX lessons_course;

-- Only the version that is offered is left: a lesson of another one that somebody has learned from
-- cannot be taken away, so it comes back at the end.
ALTER TABLE lessons ADD COLUMN position integer;
DELETE FROM lessons USING courses
WHERE courses.id = lessons.course_id
    AND NOT EXISTS (SELECT FROM version_lessons AS part
        WHERE part.lesson_id = lessons.id AND part.number = courses.version)
    AND NOT EXISTS (SELECT FROM lesson_progress WHERE lesson_progress.lesson_id = lessons.id)
    AND NOT EXISTS (SELECT FROM viewings WHERE viewings.lesson_id = lessons.id);
UPDATE lessons SET position = placed.place
FROM (SELECT lessons.id, row_number() OVER (PARTITION BY lessons.course_id ORDER BY part.position NULLS LAST, lessons.created_at)
          AS place
      FROM lessons JOIN courses ON courses.id = lessons.course_id
      LEFT JOIN version_lessons AS part ON part.lesson_id = lessons.id AND part.number = courses.version) AS placed
WHERE placed.id = lessons.id;
ALTER TABLE lessons ALTER COLUMN position SET NOT NULL, ADD CHECK (position > 0),
    ADD CONSTRAINT lessons_course_id_position_key UNIQUE (course_id, position) DEFERRABLE;

DROP TABLE version_lessons;
ALTER TABLE courses DROP COLUMN version, DROP COLUMN latest_version, DROP COLUMN prerequisites;
DROP TABLE course_versions;
