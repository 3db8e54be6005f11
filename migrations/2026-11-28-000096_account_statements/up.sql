-- What a statement of a credit account said when it was given out, so that anybody who has its code can
-- have it checked against the chain. Whom it names is read
-- from the record: who leaves is named no more.
CREATE TABLE account_statements (
    id uuid PRIMARY KEY,
    -- printed, and typed in by whoever checks: 16 signs of Crockford's base 32, 80 random bits
    code text NOT NULL UNIQUE CHECK (code ~ '^[0-9A-HJKMNP-TV-Z]{16}$'),
    resident_id uuid NOT NULL REFERENCES residents,
    from_on date NOT NULL,
    to_on date NOT NULL CHECK (to_on >= from_on),
    issued_at timestamptz NOT NULL,
    -- what the period brought, reversals taken off: hundredths of a credit, and points
    credits bigint NOT NULL,
    points bigint NOT NULL,
    row_count integer NOT NULL CHECK (row_count >= 0),
    -- where the chains of the person's accounts stood: [{account_id, version, hash}]
    heads jsonb NOT NULL,
    -- SHA-256 over the hashes of the rows, in the order of accounts and versions
    rows_hash bytea NOT NULL CHECK (length(rows_hash) = 32),
    -- SHA-256 over period and all of the above but the code: the same statement is kept once
    digest bytea NOT NULL CHECK (length(digest) = 32),
    UNIQUE (resident_id, digest)
);
CREATE TRIGGER account_statements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_statements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON account_statements TO changqing_app;
