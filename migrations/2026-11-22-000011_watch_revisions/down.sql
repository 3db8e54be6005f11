DROP FUNCTION save_watches(uuid[], bigint[], uuid[], uuid[], int4multirange[], integer[], integer[], integer[], boolean[], timestamptz, date, date);
DROP TRIGGER residents_advance_watch_revision ON residents;
DROP FUNCTION advance_watch_revision();
ALTER TABLE watch_budgets DROP COLUMN revision;

-- The first `allowance` milliseconds of what the ranges hold, from the left.
CREATE FUNCTION clip_ranges(ranges int4multirange, allowance bigint) RETURNS int4multirange LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(range_agg(int4range(lower(range), least(upper(range), lower(range) + allowance - before)::integer)), '{}')
    FROM (
        SELECT range, sum(upper(range) - lower(range)) OVER (ORDER BY lower(range)) - (upper(range) - lower(range)) AS before
        FROM unnest(ranges) AS range
    ) AS ordered
    WHERE before < allowance
$$;

-- Records watch reports that arrived together: one statement for all of them, at most one report
-- of each resident, because each may spend what is left of one budget. The arrays stand side by
-- side; `watched` is in milliseconds. Residents are locked in the order of their ids, so that two
-- processes never wait for one another.
-- Answers [{index (from 0), outcome, watched_ms, required_ms, reached, completed}].
CREATE FUNCTION record_watches(
    resident_ids uuid[], lesson_ids uuid[], viewing_ids uuid[], positions_ms integer[], watched int4multirange[],
    reported_at timestamptz, today date) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
-- A handful of reports, each looked up by its keys: never a scan of everybody's rows.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    this_month date := counted_month(today, today);
    answers jsonb;
BEGIN
    PERFORM FROM watch_budgets WHERE resident_id = ANY (resident_ids) ORDER BY resident_id FOR UPDATE;
    WITH report AS MATERIALIZED (
        SELECT given.index, given.resident_id, given.lesson_id, residents.branch_id, viewings.required_ms,
            least(given.position_ms, viewings.duration_ms) AS position_ms,
            enrollments.resident_id IS NOT NULL AS enrolled,
            coalesce(progress.watched_ms, 0) AS had_ms, progress.completed_at IS NOT NULL AS completed,
            greatest(0, floor(extract(epoch FROM reported_at - budget.anchored_at) * 1250)::bigint + 15000 - budget.spent_ms) AS allowance_ms,
            given.watched * int4multirange(int4range(0, viewings.duration_ms)) - coalesce(progress.watched, '{}') AS fresh
        FROM unnest(resident_ids, lesson_ids, viewing_ids, positions_ms, watched)
            WITH ORDINALITY AS given(resident_id, lesson_id, viewing_id, position_ms, watched, index)
        JOIN viewings ON viewings.id = given.viewing_id
            AND viewings.resident_id = given.resident_id AND viewings.lesson_id = given.lesson_id
        JOIN watch_budgets AS budget ON budget.resident_id = given.resident_id
        JOIN residents ON residents.id = given.resident_id
        JOIN lessons ON lessons.id = given.lesson_id
        LEFT JOIN enrollments ON enrollments.resident_id = given.resident_id AND enrollments.course_id = lessons.course_id
        LEFT JOIN lesson_progress AS progress
            ON progress.resident_id = given.resident_id AND progress.lesson_id = given.lesson_id
    ), measured AS MATERIALIZED (
        SELECT *, (SELECT coalesce(sum(upper(range) - lower(range)), 0) FROM unnest(fresh) AS range) AS fresh_ms
        FROM report WHERE enrolled
    ), granted AS MATERIALIZED (
        SELECT *, least(fresh_ms, allowance_ms)::integer AS granted_ms,
            CASE WHEN fresh_ms <= allowance_ms THEN fresh ELSE clip_ranges(fresh, allowance_ms) END AS ranges
        FROM measured
    ), saved AS (
        INSERT INTO lesson_progress AS progress (resident_id, lesson_id, watched, watched_ms, position_ms, updated_at, reached_at)
        SELECT resident_id, lesson_id, ranges, granted_ms, position_ms, reported_at,
            CASE WHEN had_ms + granted_ms >= required_ms THEN reported_at END
        FROM granted
        ON CONFLICT (resident_id, lesson_id) DO UPDATE SET
            watched = progress.watched + excluded.watched,
            watched_ms = progress.watched_ms + excluded.watched_ms,
            position_ms = excluded.position_ms,
            updated_at = excluded.updated_at,
            reached_at = coalesce(progress.reached_at, excluded.reached_at)
    ), spent AS (
        UPDATE watch_budgets SET spent_ms = spent_ms + granted_ms, contacted_at = reported_at
        FROM granted WHERE granted.resident_id = watch_budgets.resident_id
    ), learned AS (
        INSERT INTO learning_days AS days (resident_id, day, branch_id, counted_month, watched_ms)
        SELECT resident_id, today, branch_id, this_month, granted_ms FROM granted WHERE granted_ms > 0
        ON CONFLICT (resident_id, day, branch_id, counted_month) DO UPDATE SET watched_ms = days.watched_ms + excluded.watched_ms
    ), recorded AS (
        SELECT index, 'recorded' AS outcome, had_ms + granted_ms AS watched_ms, required_ms, completed FROM granted
        UNION ALL
        SELECT index, 'not_enrolled', 0, required_ms, completed FROM report WHERE NOT enrolled
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'index', index - 1, 'outcome', outcome, 'watched_ms', watched_ms, 'required_ms', required_ms,
        'reached', watched_ms >= required_ms, 'completed', completed)), '[]')
    INTO answers FROM recorded;
    RETURN answers;
END $$;
