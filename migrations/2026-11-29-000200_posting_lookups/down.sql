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
    LOOP
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
        -- What somebody earns goes to the record that stays, and what takes back or settles a transfer to
        -- the record that has it: else a merge that is undone would have moved points between two people. A
        -- merge holds the accounts of those it joins, so that only now is it certain which that is.
        EXIT WHEN NOT EXISTS (
            SELECT FROM jsonb_to_recordset(transfers) AS given(resident_id uuid, kind text)
            WHERE given.kind NOT IN ('reversal', 'release', 'redemption') AND (SELECT merged_into FROM residents WHERE id = given.resident_id) IS NOT NULL);
        SELECT jsonb_agg(CASE WHEN given.value ->> 'kind' IN ('reversal', 'release', 'redemption') THEN given.value ELSE given.value || jsonb_build_object(
            'resident_id', (SELECT coalesce(merged_into, id) FROM residents WHERE id = (given.value ->> 'resident_id')::uuid)) END
            ORDER BY given.place)
        INTO transfers FROM jsonb_array_elements(transfers) WITH ORDINALITY AS given(value, place);
    END LOOP;
    IF EXISTS (
        SELECT FROM jsonb_to_recordset(transfers) AS given(branch_id uuid, unit text, kind text)
        WHERE NOT EXISTS (
            SELECT FROM credit_accounts AS system WHERE system.kind = counterpart_kind(given.kind) AND system.kind <> 'resident'
                AND system.branch_id = given.branch_id AND system.unit = given.unit)
    ) THEN
        INSERT INTO credit_accounts (unit, kind, branch_id)
        SELECT DISTINCT given.unit, counterpart_kind(given.kind), branches.id
        FROM jsonb_to_recordset(transfers) AS given(branch_id uuid, unit text, kind text)
        JOIN branches ON branches.id = given.branch_id
        ORDER BY 3, 2, 1
        ON CONFLICT DO NOTHING;
    END IF;

    FOR pass IN 1..passes LOOP
        part := post_pass(transfers, pass, at, today);
        answers := answers || part;
    END LOOP;
    RETURN answers;
END $$;
