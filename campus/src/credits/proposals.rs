//! Awards above a total: one admin proposes, another approves, and then all of it is posted, or none.

use diesel_async::AsyncConnection;
use serde_json::json;
use uuid::Uuid;

use super::amount::Unit;
use super::award_venues::post_held;
use super::awards::{Award, AwardAnswer, Checked, audit_detail, check, judge, postings, rule};
use super::matching::{AwardRow, Named, RowStatus, matches};
use super::posting::{Batch, BatchOutcome, Note, read_reason};
use super::rows::{Proposal, ShownProposal};
use super::{audit_value, proposal_queries as queries};
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::idempotency::{self, Request};
use crate::ids::new_id;
use crate::paging::{Page, PageRequest, page};

/// Puts an award by until somebody else has approved it.
pub(super) async fn propose(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    request: &Request,
    award: &Award,
    checked: &Checked,
    rows: Vec<AwardRow>,
) -> Result<AwardAnswer> {
    let now = campus.clock.now();
    connection
        .transaction(async |connection| {
            if let Some(answer) = idempotency::claim(connection, request, now).await? {
                return Ok(answer);
            }
            let proposal = Proposal {
                id: new_id(),
                account_id: actor.account_id,
                resident_ids: rows.iter().filter_map(|row| row.resident_id).collect(),
                unit: checked.unit.as_str().to_owned(),
                amount: checked.amount,
                reason: checked.reason.clone(),
                earned_on: award.earned_on,
                evidence: award.evidence.as_str().to_owned(),
                state: "waiting".to_owned(),
                proposed_at: now,
                decided_at: None,
                decided_by: None,
                decision_reason: None,
                venue_id: award.venue_id,
            };
            queries::insert(connection, &proposal).await?;
            note(campus, connection, actor, "credits.award_proposed", &proposal).await?;
            let answer = AwardAnswer { rows, batch_id: None, awarded: 0, proposal_id: Some(proposal.id), venue: None };
            idempotency::keep(connection, request, &answer).await?;
            Ok(answer)
        })
        .await
}

/// Awards that wait or waited for a second person: those that wait first, then the newest first.
///
/// # Errors
/// A bad page; what the database says.
pub async fn proposals(campus: &Campus, request: &PageRequest) -> Result<Page<ShownProposal>> {
    let limit = request.limit()?;
    let connection = &mut *campus.database.connection().await?;
    let found = queries::list(connection, request.position()?, limit + 1).await?;
    let Page { items, next_cursor } = page(found, limit, |proposal| (proposal.state != "waiting", proposal.id))?;
    Ok(Page { items: queries::shown(connection, items).await?, next_cursor })
}

/// One of them.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn proposal(campus: &Campus, id: Uuid) -> Result<ShownProposal> {
    shown(&mut *campus.database.connection().await?, id).await
}

async fn shown(connection: &mut Connection, id: Uuid) -> Result<ShownProposal> {
    let found = queries::find(connection, id).await?.into_iter().collect();
    queries::shown(connection, found).await?.pop().ok_or_else(|| Error::code(Code::NotFound))
}

/// Approves an award that somebody else has proposed, and posts all of it. Where it cannot be posted it
/// goes on waiting.
///
/// # Errors
/// [`Code::OwnProposal`]; [`Code::ProposalDecided`] for one that was rejected; [`Code::AwardRowsRefused`]
/// with the rows; [`Code::NotFound`].
pub async fn approve_proposal(campus: &Campus, actor: &Actor, id: Uuid) -> Result<ShownProposal> {
    let connection = &mut *campus.database.connection().await?;
    let posted: Result<()> = connection
        .transaction(async |connection| {
            let mut proposal = queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            match proposal.state.as_str() {
                "approved" => return Ok(()),
                "waiting" => {}
                _ => return Err(Error::code(Code::ProposalDecided)),
            }
            if proposal.account_id == actor.account_id {
                return Err(Error::code(Code::OwnProposal));
            }
            post(campus, connection, actor, &proposal).await?;
            proposal.state = "approved".to_owned();
            (proposal.decided_at, proposal.decided_by) = (Some(campus.clock.now()), Some(actor.account_id));
            queries::update(connection, &proposal).await?;
            note(campus, connection, actor, "credits.award_approved", &proposal).await
        })
        .await;
    match posted {
        Err(error) if error.stable_code() == Code::AwardRowsRefused => Err(refusal(campus, connection, id).await?),
        Err(error) => Err(error),
        Ok(()) => shown(connection, id).await,
    }
}

