DROP FUNCTION has_room;
DROP INDEX learning_days_day;
DROP INDEX session_tokens_issued;
