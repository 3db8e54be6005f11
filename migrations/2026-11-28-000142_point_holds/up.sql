-- Holds the points of these residents until the transaction ends, and nothing else of theirs: whoever has
-- earned credits and is about to earn points too holds the former already.
CREATE FUNCTION hold_point_accounts(resident_ids uuid[]) RETURNS void LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM credit_accounts WHERE kind = 'resident' AND unit = 'point' AND resident_id = ANY (resident_ids)
        ORDER BY id FOR NO KEY UPDATE;
END $$;
ALTER FUNCTION hold_point_accounts OWNER TO changqing_ledger;
REVOKE EXECUTE ON FUNCTION hold_point_accounts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_point_accounts TO changqing_app;
