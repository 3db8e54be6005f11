DELETE FROM anomalies WHERE kind = 'attendance_above_room';
ALTER TABLE anomalies DROP CONSTRAINT anomalies_kind_check;
ALTER TABLE anomalies ADD CONSTRAINT anomalies_kind_check CHECK (kind IN
    ('shared_telephone', 'equal_traces', 'unusual_awards', 'awards_outside_hours'));
ALTER TABLE award_proposals DROP COLUMN venue_id;
DROP TABLE award_venues;
DROP TABLE venues;
