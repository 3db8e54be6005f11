-- A lesson that has been offered is copied before it is changed. What is said about a lesson stays
-- with it all the same: every copy names the lesson that it stems from, the first of them all.
ALTER TABLE lessons ADD COLUMN origin_id uuid REFERENCES lessons;
