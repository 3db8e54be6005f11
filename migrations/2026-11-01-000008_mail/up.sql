-- What was sent to whom, so that delivery can be seen and nothing is sent twice.
CREATE TABLE mail_deliveries (
    id uuid PRIMARY KEY,
    recipient text NOT NULL,
    subject text NOT NULL,
    -- what it is about: 'month_report'
    kind text NOT NULL,
    queued_at timestamptz NOT NULL,
    sent_at timestamptz
);
CREATE INDEX mail_deliveries_queued ON mail_deliveries (queued_at DESC);
GRANT SELECT, INSERT, UPDATE ON mail_deliveries TO changqing_app;
