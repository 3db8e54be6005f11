DROP TABLE honour_lists;
