-- Awards above a total wait for a second person. Whom they are for is kept by id alone. The batch that
-- comes of one has its id.
CREATE TABLE award_proposals (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    resident_ids uuid[] NOT NULL CHECK (cardinality(resident_ids) > 0),
    unit text NOT NULL CHECK (unit IN ('credit', 'point')),
    -- each
    amount bigint NOT NULL CHECK (amount > 0),
    reason text NOT NULL CHECK (reason <> ''),
    earned_on date NOT NULL,
    evidence text NOT NULL CHECK (evidence IN ('scanned', 'checked_in', 'listed', 'declared')),
    state text NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected')),
    proposed_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by uuid REFERENCES accounts,
    decision_reason text CHECK (decision_reason <> ''),
    CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK (state <> 'approved' OR decided_by <> account_id)
);
CREATE INDEX award_proposals_waiting ON award_proposals (id) WHERE state = 'waiting';
CREATE INDEX award_proposals_residents ON award_proposals USING gin (resident_ids);

GRANT SELECT, INSERT, UPDATE ON award_proposals TO changqing_app;
