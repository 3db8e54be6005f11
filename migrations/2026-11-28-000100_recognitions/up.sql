-- What is recognised of what people achieve elsewhere. An entry is changed by its next version, whose
-- worth and yearly cap are those of a rule of its own; what was filed before keeps the rule it was filed under.
CREATE TABLE recognised_outcomes (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('certificate', 'training', 'volunteering', 'other')),
    name text NOT NULL CHECK (name <> ''),
    -- what must be shown
    requirement text NOT NULL CHECK (requirement <> ''),
    basis text NOT NULL CHECK (basis IN ('each', 'hour')),
    -- hundredths of a credit, each or per hour
    credits bigint NOT NULL CHECK (credits > 0),
    year_cap bigint CHECK (year_cap > 0),
    -- for how many days an approved one is shown in public before it is posted
    notice_days smallint NOT NULL CHECK (notice_days BETWEEN 0 AND 60),
    rule_id uuid NOT NULL REFERENCES credit_rules,
    version integer NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    -- nothing more is filed under it
    retired_at timestamptz
);

CREATE TABLE recognitions (
    id uuid PRIMARY KEY,
    resident_id uuid NOT NULL REFERENCES residents,
    -- whose staff check it: the resident's branch when it was filed
    branch_id uuid NOT NULL REFERENCES branches,
    outcome_id uuid NOT NULL REFERENCES recognised_outcomes,
    -- both NULL once its owner has left
    title text CHECK (title <> ''),
    issuer text CHECK (issuer <> ''),
    issued_on date NOT NULL,
    hours integer CHECK (hours BETWEEN 1 AND 1000),
    state text NOT NULL CHECK (state IN
        ('draft', 'filed', 'checked', 'approved', 'posted', 'over_cap', 'refused', 'withdrawn')),
    -- fixed when it is filed
    rule_id uuid REFERENCES credit_rules,
    credits bigint CHECK (credits > 0),
    original_seen boolean NOT NULL DEFAULT false,
    checked_by uuid REFERENCES accounts,
    -- until when it is shown in public; then it is posted
    notice_until timestamptz,
    transfer_id uuid UNIQUE REFERENCES credit_transfers,
    created_at timestamptz NOT NULL,
    CHECK (state = 'draft' OR rule_id IS NOT NULL AND credits IS NOT NULL OR state = 'withdrawn'),
    CHECK (state <> 'approved' OR notice_until IS NOT NULL),
    CHECK ((state = 'posted') = (transfer_id IS NOT NULL))
);
CREATE INDEX recognitions_resident ON recognitions (resident_id, id);
CREATE INDEX recognitions_waiting ON recognitions (state, id) WHERE state IN ('filed', 'checked', 'approved');
CREATE INDEX recognitions_due ON recognitions (notice_until) WHERE state = 'approved';

-- Each step, who took it (NULL: the system) and why.
CREATE TABLE recognition_steps (
    recognition_id uuid NOT NULL REFERENCES recognitions,
    place integer NOT NULL CHECK (place >= 0),
    step text NOT NULL CHECK (step IN ('filed', 'checked', 'approved', 'posted', 'over_cap', 'refused', 'withdrawn')),
    at timestamptz NOT NULL,
    account_id uuid REFERENCES accounts,
    reason text CHECK (reason <> ''),
    PRIMARY KEY (recognition_id, place)
);

-- A row goes when the store has let go of its object.
CREATE TABLE recognition_photos (
    id uuid PRIMARY KEY,
    recognition_id uuid NOT NULL REFERENCES recognitions,
    content_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    object_key text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE INDEX recognition_photos_of ON recognition_photos (recognition_id, created_at);
CREATE INDEX recognition_photos_removed ON recognition_photos (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX recognition_photos_object_key_bytes ON recognition_photos (object_key COLLATE "C");

GRANT SELECT, INSERT, UPDATE ON recognised_outcomes, recognitions TO changqing_app;
GRANT SELECT, INSERT, UPDATE ON recognition_steps TO changqing_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON recognition_photos TO changqing_app;
