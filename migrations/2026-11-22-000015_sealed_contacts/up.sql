-- Telephones and ID numbers are kept sealed (see campus/src/seal), each person's with a key of
-- their own, and found by keyed digests. The plain columns are read as long as an older program
-- may write them; a job seals what stands there, and a later migration takes them away.
ALTER TABLE residents
    ADD COLUMN personal_key bytea,
    ADD COLUMN phone_sealed bytea,
    ADD COLUMN phone_index bytea,
    -- of its last four digits
    ADD COLUMN phone_tail_index bytea,
    ADD COLUMN id_number_sealed bytea,
    ADD COLUMN id_number_index bytea,
    -- of the name, in pinyin, for finding people
    ADD COLUMN initials text;
CREATE INDEX residents_phone_index ON residents (phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX residents_phone_tail ON residents (phone_tail_index) WHERE phone_tail_index IS NOT NULL;
CREATE INDEX residents_id_number ON residents (id_number_index) WHERE id_number_index IS NOT NULL;

-- What is staged of a roster's row beside its name and dates: telephone and ID number, sealed.
ALTER TABLE roster_rows ADD COLUMN private_sealed bytea;
-- Whether a file that waits for the worker is sealed; one of an older program is not.
ALTER TABLE roster_files ADD COLUMN sealed boolean NOT NULL DEFAULT false;
