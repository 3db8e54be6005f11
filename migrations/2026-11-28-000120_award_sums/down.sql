DROP FUNCTION awarded_alone(uuid, text, timestamptz);
DROP INDEX credit_transfers_award_batches;
DROP INDEX credit_transfers_awarded_by;
