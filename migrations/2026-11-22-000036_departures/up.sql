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
DECLARE
    persons uuid[] := ARRAY[NEW.id, coalesce(NEW.merged_into, NEW.id), coalesce(OLD.merged_into, OLD.id)];
BEGIN
    DELETE FROM resident_terms WHERE resident_id = ANY (persons);
    INSERT INTO resident_terms (branch_id, term, resident_id)
    SELECT DISTINCT person.branch_id, each.term, person.id
    FROM residents AS person
    CROSS JOIN LATERAL records_of(person.id) AS record_id
    JOIN residents AS record ON record.id = record_id
    CROSS JOIN LATERAL (SELECT search_terms(record.name) AS term UNION SELECT search_terms(record.initials)) AS each
    WHERE person.id = ANY (persons) AND person.merged_into IS NULL AND person.left_at IS NULL;
    RETURN NULL;
END $$;

-- A reason is forgotten; its salted digest stays in the chain. The application can forget, and
-- nothing else: no reason is ever written anew.
ALTER TABLE credit_notes ALTER COLUMN body DROP NOT NULL;
GRANT UPDATE (body) ON credit_notes TO changqing_ledger;
CREATE FUNCTION forget_notes(given uuid[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE credit_notes SET body = NULL WHERE id = ANY (given) AND body IS NOT NULL
$$;
ALTER FUNCTION forget_notes OWNER TO changqing_ledger;
REVOKE EXECUTE ON FUNCTION forget_notes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_notes TO changqing_app;
