-- A lesson is a video, an article or a quiz. What an article says and a quiz asks is in `content`,
-- in the form that the application reads.
ALTER TABLE lessons
    ADD COLUMN kind text NOT NULL DEFAULT 'video' CHECK (kind IN ('video', 'article', 'quiz')),
    ADD COLUMN content jsonb,
    ADD CHECK ((kind = 'video') = (content IS NULL)),
    ADD CHECK (kind = 'video' OR video_id IS NULL);

-- When somebody first opened an article.
CREATE TABLE readings (
    resident_id uuid NOT NULL REFERENCES residents,
    lesson_id uuid NOT NULL REFERENCES lessons,
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (resident_id, lesson_id)
);

-- Every attempt at a quiz is kept.
CREATE TABLE quiz_attempts (
    id uuid PRIMARY KEY,
    resident_id uuid NOT NULL REFERENCES residents,
    lesson_id uuid NOT NULL REFERENCES lessons,
    -- from 1, for each resident and lesson
    number integer NOT NULL CHECK (number > 0),
    -- the questions that were drawn, each with its options, in the order in which they are shown
    questions jsonb NOT NULL,
    -- by question: the options that were chosen
    answers jsonb NOT NULL DEFAULT '{}',
    -- percent of the questions
    score smallint CHECK (score BETWEEN 0 AND 100),
    passed boolean,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    UNIQUE (resident_id, lesson_id, number),
    CHECK ((finished_at IS NULL) = (score IS NULL) AND (score IS NULL) = (passed IS NULL))
);
CREATE UNIQUE INDEX quiz_attempts_open ON quiz_attempts (resident_id, lesson_id) WHERE finished_at IS NULL;
CREATE INDEX quiz_attempts_lesson ON quiz_attempts (lesson_id);

GRANT SELECT, INSERT, UPDATE ON readings, quiz_attempts TO changqing_app;
