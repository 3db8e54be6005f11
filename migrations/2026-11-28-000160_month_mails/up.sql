-- What branches were called when a month was closed: its files say the same for good. Months closed before
-- this was kept show today's names.
CREATE TABLE month_branches (
    month date NOT NULL REFERENCES closed_months,
    branch_id uuid NOT NULL REFERENCES branches,
    code text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (month, branch_id)
);
CREATE TRIGGER month_branches_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON month_branches
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON month_branches TO changqing_app;

-- What a mail is about, such as `month:2026-11`: by that the mails of a month are found.
ALTER TABLE mail_deliveries ADD COLUMN about text;
CREATE INDEX mail_deliveries_about ON mail_deliveries (about, id) WHERE about IS NOT NULL;
