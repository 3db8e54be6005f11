-- What residents ask about a lesson, and what staff answer. A row stays when its words are taken
-- back or forgotten with who asked: how many were asked in a day is counted by rows.
CREATE TABLE lesson_questions (
    id uuid PRIMARY KEY,
    -- as it was when it was asked
    lesson_id uuid NOT NULL REFERENCES lessons,
    -- what all forms of that lesson stem from: the question stands under each of them
    origin_id uuid NOT NULL REFERENCES lessons,
    course_id uuid NOT NULL REFERENCES courses,
    resident_id uuid NOT NULL REFERENCES residents,
    body text CHECK (body <> ''),
    asked_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    answer text CHECK (answer <> ''),
    -- how often the answer has been written: who writes says which one they have read
    answer_version integer NOT NULL DEFAULT 0 CHECK (answer_version >= 0),
    answered_at timestamptz,
    answer_edited_at timestamptz,
    answered_by uuid REFERENCES accounts,
    pinned_at timestamptz,
    pinned_by uuid REFERENCES accounts,
    -- the first report since staff last looked: until they do, others do not see the question
    reported_at timestamptz,
    reviewed_at timestamptz,
    reviewed_by uuid REFERENCES accounts,
    hidden_at timestamptz,
    hidden_reason text CHECK (hidden_reason IN ('personal_details', 'rude', 'advertising', 'off_topic', 'other')),
    CHECK ((body IS NULL) = (withdrawn_at IS NOT NULL)),
    CHECK (answer IS NULL OR answered_at IS NOT NULL AND answered_by IS NOT NULL AND answer_version > 0),
    CHECK ((pinned_at IS NULL) = (pinned_by IS NULL)),
    CHECK (pinned_at IS NULL OR withdrawn_at IS NULL AND hidden_at IS NULL),
    CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL)),
    CHECK ((hidden_at IS NULL) = (hidden_reason IS NULL))
);
CREATE INDEX lesson_questions_shown ON lesson_questions (origin_id, coalesce(pinned_at, '-infinity') DESC, id DESC)
    WHERE withdrawn_at IS NULL;
CREATE INDEX lesson_questions_asked ON lesson_questions (resident_id, id);
CREATE INDEX lesson_questions_course ON lesson_questions (course_id, id);
CREATE INDEX lesson_questions_unanswered ON lesson_questions (id)
    WHERE answer IS NULL AND withdrawn_at IS NULL AND hidden_at IS NULL;
CREATE INDEX lesson_questions_reported ON lesson_questions (id) WHERE reported_at IS NOT NULL AND withdrawn_at IS NULL;

-- Once each. Why is one of a list: words would be about somebody else.
CREATE TABLE question_reports (
    question_id uuid NOT NULL REFERENCES lesson_questions,
    resident_id uuid NOT NULL REFERENCES residents,
    reason text NOT NULL CHECK (reason IN ('personal_details', 'rude', 'advertising', 'off_topic', 'other')),
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (question_id, resident_id)
);
CREATE INDEX question_reports_resident ON question_reports (resident_id, reported_at);

GRANT SELECT, INSERT, UPDATE ON lesson_questions TO changqing_app;
GRANT SELECT, INSERT ON question_reports TO changqing_app;
