-- Versions that stopped a rule stay as they are: transfers name versions, and none of these made any.
ALTER TABLE credit_rules DROP CONSTRAINT credit_rules_multiplier_check,
    ADD CONSTRAINT credit_rules_multiplier_check CHECK (multiplier BETWEEN 1 AND 1000) NOT VALID;