/// What a proposal says, as it was asked for.
pub(super) fn award_of(proposal: &Proposal) -> Result<Award> {
    let unit = Unit::from_name(&proposal.unit).ok_or_else(|| Error::internal("a proposal has an unknown unit"))?;
    let named = |id: &Uuid| Named { id: Some(*id), ..Named::default() };
    Ok(Award {
        residents: proposal.resident_ids.iter().map(named).collect(),
        unit: proposal.unit.clone(),
        amount: unit.write(proposal.amount),
        reason: proposal.reason.clone(),
        earned_on: proposal.earned_on,
        evidence: serde_json::from_value(json!(proposal.evidence))?,
        // Closed since or not: that is where it was held.
        venue_id: proposal.venue_id,
    })
}

/// Posts it inside the caller's transaction, in the name of who proposed it.
async fn post(campus: &Campus, connection: &mut Connection, actor: &Actor, proposal: &Proposal) -> Result<()> {
    let award = award_of(proposal)?;
    let checked = check(campus, &award)?;
    let rule = rule(connection, checked.unit, award.earned_on).await?;
    let (rows, branches) = matches(campus, connection, &award.residents, award.earned_on).await?;
    if rows.iter().any(|row| row.status != RowStatus::Found) {
        return Err(Error::code(Code::AwardRowsRefused));
    }
    let postings = postings(campus, proposal.account_id, &award, &checked, &rule, &rows, &branches);
    let request = Request::new(actor.account_id, "credit_award_approval", proposal.id, &proposal.id)?;
    let people = rows.len();
    let (batch_id, proposal_id) = (Some(proposal.id), Some(proposal.id));
    let answer = AwardAnswer { awarded: people, batch_id, rows, proposal_id, venue: None };
    let detail = audit_detail(&award, &checked, people, Some(proposal.account_id));
    let batch = Batch {
        id: proposal.id,
        request: &request,
        note: &Note::new(&checked.reason),
        postings: &postings,
        audit: audit_value(actor, "credits.awarded", proposal.id, detail),
        answer: serde_json::to_value(&answer)?,
    };
    match post_held(connection, &campus.clock, &batch, award.venue_id).await? {
        BatchOutcome::Done(_) => Ok(()),
        BatchOutcome::Refused(outcome) => {
            tracing::info!(?outcome, "an approved award was refused");
            Err(Error::code(Code::AwardRowsRefused))
        }
    }
}

/// The rows that stand in the way of what was to be approved.
async fn refusal(campus: &Campus, connection: &mut Connection, id: Uuid) -> Result<Error> {
    let proposal = queries::find(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    let award = award_of(&proposal)?;
    let checked = check(campus, &award)?;
    let rule = rule(connection, checked.unit, award.earned_on).await?;
    let (rows, _) = judge(campus, connection, &award, &checked, &rule).await?;
    Ok(Error::with(Code::AwardRowsRefused, json!({"rows": rows, "batch_id": null, "awarded": 0})))
}

/// Rejects an award that waits; who has proposed it may take it back so.
///
/// # Errors
/// A bad reason; [`Code::ProposalDecided`], [`Code::NotFound`].
pub async fn reject_proposal(campus: &Campus, actor: &Actor, id: Uuid, reason: &str) -> Result<ShownProposal> {
    let reason = read_reason(reason).map_err(|code| Error::field("reason", code))?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut proposal = queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            let own = proposal.state == "rejected" && proposal.decided_by == Some(actor.account_id);
            if own && proposal.decision_reason.as_deref() == Some(reason.as_str()) {
                // The same again, as after an answer that was lost.
                return shown(connection, id).await;
            }
            if proposal.state != "waiting" {
                return Err(Error::code(Code::ProposalDecided));
            }
            proposal.state = "rejected".to_owned();
            (proposal.decided_at, proposal.decided_by) = (Some(campus.clock.now()), Some(actor.account_id));
            proposal.decision_reason = Some(reason);
            queries::update(connection, &proposal).await?;
            note(campus, connection, actor, "credits.award_rejected", &proposal).await?;
            shown(connection, id).await
        })
        .await
}

async fn note(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    action: &'static str,
    proposal: &Proposal,
) -> Result<()> {
    let detail = json!({"people": proposal.resident_ids.len(), "amount": proposal.amount, "unit": proposal.unit});
    let entry = audit::Entry {
        action,
        object_kind: "credit_batch",
        object_id: Some(proposal.id),
        branch_id: actor.branch_id,
        detail,
        actor: Some(actor),
    };
    audit::record(connection, campus.clock.now(), &entry).await
}
