DROP INDEX ledger_roots_acknowledging;
ALTER TABLE ledger_roots DROP COLUMN acknowledges;
