DROP FUNCTION save_watches(watch_report[], timestamptz, date, date);
DROP TYPE watch_report;
