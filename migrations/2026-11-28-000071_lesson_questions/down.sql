DROP TABLE question_reports;
DROP TABLE lesson_questions;
