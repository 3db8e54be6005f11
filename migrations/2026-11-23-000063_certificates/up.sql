-- One for each course that somebody has finished. Whom it names is read from the record: who leaves
-- is named no more.
CREATE TABLE certificates (
    id uuid PRIMARY KEY,
    -- printed, and typed in by whoever verifies: 16 signs of Crockford's base 32, 80 random bits
    code text NOT NULL UNIQUE CHECK (code ~ '^[0-9A-HJKMNP-TV-Z]{16}$'),
    resident_id uuid NOT NULL REFERENCES residents,
    course_id uuid NOT NULL REFERENCES courses,
    version integer NOT NULL,
    -- that which made the course
    branch_id uuid NOT NULL REFERENCES branches,
    -- as it was called when it was finished
    course_title text NOT NULL,
    -- hundredths: what the course and its lessons were worth together
    credits bigint NOT NULL,
    completed_at timestamptz NOT NULL,
    issued_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_by uuid REFERENCES accounts,
    revoked_reason text,
    UNIQUE (resident_id, course_id),
    FOREIGN KEY (course_id, version) REFERENCES course_versions,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoked_reason IS NULL))
);
CREATE INDEX certificates_revoked ON certificates (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX enrollments_completed ON enrollments (completed_at, resident_id, course_id) WHERE completed_at IS NOT NULL;

-- Every key that has signed a certificate: what it signed stays checkable when it signs no more.
CREATE TABLE certificate_keys (
    id text PRIMARY KEY,
    -- Ed25519, as a Multikey of the W3C
    public_key text NOT NULL,
    first_used_at timestamptz NOT NULL
);

-- A certificate is revoked, once, and never changed else; but the reason goes with its holder.
CREATE FUNCTION keep_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.revoked_at IS NOT NULL AND (NEW.revoked_at, NEW.revoked_by) IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by))
        OR (NEW.id, NEW.code, NEW.course_id, NEW.version, NEW.branch_id, NEW.course_title, NEW.credits, NEW.completed_at, NEW.issued_at)
            IS DISTINCT FROM
            (OLD.id, OLD.code, OLD.course_id, OLD.version, OLD.branch_id, OLD.course_title, OLD.credits, OLD.completed_at, OLD.issued_at)
    THEN
        RAISE EXCEPTION 'a certificate is not changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certificates_keep BEFORE UPDATE ON certificates FOR EACH ROW EXECUTE FUNCTION keep_certificate();

GRANT SELECT, INSERT, UPDATE ON certificates TO changqing_app;
GRANT SELECT, INSERT ON certificate_keys TO changqing_app;
