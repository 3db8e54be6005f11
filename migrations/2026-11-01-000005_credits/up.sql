-- Rules are versioned rows: never edited, a new version takes over from a date.
-- Amounts are hundredths of a credit, or whole points.
CREATE TABLE credit_rules (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    earns text NOT NULL CHECK (earns IN ('lesson_completed', 'course_completed', 'award')),
    unit text NOT NULL CHECK (unit IN ('credit', 'point')),
    -- NULL: what the source itself is worth (the course's or the lesson's credits)
    amount bigint CHECK (amount > 0),
    day_cap bigint CHECK (day_cap > 0),
    month_cap bigint CHECK (month_cap > 0),
    year_cap bigint CHECK (year_cap > 0),
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    UNIQUE (code, version)
);
CREATE TRIGGER credit_rules_append_only BEFORE DELETE OR TRUNCATE ON credit_rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO credit_rules (id, code, version, name_zh, name_en, earns, unit, amount, day_cap, valid_from) VALUES
    ('019a3c00-0000-7000-8000-000000000001', 'lesson', 1, '学完一课', 'Finishing a lesson', 'lesson_completed', 'credit', NULL, 600, '2026-01-01'),
    ('019a3c00-0000-7000-8000-000000000002', 'course', 1, '学完课程', 'Finishing a course', 'course_completed', 'credit', NULL, NULL, '2026-01-01'),
    ('019a3c00-0000-7000-8000-000000000003', 'award', 1, '工作人员授予', 'Awarded by staff', 'award', 'credit', NULL, NULL, '2026-01-01'),
    ('019a3c00-0000-7000-8000-000000000004', 'award_points', 1, '工作人员授予积分', 'Points awarded by staff', 'award', 'point', NULL, NULL, '2026-01-01');

CREATE TABLE credit_accounts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    unit text NOT NULL CHECK (unit IN ('credit', 'point')),
    kind text NOT NULL CHECK (kind IN ('resident', 'issuance', 'redemption', 'expiry', 'recognition')),
    resident_id uuid,
    branch_id uuid,
    -- Only residents' accounts carry these: a system account is never a hot row,
    -- its balance is the sum of its transfers.
    balance bigint,
    version bigint,
    head_hash bytea,
    CHECK ((kind = 'resident') = (resident_id IS NOT NULL AND balance IS NOT NULL AND version IS NOT NULL AND head_hash IS NOT NULL))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX credit_accounts_resident ON credit_accounts (resident_id, unit) WHERE kind = 'resident';
CREATE UNIQUE INDEX credit_accounts_system ON credit_accounts (kind, branch_id, unit) NULLS NOT DISTINCT WHERE kind <> 'resident';

-- Free text of an award, kept apart so that it can be forgotten; the chain holds
-- only its salted digest.
CREATE TABLE credit_notes (
    id uuid PRIMARY KEY,
    salt bytea NOT NULL,
    body text NOT NULL
);

CREATE TABLE credit_transfers (
    id uuid PRIMARY KEY,
    unit text NOT NULL,
    debit_account_id uuid NOT NULL REFERENCES credit_accounts,
    credit_account_id uuid NOT NULL REFERENCES credit_accounts,
    resident_id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    -- what a cap took off
    capped bigint NOT NULL CHECK (capped >= 0),
    kind text NOT NULL CHECK (kind IN ('earning', 'award', 'reversal')),
    source_kind text NOT NULL,
    source_id uuid NOT NULL,
    -- what the source was called when it was earned (a course's title; nobody's name)
    source_label text NOT NULL,
    rule_id uuid NOT NULL REFERENCES credit_rules,
    evidence text NOT NULL CHECK (evidence IN ('system', 'scanned', 'checked_in', 'listed', 'declared')),
    note_id uuid,
    note_digest bytea,
    actor_id uuid,
    batch_id uuid NOT NULL,
    place integer NOT NULL,
    branch_id uuid NOT NULL,
    earned_at timestamptz NOT NULL,
    earned_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    counted_month date NOT NULL,
    reverses uuid UNIQUE REFERENCES credit_transfers,
    account_id uuid NOT NULL,
    account_version bigint NOT NULL,
    balance_after bigint NOT NULL,
    chain_hash bytea NOT NULL,
    UNIQUE (account_id, account_version),
    UNIQUE (batch_id, place)
);
-- A source earns once per rule and resident.
CREATE UNIQUE INDEX credit_transfers_source ON credit_transfers (account_id, source_id, rule_id) WHERE kind = 'earning';
CREATE INDEX credit_transfers_awards ON credit_transfers (account_id, earned_on) WHERE kind = 'award';
CREATE INDEX credit_transfers_month ON credit_transfers (counted_month, branch_id) INCLUDE (unit, kind, amount, earned_on);
CREATE INDEX credit_transfers_resident ON credit_transfers (resident_id, recorded_at DESC, id DESC);
CREATE TRIGGER credit_transfers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_transfers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE credit_cap_counters (
    account_id uuid NOT NULL,
    rule_code text NOT NULL,
    period text NOT NULL CHECK (period IN ('day', 'month', 'year')),
    period_start date NOT NULL,
    used bigint NOT NULL,
    PRIMARY KEY (account_id, rule_code, period, period_start)
) WITH (fillfactor = 70);

