//! Rows of the ledger as they are read.

use diesel::prelude::*;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::branches::Venue;
use crate::db::schema::{award_files, award_proposals, credit_rules, credit_transfers};

/// One version of a rule.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_rules)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Rule {
    /// This version's id.
    pub id: Uuid,
    /// What all versions of the rule share.
    pub code: String,
    /// Which version, from 1.
    pub version: i32,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// What earns: see [`super::Earns`]; `award`, `recognition`; `spending` for what nobody earns.
    pub earns: String,
    /// `credit` or `point`.
    pub unit: String,
    /// A fixed worth; `None`: what the source itself is worth.
    pub amount: Option<i64>,
    /// Worth that for each of so many minutes of a day.
    pub per_minutes: Option<i32>,
    /// Percent of that: 200 doubles it, 0 stops the rule.
    pub multiplier: i32,
    /// At most so much on a civil day.
    pub day_cap: Option<i64>,
    /// At most so much in a month.
    pub month_cap: Option<i64>,
    /// At most so much in a year.
    pub year_cap: Option<i64>,
    /// At most so much from one source.
    pub source_cap: Option<i64>,
    /// For this target group alone.
    pub target_group: Option<String>,
    /// For this branch and those below it alone.
    pub branch_id: Option<Uuid>,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// The day from which it does not hold any more.
    pub valid_to: Option<Date>,
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
    /// `earning`, `award`, `recognition`, `reversal`, `hold`, `release`, `redemption` or `expiry`.
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
    /// The transfer it takes back or settles.
    pub reverses: Option<Uuid>,
    /// The balance it left.
    pub balance_after: i64,
    debit_account_id: Uuid,
    credit_account_id: Uuid,
    account_id: Uuid,
}

impl Transfer {
    /// What it changed about the resident's balance: nothing, where what was held is handed over.
    #[must_use]
    pub fn signed(&self) -> i64 {
        if self.credit_account_id == self.account_id {
            self.amount
        } else if self.debit_account_id == self.account_id {
            -self.amount
        } else {
            0
        }
    }
}

/// An award that waits, or waited, for a second person.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = award_proposals)]
#[diesel(treat_none_as_null = true)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Proposal {
    /// Its id; that of the batch which comes of it, too.
    pub id: Uuid,
    /// Who proposed it.
    pub account_id: Uuid,
    /// For whom.
    pub resident_ids: Vec<Uuid>,
    /// `credit` or `point`.
    pub unit: String,
    /// How much each: hundredths of a credit, or points.
    pub amount: i64,
    /// What for.
    pub reason: String,
    /// The day it was earned.
    pub earned_on: Date,
    /// How it is known.
    pub evidence: String,
    /// `waiting`, `approved` or `rejected`.
    pub state: String,
    /// Since when.
    pub proposed_at: OffsetDateTime,
    /// When it was decided.
    pub decided_at: Option<OffsetDateTime>,
    /// By whom.
    pub decided_by: Option<Uuid>,
    /// Why it was rejected.
    pub decision_reason: Option<String>,
    /// Where it was held, where that was said.
    pub venue_id: Option<Uuid>,
}

/// Such an award with the names of who proposed and decided it, and of where it was held.
#[derive(Debug, Clone)]
pub struct ShownProposal {
    /// The award.
    pub proposal: Proposal,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who decided it.
    pub decided_by: Option<String>,
    /// Where it was held.
    pub venue: Option<Venue>,
}

/// A file that an award stands on.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = award_files)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct AwardFile {
    /// Its id.
    pub id: Uuid,
    pub(super) batch_id: Uuid,
    pub(super) account_id: Uuid,
    /// As its owner calls it.
    pub name: String,
    /// As its first bytes say.
    pub content_type: String,
    /// In bytes.
    pub size: i64,
    pub(super) object_key: String,
    /// When it was added.
    pub created_at: OffsetDateTime,
}
