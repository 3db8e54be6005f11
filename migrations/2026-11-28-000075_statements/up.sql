-- What learners do is told to a learning record store, where one is configured: a statement is
-- written in the transaction of what it says, and kept until the store has it.

-- Who a record is to the store: a name made for that alone, which goes with the person.
CREATE TABLE statement_actors (
    resident_id uuid PRIMARY KEY REFERENCES residents,
    name uuid NOT NULL UNIQUE
);

CREATE TABLE statements (
    -- follows from what is said, so that the store takes it once however often it is sent
    id uuid PRIMARY KEY,
    resident_id uuid NOT NULL REFERENCES residents,
    -- all of it but whom it names, as records may be merged until it is sent
    body jsonb NOT NULL,
    -- whom it named when it was first sent: from then on it is not changed
    actor uuid,
    recorded_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    -- until when a worker has it
    held_until timestamptz,
    refused_at timestamptz,
    -- what the store answered
    refusal text,
    CHECK ((refused_at IS NULL) = (refusal IS NULL)),
    CHECK (attempts = 0 OR actor IS NOT NULL)
);
CREATE INDEX statements_waiting ON statements (recorded_at, id) WHERE refused_at IS NULL;
CREATE INDEX statements_resident ON statements (resident_id);

-- How much of a lesson the store has been told that somebody has watched.
CREATE TABLE stated_progress (
    resident_id uuid NOT NULL REFERENCES residents,
    lesson_id uuid NOT NULL REFERENCES lessons,
    percent smallint NOT NULL CHECK (percent BETWEEN 1 AND 99),
    PRIMARY KEY (resident_id, lesson_id)
);

-- While the store does not answer, nothing is sent until then; one row at most.
CREATE TABLE statement_pause (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    failures integer NOT NULL,
    until timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON statement_actors, statements, stated_progress, statement_pause TO changqing_app;
