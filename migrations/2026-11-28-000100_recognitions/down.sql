DROP TABLE recognition_photos;
DROP TABLE recognition_steps;
DROP TABLE recognitions;
DROP TABLE recognised_outcomes;
