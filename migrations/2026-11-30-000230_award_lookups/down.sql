DROP FUNCTION belonging_on(uuid[], date);
ALTER FUNCTION post_once RESET plan_cache_mode;
DROP INDEX credit_transfers_awarded_by;
CREATE INDEX credit_transfers_awarded_by ON credit_transfers (actor_id, recorded_at) WHERE kind = 'award';
