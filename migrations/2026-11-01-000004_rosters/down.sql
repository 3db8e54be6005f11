DROP TABLE roster_rows, roster_files, roster_imports;
UPDATE target_groups SET position = 7 WHERE code = 'resident';
DELETE FROM target_groups WHERE code IN ('employed', 'veteran');
