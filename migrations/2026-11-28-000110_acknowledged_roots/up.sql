-- What a root answers for, where somebody who holds the signing key has acknowledged that the ledger did not
-- fit what was signed: {finding, reason}, as it stands in the signed root.
ALTER TABLE ledger_roots ADD COLUMN acknowledges jsonb;
CREATE INDEX ledger_roots_acknowledging ON ledger_roots (sequence) WHERE acknowledges IS NOT NULL;
