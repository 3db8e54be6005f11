ALTER TABLE credit_rules DROP CONSTRAINT credit_rules_fixed_check;
ALTER TABLE credit_rules DROP CONSTRAINT credit_rules_minutes_check;
ALTER TABLE credit_rules
    DROP COLUMN per_minutes,
    DROP COLUMN multiplier,
    DROP COLUMN source_cap,
    DROP COLUMN target_group,
    DROP COLUMN branch_id,
    DROP COLUMN created_at,
    DROP COLUMN created_by;
