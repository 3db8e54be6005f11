-- Who was taught at least once in a year, and in which month first: asked for a whole street it would mean
-- to read a year of learning each time. One row a resident and year, written when the first thing is watched.
CREATE TABLE taught_years (
    resident_id uuid NOT NULL REFERENCES residents,
    year integer NOT NULL,
    first_month date NOT NULL CHECK (first_month = date_trunc('month', first_month)),
    PRIMARY KEY (resident_id, year)
);
INSERT INTO taught_years
SELECT resident_id, extract(year FROM counted_month), min(counted_month) FROM learning_days WHERE watched_ms > 0 GROUP BY 1, 2;

CREATE FUNCTION note_taught() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO taught_years VALUES (NEW.resident_id, extract(year FROM NEW.counted_month), NEW.counted_month)
    ON CONFLICT (resident_id, year) DO UPDATE SET first_month = EXCLUDED.first_month
        WHERE taught_years.first_month > EXCLUDED.first_month;
    RETURN NULL;
END $$;
CREATE TRIGGER learning_days_taught AFTER INSERT ON learning_days
    FOR EACH ROW WHEN (NEW.watched_ms > 0) EXECUTE FUNCTION note_taught();
-- Of the many reports of a day the first alone.
CREATE TRIGGER learning_days_taught_first AFTER UPDATE ON learning_days
    FOR EACH ROW WHEN (OLD.watched_ms = 0 AND NEW.watched_ms > 0) EXECUTE FUNCTION note_taught();

-- How many people of a target group live at a branch, where an admin has entered it.
CREATE TABLE branch_group_populations (
    branch_id uuid NOT NULL REFERENCES branches,
    group_code text NOT NULL REFERENCES target_groups,
    people integer NOT NULL CHECK (people > 0),
    PRIMARY KEY (branch_id, group_code)
);
GRANT SELECT ON taught_years TO changqing_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON branch_group_populations TO changqing_app;

-- The school that a branch belongs to: itself for a school and for the centre, the school above it for a
-- teaching point.
CREATE VIEW branch_schools AS
    WITH RECURSIVE places AS (
        SELECT id AS branch_id, id AS school_id FROM branches WHERE parent_id IS NULL
        UNION ALL
        SELECT branches.id, CASE WHEN above.parent_id IS NULL THEN branches.id ELSE places.school_id END
        FROM places JOIN branches ON branches.parent_id = places.branch_id JOIN branches AS above ON above.id = places.branch_id
    )
    SELECT branch_id, school_id FROM places;
GRANT SELECT ON branch_schools TO changqing_app;
