-- A batch is read once for all that is asked before it is posted, not once for each question.
-- `accounts_of` stays for those who still run the function as it was.
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
    earning_ids uuid[];
    accounts_wanted integer;
    systems_missing boolean;
    made boolean := false;
BEGIN
    LOOP
        -- A batch is read once: whose accounts it moves, how many rows the busiest has, and whether the accounts
        -- that stand across from them are there.
        WITH given AS MATERIALIZED (
            SELECT * FROM jsonb_to_recordset(transfers) AS given(resident_id uuid, unit text, kind text, branch_id uuid)
        ), person AS (
            SELECT resident_id, unit, count(*) AS rows_of_one,
                bool_or(kind NOT IN ('reversal', 'release', 'redemption')) AS earns
            FROM given GROUP BY resident_id, unit
        )
        SELECT count(*), coalesce(max(person.rows_of_one), 0),
            coalesce(array_agg(account.id) FILTER (WHERE account.id IS NOT NULL), '{}'),
            coalesce(array_agg(person.resident_id) FILTER (WHERE person.earns), '{}'),
            EXISTS (
                SELECT FROM (SELECT DISTINCT branch_id, unit, counterpart_kind(kind) AS kind FROM given) AS needed
                WHERE NOT EXISTS (
                    SELECT FROM credit_accounts AS system WHERE system.kind = needed.kind AND system.kind <> 'resident'
                        AND system.branch_id = needed.branch_id AND system.unit = needed.unit))
        INTO accounts_wanted, passes, account_ids, earning_ids, systems_missing
        FROM person LEFT JOIN LATERAL (
            SELECT id FROM credit_accounts
            WHERE kind = 'resident' AND resident_id = person.resident_id AND unit = person.unit LIMIT 1
        ) AS account ON true;
        IF cardinality(account_ids) < accounts_wanted THEN
            IF made THEN
                RAISE EXCEPTION 'a transfer names a resident who does not exist' USING ERRCODE = 'foreign_key_violation';
            END IF;
            -- Accounts come into being with their first transfer. All of a batch are made before
            -- any is locked, and they are made and locked in one order by everybody: so two
            -- batches cannot wait for each other.
            INSERT INTO credit_accounts (unit, kind, resident_id, balance, version, head_hash)
            SELECT DISTINCT given.unit, 'resident', residents.id, 0, 0, sha256(convert_to('changqing|' || given.unit || '|' || residents.id, 'UTF8'))
            FROM jsonb_to_recordset(transfers) AS given(resident_id uuid, unit text)
            JOIN residents ON residents.id = given.resident_id
            ORDER BY 3, 1
            ON CONFLICT DO NOTHING;
            made := true;
            CONTINUE;
        END IF;
        PERFORM FROM credit_accounts WHERE id = ANY (account_ids) ORDER BY id FOR NO KEY UPDATE;
        -- What somebody earns goes to the record that stays, and what takes back or settles a transfer to
        -- the record that has it: else a merge that is undone would have moved points between two people. A
        -- merge holds the accounts of those it joins, so that only now is it certain which that is.
        EXIT WHEN NOT EXISTS (SELECT FROM residents WHERE id = ANY (earning_ids) AND merged_into IS NOT NULL);
        SELECT jsonb_agg(CASE WHEN given.value ->> 'kind' IN ('reversal', 'release', 'redemption') THEN given.value ELSE given.value || jsonb_build_object(
            'resident_id', (SELECT coalesce(merged_into, id) FROM residents WHERE id = (given.value ->> 'resident_id')::uuid)) END
            ORDER BY given.place)
        INTO transfers FROM jsonb_array_elements(transfers) WITH ORDINALITY AS given(value, place);
        made := false;
    END LOOP;
    IF systems_missing THEN
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
