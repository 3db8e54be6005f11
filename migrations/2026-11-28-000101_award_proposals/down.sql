DROP TABLE award_proposals;
