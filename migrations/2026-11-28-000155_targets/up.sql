-- What a branch is to reach by the end of a year. Never changed: the row set last holds, so that what stood when
-- a month was closed still stands in that month's reports. A row without a value takes the target away.
CREATE TABLE branch_targets (
    id uuid PRIMARY KEY,
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2999),
    branch_id uuid NOT NULL REFERENCES branches,
    metric text NOT NULL CHECK (metric IN ('trained', 'training_rate', 'total_registrations', 'registrations_per_1000')),
    group_code text REFERENCES target_groups,
    -- hundredths of the metric's unit
    value bigint CHECK (value > 0),
    set_at timestamptz NOT NULL,
    set_by uuid NOT NULL REFERENCES accounts,
    CHECK (group_code IS NULL OR metric IN ('trained', 'training_rate'))
);
CREATE INDEX branch_targets_year ON branch_targets (year, metric, group_code, branch_id, set_at);
CREATE TRIGGER branch_targets_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON branch_targets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How much each metric weighs in the composite rank; the set made last holds.
CREATE TABLE composite_weights (
    id uuid PRIMARY KEY,
    weights jsonb NOT NULL,
    set_at timestamptz NOT NULL,
    set_by uuid NOT NULL REFERENCES accounts
);
CREATE TRIGGER composite_weights_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON composite_weights
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON branch_targets, composite_weights TO changqing_app;
