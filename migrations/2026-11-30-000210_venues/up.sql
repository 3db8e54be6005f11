-- The rooms in which a branch holds what people come to, and how many find a seat there. One that is closed stays,
-- as awards name it.
CREATE TABLE venues (
    id uuid PRIMARY KEY,
    branch_id uuid NOT NULL REFERENCES branches,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    seats integer NOT NULL CHECK (seats BETWEEN 1 AND 10000),
    created_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE UNIQUE INDEX venues_open ON venues (branch_id, name) WHERE closed_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON venues TO changqing_app;

-- Where a batch of awards was held, of those that say so. It is written with the batch and stays as it is.
CREATE TABLE award_venues (
    batch_id uuid PRIMARY KEY,
    venue_id uuid NOT NULL REFERENCES venues
);
CREATE INDEX award_venues_venue ON award_venues (venue_id);
GRANT SELECT, INSERT ON award_venues TO changqing_app;

ALTER TABLE award_proposals ADD COLUMN venue_id uuid REFERENCES venues;

ALTER TABLE anomalies DROP CONSTRAINT anomalies_kind_check;
ALTER TABLE anomalies ADD CONSTRAINT anomalies_kind_check CHECK (kind IN
    ('shared_telephone', 'equal_traces', 'unusual_awards', 'awards_outside_hours', 'attendance_above_room'));
