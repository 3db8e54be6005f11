DROP FUNCTION hold_point_accounts;
