-- Where residents have moved from and to, one after another: `place` counts from 1 and days never
-- go back. On a day somebody is where the first later move took them from, else at their branch.
CREATE TABLE resident_moves (
    id uuid PRIMARY KEY,
    resident_id uuid NOT NULL REFERENCES residents,
    place integer NOT NULL CHECK (place > 0),
    from_branch_id uuid NOT NULL REFERENCES branches,
    to_branch_id uuid NOT NULL REFERENCES branches CHECK (to_branch_id <> from_branch_id),
    moved_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES accounts,
    UNIQUE (resident_id, place)
);
CREATE INDEX resident_moves_day ON resident_moves (moved_on);
CREATE TRIGGER resident_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON resident_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON resident_moves TO changqing_app;

-- Whether every month from one day's to another's is open; they stay so until the transaction
-- ends, because each is held shared.
CREATE FUNCTION hold_months_open(first_day date, last_day date) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    candidate date := date_trunc('month', first_day)::date;
BEGIN
    WHILE candidate <= last_day LOOP
        PERFORM pg_advisory_xact_lock_shared(7101, month_lock_number(candidate));
        candidate := (candidate + interval '1 month')::date;
    END LOOP;
    RETURN NOT EXISTS (SELECT FROM closed_months WHERE month BETWEEN date_trunc('month', first_day) AND last_day);
END $$;
