DROP VIEW venue_visits;
