DROP TABLE month_figures;
DROP FUNCTION counted_month;
DROP FUNCTION month_lock_number;
DROP TABLE closed_months;
