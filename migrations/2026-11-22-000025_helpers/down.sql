ALTER TABLE enrollments DROP COLUMN helped_by;
DROP TABLE help_invitations, help_allowances;
