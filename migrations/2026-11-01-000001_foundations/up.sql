-- Two roles beside the owner: the application may do only what it is granted
-- below, and the ledger's tables and functions belong to a role nobody logs in as.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'changqing_app') THEN
        CREATE ROLE changqing_app LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'changqing_ledger') THEN
        CREATE ROLE changqing_ledger NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database of this cluster is being migrated at the same moment
END $$;

GRANT USAGE ON SCHEMA public TO changqing_app, changqing_ledger;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- One row: what this deployment decided at its first start.
CREATE TABLE deployment (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    reporting_since date NOT NULL CHECK (reporting_since = date_trunc('month', reporting_since)),
    time_zone text NOT NULL,
    started_at timestamptz NOT NULL,
    -- when everything a newcomer expects was there: accounts, and the demo's videos
    ready_at timestamptz
);

CREATE TABLE branches (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9]{1,12}$'),
    name text NOT NULL CHECK (name <> ''),
    parent_id uuid REFERENCES branches,
    population integer CHECK (population > 0),
    created_at timestamptz NOT NULL
);
CREATE INDEX branches_parent ON branches (parent_id);

CREATE TABLE topics (
    code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    position integer NOT NULL
);

CREATE TABLE target_groups (
    code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    position integer NOT NULL
);

INSERT INTO topics VALUES
    ('elderly_learning', '老年学习', 'Learning in later life', 1),
    ('internet_safety', '安全上网', 'Safe internet use', 2),
    ('earthquake_drill', '地震演练', 'Earthquake drill', 3),
    ('health', '健康生活', 'Healthy living', 4),
    ('culture', '文化艺术', 'Culture and arts', 5),
    ('skills', '职业技能', 'Work skills', 6);

INSERT INTO target_groups VALUES
    ('elderly', '老年人', 'Older people', 1),
    ('laid_off', '下岗失业人员', 'People out of work', 2),
    ('migrant', '外来务工人员', 'Migrant workers', 3),
    ('youth', '青少年', 'Young people', 4),
    ('parent', '家长', 'Parents', 5),
    ('disabled', '残障人士', 'People with disabilities', 6),
    ('resident', '一般居民', 'Other residents', 7);

-- Append-only: who did what to whom, when, under which request.
CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    account_id uuid,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id uuid,
    branch_id uuid,
    request_id text,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_entries_at ON audit_entries (at);
CREATE INDEX audit_entries_object ON audit_entries (object_kind, object_id);
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency_keys (
    actor_id uuid NOT NULL,
    route text NOT NULL,
    key uuid NOT NULL,
    fingerprint bytea NOT NULL,
    answer jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (actor_id, route, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    queue text NOT NULL,
    priority smallint NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'available'
        CHECK (state IN ('available', 'running', 'done', 'dead')),
    attempt integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL CHECK (max_attempts > 0),
    run_at timestamptz NOT NULL,
    lease_until timestamptz,
    errors jsonb NOT NULL DEFAULT '[]',
    unique_key text,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX jobs_claim ON jobs (queue, priority DESC, run_at, id) WHERE state = 'available';
CREATE INDEX jobs_lease ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_state ON jobs (state, created_at);
CREATE UNIQUE INDEX jobs_unique_key ON jobs (unique_key) WHERE state = 'available';

CREATE TABLE job_schedules (
    name text NOT NULL,
    due_at timestamptz NOT NULL,
    enqueued_at timestamptz NOT NULL,
    PRIMARY KEY (name, due_at)
);

GRANT SELECT ON branches, topics, target_groups, deployment TO changqing_ledger;
GRANT SELECT, INSERT, UPDATE ON deployment TO changqing_app;
GRANT SELECT, INSERT ON audit_entries, job_schedules TO changqing_app;
GRANT SELECT, INSERT, UPDATE ON branches TO changqing_app;
GRANT SELECT ON topics, target_groups TO changqing_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys, jobs TO changqing_app;
GRANT DELETE ON job_schedules TO changqing_app;
