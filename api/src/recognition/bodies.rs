//! How the catalogue and what is filed look in JSON.

use campus::credits::Credits;
use campus::paging::Page;
use campus::recognition::{self, Claim};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::problem::Problem;
use crate::residents::parse_date;
use crate::state::State;

/// What is recognised.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecognisedOutcome {
    id: Uuid,
    /// `certificate`, `training`, `volunteering` or `other`.
    kind: String,
    name: String,
    /// What must be shown.
    requirement: String,
    /// `each` or `hour`.
    basis: String,
    /// Each, or per hour.
    credits: String,
    /// At most so much in a year; `null`: no limit.
    year_cap: Option<String>,
    /// For how many days an approved one is shown in public before its credits are posted.
    notice_days: i16,
    version: i32,
    /// Nothing more is filed under it.
    retired: bool,
}

impl From<recognition::Outcome> for RecognisedOutcome {
    fn from(outcome: recognition::Outcome) -> Self {
        Self {
            id: outcome.id,
            kind: outcome.kind,
            name: outcome.name,
            requirement: outcome.requirement,
            basis: outcome.basis,
            credits: Credits(outcome.credits).to_string(),
            year_cap: outcome.year_cap.map(|cap| Credits(cap).to_string()),
            notice_days: outcome.notice_days,
            version: outcome.version,
            retired: outcome.retired_at.is_some(),
        }
    }
}

/// The catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecognisedOutcomeList {
    pub(super) items: Vec<RecognisedOutcome>,
}

/// An entry of the catalogue as it is to stand.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RecognisedOutcomeInput {
    kind: String,
    name: String,
    requirement: String,
    basis: String,
    credits: String,
    year_cap: Option<String>,
    notice_days: Option<i16>,
    retired: Option<bool>,
}

impl From<RecognisedOutcomeInput> for recognition::OutcomeInput {
    fn from(input: RecognisedOutcomeInput) -> Self {
        Self {
            kind: input.kind,
            name: input.name,
            requirement: input.requirement,
            basis: input.basis,
            credits: input.credits,
            year_cap: input.year_cap,
            notice_days: input.notice_days.unwrap_or(0),
            retired: input.retired.unwrap_or(false),
        }
    }
}

/// What somebody has achieved elsewhere.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RecognitionInput {
    outcome_id: Uuid,
    title: String,
    issuer: String,
    #[schema(value_type = String, format = Date)]
    issued_on: String,
    /// Whole hours, where these count.
    hours: Option<i32>,
}

impl RecognitionInput {
    pub(super) fn read(self) -> Result<recognition::ClaimInput, Problem> {
        Ok(recognition::ClaimInput {
            outcome_id: self.outcome_id,
            title: self.title,
            issuer: self.issuer,
            issued_on: parse_date("issued_on", &self.issued_on)?,
            hours: self.hours,
        })
    }
}

/// Whether the branch has seen the original.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RecognitionCheckInput {
    pub(super) original_seen: bool,
}

/// Why it is not recognised.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RecognitionRefusalInput {
    pub(super) reason: String,
}

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
pub struct RecognitionQuery {
    /// `filed` (where nothing is said), `checked`, `approved` or `all`.
    pub(super) stage: Option<String>,
    pub(super) limit: Option<i64>,
    pub(super) cursor: Option<String>,
}

/// What somebody asks to be recognised.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recognition {
    id: Uuid,
    resident_id: Uuid,
    resident_name: String,
    branch_id: Uuid,
    outcome: RecognisedOutcome,
    title: Option<String>,
    issuer: Option<String>,
    #[schema(value_type = String, format = Date)]
    issued_on: String,
    hours: Option<i32>,
    /// `draft`, `filed`, `checked`, `approved`, `posted`, `over_cap`, `refused`, `withdrawn` or `reversed`.
    state: String,
    /// What it is worth, once it is handed in.
    credits: Option<String>,
    original_seen: bool,
    /// For how many days it is shown in public once it is approved, as it was when it was handed in.
    notice_days: Option<i16>,
    /// Until when it is shown in public.
    #[serde(with = "time::serde::rfc3339::option")]
    notice_until: Option<OffsetDateTime>,
    photos: Vec<RecognitionPhoto>,
    /// The earliest first.
    steps: Vec<RecognitionStep>,
    posted: Option<PostedRecognition>,
}

