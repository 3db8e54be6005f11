CREATE OR REPLACE FUNCTION post_transfers(transfers jsonb, at timestamptz, today date) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    answers jsonb := '[]';
    part jsonb;
    passes integer;
    accounts_known integer;
    accounts_wanted integer;
BEGIN
    -- Accounts come into being with their first transfer. All of a batch are made before
    -- any is locked, and they are made and locked in one order by everybody: so two
    -- batches cannot wait for each other.
    SELECT count(*), coalesce(max(rows_of_one), 0) INTO accounts_wanted, passes FROM (
        SELECT count(*) AS rows_of_one FROM jsonb_to_recordset(transfers) AS given(resident_id uuid, unit text)
        GROUP BY given.resident_id, given.unit
    ) AS counted;
    SELECT count(*) INTO accounts_known FROM credit_accounts
        WHERE kind = 'resident' AND (resident_id, unit) IN (
            SELECT given.resident_id, given.unit FROM jsonb_to_recordset(transfers) AS given(resident_id uuid, unit text));
    IF accounts_known < accounts_wanted THEN
        INSERT INTO credit_accounts (unit, kind, resident_id, balance, version, head_hash)
        SELECT DISTINCT given.unit, 'resident', residents.id, 0, 0, sha256(convert_to('changqing|' || given.unit || '|' || residents.id, 'UTF8'))
        FROM jsonb_to_recordset(transfers) AS given(resident_id uuid, unit text)
        JOIN residents ON residents.id = given.resident_id
        ORDER BY 3, 1
        ON CONFLICT DO NOTHING;
    END IF;
    PERFORM FROM credit_accounts
        WHERE kind = 'resident' AND (resident_id, unit) IN (
            SELECT given.resident_id, given.unit FROM jsonb_to_recordset(transfers) AS given(resident_id uuid, unit text))
        ORDER BY id FOR NO KEY UPDATE;
    GET DIAGNOSTICS accounts_known = ROW_COUNT;
    IF accounts_known < accounts_wanted THEN
        RAISE EXCEPTION 'a transfer names a resident who does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF EXISTS (
        SELECT FROM jsonb_to_recordset(transfers) AS given(branch_id uuid, unit text)
        WHERE NOT EXISTS (SELECT FROM credit_accounts WHERE kind = 'issuance' AND branch_id = given.branch_id AND unit = given.unit)
    ) THEN
        INSERT INTO credit_accounts (unit, kind, branch_id)
        SELECT DISTINCT given.unit, 'issuance', branches.id
        FROM jsonb_to_recordset(transfers) AS given(branch_id uuid, unit text)
        JOIN branches ON branches.id = given.branch_id
        ORDER BY 3, 1
        ON CONFLICT DO NOTHING;
    END IF;

    FOR pass IN 1..passes LOOP
        part := post_pass(transfers, pass, at, today);
        answers := answers || part;
    END LOOP;
    RETURN answers;
END $$;

DROP FUNCTION accounts_of(jsonb);
