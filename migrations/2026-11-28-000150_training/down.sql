DROP VIEW branch_schools;
DROP TABLE branch_group_populations;
DROP TRIGGER learning_days_taught_first ON learning_days;
DROP TRIGGER learning_days_taught ON learning_days;
DROP FUNCTION note_taught();
DROP TABLE taught_years;
