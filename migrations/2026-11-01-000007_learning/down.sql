DROP FUNCTION record_watches;
DROP TABLE learning_days, watch_budgets, lesson_progress, viewings, enrollments;
