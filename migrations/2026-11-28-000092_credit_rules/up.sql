-- Admins write rules: by so many minutes, for whom, times how much, and up to how much a source.
ALTER TABLE credit_rules
    -- of rules that earn by minutes: `amount` for each of so many verified minutes of a day
    ADD COLUMN per_minutes integer CHECK (per_minutes BETWEEN 1 AND 600),
    -- percent: 200 doubles what the rule is worth (a Lifelong Learning Week)
    ADD COLUMN multiplier integer NOT NULL DEFAULT 100 CHECK (multiplier BETWEEN 1 AND 1000),
    ADD COLUMN source_cap bigint CHECK (source_cap > 0),
    ADD COLUMN target_group text REFERENCES target_groups,
    -- this branch and those below it
    ADD COLUMN branch_id uuid REFERENCES branches,
    ADD COLUMN created_at timestamptz,
    ADD COLUMN created_by uuid REFERENCES accounts;
ALTER TABLE credit_rules ADD CONSTRAINT credit_rules_minutes_check CHECK ((earns = 'minutes') = (per_minutes IS NOT NULL));
ALTER TABLE credit_rules ADD CONSTRAINT credit_rules_fixed_check CHECK (
    earns NOT IN ('minutes', 'daily_log_in', 'attendance') OR amount IS NOT NULL);
