-- Whether somebody has an award already is looked up in their own account. The index of who awarded what could
-- serve that too, and where the plan was made before the first award it did: each award read all that were made.
DROP INDEX credit_transfers_awarded_by;
CREATE INDEX credit_transfers_awarded_by ON credit_transfers (actor_id, recorded_at) WHERE kind = 'award' AND actor_id IS NOT NULL;
-- What comes around a posting is the same each time: nothing is won by planning it for the values at hand.
ALTER FUNCTION post_once SET plan_cache_mode = force_generic_plan;
