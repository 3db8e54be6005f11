DROP FUNCTION forget_notes;
REVOKE UPDATE (body) ON credit_notes FROM changqing_ledger;
-- What is forgotten stays forgotten.
UPDATE credit_notes SET body = '' WHERE body IS NULL;
ALTER TABLE credit_notes ALTER COLUMN body SET NOT NULL;
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
    WHERE person.id = ANY (persons) AND person.merged_into IS NULL;
    RETURN NULL;
END $$;
ALTER TABLE residents DROP CONSTRAINT residents_left_nothing;
ALTER TABLE residents DROP COLUMN left_at;
