DROP TRIGGER branch_targets_tell ON branch_targets;
DROP TRIGGER closed_months_tell ON closed_months;
DROP TRIGGER branches_tell ON branches;
DROP FUNCTION tell_of_months();
