-- People are found by any part of their name, and by the initials of its pinyin: each name is kept
-- from its first sign on, from its second, and so on, so that a part of it is the beginning of a
-- term. In the order of the key, branch by branch, the first page of a frequent surname costs no
-- more than that of a rare one.
CREATE TABLE resident_terms (
    branch_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    resident_id uuid NOT NULL REFERENCES residents ON DELETE CASCADE,
    PRIMARY KEY (branch_id, term, resident_id)
);
CREATE INDEX resident_terms_resident ON resident_terms (resident_id);

-- The ends of a text, as many as count; one that begins a longer one finds nothing that the
-- longer one does not.
CREATE FUNCTION search_terms(given text) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT AS $$
    WITH ends AS (
        SELECT start, substr(lower(given), start) AS term
        FROM generate_series(1, least(char_length(given), 12)) AS start
    )
    SELECT term FROM ends
    WHERE NOT EXISTS (SELECT FROM ends AS longer WHERE longer.start < ends.start AND starts_with(longer.term, ends.term))
$$;

CREATE FUNCTION index_new_residents() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO resident_terms (branch_id, term, resident_id)
    SELECT branch_id, term, id FROM written
    CROSS JOIN LATERAL (SELECT search_terms(name) AS term UNION SELECT search_terms(initials)) AS each
    WHERE merged_into IS NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION index_changed_residents() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM resident_terms WHERE resident_id = NEW.id;
    INSERT INTO resident_terms (branch_id, term, resident_id)
    SELECT NEW.branch_id, term, NEW.id
    FROM (SELECT search_terms(NEW.name) AS term UNION SELECT search_terms(NEW.initials)) AS each
    WHERE NEW.merged_into IS NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER residents_index_new AFTER INSERT ON residents
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION index_new_residents();
CREATE TRIGGER residents_index_changed AFTER UPDATE ON residents
    FOR EACH ROW WHEN ((OLD.name, OLD.initials, OLD.branch_id, OLD.merged_into)
        IS DISTINCT FROM (NEW.name, NEW.initials, NEW.branch_id, NEW.merged_into))
    EXECUTE FUNCTION index_changed_residents();

INSERT INTO resident_terms (branch_id, term, resident_id)
SELECT branch_id, term, id FROM residents
CROSS JOIN LATERAL (SELECT search_terms(name) AS term UNION SELECT search_terms(initials)) AS each
WHERE merged_into IS NULL;

GRANT SELECT ON resident_terms TO changqing_app;
