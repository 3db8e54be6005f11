DROP TABLE ledger_audits;
DROP TABLE ledger_roots;
