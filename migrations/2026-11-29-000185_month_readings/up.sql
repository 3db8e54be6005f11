-- A month's credits are summed by the grade of evidence too. With it in the index the rows themselves are not
-- read when a month is closed.
DROP INDEX credit_transfers_month;
CREATE INDEX credit_transfers_month ON credit_transfers (counted_month, branch_id)
    INCLUDE (unit, kind, evidence, amount, earned_on);

-- Few days of learning count in a later month than their own: they are found without reading the month.
CREATE INDEX learning_days_late ON learning_days (counted_month, branch_id) WHERE day < counted_month;

-- Persons who have several records, each once, at the branch they belong to now, with their first registration.
CREATE VIEW joined_registrations AS
    SELECT DISTINCT ON (joined.person_id) joined.person_id, person.branch_id, record.registered_branch_id,
        record.registered_on, record.counted_month
    FROM joined_records AS joined
    JOIN residents AS record ON record.id = joined.id
    JOIN residents AS person ON person.id = joined.person_id
    -- The month comes first: what a closed month has counted is not counted again.
    ORDER BY joined.person_id, record.counted_month, record.registered_on, record.recorded_at, record.id;
CREATE OR REPLACE VIEW registrations AS
    SELECT id AS person_id, branch_id, registered_branch_id, registered_on, counted_month FROM residents
    WHERE merged_into IS NULL AND NOT EXISTS (SELECT FROM residents AS merged WHERE merged.merged_into = residents.id)
    UNION ALL
    SELECT person_id, branch_id, registered_branch_id, registered_on, counted_month FROM joined_registrations;
GRANT SELECT ON joined_registrations TO changqing_app;
