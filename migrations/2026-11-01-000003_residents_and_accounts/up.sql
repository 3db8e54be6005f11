CREATE SEQUENCE learner_numbers START 1000001 MAXVALUE 9999999;

-- Seven digits and a check digit (Luhn, ISO/IEC 7812-1 annex B), so that a number
-- with one wrong digit or two swapped ones names nobody.
CREATE FUNCTION next_learner_number() RETURNS text LANGUAGE sql VOLATILE AS $$
    WITH payload AS (SELECT nextval('learner_numbers')::text AS digits),
    doubled AS (
        SELECT digits, substr(digits, place, 1)::integer * CASE WHEN (length(digits) - place) % 2 = 0 THEN 2 ELSE 1 END AS value
        FROM payload, generate_series(1, length(digits)) AS place
    )
    SELECT digits || ((10 - sum(value / 10 + value % 10) % 10) % 10)::text FROM doubled GROUP BY digits
$$;

CREATE TABLE residents (
    id uuid PRIMARY KEY,
    learner_number text NOT NULL UNIQUE DEFAULT next_learner_number(),
    name text NOT NULL CHECK (name <> ''),
    birth_date date NOT NULL,
    gender text CHECK (gender IN ('female', 'male')),
    phone text,
    id_number text,
    groups text[] NOT NULL DEFAULT '{}',
    branch_id uuid NOT NULL REFERENCES branches,
    -- where the registration counts, whatever moves come later
    registered_branch_id uuid NOT NULL REFERENCES branches,
    registered_on date NOT NULL,
    counted_month date NOT NULL CHECK (counted_month = date_trunc('month', counted_month)),
    origin text NOT NULL CHECK (origin IN ('roster', 'self', 'desk', 'demo')),
    merged_into uuid REFERENCES residents,
    recorded_at timestamptz NOT NULL
);
-- Same name and birth date = the same person.
CREATE UNIQUE INDEX residents_person ON residents (name, birth_date) WHERE merged_into IS NULL;
CREATE INDEX residents_phone ON residents (phone) WHERE phone IS NOT NULL;
CREATE INDEX residents_branch ON residents (branch_id, id);
CREATE INDEX residents_counted ON residents (counted_month, registered_branch_id) WHERE merged_into IS NULL;

CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('resident', 'branch_staff', 'admin')),
    name text NOT NULL,
    resident_id uuid UNIQUE REFERENCES residents,
    branch_id uuid REFERENCES branches,
    email text UNIQUE CHECK (email = lower(email)),
    password_hash text,
    disabled_at timestamptz,
    -- grows with every change that a cached token must notice
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CHECK ((role = 'resident') = (resident_id IS NOT NULL)),
    CHECK (role <> 'branch_staff' OR branch_id IS NOT NULL)
);

CREATE TABLE session_families (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because text
);
CREATE INDEX session_families_account ON session_families (account_id);

CREATE TABLE session_tokens (
    token_hash bytea PRIMARY KEY,
    family_id uuid NOT NULL REFERENCES session_families ON DELETE CASCADE,
    issued_at timestamptz NOT NULL,
    replaced_at timestamptz
);
CREATE INDEX session_tokens_family ON session_tokens (family_id);

CREATE TABLE consent_texts (
    version text PRIMARY KEY,
    valid_from timestamptz NOT NULL,
    title_zh text NOT NULL,
    body_zh text NOT NULL,
    title_en text NOT NULL,
    body_en text NOT NULL
);
INSERT INTO consent_texts VALUES ('2026-11', '2026-01-01T00:00:00+08:00',
    '个人信息使用同意书',
    '我们登记您的姓名、出生日期和联系方式，只用来记录您的学习和学分，不会用来做广告，也不会交给无关的人。您可以随时要求查看、更正或删除。',
    'Use of your personal details',
    'We keep your name, date of birth and contact details only to record your learning and credits. They are never used for advertising or given to anyone else. You may ask to see, correct or delete them at any time.');

CREATE TABLE consents (
    resident_id uuid NOT NULL REFERENCES residents,
    version text NOT NULL REFERENCES consent_texts,
    given_at timestamptz NOT NULL,
    channel text NOT NULL CHECK (channel IN ('web', 'desk', 'paper')),
    withdrawn_at timestamptz,
    PRIMARY KEY (resident_id, version)
);

-- Caches in every API process are dropped when an account changes.
CREATE FUNCTION announce_account_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('changqing_accounts', NEW.id::text);
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_announce AFTER UPDATE ON accounts
    FOR EACH ROW EXECUTE FUNCTION announce_account_change();

GRANT USAGE ON SEQUENCE learner_numbers TO changqing_app;
GRANT SELECT, INSERT, UPDATE ON residents, accounts, consents TO changqing_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON session_families, session_tokens TO changqing_app;
GRANT SELECT, INSERT ON consent_texts TO changqing_app;
GRANT SELECT ON residents TO changqing_ledger;
