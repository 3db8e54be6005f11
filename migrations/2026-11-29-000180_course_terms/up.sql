-- Where a term stands in most courses, as single signs do, the planner would rather read the table than the
-- index, and does not know that each list of terms lies outside its row and takes a hundred times longer to
-- read than to ask the index for. Without statistics of that column it takes every term for a rare one.
ALTER TABLE course_texts ALTER COLUMN terms SET STATISTICS 0;
-- The type it has: what was known of the column is dropped, nothing is rewritten.
ALTER TABLE course_texts ALTER COLUMN terms TYPE text[];
-- Terms of three signs are new: all lists are made anew, by the job that makes them, from the next minute on.
UPDATE course_texts SET stale = true;
