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

CREATE OR REPLACE FUNCTION post_pass(transfers jsonb, pass integer, at timestamptz, today date) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
DECLARE
    answer jsonb;
BEGIN
    WITH numbered AS (
        SELECT given.*, row_number() OVER (PARTITION BY given.resident_id, given.unit ORDER BY given.index) AS ordinal
        FROM jsonb_to_recordset(transfers) AS given(
            index integer, id uuid, resident_id uuid, unit text, amount bigint, kind text, source_kind text, source_id uuid,
            source_label text, rule_id uuid, rule_code text, evidence text, note_id uuid, note_digest text, actor_id uuid,
            batch_id uuid, place integer, branch_id uuid, earned_at timestamptz, earned_on date, reverses uuid, caps jsonb)
    ), months AS MATERIALIZED (
        SELECT days.earned_on, counted_month(days.earned_on, today) AS month
        FROM (SELECT DISTINCT earned_on FROM numbered WHERE ordinal = pass) AS days
    ), wanted AS (
        SELECT numbered.*, account.id AS account_id, account.balance, account.version, account.head_hash,
            counterpart.id AS counterpart_id, original.kind AS original_kind,
            original.debit_account_id AS original_debit_id, original.credit_account_id AS original_credit_id,
            CASE
                WHEN numbered.kind IN ('hold', 'expiry') THEN -1
                WHEN numbered.kind = 'redemption' THEN 0
                WHEN numbered.kind = 'reversal' AND original.kind <> 'redemption' THEN -1
                ELSE 1
            END AS sign,
            CASE
                WHEN numbered.kind = 'earning' AND EXISTS (
                    -- One account after the other: a list of them, prepared anew for every row, took twice as long.
                    SELECT FROM (
                        SELECT account.id
                        UNION ALL
                        SELECT other.id FROM residents AS merged
                        JOIN credit_accounts AS other ON other.kind = 'resident' AND other.resident_id = merged.id AND other.unit = numbered.unit
                        WHERE merged.merged_into = numbered.resident_id) AS own
                    JOIN credit_transfers AS earlier ON earlier.account_id = own.id AND earlier.source_id = numbered.source_id
                    JOIN credit_rules AS earlier_rule ON earlier_rule.id = earlier.rule_id
                    WHERE earlier.kind = 'earning' AND earlier_rule.code = numbered.rule_code) THEN 'already_posted'
                WHEN numbered.kind = 'award' AND EXISTS (
                    SELECT FROM credit_transfers AS earlier
                    WHERE earlier.account_id = ANY (person.account_ids) AND earlier.kind = 'award' AND earlier.earned_on = numbered.earned_on
                        AND (SELECT body FROM credit_notes WHERE id = earlier.note_id) = (SELECT body FROM credit_notes WHERE id = numbered.note_id)
                        AND (SELECT id FROM credit_transfers AS reversal WHERE reversal.reverses = earlier.id) IS NULL) THEN 'already_posted'
                WHEN numbered.kind IN ('recognition', 'hold', 'expiry') AND EXISTS (
                    SELECT FROM credit_transfers AS earlier
                    WHERE earlier.account_id = ANY (person.account_ids) AND earlier.source_id = numbered.source_id
                        AND earlier.kind = numbered.kind) THEN 'already_posted'
                WHEN numbered.kind IN ('hold', 'expiry') AND numbered.amount > (
                    SELECT sum(own.balance) FROM credit_accounts AS own WHERE own.id = ANY (person.account_ids)) THEN 'insufficient'
                WHEN numbered.reverses IS NOT NULL AND EXISTS (
                    SELECT FROM credit_transfers AS earlier WHERE earlier.reverses = numbered.reverses) THEN 'already_reversed'
            END AS refused,
            least(numbered.amount, (
                SELECT min(greatest(0, cap."limit" - (
                    SELECT coalesce(sum(counter.used), 0)::bigint FROM credit_cap_counters AS counter
                    WHERE counter.account_id = ANY (person.account_ids) AND counter.rule_code = numbered.rule_code
                        AND counter.period = cap.period AND counter.period_start = cap.start)))
                FROM jsonb_to_recordset(numbered.caps) AS cap(period text, start date, "limit" bigint)
            )) AS allowed
        FROM numbered
        JOIN credit_accounts AS account
            ON account.kind = 'resident' AND account.resident_id = numbered.resident_id AND account.unit = numbered.unit
        JOIN credit_accounts AS counterpart
            ON counterpart.kind = counterpart_kind(numbered.kind) AND counterpart.kind <> 'resident'
            AND counterpart.branch_id = numbered.branch_id AND counterpart.unit = numbered.unit
        LEFT JOIN credit_transfers AS original ON original.id = numbered.reverses
        -- One person's accounts, those of merged records among them.
        CROSS JOIN LATERAL (SELECT account.id || ARRAY(
            SELECT other.id FROM residents AS merged
            JOIN credit_accounts AS other ON other.kind = 'resident' AND other.resident_id = merged.id AND other.unit = numbered.unit
            WHERE merged.merged_into = numbered.resident_id) AS account_ids) AS person
        WHERE numbered.ordinal = pass
    ), filled AS MATERIALIZED (
        SELECT wanted.index, wanted.rule_code, wanted.caps, wanted.head_hash, (
            wanted.id, wanted.unit,
            -- What is held leaves the account that holds it, and what is taken back goes where it came
            -- from; of a reward that was handed over, back to the resident.
            CASE
                WHEN wanted.kind IN ('release', 'redemption') OR original_kind = 'redemption' THEN original_credit_id
                WHEN sign > 0 THEN counterpart_id
                ELSE account_id
            END,
            CASE
                WHEN sign > 0 THEN account_id
                WHEN wanted.kind = 'reversal' THEN original_debit_id
                ELSE counterpart_id
            END,
            resident_id, allowed, wanted.amount - allowed, wanted.kind, source_kind, source_id, source_label, rule_id, evidence,
            note_id, decode(note_digest, 'hex'), actor_id, batch_id, place, branch_id, earned_at, earned_on, at,
            (SELECT month FROM months WHERE months.earned_on = wanted.earned_on), reverses, account_id, version + 1, balance + sign * allowed, ''::bytea
        )::credit_transfers AS filled_row
        FROM wanted WHERE refused IS NULL AND allowed > 0
    ), chained AS (
        SELECT filled.*, sha256(head_hash || convert_to(canonical_transfer(filled_row), 'UTF8')) AS hash FROM filled
    ), inserted AS (
        INSERT INTO credit_transfers
        SELECT (filled_row).id, (filled_row).unit, (filled_row).debit_account_id, (filled_row).credit_account_id,
            (filled_row).resident_id, (filled_row).amount, (filled_row).capped, (filled_row).kind, (filled_row).source_kind, (filled_row).source_id,
            (filled_row).source_label, (filled_row).rule_id, (filled_row).evidence, (filled_row).note_id, (filled_row).note_digest,
            (filled_row).actor_id, (filled_row).batch_id, (filled_row).place, (filled_row).branch_id, (filled_row).earned_at,
            (filled_row).earned_on, (filled_row).recorded_at, (filled_row).counted_month, (filled_row).reverses,
            (filled_row).account_id, (filled_row).account_version, (filled_row).balance_after, hash
        FROM chained
        RETURNING account_id, account_version, balance_after, chain_hash
    ), moved AS (
        UPDATE credit_accounts AS account
        SET balance = inserted.balance_after, version = inserted.account_version, head_hash = inserted.chain_hash
        FROM inserted WHERE account.id = inserted.account_id
    ), counted AS (
        INSERT INTO credit_cap_counters AS counter (account_id, rule_code, period, period_start, used)
        SELECT (filled_row).account_id, rule_code, cap.period, cap.start, (filled_row).amount
        FROM chained CROSS JOIN LATERAL jsonb_to_recordset(chained.caps) AS cap(period text, start date)
        ON CONFLICT (account_id, rule_code, period, period_start) DO UPDATE SET used = counter.used + excluded.used
    ), freed AS (
        -- A reversal gives back what the original took from its day, month and year,
        -- where the version of the rule that made it counted that at all.
        UPDATE credit_cap_counters AS counter SET used = counter.used - (filled_row).amount
        FROM chained JOIN credit_transfers AS original ON original.id = (filled_row).reverses
        JOIN credit_rules AS rule ON rule.id = original.rule_id
        WHERE counter.account_id = (filled_row).account_id AND counter.rule_code = chained.rule_code
            AND counter.period_start = date_trunc(counter.period, original.earned_on)::date
            AND CASE counter.period WHEN 'day' THEN rule.day_cap WHEN 'month' THEN rule.month_cap ELSE rule.year_cap END IS NOT NULL
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'index', wanted.index,
        'outcome', coalesce(wanted.refused, CASE WHEN wanted.allowed > 0 THEN 'posted' ELSE 'over_cap' END),
        'id', wanted.id,
        'amount', CASE WHEN wanted.refused IS NULL THEN wanted.allowed ELSE 0 END,
        'capped', CASE WHEN wanted.refused IS NULL THEN wanted.amount - wanted.allowed ELSE 0 END,
        'balance', wanted.balance + CASE WHEN wanted.refused IS NULL THEN wanted.sign * wanted.allowed ELSE 0 END)), '[]')
    INTO answer FROM wanted;
    RETURN answer;
END $$;
