-- Who has left is nobody any more: the row stays as a number that the ledger and the figures stand
-- on, under a random label in place of name and learner number (see campus/src/stewardship).
ALTER TABLE residents ADD COLUMN left_at timestamptz;
ALTER TABLE residents ADD CONSTRAINT residents_left_nothing CHECK (left_at IS NULL OR (
    personal_key IS NULL AND phone IS NULL AND id_number IS NULL AND gender IS NULL AND groups = '{}'
    AND phone_sealed IS NULL AND phone_index IS NULL AND phone_tail_index IS NULL
    AND id_number_sealed IS NULL AND id_number_index IS NULL AND name = learner_number AND initials = ''
    AND birth_date = make_date(extract(year FROM birth_date)::integer, 1, 1)));

-- Nobody finds them.
CREATE OR REPLACE FUNCTION index_changed_residents() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM resident_terms WHERE resident_id = NEW.id;
    INSERT INTO resident_terms (branch_id, term, resident_id)
    SELECT NEW.branch_id, term, NEW.id
    FROM (SELECT search_terms(NEW.name) AS term UNION SELECT search_terms(NEW.initials)) AS each
    WHERE NEW.merged_into IS NULL AND NEW.left_at IS NULL;
    RETURN NULL;
END $$;

-- A reason is forgotten; its salted digest stays in the chain.
ALTER TABLE credit_notes ALTER COLUMN body DROP NOT NULL;
GRANT UPDATE (body) ON credit_notes TO changqing_app;
