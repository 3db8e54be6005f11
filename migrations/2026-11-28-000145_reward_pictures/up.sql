-- Where a reward's picture lies in the object store.
ALTER TABLE rewards ADD COLUMN picture_key text;
