-- What points buy. `stock` is what is left to be chosen: what is held has left it.
CREATE TABLE rewards (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    description text NOT NULL,
    price bigint NOT NULL CHECK (price > 0),
    stock integer NOT NULL CHECK (stock >= 0),
    per_person integer CHECK (per_person > 0),
    -- for how many days it is kept for whoever has chosen it
    hold_days integer NOT NULL CHECK (hold_days > 0),
    status text NOT NULL CHECK (status IN ('offered', 'withdrawn')),
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL REFERENCES accounts
);

-- One reward that somebody has chosen. What it was called and cost then stays with it.
CREATE TABLE redemptions (
    id uuid PRIMARY KEY,
    reward_id uuid NOT NULL REFERENCES rewards,
    resident_id uuid NOT NULL REFERENCES residents,
    branch_id uuid NOT NULL REFERENCES branches,
    title text NOT NULL,
    price bigint NOT NULL,
    -- shown to its holder alone, who tells it where the reward is handed over
    code text NOT NULL,
    status text NOT NULL CHECK (status IN ('held', 'handed_over', 'cancelled', 'expired')),
    hold_id uuid NOT NULL UNIQUE REFERENCES credit_transfers,
    redeemed_at timestamptz NOT NULL,
    -- the last day on which it can be picked up
    held_until date NOT NULL,
    settled_at timestamptz,
    settled_by uuid REFERENCES accounts,
    CHECK ((status = 'held') = (settled_at IS NULL))
);
CREATE INDEX redemptions_resident ON redemptions (resident_id, id DESC);
CREATE INDEX redemptions_branch ON redemptions (branch_id, id DESC);
CREATE INDEX redemptions_reward ON redemptions (reward_id, resident_id);
CREATE INDEX redemptions_held ON redemptions (held_until) WHERE status = 'held';
GRANT SELECT, INSERT, UPDATE ON rewards, redemptions TO changqing_app;
