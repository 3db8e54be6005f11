-- What was handed over by mistake is taken back: its points and the reward return.
ALTER TABLE redemptions DROP CONSTRAINT redemptions_status_check,
    ADD CONSTRAINT redemptions_status_check CHECK (status IN ('held', 'handed_over', 'cancelled', 'expired', 'taken_back'));
