-- Who is honoured at the end of a year, as it was frozen. What was drawn up is kept by ids and figures
-- alone, over which the hash goes: names are looked up when it is read, so they can be forgotten.
CREATE TABLE honour_lists (
    id uuid PRIMARY KEY,
    title text NOT NULL CHECK (title <> ''),
    -- as it was hashed
    content text NOT NULL,
    hash text NOT NULL,
    frozen_at timestamptz NOT NULL,
    frozen_by uuid NOT NULL REFERENCES accounts
);
CREATE TRIGGER honour_lists_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON honour_lists
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON honour_lists TO changqing_app;
