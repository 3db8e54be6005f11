-- As after a cancellation, points and reward have returned.
UPDATE redemptions SET status = 'cancelled' WHERE status = 'taken_back';
ALTER TABLE redemptions DROP CONSTRAINT redemptions_status_check,
    ADD CONSTRAINT redemptions_status_check CHECK (status IN ('held', 'handed_over', 'cancelled', 'expired'));
