-- What waits for no rule is found each minute: who was here on a day, and who learned on it.
CREATE INDEX session_tokens_issued ON session_tokens (issued_at) INCLUDE (family_id);
CREATE INDEX learning_days_day ON learning_days (day);

-- Whether a rule's caps leave a person anything, under all their records. `caps` as they are posted.
CREATE FUNCTION has_room(person uuid, rule_unit text, code text, caps jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM jsonb_to_recordset(caps) AS cap(period text, start date, "limit" bigint)
        WHERE cap."limit" <= (
            SELECT coalesce(sum(counter.used), 0) FROM records_of(person) AS record
            JOIN credit_accounts AS account
                ON account.kind = 'resident' AND account.resident_id = record AND account.unit = rule_unit
            JOIN credit_cap_counters AS counter
                ON counter.account_id = account.id AND counter.rule_code = code
                AND counter.period = cap.period AND counter.period_start = cap.start))
$$;
