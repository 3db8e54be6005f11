DROP FUNCTION hold_months_open;
DROP TABLE resident_moves;
