CREATE FUNCTION accounts_of(transfers jsonb) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN coalesce((
        SELECT array_agg(account.id)
        FROM (SELECT DISTINCT each.resident_id, each.unit FROM jsonb_to_recordset(transfers) AS each(resident_id uuid, unit text)) AS given
        CROSS JOIN LATERAL (
            SELECT id FROM credit_accounts
            WHERE kind = 'resident' AND resident_id = given.resident_id AND unit = given.unit LIMIT 1
        ) AS account), '{}');
END $$;
ALTER FUNCTION accounts_of OWNER TO changqing_ledger;
REVOKE EXECUTE ON FUNCTION accounts_of FROM PUBLIC;
CREATE INDEX learning_days_late ON learning_days (counted_month, branch_id) WHERE day < counted_month;
DROP INDEX learning_days_counted;
