-- The day of a resident is found by nothing but its key: compared as one, key and month serve no other
-- index. The plan made early in a day, when nobody had learned yet, read everybody's row of the day for
-- each report. How many rows such a comparison finds is overestimated, the more the larger the table: without
-- `jit = off` each report would be compiled for, which takes a hundred times as long as saving it.
CREATE OR REPLACE FUNCTION save_watches(
    resident_ids uuid[], revisions bigint[], lesson_ids uuid[], branch_ids uuid[], watched int4multirange[],
    watched_ms integer[], granted_ms integer[], positions_ms integer[], reached boolean[], traces bigint[],
    reported_at timestamptz, today date, month date) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
-- A handful of reports, each looked up by its keys: never a scan of everybody's rows.
SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    saved uuid[];
BEGIN
    IF counted_month(today, today) <> month THEN
        RETURN '{}';
    END IF;
    WITH spent AS (
        UPDATE watch_budgets AS budget
        SET revision = budget.revision + 1, spent_ms = budget.spent_ms + report.granted_ms, contacted_at = reported_at
        FROM unnest(resident_ids, revisions, lesson_ids, branch_ids, watched, watched_ms, granted_ms, positions_ms, reached, traces)
            AS report(resident_id, revision, lesson_id, branch_id, watched, watched_ms, granted_ms, position_ms, reached, trace)
        WHERE budget.resident_id = report.resident_id AND budget.revision = report.revision
        RETURNING report.*
    ), kept AS (
        UPDATE lesson_progress AS progress
        SET watched = spent.watched, watched_ms = spent.watched_ms, position_ms = spent.position_ms, updated_at = reported_at,
            trace = spent.trace,
            reached_at = CASE WHEN spent.reached THEN coalesce(progress.reached_at, reported_at) ELSE progress.reached_at END
        FROM spent WHERE progress.resident_id = spent.resident_id AND progress.lesson_id = spent.lesson_id
    ), learned AS (
        UPDATE learning_days AS days SET watched_ms = days.watched_ms + spent.granted_ms
        FROM spent
        WHERE (days.resident_id, days.day, days.branch_id) >= (spent.resident_id, today, spent.branch_id)
            AND (days.resident_id, days.day, days.branch_id) <= (spent.resident_id, today, spent.branch_id)
            AND days.counted_month + 0 = month AND spent.granted_ms > 0
    )
    SELECT array_agg(resident_id) INTO saved FROM spent;
    RETURN coalesce(saved, '{}');
END $$;
