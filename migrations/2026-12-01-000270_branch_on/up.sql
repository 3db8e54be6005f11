-- The branch somebody belonged to on a day: the one their first move after it led away from, or else the present
-- one. One row; nothing but a query, so that it becomes part of the statement that asks.
CREATE FUNCTION branch_on(resident uuid, present_branch uuid, day date) RETURNS TABLE (branch_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT from_branch_id FROM resident_moves WHERE resident_id = resident AND moved_on > day ORDER BY place LIMIT 1),
        present_branch)
$$;
GRANT EXECUTE ON FUNCTION branch_on(uuid, uuid, date) TO changqing_app;

CREATE OR REPLACE FUNCTION belonging_on(records uuid[], day date) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_array(record.id, person.id, home.branch_id)), '[]')
        FROM residents AS record
        JOIN residents AS person ON person.id = coalesce(record.merged_into, record.id)
        CROSS JOIN LATERAL branch_on(person.id, person.branch_id, day) AS home
        WHERE record.id = ANY (records) AND record.left_at IS NULL);
END $$;
