CREATE TABLE videos (
    id uuid PRIMARY KEY,
    branch_id uuid NOT NULL REFERENCES branches,
    account_id uuid NOT NULL REFERENCES accounts,
    file_name text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    content_type text NOT NULL,
    object_key text NOT NULL UNIQUE,
    upload_id text,
    part_size bigint NOT NULL CHECK (part_size > 0),
    status text NOT NULL CHECK (status IN ('uploading', 'processing', 'ready', 'failed')),
    progress smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    -- the stable code of what went wrong
    failure text,
    duration_ms integer CHECK (duration_ms > 0),
    width integer,
    height integer,
    created_at timestamptz NOT NULL,
    ready_at timestamptz
);
CREATE INDEX videos_branch ON videos (branch_id, created_at DESC);

CREATE TABLE video_renditions (
    video_id uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
    rendition text NOT NULL CHECK (rendition IN ('480p', '240p', 'audio', 'poster')),
    object_key text NOT NULL,
    content_type text NOT NULL,
    size bigint NOT NULL,
    PRIMARY KEY (video_id, rendition)
);

CREATE TABLE video_captions (
    video_id uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
    language text NOT NULL,
    body text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (video_id, language)
);

CREATE TABLE courses (
    id uuid PRIMARY KEY,
    branch_id uuid NOT NULL REFERENCES branches,
    title text NOT NULL CHECK (title <> ''),
    summary text NOT NULL,
    topic text NOT NULL REFERENCES topics,
    groups text[] NOT NULL DEFAULT '{}',
    -- hundredths of a credit, given once for the whole course
    credits bigint NOT NULL DEFAULT 0 CHECK (credits >= 0),
    status text NOT NULL CHECK (status IN ('draft', 'declared', 'approved', 'rejected', 'published', 'archived')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    published_at timestamptz
);
CREATE INDEX courses_published ON courses (published_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX courses_branch ON courses (branch_id, created_at DESC);

CREATE TABLE course_steps (
    id uuid PRIMARY KEY,
    course_id uuid NOT NULL REFERENCES courses,
    step text NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts,
    reason text,
    at timestamptz NOT NULL
);
CREATE INDEX course_steps_course ON course_steps (course_id, at);

CREATE TABLE lessons (
    id uuid PRIMARY KEY,
    course_id uuid NOT NULL REFERENCES courses,
    position integer NOT NULL CHECK (position > 0),
    title text NOT NULL CHECK (title <> ''),
    video_id uuid REFERENCES videos,
    -- hundredths of a credit for finishing this lesson
    credits bigint NOT NULL DEFAULT 0 CHECK (credits >= 0),
    -- the share of the video that must have been watched
    completion_percent smallint NOT NULL DEFAULT 90 CHECK (completion_percent BETWEEN 1 AND 100),
    created_at timestamptz NOT NULL,
    UNIQUE (course_id, position) DEFERRABLE
);
CREATE INDEX lessons_video ON lessons (video_id);

-- Every API keeps the catalogue in memory and drops it on this word.
CREATE FUNCTION announce_catalogue_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('changqing_catalogue', '');
    RETURN NULL;
END $$;
CREATE TRIGGER courses_announce AFTER INSERT OR UPDATE OR DELETE ON courses
    FOR EACH STATEMENT EXECUTE FUNCTION announce_catalogue_change();
CREATE TRIGGER lessons_announce AFTER INSERT OR UPDATE OR DELETE ON lessons
    FOR EACH STATEMENT EXECUTE FUNCTION announce_catalogue_change();
CREATE TRIGGER renditions_announce AFTER INSERT OR UPDATE OR DELETE ON video_renditions
    FOR EACH STATEMENT EXECUTE FUNCTION announce_catalogue_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON videos, video_renditions, video_captions, lessons TO changqing_app;
GRANT SELECT, INSERT, UPDATE ON courses TO changqing_app;
GRANT SELECT, INSERT ON course_steps TO changqing_app;
