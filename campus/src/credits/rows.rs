//! Rows of the ledger as they are read.

use diesel::prelude::*;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::db::schema::{credit_rules, credit_transfers};

/// One version of a rule.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = credit_rules)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Rule {
    /// This version's id.
    pub id: Uuid,
    /// What all versions of the rule share.
    pub code: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// `credit` or `point`.
    pub unit: String,
    /// A fixed worth; `None`: what the source itself is worth.
    pub amount: Option<i64>,
    /// At most so much on a civil day.
    pub day_cap: Option<i64>,
    /// At most so much in a month.
    pub month_cap: Option<i64>,
    /// At most so much in a year.
    pub year_cap: Option<i64>,
}

/// One immutable row of the ledger.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = credit_transfers)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Transfer {
    /// Its id.
    pub id: Uuid,
    /// `credit` or `point`.
    pub unit: String,
    /// Whose account it moved.
    pub resident_id: Uuid,
    /// Above zero; hundredths of a credit, or points.
    pub amount: i64,
    /// What a cap took off.
    pub capped: i64,
    /// `earning`, `award` or `reversal`.
    pub kind: String,
    /// `lesson`, `course` or `award`.
    pub source_kind: String,
    /// The lesson, course or batch.
    pub source_id: Uuid,
    /// What the source was called.
    pub source_label: String,
    /// The version of the rule that made it.
    pub rule_id: Uuid,
    /// How it is known.
    pub evidence: String,
    /// The note that goes with it.
    pub note_id: Option<Uuid>,
    /// Who posted it; `None`: the system.
    pub actor_id: Option<Uuid>,
    /// The batch it came in.
    pub batch_id: Uuid,
    /// The resident's branch on the day it was earned.
    pub branch_id: Uuid,
    /// When it happened.
    pub earned_at: OffsetDateTime,
    /// On which civil day.
    pub earned_on: Date,
    /// When it was written.
    pub recorded_at: OffsetDateTime,
    /// The month it counts in.
    pub counted_month: Date,
    /// The transfer it takes back.
    pub reverses: Option<Uuid>,
    /// The balance it left.
    pub balance_after: i64,
}
