-- Roots over the heads of all accounts' chains, signed outside the database. What an auditor goes by is
-- what lies in the object store; this says which root comes next, and lets the office list them.
CREATE TABLE ledger_roots (
    sequence bigint PRIMARY KEY CHECK (sequence > 0),
    signed_at timestamptz NOT NULL,
    -- SHA-256 of the signed root; the next root names it
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- the root as it was signed (a compact JWS)
    signed text NOT NULL,
    -- how many accounts, transfers and what balances of each unit
    units jsonb NOT NULL,
    -- whether its heads are those of all accounts, or of those that had changed
    is_checkpoint boolean NOT NULL,
    object_key text NOT NULL UNIQUE,
    heads_key text NOT NULL UNIQUE
);
CREATE TRIGGER ledger_roots_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_roots
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE INDEX ledger_roots_object_key_bytes ON ledger_roots (object_key COLLATE "C");
CREATE INDEX ledger_roots_heads_key_bytes ON ledger_roots (heads_key COLLATE "C");

-- The ledger checked from its rows: every chain and balance (`full`), or what is new before a root is
-- signed (`signing`, kept only where something does not fit).
CREATE TABLE ledger_audits (
    id uuid PRIMARY KEY,
    scope text NOT NULL CHECK (scope IN ('full', 'signing')),
    status text NOT NULL CHECK (status IN ('running', 'passed', 'failed', 'given_up')),
    requested_by uuid REFERENCES accounts,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    -- how many transfers there are to check, and have been checked
    expected bigint NOT NULL DEFAULT 0,
    checked bigint NOT NULL DEFAULT 0,
    accounts bigint NOT NULL DEFAULT 0,
    -- the newest root that it was compared with
    root_sequence bigint,
    -- the first thing that does not fit
    finding jsonb,
    CHECK ((status = 'running') = (finished_at IS NULL)),
    CHECK ((status = 'failed') = (finding IS NOT NULL))
);
CREATE INDEX ledger_audits_started ON ledger_audits (started_at DESC, id DESC);
-- One full check at a time, however many ask for it.
CREATE UNIQUE INDEX ledger_audits_running ON ledger_audits (scope) WHERE status = 'running';

GRANT SELECT, INSERT ON ledger_roots TO changqing_app;
GRANT SELECT, INSERT, UPDATE ON ledger_audits TO changqing_app;
