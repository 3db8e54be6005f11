//! The way into the ledger: the SQL functions that are its only writers.

use diesel::prelude::*;
use diesel::sql_types::{Date as SqlDate, Jsonb, Timestamptz};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::amount::Unit;
use super::posting_rows::{PostedRows, PostingRows};
use super::rows::Rule;
use crate::clock::Clock;
use crate::db::{self, Connection};
use crate::error::{Code, Error, Result};
use crate::idempotency::Request;
use crate::ids::new_id;
use crate::writing;

// Selected, not executed: diesel prepares only SELECTs, and a statement parsed anew each
// time costs more than posting does.
diesel::define_sql_function! {
    fn post_transfers(transfers: Jsonb, at: Timestamptz, today: SqlDate) -> Jsonb;
}
diesel::define_sql_function! {
    fn post_once(request: Jsonb, note: Jsonb, transfers: Jsonb, audit: Jsonb, answer: Jsonb, at: Timestamptz, today: SqlDate) -> Jsonb;
}

/// How a fact is known, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Watched, and verified by the server.
    System,
    /// Staff scanned the learner card on site.
    Scanned,
    /// A rotating code on site.
    CheckedIn,
    /// The organiser's list.
    Listed,
    /// Reported by the person.
    Declared,
}

impl Evidence {
    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Scanned => "scanned",
            Self::CheckedIn => "checked_in",
            Self::Listed => "listed",
            Self::Declared => "declared",
        }
    }
}

/// A transfer to be posted.
#[derive(Debug, Clone)]
pub struct Posting {
    /// Whose account.
    pub resident_id: Uuid,
    /// The resident's branch.
    pub branch_id: Uuid,
    /// Hundredths of a credit, or points; above zero.
    pub amount: i64,
    /// What sort of transfer.
    pub kind: PostingKind,
    /// What earned it: `lesson`, `course`, `award`.
    pub source_kind: String,
    /// Which one.
    pub source_id: Uuid,
    /// What it is called.
    pub source_label: String,
    /// The rule it follows.
    pub rule: Rule,
    /// How it is known.
    pub evidence: String,
    /// Who posts it; `None`: the system.
    pub actor_id: Option<Uuid>,
    /// When it happened.
    pub earned_at: OffsetDateTime,
    /// On which civil day.
    pub earned_on: Date,
}

/// What sort of transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostingKind {
    /// Earned by learning.
    Earning,
    /// Awarded by staff.
    Award,
    /// Recognised: achieved elsewhere.
    Recognition,
    /// Takes this transfer back.
    Reversal(Uuid),
    /// Set aside for a reward.
    Hold,
    /// Gives back what this transfer held.
    Release(Uuid),
    /// Spends what this transfer held.
    Redemption(Uuid),
    /// Takes points that were not spent in time.
    Expiry,
}

impl PostingKind {
    /// The name in the API and the database.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Earning => "earning",
            Self::Award => "award",
            Self::Recognition => "recognition",
            Self::Reversal(_) => "reversal",
            Self::Hold => "hold",
            Self::Release(_) => "release",
            Self::Redemption(_) => "redemption",
            Self::Expiry => "expiry",
        }
    }

    /// The transfer that it takes back or settles: each is named once.
    pub(super) const fn settles(self) -> Option<Uuid> {
        match self {
            Self::Reversal(id) | Self::Release(id) | Self::Redemption(id) => Some(id),
            Self::Earning | Self::Award | Self::Recognition | Self::Hold | Self::Expiry => None,
        }
    }

    /// Whether the rule's caps hold for it.
    pub(super) const fn is_capped(self) -> bool {
        matches!(self, Self::Earning | Self::Award | Self::Recognition)
    }
}

/// What became of a posting.
#[derive(Debug, Clone, Deserialize)]
pub struct Posted {
    /// Its place in the list, from 0.
    pub index: usize,
    /// What happened.
    pub outcome: Outcome,
    /// The transfer, where one was posted.
    pub id: Uuid,
    /// How much was posted.
    pub amount: i64,
    /// How much a cap took off.
    pub capped: i64,
    /// The balance after it.
    pub balance: i64,
}

