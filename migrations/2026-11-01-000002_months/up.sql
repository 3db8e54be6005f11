-- Which months are closed. A month without a row is open.
CREATE TABLE closed_months (
    month date PRIMARY KEY CHECK (month = date_trunc('month', month)),
    closed_at timestamptz NOT NULL,
    closed_by uuid,
    hash bytea NOT NULL
);
CREATE TRIGGER closed_months_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON closed_months
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION month_lock_number(month date) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT (extract(year FROM month) * 12 + extract(month FROM month))::integer
$$;

-- The month in which a fact of `happened` counts when it is written on `recorded`:
-- its own while that is open, else the first open one from `recorded` on.
-- The month is held shared until the transaction ends, so that closing
-- (which holds it exclusively) cannot slip between this answer and the commit.
CREATE FUNCTION counted_month(happened date, recorded date) RETURNS date
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    candidate date := date_trunc('month', happened)::date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7101, month_lock_number(candidate));
    IF NOT EXISTS (SELECT FROM closed_months WHERE month = candidate) THEN
        RETURN candidate;
    END IF;
    candidate := date_trunc('month', recorded)::date;
    LOOP
        PERFORM pg_advisory_xact_lock_shared(7101, month_lock_number(candidate));
        EXIT WHEN NOT EXISTS (SELECT FROM closed_months WHERE month = candidate);
        candidate := (candidate + interval '1 month')::date;
    END LOOP;
    RETURN candidate;
END $$;

-- What was measured when a month closed, in whole units (people, hundredths of a
-- credit, milliseconds), the street centre included; every metric is worked out from these.
CREATE TABLE month_figures (
    month date NOT NULL REFERENCES closed_months,
    branch_id uuid NOT NULL REFERENCES branches,
    measure text NOT NULL,
    -- NULL: not known (a branch without a population)
    amount bigint,
    -- the part of `amount` whose facts happened in an earlier month
    late bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (month, branch_id, measure)
);
CREATE TRIGGER month_figures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON month_figures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT ON closed_months TO changqing_ledger;
GRANT SELECT, INSERT ON closed_months, month_figures TO changqing_app;
