DROP TABLE roster_rows, roster_files, roster_imports;