-- The canonical form of a transfer, as it enters the chain: every column but the
-- hash, in a fixed order, absent ones as '-'.
CREATE FUNCTION canonical_transfer(t credit_transfers) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', t.id, t.unit, t.debit_account_id, t.credit_account_id, t.resident_id, t.amount, t.capped, t.kind,
        t.source_kind, t.source_id, replace(replace(t.source_label, '\', '\\'), '|', '\|'), t.rule_id, t.evidence,
        coalesce(t.note_id::text, '-'), coalesce(encode(t.note_digest, 'hex'), '-'), coalesce(t.actor_id::text, '-'),
        t.batch_id, t.place, t.branch_id,
        (extract(epoch FROM t.earned_at) * 1000000)::bigint, to_char(t.earned_on, 'YYYY-MM-DD'),
        (extract(epoch FROM t.recorded_at) * 1000000)::bigint, to_char(t.counted_month, 'YYYY-MM'),
        coalesce(t.reverses::text, '-'), t.account_id, t.account_version, t.balance_after)
$$;

-- The only writer of the ledger. Posts 1..n transfers, all or none, in one round trip.
--
-- Each row: {index, id, resident_id, unit, amount, kind, source_kind, source_id,
-- source_label, rule_id, rule_code, evidence, note_id, note_digest, actor_id,
-- batch_id, place, branch_id, earned_at, earned_on, reverses, caps}, with
-- caps = [{period, start, limit}]. Rows of one account are posted one after another
-- (a pass each); rows of different accounts share a pass.
--
-- Answers [{index, outcome, id, amount, capped, balance, account_version}] with outcome
--   posted            `amount` of it, `capped` taken off by a cap
--   over_cap          nothing left under the cap, nothing posted
--   already_posted    this source has earned under this rule, or this award was made
--   already_reversed  the row it would reverse has been reversed
CREATE FUNCTION post_transfers(transfers jsonb, at timestamptz, today date) RETURNS jsonb
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

-- One pass of post_transfers: the `pass`-th row of every account.
CREATE FUNCTION post_pass(transfers jsonb, pass integer, at timestamptz, today date) RETURNS jsonb
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
    ), wanted AS (
        SELECT numbered.*, account.id AS account_id, account.balance, account.version, account.head_hash,
            issuance.id AS issuance_id,
            CASE numbered.kind WHEN 'reversal' THEN -1 ELSE 1 END AS sign,
            CASE
                WHEN numbered.kind = 'earning' AND EXISTS (
                    SELECT FROM credit_transfers AS earlier
                    JOIN credit_rules AS earlier_rule ON earlier_rule.id = earlier.rule_id
                    WHERE earlier.account_id = account.id AND earlier.source_id = numbered.source_id
                        AND earlier.kind = 'earning' AND earlier_rule.code = numbered.rule_code) THEN 'already_posted'
                WHEN numbered.kind = 'award' AND EXISTS (
                    SELECT FROM credit_transfers AS earlier
                    JOIN credit_notes AS earlier_note ON earlier_note.id = earlier.note_id
                    JOIN credit_notes AS note ON note.id = numbered.note_id AND note.body = earlier_note.body
                    WHERE earlier.account_id = account.id AND earlier.kind = 'award' AND earlier.earned_on = numbered.earned_on
                        AND NOT EXISTS (SELECT FROM credit_transfers AS reversal WHERE reversal.reverses = earlier.id)) THEN 'already_posted'
                WHEN numbered.reverses IS NOT NULL AND EXISTS (
                    SELECT FROM credit_transfers AS earlier WHERE earlier.reverses = numbered.reverses) THEN 'already_reversed'
            END AS refused,
            least(numbered.amount, (
                SELECT min(greatest(0, cap."limit" - coalesce(counter.used, 0)))
                FROM jsonb_to_recordset(numbered.caps) AS cap(period text, start date, "limit" bigint)
                LEFT JOIN credit_cap_counters AS counter
                    ON counter.account_id = account.id AND counter.rule_code = numbered.rule_code
                    AND counter.period = cap.period AND counter.period_start = cap.start
            )) AS allowed
        FROM numbered
        JOIN credit_accounts AS account
            ON account.kind = 'resident' AND account.resident_id = numbered.resident_id AND account.unit = numbered.unit
        JOIN credit_accounts AS issuance
            ON issuance.kind = 'issuance' AND issuance.branch_id = numbered.branch_id AND issuance.unit = numbered.unit
        WHERE numbered.ordinal = pass
    ), filled AS (
        SELECT wanted.index, wanted.rule_code, wanted.caps, wanted.head_hash, (
            wanted.id, wanted.unit,
            CASE WHEN sign > 0 THEN issuance_id ELSE account_id END,
            CASE WHEN sign > 0 THEN account_id ELSE issuance_id END,
            resident_id, allowed, wanted.amount - allowed, wanted.kind, source_kind, source_id, source_label, rule_id, evidence,
            note_id, decode(note_digest, 'hex'), actor_id, batch_id, place, branch_id, earned_at, earned_on, at,
            counted_month(earned_on, today), reverses, account_id, version + 1, balance + sign * allowed, ''::bytea
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

-- A whole request in one statement, so in one transaction and one round trip: claims the
-- idempotency key, keeps the note, posts, writes the audit row, keeps the answer.
-- Answers {state, answer}: `done`; `repeated` with the answer given the first time;
-- `reused` when the key came with another input. A transfer that cannot be posted in full
-- undoes everything with SQLSTATE CQ001 and its outcome as the message.
CREATE FUNCTION post_once(request jsonb, note jsonb, transfers jsonb, audit jsonb, answer jsonb, at timestamptz, today date)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    kept idempotency_keys;
    refused text;
BEGIN
    INSERT INTO idempotency_keys (actor_id, route, key, fingerprint, answer, created_at)
    VALUES ((request ->> 'actor_id')::uuid, request ->> 'route', (request ->> 'key')::uuid,
        decode(request ->> 'fingerprint', 'hex'), answer, at)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        SELECT * INTO kept FROM idempotency_keys AS known
        WHERE known.actor_id = (request ->> 'actor_id')::uuid AND known.route = request ->> 'route'
            AND known.key = (request ->> 'key')::uuid;
        IF kept.fingerprint <> decode(request ->> 'fingerprint', 'hex') THEN
            RETURN jsonb_build_object('state', 'reused');
        END IF;
        RETURN jsonb_build_object('state', 'repeated', 'answer', kept.answer);
    END IF;
    INSERT INTO credit_notes (id, salt, body)
    VALUES ((note ->> 'id')::uuid, decode(note ->> 'salt', 'hex'), note ->> 'body');
    SELECT CASE WHEN outcome = 'posted' THEN 'over_cap' ELSE outcome END INTO refused
    FROM jsonb_to_recordset(post_transfers(transfers, at, today)) AS posted(outcome text, capped bigint)
    WHERE outcome <> 'posted' OR capped > 0 LIMIT 1;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION '%', refused USING ERRCODE = 'CQ001';
    END IF;
    INSERT INTO audit_entries (id, at, account_id, action, object_kind, object_id, branch_id, request_id, detail)
    SELECT entry.id, entry.at, entry.account_id, entry.action, entry.object_kind, entry.object_id, entry.branch_id,
        entry.request_id, entry.detail
    FROM jsonb_populate_record(NULL::audit_entries, audit || jsonb_build_object('at', post_once.at)) AS entry;
    RETURN jsonb_build_object('state', 'done', 'answer', answer);
END $$;

ALTER TABLE credit_accounts OWNER TO changqing_ledger;
ALTER TABLE credit_transfers OWNER TO changqing_ledger;
ALTER TABLE credit_cap_counters OWNER TO changqing_ledger;
ALTER FUNCTION post_transfers OWNER TO changqing_ledger;
ALTER FUNCTION post_pass OWNER TO changqing_ledger;
REVOKE EXECUTE ON FUNCTION post_transfers, post_pass FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post_transfers TO changqing_app;
GRANT SELECT ON credit_rules, credit_notes TO changqing_ledger;
GRANT SELECT ON credit_accounts, credit_transfers, credit_cap_counters TO changqing_app;
GRANT SELECT, INSERT ON credit_rules, credit_notes TO changqing_app;
