-- What looks out of the ordinary, found by a job and settled by an admin with a note. It names people,
-- accounts and awards by id alone, never a telephone; the figures are counts.
CREATE TABLE anomalies (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('shared_telephone', 'equal_traces', 'unusual_awards', 'awards_outside_hours')),
    -- the lesson, the account, or the first of the people
    subject uuid NOT NULL,
    -- what tells several about one subject apart: the trace, the unit
    mark text NOT NULL,
    -- the first day of the year, the day, the evening; none where it belongs to no time
    period date,
    -- the people, or the batches: what a later search finds is new where something is not among them
    evidence uuid[] NOT NULL,
    figures jsonb NOT NULL,
    found_at timestamptz NOT NULL,
    settled_at timestamptz,
    settled_by uuid REFERENCES accounts,
    note text CHECK (note <> ''),
    CHECK ((settled_at IS NULL) = (settled_by IS NULL)),
    CHECK ((settled_at IS NULL) = (note IS NULL))
);
CREATE UNIQUE INDEX anomalies_open ON anomalies (kind, subject, mark, period) NULLS NOT DISTINCT WHERE settled_at IS NULL;
CREATE INDEX anomalies_subject ON anomalies (kind, subject);
CREATE INDEX anomalies_evidence ON anomalies USING gin (evidence);
-- Pages of what is open, and of what is settled.
CREATE INDEX anomalies_open_page ON anomalies (id) WHERE settled_at IS NULL;
CREATE INDEX anomalies_settled_page ON anomalies (id) WHERE settled_at IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON anomalies TO changqing_app;

-- Up to when facts have been looked at: one row, which a search holds.
CREATE TABLE anomaly_searches (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    searched_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON anomaly_searches TO changqing_app;

-- Who came on record lately.
CREATE INDEX residents_recorded ON residents (recorded_at) WHERE phone_index IS NOT NULL;
