//! Taking back: by a further row, once.

use serde::{Deserialize, Serialize};
use serde_json::json;
use time::Duration;
use uuid::Uuid;

use super::posting::{Batch, BatchOutcome, Note, Posting, PostingKind, post_batch, read_reason};
use super::rows::Transfer;
use super::{audit_value, queries};
use crate::Campus;
use crate::access::Actor;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::idempotency::{self, Request};
use crate::ids::new_id;

/// What was taken back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reversed {
    /// The batch of the reversing rows.
    pub batch_id: Uuid,
    /// What it takes back: a batch's or a transfer's id.
    pub reverses: Uuid,
    /// How many rows.
    pub reversed: usize,
}

/// For how long whoever made an award may undo it without saying why.
pub const UNDONE_WITHIN: Duration = Duration::minutes(10);

/// What stands as the reason of what was undone without one.
const UNDONE: &str = "授予有误，当时撤回";

/// Takes back a batch of awards: every row of it that has not been taken back yet. Without a reason it is
/// an undo, which is open to whoever made it, and not for long.
///
/// # Errors
/// [`Code::NotFound`], [`Code::AlreadyReversed`], [`Code::ReasonRequired`].
pub async fn reverse_batch(
    campus: &Campus,
    actor: &Actor,
    request: &Request,
    batch_id: Uuid,
    reason: Option<&str>,
) -> Result<Reversed> {
    let connection = &mut *campus.database.connection().await?;
    let rows = queries::of_batch(connection, batch_id).await?;
    let awards: Vec<Transfer> = rows.into_iter().filter(|row| row.kind == "award").collect();
    let Some(first) = awards.first() else { return Err(Error::code(Code::NotFound)) };
    let reason = match reason {
        Some(reason) => reason,
        None if may_undo(campus, actor, first) => UNDONE,
        // What was undone in time is answered again, however late the question comes.
        None => {
            let earlier = idempotency::earlier(connection, request).await?;
            return earlier.ok_or_else(|| Error::field("reason", Code::ReasonRequired));
        }
    };
    reverse(campus, connection, actor, request, batch_id, awards, reason).await
}

/// Whether the actor has just made this award.
fn may_undo(campus: &Campus, actor: &Actor, award: &Transfer) -> bool {
    award.actor_id == Some(actor.account_id) && campus.clock.now() < award.recorded_at + UNDONE_WITHIN
}

/// Takes back one transfer.
///
/// # Errors
/// [`Code::NotFound`], [`Code::AlreadyReversed`], [`Code::CannotReverseReversal`], [`Code::CannotReverseSpending`],
/// [`Code::ReasonRequired`].
pub async fn reverse_transfer(
    campus: &Campus,
    actor: &Actor,
    request: &Request,
    transfer_id: Uuid,
    reason: &str,
) -> Result<Reversed> {
    let connection = &mut *campus.database.connection().await?;
    let transfer = queries::find(connection, transfer_id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    match transfer.kind.as_str() {
        "earning" | "award" | "recognition" => {}
        "reversal" => return Err(Error::code(Code::CannotReverseReversal)),
        _ => return Err(Error::code(Code::CannotReverseSpending)),
    }
    reverse(campus, connection, actor, request, transfer_id, vec![transfer], reason).await
}

/// Takes back what was handed over of this hold, inside the caller's transaction.
///
/// # Errors
/// [`Code::NotFound`], [`Code::AlreadyReversed`], [`Code::ReasonRequired`].
pub async fn reverse_redemption(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    request: &Request,
    hold_id: Uuid,
    reason: &str,
) -> Result<Reversed> {
    let settled = queries::reversals(connection, &[hold_id]).await?.remove(&hold_id);
    let settled: Vec<Uuid> = settled.into_iter().collect();
    let redemption = queries::with_ids(connection, &settled).await?.pop();
    let redemption = redemption.filter(|row| row.kind == "redemption").ok_or_else(|| Error::code(Code::NotFound))?;
    reverse(campus, connection, actor, request, redemption.id, vec![redemption], reason).await
}

async fn reverse(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    request: &Request,
    reverses: Uuid,
    originals: Vec<Transfer>,
    reason: &str,
) -> Result<Reversed> {
    let reason = read_reason(reason).map_err(|code| Error::field("reason", code))?;
    let note = Note::new(&reason);
    let mut left = standing(connection, originals).await?;
    while !left.is_empty() {
        match post_reversals(campus, connection, actor, request, reverses, left.clone(), &note).await? {
            BatchOutcome::Done(answer) => return Ok(serde_json::from_value(answer)?),
            BatchOutcome::Refused(outcome) => tracing::info!(?outcome, "a reversal came second"),
        }
        // Somebody has taken back some of it meanwhile: what they have left is still to be taken back.
        let before = left.len();
        left = standing(connection, left).await?;
        if left.len() == before {
            return Err(Error::internal("nothing was taken back, and nothing stands in the way"));
        }
    }
    repeated(connection, request).await
}

/// What of these has not been taken back.
async fn standing(connection: &mut Connection, transfers: Vec<Transfer>) -> Result<Vec<Transfer>> {
    let ids: Vec<Uuid> = transfers.iter().map(|row| row.id).collect();
    let gone = queries::reversals(connection, &ids).await?;
    Ok(transfers.into_iter().filter(|row| !gone.contains_key(&row.id)).collect())
}

async fn post_reversals(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    request: &Request,
    reverses: Uuid,
    originals: Vec<Transfer>,
    note: &Note,
) -> Result<BatchOutcome> {
    let batch_id = new_id();
    let answer = Reversed { batch_id, reverses, reversed: originals.len() };
    let postings = postings(campus, connection, actor, originals).await?;
    let batch = Batch {
        id: batch_id,
        request,
        note,
        postings: &postings,
        audit: audit_value(actor, "credits.reversed", batch_id, json!({"reverses": reverses, "rows": postings.len()})),
        answer: serde_json::to_value(&answer)?,
    };
    post_batch(connection, &campus.clock, &batch).await
}

/// Nothing is left to take back: the first answer when this very request did it.
async fn repeated(connection: &mut Connection, request: &Request) -> Result<Reversed> {
    idempotency::earlier(connection, request).await?.ok_or_else(|| Error::code(Code::AlreadyReversed))
}

async fn postings(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    originals: Vec<Transfer>,
) -> Result<Vec<Posting>> {
    let rule_ids: Vec<Uuid> = originals.iter().map(|row| row.rule_id).collect();
    let rules = queries::rules_by_id(connection, &rule_ids).await?;
    let (now, today) = (campus.clock.now(), campus.clock.today());
    originals
        .into_iter()
        .map(|row| {
            let rule = rules.get(&row.rule_id).cloned().ok_or_else(|| Error::internal("a transfer's rule is gone"))?;
            Ok(Posting {
                resident_id: row.resident_id,
                branch_id: row.branch_id,
                amount: row.amount,
                kind: PostingKind::Reversal(row.id),
                source_kind: row.source_kind,
                source_id: row.source_id,
                source_label: row.source_label,
                rule,
                evidence: row.evidence,
                actor_id: Some(actor.account_id),
                earned_at: now,
                earned_on: today,
            })
        })
        .collect()
}
