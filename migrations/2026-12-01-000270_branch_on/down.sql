CREATE OR REPLACE FUNCTION belonging_on(records uuid[], day date) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_array(record.id, person.id, coalesce(first_left.branch_id, person.branch_id))), '[]')
        FROM residents AS record
        JOIN residents AS person ON person.id = coalesce(record.merged_into, record.id)
        LEFT JOIN LATERAL (
            SELECT from_branch_id AS branch_id FROM resident_moves
            WHERE resident_id = person.id AND moved_on > day ORDER BY place LIMIT 1
        ) AS first_left ON true
        WHERE record.id = ANY (records) AND record.left_at IS NULL);
END $$;
DROP FUNCTION branch_on(uuid, uuid, date);
