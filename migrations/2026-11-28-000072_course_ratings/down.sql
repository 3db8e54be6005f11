DROP TABLE course_ratings;
