//! Taking back: by a further row, once.

use serde::{Deserialize, Serialize};
use serde_json::json;
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

/// Takes back a batch of awards: every row of it that has not been taken back yet.
///
/// # Errors
/// [`Code::NotFound`], [`Code::AlreadyReversed`], [`Code::ReasonRequired`].
pub async fn reverse_batch(
    campus: &Campus,
    actor: &Actor,
    request: &Request,
    batch_id: Uuid,
    reason: &str,
) -> Result<Reversed> {
    let connection = &mut *campus.database.connection().await?;
    let rows = queries::of_batch(connection, batch_id).await?;
    let awards: Vec<Transfer> = rows.into_iter().filter(|row| row.kind == "award").collect();
    if awards.is_empty() {
        return Err(Error::code(Code::NotFound));
    }
    reverse(campus, connection, actor, request, batch_id, awards, reason).await
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
    let ids: Vec<Uuid> = originals.iter().map(|row| row.id).collect();
    let gone = queries::reversals(connection, &ids).await?;
    let left: Vec<Transfer> = originals.into_iter().filter(|row| !gone.contains_key(&row.id)).collect();
    if left.is_empty() {
        return repeated(connection, request).await;
    }
    let batch_id = new_id();
    let answer = Reversed { batch_id, reverses, reversed: left.len() };
    let postings = postings(campus, connection, actor, left).await?;
    let batch = Batch {
        id: batch_id,
        request,
        note: &Note::new(&reason),
        postings: &postings,
        audit: audit_value(actor, "credits.reversed", batch_id, json!({"reverses": reverses, "rows": postings.len()})),
        answer: serde_json::to_value(&answer)?,
    };
    match post_batch(connection, &campus.clock, &batch).await? {
        BatchOutcome::Done(answer) => Ok(serde_json::from_value(answer)?),
        BatchOutcome::Refused(outcome) => {
            tracing::info!(?outcome, "a reversal came second");
            repeated(connection, request).await
        }
    }
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
