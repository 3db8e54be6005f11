-- What is sealed cannot be opened here: whoever goes back loses these numbers.
DELETE FROM roster_files WHERE sealed;
ALTER TABLE roster_files DROP COLUMN sealed;
ALTER TABLE roster_rows DROP COLUMN private_sealed;
ALTER TABLE residents
    DROP COLUMN personal_key, DROP COLUMN phone_sealed, DROP COLUMN phone_index, DROP COLUMN phone_tail_index,
    DROP COLUMN id_number_sealed, DROP COLUMN id_number_index, DROP COLUMN initials;
