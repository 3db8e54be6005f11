-- What a report changes: of the budget that stood at `revision`, and of the lesson.
CREATE TYPE watch_report AS (
    resident_id uuid, revision bigint, lesson_id uuid, branch_id uuid, watched int4multirange, watched_ms integer,
    granted_ms integer, position_ms integer, reached boolean, trace bigint);

-- Saves those reports whose budget still stands at their revision while `month` is open, and answers whose are
-- left out. Programs before this one call the function of the same name that takes an array for each column
-- and does everything in one statement: the lists that `unnest` makes of ten arrays, and what one update hands
-- to the next, cost it a third more.
CREATE FUNCTION save_watches(reports watch_report[], reported_at timestamptz, today date, month date) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
-- A handful of reports, each looked up by its keys: never a scan of everybody's rows.
SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    updated integer;
    left_out uuid[] := '{}';
BEGIN
    -- As `counted_month` takes it, so that nobody closes the month meanwhile. Whether it is closed is looked
    -- up by the next statement, which sees what was committed before the lock was had.
    IF NOT pg_try_advisory_xact_lock_shared(7101, month_lock_number(month)) THEN
        PERFORM pg_advisory_xact_lock_shared(7101, month_lock_number(month));
    END IF;
    UPDATE watch_budgets AS budget
    SET revision = budget.revision + 1, spent_ms = budget.spent_ms + report.granted_ms, contacted_at = reported_at
    FROM unnest(reports) AS report
    WHERE budget.resident_id = report.resident_id AND budget.revision = report.revision
        AND NOT EXISTS (SELECT FROM closed_months AS closed WHERE closed.month = save_watches.month);
    GET DIAGNOSTICS updated = ROW_COUNT;
    IF updated < cardinality(reports) THEN
        -- The rows that this transaction has written are the saved ones.
        left_out := ARRAY(SELECT report.resident_id FROM unnest(reports) AS report WHERE NOT EXISTS (
            SELECT FROM watch_budgets AS budget
            WHERE budget.resident_id = report.resident_id AND budget.xmin = pg_current_xact_id()::xid));
        reports := ARRAY(SELECT report FROM unnest(reports) AS report WHERE report.resident_id <> ALL (left_out));
    END IF;
    UPDATE lesson_progress AS progress
    SET watched = report.watched, watched_ms = report.watched_ms, position_ms = report.position_ms, updated_at = reported_at,
        trace = report.trace,
        reached_at = CASE WHEN report.reached THEN coalesce(progress.reached_at, reported_at) ELSE progress.reached_at END
    FROM unnest(reports) AS report
    WHERE progress.resident_id = report.resident_id AND progress.lesson_id = report.lesson_id;
    -- The day of a resident is found by nothing but its key: compared as one, key and month serve no other index.
    UPDATE learning_days AS days SET watched_ms = days.watched_ms + report.granted_ms
    FROM unnest(reports) AS report
    WHERE (days.resident_id, days.day, days.branch_id) >= (report.resident_id, today, report.branch_id)
        AND (days.resident_id, days.day, days.branch_id) <= (report.resident_id, today, report.branch_id)
        AND days.counted_month + 0 = month AND report.granted_ms > 0;
    RETURN left_out;
END $$;
