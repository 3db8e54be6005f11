DROP TABLE statement_pause;
DROP TABLE stated_progress;
DROP TABLE statements;
DROP TABLE statement_actors;
