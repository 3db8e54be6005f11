-- What the months before a month, as far as they were still open, looked like when it was closed: its report
-- compares with them and shows them in its charts, and has to say the same for good. Those are the months
-- before reporting began, which take what rosters say of earlier years.
-- Of each branch the population is always there, of the other measures what is not nothing.
CREATE TABLE month_backgrounds (
    closed_month date NOT NULL REFERENCES closed_months,
    month date NOT NULL CHECK (month < closed_month),
    branch_id uuid NOT NULL REFERENCES branches,
    measure text NOT NULL,
    amount bigint,
    late bigint NOT NULL,
    PRIMARY KEY (closed_month, month, branch_id, measure)
);
CREATE TRIGGER month_backgrounds_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON month_backgrounds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON month_backgrounds TO changqing_app;
