//! Rows of the catalogue and of what is filed.

use diesel::pg::Pg;
use diesel::prelude::*;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::credits::Transfer;
use crate::db::schema::{recognised_outcomes, recognition_photos, recognition_steps, recognitions};

/// What is recognised: an entry of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = recognised_outcomes)]
#[diesel(treat_none_as_null = true)]
#[diesel(check_for_backend(Pg))]
pub struct Outcome {
    /// Its id.
    pub id: Uuid,
    /// `certificate`, `training`, `volunteering` or `other`.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// What must be shown.
    pub requirement: String,
    /// `each` or `hour`.
    pub basis: String,
    /// Hundredths of a credit, each or per hour.
    pub credits: i64,
    /// At most so much in a year, in hundredths of a credit.
    pub year_cap: Option<i64>,
    /// For how many days an approved one is shown in public before it is posted.
    pub notice_days: i16,
    pub(super) rule_id: Uuid,
    /// How often it has been changed, from 1.
    pub version: i32,
    pub(super) created_at: OffsetDateTime,
    pub(super) changed_at: OffsetDateTime,
    /// Since when nothing more is filed under it.
    pub retired_at: Option<OffsetDateTime>,
}

/// What somebody asks to be recognised.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = recognitions)]
#[diesel(treat_none_as_null = true)]
#[diesel(check_for_backend(Pg))]
pub struct Recognition {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub resident_id: Uuid,
    /// The branch whose staff check it.
    pub branch_id: Uuid,
    pub(super) outcome_id: Uuid,
    /// What it is called; `None` once its owner has left.
    pub title: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// When.
    pub issued_on: Date,
    /// How many hours, where these count.
    pub hours: Option<i32>,
    /// `draft`, `filed`, `checked`, `approved`, `posted`, `over_cap`, `refused` or `withdrawn`.
    pub state: String,
    pub(super) rule_id: Option<Uuid>,
    /// What it is worth, in hundredths of a credit, once it is filed.
    pub credits: Option<i64>,
    /// Whether the branch has seen the original.
    pub original_seen: bool,
    pub(super) checked_by: Option<Uuid>,
    /// Until when it is shown in public before it is posted.
    pub notice_until: Option<OffsetDateTime>,
    pub(super) transfer_id: Option<Uuid>,
    pub(super) created_at: OffsetDateTime,
    /// For how many days it is shown in public, once it is filed.
    pub notice_days: Option<i16>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = recognition_steps)]
#[diesel(check_for_backend(Pg))]
pub(super) struct StepRow {
    pub(super) recognition_id: Uuid,
    pub(super) place: i32,
    pub(super) step: String,
    pub(super) at: OffsetDateTime,
    pub(super) account_id: Option<Uuid>,
    pub(super) reason: Option<String>,
}

/// A photo of what was achieved.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = recognition_photos)]
#[diesel(check_for_backend(Pg))]
pub struct Photo {
    /// Its id.
    pub id: Uuid,
    pub(super) recognition_id: Uuid,
    /// As its first bytes say.
    pub content_type: String,
    /// In bytes.
    pub size: i64,
    pub(super) object_key: String,
    pub(super) created_at: OffsetDateTime,
    pub(super) removed_at: Option<OffsetDateTime>,
}

/// A step that was taken.
#[derive(Debug, Clone)]
pub struct Step {
    /// `filed`, `checked`, `approved`, `posted`, `over_cap`, `refused` or `withdrawn`.
    pub step: String,
    /// When.
    pub at: OffsetDateTime,
    /// Who took it; `None`: the system.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// What stands in the ledger for it.
#[derive(Debug, Clone)]
pub struct PostedCredits {
    /// The transfer.
    pub transfer: Transfer,
    /// When it was taken back.
    pub reversed_at: Option<OffsetDateTime>,
}

/// What somebody asks to be recognised, with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The row.
    pub recognition: Recognition,
    /// Whose it is.
    pub resident_name: String,
    /// Under which entry of the catalogue, as it stands now.
    pub outcome: Outcome,
    /// What has been done, the earliest first.
    pub steps: Vec<Step>,
    /// Its photos, the earliest first.
    pub photos: Vec<Photo>,
    /// What was posted.
    pub posted: Option<PostedCredits>,
}

/// What the public is shown before credits are posted.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The surname, and stars.
    pub name: String,
    /// What is to be recognised.
    pub outcome: String,
    /// Until when objections are heard.
    pub until: OffsetDateTime,
}
