DROP FUNCTION post_once;
DROP FUNCTION post_transfers;
DROP FUNCTION post_pass;
DROP FUNCTION canonical_transfer;
DROP TABLE credit_cap_counters, credit_transfers, credit_notes, credit_accounts, credit_rules;
