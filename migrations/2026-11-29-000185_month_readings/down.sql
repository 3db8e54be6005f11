CREATE OR REPLACE VIEW registrations AS
    SELECT id AS person_id, branch_id, registered_branch_id, registered_on, counted_month FROM residents
    WHERE merged_into IS NULL AND NOT EXISTS (SELECT FROM residents AS merged WHERE merged.merged_into = residents.id)
    UNION ALL
    (SELECT DISTINCT ON (joined.person_id) joined.person_id, person.branch_id, record.registered_branch_id,
        record.registered_on, record.counted_month
    FROM joined_records AS joined
    JOIN residents AS record ON record.id = joined.id
    JOIN residents AS person ON person.id = joined.person_id
    ORDER BY joined.person_id, record.counted_month, record.registered_on, record.recorded_at, record.id);
DROP VIEW joined_registrations;
DROP INDEX learning_days_late;
DROP INDEX credit_transfers_month;
CREATE INDEX credit_transfers_month ON credit_transfers (counted_month, branch_id)
    INCLUDE (unit, kind, amount, earned_on);
