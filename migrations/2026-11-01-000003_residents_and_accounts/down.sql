DROP TABLE consents, consent_texts, session_tokens, session_families, accounts, residents;
DROP FUNCTION announce_account_change;
DROP FUNCTION next_learner_number;
DROP SEQUENCE learner_numbers;
