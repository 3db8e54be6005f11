DROP TABLE month_backgrounds;
