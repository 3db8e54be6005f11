//! Rows of rewards.

use diesel::pg::Pg;
use diesel::prelude::*;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::db::schema::{redemptions, rewards};

/// What points buy.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = rewards)]
#[diesel(treat_none_as_null = true)]
#[diesel(check_for_backend(Pg))]
pub struct Reward {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub title: String,
    /// What there is to say about it.
    pub description: String,
    /// In points.
    pub price: i64,
    /// How many can still be chosen.
    pub stock: i32,
    /// How many one person may have; `None`: as many as there are.
    pub per_person: Option<i32>,
    /// For how many days it is kept for whoever has chosen it.
    pub hold_days: i32,
    /// `offered` or `withdrawn`.
    pub status: String,
    /// Where its picture lies in the object store.
    pub picture_key: Option<String>,
}

/// A reward that somebody has chosen.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = redemptions)]
#[diesel(check_for_backend(Pg))]
pub struct Redemption {
    /// Its id.
    pub id: Uuid,
    /// Which reward.
    pub reward_id: Uuid,
    /// Who.
    pub resident_id: Uuid,
    /// Their branch then, where it is handed over.
    pub branch_id: Uuid,
    /// What the reward was called.
    pub title: String,
    /// What it cost, in points.
    pub price: i64,
    /// Six digits that its holder tells where it is handed over.
    pub code: String,
    /// `held`, `handed_over`, `cancelled`, `expired` or `taken_back`.
    pub status: String,
    /// The transfer that holds the points.
    pub hold_id: Uuid,
    /// When it was chosen.
    pub redeemed_at: OffsetDateTime,
    /// The last day on which it can be picked up.
    pub held_until: Date,
    /// When it was handed over, cancelled, given up or taken back.
    pub settled_at: Option<OffsetDateTime>,
    /// By whom; `None`: the system.
    pub settled_by: Option<Uuid>,
}
