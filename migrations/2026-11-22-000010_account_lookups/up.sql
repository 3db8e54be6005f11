-- Posting looked at every resident's account for each transfer where the planner took the table for
-- a small one.

-- The residents' accounts that transfers name, each once, as far as there are any. One look-up by
-- key for each: a limit keeps the planner from joining all accounts instead.
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

CREATE OR REPLACE FUNCTION post_transfers(transfers jsonb, at timestamptz, today date) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
-- A handful of rows, each looked up by its keys: never a scan of everybody's accounts, whatever
-- the planner knew of their number when the plan was made.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    answers jsonb := '[]';
    part jsonb;
    passes integer;
    account_ids uuid[];
    accounts_wanted integer;
BEGIN
    -- Accounts come into being with their first transfer. All of a batch are made before
    -- any is locked, and they are made and locked in one order by everybody: so two
    -- batches cannot wait for each other.
    SELECT count(*), coalesce(max(rows_of_one), 0) INTO accounts_wanted, passes FROM (
        SELECT count(*) AS rows_of_one FROM jsonb_to_recordset(transfers) AS given(resident_id uuid, unit text)
        GROUP BY given.resident_id, given.unit
    ) AS counted;
    account_ids := accounts_of(transfers);
    IF cardinality(account_ids) < accounts_wanted THEN
        INSERT INTO credit_accounts (unit, kind, resident_id, balance, version, head_hash)
        SELECT DISTINCT given.unit, 'resident', residents.id, 0, 0, sha256(convert_to('changqing|' || given.unit || '|' || residents.id, 'UTF8'))
        FROM jsonb_to_recordset(transfers) AS given(resident_id uuid, unit text)
        JOIN residents ON residents.id = given.resident_id
        ORDER BY 3, 1
        ON CONFLICT DO NOTHING;
        account_ids := accounts_of(transfers);
    END IF;
    IF cardinality(account_ids) < accounts_wanted THEN
        RAISE EXCEPTION 'a transfer names a resident who does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    PERFORM FROM credit_accounts WHERE id = ANY (account_ids) ORDER BY id FOR NO KEY UPDATE;
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
