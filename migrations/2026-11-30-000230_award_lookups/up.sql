-- Whether somebody has an award already is looked up in their own account. The index of who awarded what could
-- serve that too, and where the plan was made before the first award it did: each award read all that were made.
DROP INDEX credit_transfers_awarded_by;
CREATE INDEX credit_transfers_awarded_by ON credit_transfers (actor_id, recorded_at) WHERE kind = 'award' AND actor_id IS NOT NULL;
-- What comes around a posting is the same each time: nothing is won by planning it for the values at hand.
ALTER FUNCTION post_once SET plan_cache_mode = force_generic_plan;

-- Whose records these are, and to which branch each of these people belonged on a day: `[record, person, branch]`
-- each; left out are records that are absent or of somebody who has left. Planned once: for a list of which nothing
-- but the length differs a plan was made anew each time, which took ten times as long as the look itself.
CREATE FUNCTION belonging_on(records uuid[], day date) RETURNS jsonb
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
GRANT EXECUTE ON FUNCTION belonging_on(uuid[], date) TO changqing_app;
