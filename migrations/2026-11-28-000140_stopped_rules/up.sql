-- A rule that is worth nothing any more: its last version stops it.
ALTER TABLE credit_rules DROP CONSTRAINT credit_rules_multiplier_check,
    ADD CONSTRAINT credit_rules_multiplier_check CHECK (multiplier BETWEEN 0 AND 1000);
