DELETE FROM consents USING consent_texts
    WHERE consent_texts.version = consents.version AND consent_texts.purpose <> 'registration';
DELETE FROM consents AS earlier USING consents AS later
    WHERE later.resident_id = earlier.resident_id AND later.version = earlier.version
        AND (later.given_at, later.id) > (earlier.given_at, earlier.id);
DROP INDEX consents_resident;
DROP INDEX consents_standing;
ALTER TABLE consents DROP CONSTRAINT consents_pkey;
ALTER TABLE consents DROP COLUMN account_id;
ALTER TABLE consents DROP COLUMN id;
ALTER TABLE consents ADD PRIMARY KEY (resident_id, version);
DELETE FROM consent_texts WHERE purpose <> 'registration';
DROP INDEX consent_texts_purpose;
ALTER TABLE consent_texts DROP COLUMN purpose;
