-- Who was awarded for having come to a venue on a day, and in which batch: each person under the record that speaks
-- for them, and nobody for what was taken back. The warning before a list is awarded and the finding of the night
-- count the same people by it.
CREATE VIEW venue_visits AS
    SELECT held.venue_id, made.earned_on AS day, held.batch_id, coalesce(record.merged_into, record.id) AS person_id
    FROM award_venues AS held
    JOIN credit_transfers AS made ON made.batch_id = held.batch_id AND made.kind = 'award'
    JOIN residents AS record ON record.id = made.resident_id
    WHERE NOT EXISTS (SELECT FROM credit_transfers AS back WHERE back.reverses = made.id);
GRANT SELECT ON venue_visits TO changqing_app;
