DROP TABLE guardians;
-- What guardians have agreed to goes with its text.
DELETE FROM consents WHERE version IN (SELECT version FROM consent_texts WHERE purpose = 'guardian_registration');
DELETE FROM consent_texts WHERE purpose = 'guardian_registration';
ALTER TABLE consent_texts DROP CONSTRAINT consent_texts_purpose_check;
ALTER TABLE consent_texts ADD CONSTRAINT consent_texts_purpose_check
    CHECK (purpose IN ('registration', 'activity_photographs', 'telephone_messages', 'district_figures'));
