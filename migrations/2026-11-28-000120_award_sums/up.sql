-- How much somebody has awarded alone decides whether the next award waits for a second person.
CREATE INDEX credit_transfers_awarded_by ON credit_transfers (actor_id, recorded_at) WHERE kind = 'award';
-- Past batches, the newest first: each has one first row.
CREATE INDEX credit_transfers_award_batches ON credit_transfers (recorded_at, batch_id) WHERE kind = 'award' AND place = 0;

-- What an account has awarded of a unit since a moment, and what still stands; what a second person has
-- approved is left out. Of one account one transaction after another gets an answer, so that two awards at
-- once are counted together. The sum is a statement of its own, which sees what the lock waited for.
CREATE FUNCTION awarded_alone(account uuid, unit text, since timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(account::text, 7103));
    RETURN (
        SELECT coalesce(sum(made.amount), 0) FROM credit_transfers AS made
        WHERE made.kind = 'award' AND made.actor_id = account AND made.recorded_at >= since AND made.unit = awarded_alone.unit
            AND NOT EXISTS (SELECT FROM credit_transfers AS back WHERE back.reverses = made.id)
            AND NOT EXISTS (SELECT FROM award_proposals WHERE award_proposals.id = made.batch_id));
END $$;
GRANT EXECUTE ON FUNCTION awarded_alone(uuid, text, timestamptz) TO changqing_app;
