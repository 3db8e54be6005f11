-- What reports of closed months are made of, beside their snapshots: every process forgets the answers
-- it has kept when one of these changes.
CREATE FUNCTION tell_of_months() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('changqing_months', '');
    RETURN NULL;
END $$;
CREATE TRIGGER branches_tell AFTER INSERT OR UPDATE OR DELETE ON branches
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_months();
CREATE TRIGGER closed_months_tell AFTER INSERT ON closed_months
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_months();
CREATE TRIGGER branch_targets_tell AFTER INSERT ON branch_targets
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_months();
