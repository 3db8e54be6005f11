ALTER TABLE credit_rules DROP CONSTRAINT credit_rules_earns_check;
ALTER TABLE credit_rules ADD CONSTRAINT credit_rules_earns_check CHECK (earns IN ('lesson_completed', 'course_completed', 'award'));
ALTER TABLE credit_accounts DROP CONSTRAINT credit_accounts_kind_check;
ALTER TABLE credit_accounts ADD CONSTRAINT credit_accounts_kind_check CHECK (kind IN ('resident', 'issuance', 'redemption', 'expiry', 'recognition'));
ALTER TABLE credit_transfers DROP CONSTRAINT credit_transfers_kind_check;
ALTER TABLE credit_transfers ADD CONSTRAINT credit_transfers_kind_check CHECK (kind IN ('earning', 'award', 'reversal'));
