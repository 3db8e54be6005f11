DROP FUNCTION record_watches(uuid[], uuid[], uuid[], integer[], int4multirange[], timestamptz, date);
DROP FUNCTION clip_ranges(int4multirange, bigint);

-- Records watch reports that arrived together: one statement for all of them.
-- Each report is {index, resident_id, viewing_id, lesson_id, position_ms, watched}
-- with `watched` an int4multirange in milliseconds. Reports of one resident are
-- taken one after another (a pass each), because each may spend what is left of
-- one budget; reports of different residents share a pass.
-- Answers [{index, outcome, watched_ms, required_ms, reached, completed}].
CREATE FUNCTION record_watches(reports jsonb, reported_at timestamptz, today date) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    this_month date := counted_month(today, today);
    answers jsonb := '[]';
    part jsonb;
    passes integer;
BEGIN
    PERFORM FROM watch_budgets
        WHERE resident_id IN (SELECT (report ->> 'resident_id')::uuid FROM jsonb_array_elements(reports) AS report)
        ORDER BY resident_id FOR UPDATE;
    SELECT coalesce(max(reports_of_one), 0) INTO passes FROM (
        SELECT count(*) AS reports_of_one FROM jsonb_array_elements(reports) AS report GROUP BY report ->> 'resident_id'
    ) AS counted;

    FOR pass IN 1..passes LOOP
        WITH numbered AS (
            SELECT given.*, row_number() OVER (PARTITION BY given.resident_id ORDER BY given.index) AS ordinal
            FROM jsonb_to_recordset(reports) AS given(
                index integer, resident_id uuid, viewing_id uuid, lesson_id uuid, position_ms integer, watched int4multirange)
        ), report AS (
            SELECT numbered.*, viewings.duration_ms, viewings.required_ms, residents.branch_id,
                enrollments.resident_id IS NOT NULL AS enrolled,
                coalesce(progress.watched_ms, 0) AS had_ms, progress.completed_at,
                greatest(0, floor(extract(epoch FROM reported_at - budget.anchored_at) * 1250)::bigint + 15000 - budget.spent_ms) AS allowance,
                numbered.watched * int4multirange(int4range(0, viewings.duration_ms)) - coalesce(progress.watched, '{}') AS fresh
            FROM numbered
            JOIN viewings ON viewings.id = numbered.viewing_id
                AND viewings.resident_id = numbered.resident_id AND viewings.lesson_id = numbered.lesson_id
            JOIN watch_budgets AS budget ON budget.resident_id = numbered.resident_id
            JOIN residents ON residents.id = numbered.resident_id
            JOIN lessons ON lessons.id = numbered.lesson_id
            LEFT JOIN enrollments ON enrollments.resident_id = numbered.resident_id AND enrollments.course_id = lessons.course_id
            LEFT JOIN lesson_progress AS progress
                ON progress.resident_id = numbered.resident_id AND progress.lesson_id = numbered.lesson_id
            WHERE numbered.ordinal = pass
        ), granted AS (
            SELECT report.*, piece.ranges, piece.granted_ms
            FROM report CROSS JOIN LATERAL (
                SELECT coalesce(range_agg(int4range(lower(range), least(upper(range), lower(range) + report.allowance - before)::integer)), '{}') AS ranges,
                    coalesce(sum(least(upper(range) - lower(range), report.allowance - before)), 0)::integer AS granted_ms
                FROM (
                    SELECT range, sum(upper(range) - lower(range)) OVER (ORDER BY lower(range)) - (upper(range) - lower(range)) AS before
                    FROM unnest(report.fresh) AS range
                ) AS ordered
                WHERE before < report.allowance
            ) AS piece
            WHERE report.enrolled
        ), saved AS (
            INSERT INTO lesson_progress AS progress (resident_id, lesson_id, watched, watched_ms, position_ms, updated_at)
            SELECT resident_id, lesson_id, ranges, granted_ms, least(position_ms, duration_ms), reported_at FROM granted
            ON CONFLICT (resident_id, lesson_id) DO UPDATE SET
                watched = progress.watched + excluded.watched,
                watched_ms = progress.watched_ms + excluded.watched_ms,
                position_ms = excluded.position_ms,
                updated_at = excluded.updated_at
        ), spent AS (
            UPDATE watch_budgets SET spent_ms = spent_ms + granted_ms, contacted_at = reported_at
            FROM granted WHERE granted.resident_id = watch_budgets.resident_id
        ), learned AS (
            INSERT INTO learning_days AS days (resident_id, day, branch_id, counted_month, watched_ms)
            SELECT resident_id, today, branch_id, this_month, granted_ms FROM granted WHERE granted_ms > 0
            ON CONFLICT (resident_id, day, branch_id, counted_month) DO UPDATE SET watched_ms = days.watched_ms + excluded.watched_ms
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'index', numbered.index,
            'outcome', CASE WHEN report.index IS NULL THEN 'viewing_unknown' WHEN NOT report.enrolled THEN 'not_enrolled' ELSE 'recorded' END,
            'watched_ms', coalesce(granted.had_ms + granted.granted_ms, 0),
            'required_ms', coalesce(report.required_ms, 0),
            'reached', coalesce(granted.had_ms + granted.granted_ms >= granted.required_ms, false),
            'completed', report.completed_at IS NOT NULL)), '[]')
        INTO part
        FROM numbered
        LEFT JOIN report ON report.index = numbered.index
        LEFT JOIN granted ON granted.index = numbered.index
        WHERE numbered.ordinal = pass;
        answers := answers || part;
    END LOOP;
    RETURN answers;
END $$;

DROP INDEX lesson_progress_unmarked;
CREATE INDEX lesson_progress_unfinished ON lesson_progress (updated_at) WHERE completed_at IS NULL;
ALTER TABLE lesson_progress DROP COLUMN reached_at;