/// A photo. Its link is good for some hours.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecognitionPhoto {
    id: Uuid,
    content_type: String,
    size: i64,
    url: String,
}

/// A step that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecognitionStep {
    /// `filed`, `checked`, `approved`, `posted`, `over_cap`, `refused`, `withdrawn` or `reversed`.
    step: String,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// Who took it; `null`: the system.
    by: Option<String>,
    reason: Option<String>,
}

/// What was posted for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PostedRecognition {
    transfer_id: Uuid,
    credits: String,
    /// What the yearly limit took off.
    capped: String,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    reversed_at: Option<OffsetDateTime>,
}

impl Recognition {
    pub(super) async fn new(state: &State, site: &str, claim: Claim) -> Result<Self, Problem> {
        let clock = &state.campus.clock;
        let row = claim.recognition;
        let mut photos = Vec::new();
        for photo in claim.photos {
            let url = recognition::link(&state.campus, site, &photo).await?;
            photos.push(RecognitionPhoto { id: photo.id, content_type: photo.content_type, size: photo.size, url });
        }
        let reversed_at = claim.posted.as_ref().and_then(|posted| posted.reversed_at);
        let mut steps: Vec<RecognitionStep> = claim
            .steps
            .into_iter()
            .map(|step| RecognitionStep { step: step.step, at: clock.local(step.at), by: step.by, reason: step.reason })
            .collect();
        if let Some(at) = reversed_at {
            let at = clock.local(at);
            steps.push(RecognitionStep { step: "reversed".to_owned(), at, by: None, reason: None });
        }
        Ok(Self {
            id: row.id,
            resident_id: row.resident_id,
            resident_name: claim.resident_name,
            branch_id: row.branch_id,
            outcome: claim.outcome.into(),
            title: row.title,
            issuer: row.issuer,
            issued_on: row.issued_on.to_string(),
            hours: row.hours,
            state: if reversed_at.is_some() { "reversed".to_owned() } else { row.state },
            credits: row.credits.map(|credits| Credits(credits).to_string()),
            original_seen: row.original_seen,
            notice_days: row.notice_days,
            notice_until: row.notice_until.map(|until| clock.local(until)),
            photos,
            steps,
            posted: claim.posted.map(|posted| PostedRecognition {
                transfer_id: posted.transfer.id,
                credits: Credits(posted.transfer.amount).to_string(),
                capped: Credits(posted.transfer.capped).to_string(),
                at: clock.local(posted.transfer.recorded_at),
                reversed_at: reversed_at.map(|at| clock.local(at)),
            }),
        })
    }
}

/// What is filed, a page of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecognitionList {
    items: Vec<Recognition>,
    next_cursor: Option<String>,
}

impl RecognitionList {
    pub(super) async fn new(state: &State, site: &str, page: Page<Claim>) -> Result<Self, Problem> {
        let mut items = Vec::new();
        for claim in page.items {
            items.push(Recognition::new(state, site, claim).await?);
        }
        Ok(Self { items, next_cursor: page.next_cursor })
    }
}

/// What is about to be recognised.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecognitionNotice {
    /// A surname, and stars.
    name: String,
    outcome: String,
    #[serde(with = "time::serde::rfc3339")]
    until: OffsetDateTime,
}

impl RecognitionNotice {
    pub(super) fn new(state: &State, notice: recognition::Notice) -> Self {
        Self { name: notice.name, outcome: notice.outcome, until: state.campus.clock.local(notice.until) }
    }
}

/// Public notices, those that end first at the top.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecognitionNoticeList {
    pub(super) items: Vec<RecognitionNotice>,
}