/// What may happen to a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It stands in the ledger, perhaps cut by a cap.
    Posted,
    /// A cap left nothing of it.
    OverCap,
    /// The source has earned under this rule, or the award was made.
    AlreadyPosted,
    /// What it would take back or settle has been taken back or settled.
    AlreadyReversed,
    /// There are not as many points to spend.
    Insufficient,
}

/// How many characters a reason may have.
const LONGEST_REASON: usize = 200;

/// A reason as it is kept.
pub(super) fn read_reason(raw: &str) -> std::result::Result<String, Code> {
    writing::lines(raw, LONGEST_REASON).map_err(|flaw| flaw.code(Code::ReasonRequired))
}

/// The free text that goes with a batch.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub(super) id: Uuid,
    salt: [u8; 16],
    body: String,
    /// SHA-256 over salt and text, in hexadecimal: what the ledger keeps.
    pub(super) digest: String,
}

impl Note {
    pub(super) fn new(body: &str) -> Self {
        use sha2::{Digest, Sha256};
        let salt: [u8; 16] = rand::random();
        let digest = hex::encode(Sha256::new().chain_update(salt).chain_update(body.as_bytes()).finalize());
        Self { id: new_id(), salt, body: body.to_owned(), digest }
    }
}

/// Posts transfers inside the caller's transaction, in one round trip.
///
/// # Errors
/// What the database says; then nothing is posted.
pub async fn post(connection: &mut Connection, clock: &Clock, postings: &[Posting]) -> Result<Vec<Posted>> {
    let rows = PostingRows::new(postings, new_id(), None);
    let posting = diesel::select(post_transfers(rows, clock.now(), clock.today()));
    let PostedRows(posted) = db::committed(posting.load(connection).await)?;
    Ok(posted)
}

/// A batch with everything that goes with it.
pub(super) struct Batch<'a> {
    pub(super) id: Uuid,
    pub(super) request: &'a Request,
    pub(super) note: &'a Note,
    pub(super) postings: &'a [Posting],
    pub(super) audit: Value,
    pub(super) answer: Value,
}

/// What came of a batch.
pub(super) enum BatchOutcome {
    /// It is posted, now or when the same request came first; the answer given then.
    Done(Value),
    /// A row could not be posted in full, so none was.
    Refused(Outcome),
}

/// Posts a batch once, all of it or nothing: one statement, one transaction, one round trip.
pub(super) async fn post_batch(connection: &mut Connection, clock: &Clock, batch: &Batch<'_>) -> Result<BatchOutcome> {
    let request = json!({
        "actor_id": batch.request.actor_id, "route": batch.request.route, "key": batch.request.key,
        "fingerprint": hex::encode(&batch.request.fingerprint),
    });
    let note = json!({"id": batch.note.id, "salt": hex::encode(batch.note.salt), "body": batch.note.body});
    let transfers = PostingRows::new(batch.postings, batch.id, Some(batch.note));
    let posting =
        diesel::select(post_once(request, note, transfers, &batch.audit, &batch.answer, clock.now(), clock.today()));
    let posted: QueryResult<Value> = db::committed(posting.load(connection).await);
    let mut posted = match posted {
        Ok(posted) => posted,
        Err(error) => return refusal(error).map(BatchOutcome::Refused),
    };
    match posted.get("state").and_then(Value::as_str) {
        Some("done" | "repeated") => {
            Ok(BatchOutcome::Done(posted.get_mut("answer").map(Value::take).unwrap_or_default()))
        }
        _ => Err(Error::code(Code::IdempotencyKeyReused)),
    }
}

/// What `post_once` raises is the outcome that undid the batch.
fn refusal(error: diesel::result::Error) -> Result<Outcome> {
    if let diesel::result::Error::DatabaseError(_, info) = &error {
        match info.message() {
            "over_cap" => return Ok(Outcome::OverCap),
            "already_posted" => return Ok(Outcome::AlreadyPosted),
            "insufficient" => return Ok(Outcome::Insufficient),
            "already_reversed" => return Ok(Outcome::AlreadyReversed),
            _ => {}
        }
    }
    Err(error.into())
}

impl Rule {
    /// The rule's unit.
    ///
    /// # Errors
    /// When the row holds none of ours.
    pub fn unit(&self) -> Result<Unit> {
        Unit::from_name(&self.unit).ok_or_else(|| Error::internal("a rule has an unknown unit"))
    }
}
