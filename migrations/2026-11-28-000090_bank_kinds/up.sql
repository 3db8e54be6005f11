-- The ledger becomes a bank: what is recognised, held for a reward, handed over, given back and what
-- expires are transfers too, and more sorts of facts can earn.
ALTER TABLE credit_transfers DROP CONSTRAINT credit_transfers_kind_check;
ALTER TABLE credit_transfers ADD CONSTRAINT credit_transfers_kind_check CHECK (kind IN (
    'earning', 'award', 'reversal', 'recognition', 'hold', 'release', 'redemption', 'expiry'));
ALTER TABLE credit_accounts DROP CONSTRAINT credit_accounts_kind_check;
ALTER TABLE credit_accounts ADD CONSTRAINT credit_accounts_kind_check CHECK (kind IN (
    'resident', 'issuance', 'redemption', 'expiry', 'recognition', 'held'));
-- Nothing earns under 'spending': it is what a hold and an expiry name as their rule.
ALTER TABLE credit_rules DROP CONSTRAINT credit_rules_earns_check;
ALTER TABLE credit_rules ADD CONSTRAINT credit_rules_earns_check CHECK (earns IN (
    'lesson_completed', 'course_completed', 'award', 'quiz_passed', 'minutes', 'attendance', 'daily_log_in', 'recognition',
    'spending'));
