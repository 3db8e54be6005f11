-- Rows of learning lie in the order of their days. By this index a month is read as it lies; by the index of months
-- and branches each row is fetched from another page, which takes four times as long where a month does not fit in
-- the server's memory. That one still serves whoever asks for a few branches.
CREATE INDEX learning_days_counted ON learning_days (counted_month);

-- Nothing reads these any more: the learning of a month is counted in one reading, late days with it, and the
-- accounts of transfers are found where they are posted.
DROP INDEX learning_days_late;
DROP FUNCTION accounts_of(jsonb);
