//! The credit bank: one's own account, awards to lists, reversals, transfers.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use campus::access::{AwardCredits, SeeOwnCredits, SeeTransfers};
use campus::credits::{self, Award, AwardAnswer, Evidence, Named, Reversed, StatementRow};
use campus::idempotency::Request;
use campus::paging::{Page, PageRequest};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::credit_account::CreditAccount;
use crate::detach::detached;
use crate::input::{Id, IdempotencyKey, Input, Query};
use crate::permit::{Permit, language};
use crate::problem::Answer;
use crate::residents::parse_date;
use crate::state::State;
use crate::venues::FilledVenue;

/// One row of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transfer {
    id: Uuid,
    resident_id: Uuid,
    /// `credit` or `point`.
    unit: String,
    /// With its sign.
    amount: String,
    /// What a limit took off.
    capped: String,
    /// `earning`, `award`, `recognition`, `reversal`, `hold`, `release`, `redemption` or `expiry`.
    kind: String,
    evidence: String,
    /// The reason given with an award or a reversal.
    reason: Option<String>,
    /// What it is, in plain words.
    explanation: String,
    batch_id: Uuid,
    branch_id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    earned_at: OffsetDateTime,
    #[schema(value_type = String, format = Date)]
    earned_on: String,
    #[serde(with = "time::serde::rfc3339")]
    recorded_at: OffsetDateTime,
    balance_after: String,
    /// The transfer it takes back or settles.
    reverses: Option<Uuid>,
    /// The transfer that took it back or settled it.
    reversed_by: Option<Uuid>,
}

impl Transfer {
    fn new(state: &State, row: StatementRow) -> Self {
        let amount = row.signed_amount();
        let unit = credits::Unit::from_name(&row.transfer.unit).unwrap_or(credits::Unit::Credit);
        let transfer = row.transfer;
        Self {
            id: transfer.id,
            resident_id: transfer.resident_id,
            amount,
            capped: unit.write(transfer.capped),
            unit: transfer.unit,
            kind: transfer.kind,
            evidence: transfer.evidence,
            reason: row.note,
            explanation: row.explanation,
            batch_id: transfer.batch_id,
            branch_id: transfer.branch_id,
            earned_at: state.campus.clock.local(transfer.earned_at),
            earned_on: transfer.earned_on.to_string(),
            recorded_at: state.campus.clock.local(transfer.recorded_at),
            balance_after: unit.write(transfer.balance_after),
            reverses: transfer.reverses,
            reversed_by: row.reversed_by,
        }
    }
}

/// Transfers, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferList {
    items: Vec<Transfer>,
    next_cursor: Option<String>,
}

impl TransferList {
    pub(crate) fn new(state: &State, page: Page<StatementRow>) -> Self {
        let items = page.items.into_iter().map(|row| Transfer::new(state, row)).collect();
        Self { items, next_cursor: page.next_cursor }
    }
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PageQuery {
    limit: Option<i64>,
    cursor: Option<String>,
}

impl From<PageQuery> for PageRequest {
    fn from(query: PageQuery) -> Self {
        Self { limit: query.limit, cursor: query.cursor }
    }
}

/// Which transfers.
#[derive(Debug, Deserialize, IntoParams)]
pub struct TransferQuery {
    resident_id: Option<Uuid>,
    batch_id: Option<Uuid>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Whom a row names: by id, by learner number, or by name with a telephone.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NamedInput {
    id: Option<Uuid>,
    learner_number: Option<String>,
    name: Option<String>,
    phone: Option<String>,
}

/// An amount: a decimal string; for points a whole number will do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum AmountInput {
    /// `"2.50"`.
    Text(String),
    /// `3` (points).
    Whole(u32),
}

/// An award to a list.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AwardInput {
    /// 1 to 10,000 people.
    residents: Vec<NamedInput>,
    /// `credit` or `point`.
    unit: String,
    amount: AmountInput,
    reason: String,
    #[schema(value_type = String, format = Date)]
    earned_on: String,
    /// `scanned`, `checked_in`, `listed` (where nothing is said) or `declared`.
    evidence: Option<String>,
    /// Where it was held: an open venue. More people than it has seats are no reason to refuse, but are found at night.
    venue_id: Option<Uuid>,
    /// Only say what is known of each row.
    dry_run: Option<bool>,
}

/// What came of an award, or would come of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwardBody {
    rows: Vec<AwardRow>,
    batch_id: Option<Uuid>,
    awarded: usize,
    /// What waits for another admin, where the total is above what one may award alone.
    proposal_id: Option<Uuid>,
    /// How the venue would be filled: of a dry run that names one.
    venue: Option<FilledVenue>,
}

/// What is known of one row.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwardRow {
    index: usize,
    /// `found`, `ambiguous`, `unknown`, `already_awarded` or `over_cap`.
    #[schema(value_type = String)]
    status: credits::RowStatus,
    resident_id: Option<Uuid>,
    candidates: Vec<Candidate>,
}

/// Somebody a row may mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct Candidate {
    id: Uuid,
    learner_number: String,
    name: String,
    /// Masked.
    phone: Option<String>,
    branch_id: Uuid,
}

impl From<AwardAnswer> for AwardBody {
    fn from(answer: AwardAnswer) -> Self {
        let rows = answer.rows.into_iter().map(|row| AwardRow {
            index: row.index,
            status: row.status,
            resident_id: row.resident_id,
            candidates: row
                .candidates
                .into_iter()
                .map(|each| Candidate {
                    id: each.id,
                    learner_number: each.learner_number,
                    name: each.name,
                    phone: each.phone,
                    branch_id: each.branch_id,
                })
                .collect(),
        });
        Self {
            rows: rows.collect(),
            batch_id: answer.batch_id,
            awarded: answer.awarded,
            proposal_id: answer.proposal_id,
            venue: answer.venue.map(FilledVenue::from),
        }
    }
}

/// Why something is taken back.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReversalInput {
    reason: String,
}

/// What was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReversalBody {
    /// The batch of the reversing rows.
    batch_id: Uuid,
    /// The batch or the transfer that it takes back.
    reverses: Uuid,
    /// How many rows.
    reversed: usize,
}

impl From<Reversed> for ReversalBody {
    fn from(reversed: Reversed) -> Self {
        Self { batch_id: reversed.batch_id, reverses: reversed.reverses, reversed: reversed.reversed }
    }
}

/// One's own account.
#[utoipa::path(tag = "credits", responses((status = 200, body = CreditAccount)))]
#[get("/me/credit-account")]
pub async fn account(state: Data<State>, permit: Permit<SeeOwnCredits>) -> Answer {
    let statement = credits::statement(&state.campus, permit.resident()?).await?;
    Ok(HttpResponse::Ok().json(CreditAccount::new(&statement)))
}

/// One's own transfers, each in plain words, newest first.
#[utoipa::path(tag = "credits", params(PageQuery), responses((status = 200, body = TransferList)))]
#[get("/me/credit-account/transfers")]
pub async fn own_transfers(state: Data<State>, permit: Permit<SeeOwnCredits>, query: Query<PageQuery>) -> Answer {
    let Query(query) = query;
    let page = credits::transfers_of_resident(&state.campus, permit.resident()?, language(), &query.into()).await?;
    Ok(HttpResponse::Ok().json(TransferList::new(&state, page)))
}

/// Transfers of one's branches, newest first.
#[utoipa::path(tag = "credits", params(TransferQuery), responses((status = 200, body = TransferList)))]
#[get("/credit-transfers")]
pub async fn transfers(state: Data<State>, permit: Permit<SeeTransfers>, query: Query<TransferQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let page =
        credits::transfers_of_branches(&state.campus, &permit, query.resident_id, query.batch_id, &request).await?;
    Ok(HttpResponse::Ok().json(TransferList::new(&state, page)))
}

fn read_award(input: AwardInput) -> Result<Award, crate::problem::Problem> {
    let evidence = match input.evidence.as_deref() {
        None | Some("listed") => Evidence::Listed,
        Some("scanned") => Evidence::Scanned,
        Some("checked_in") => Evidence::CheckedIn,
        Some("declared") => Evidence::Declared,
        Some("system") => Evidence::System,
        Some(_) => return Err(campus::error::Error::field("evidence", campus::error::Code::ValueInvalid).into()),
    };
    let residents = input.residents.into_iter().map(|row| Named {
        id: row.id,
        learner_number: row.learner_number,
        name: row.name,
        phone: row.phone,
    });
    Ok(Award {
        residents: residents.collect(),
        unit: input.unit,
        amount: match input.amount {
            AmountInput::Text(text) => text,
            AmountInput::Whole(number) => number.to_string(),
        },
        reason: input.reason,
        earned_on: parse_date("earned_on", &input.earned_on)?,
        evidence,
        venue_id: input.venue_id,
    })
}

/// Award to a list: a dry run says what is known of each row; a wet one posts all rows or none.
///
/// What one admin awards alone on a civil day has a limit, each unit by itself (1,000 credits, and as many points,
/// where the deployment says nothing else). Counted are all their awards that still stand. A list that goes beyond
/// it is answered with 202 and a `proposal_id`: it waits for another admin.
#[utoipa::path(tag = "credits", params(("Idempotency-Key" = Option<Uuid>, Header,)), request_body = AwardInput,
    responses((status = 200, body = AwardBody), (status = 201, body = AwardBody), (status = 202, body = AwardBody)))]
#[post("/credit-awards")]
pub async fn award(
    state: Data<State>,
    permit: Permit<AwardCredits>,
    key: IdempotencyKey,
    input: Input<AwardInput>,
) -> Answer {
    let Input(input) = input;
    let dry_run = input.dry_run.unwrap_or(false);
    let award = read_award(input)?;
    let campus = state.campus.clone();
    if dry_run {
        let answer = credits::award(&campus, &permit, None, &award).await?;
        return Ok(HttpResponse::Ok().json(AwardBody::from(answer)));
    }
    let request = Request::new(permit.account_id, "credit_award", key.required()?, &award)?;
    let answer = detached(async move { credits::award(&campus, &permit, Some(&request), &award).await }).await?;
    let mut response = if answer.proposal_id.is_some() { HttpResponse::Accepted() } else { HttpResponse::Created() };
    Ok(response.json(AwardBody::from(answer)))
}

/// Why a batch is taken back.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BatchReversalInput {
    /// May be left out for ten minutes by whoever made it.
    reason: Option<String>,
}

/// Take back a batch of awards, once. For ten minutes whoever made it may undo it without saying why.
#[utoipa::path(tag = "credits", params(("id" = Uuid, Path,), ("Idempotency-Key" = Uuid, Header,)),
    request_body = BatchReversalInput, responses((status = 201, body = ReversalBody)))]
#[post("/credit-awards/{id}/reversal")]
pub async fn reverse_award(
    state: Data<State>,
    permit: Permit<AwardCredits>,
    id: Id,
    key: IdempotencyKey,
    input: Input<BatchReversalInput>,
) -> Answer {
    let Input(input) = input;
    let request = Request::new(permit.account_id, "credit_award_reversal", key.required()?, &(id.0, &input.reason))?;
    let campus = state.campus.clone();
    let reversed =
        detached(
            async move { credits::reverse_batch(&campus, &permit, &request, id.0, input.reason.as_deref()).await },
        )
        .await?;
    Ok(HttpResponse::Created().json(ReversalBody::from(reversed)))
}

/// Take back one transfer, once.
#[utoipa::path(tag = "credits", params(("id" = Uuid, Path,), ("Idempotency-Key" = Uuid, Header,)),
    request_body = ReversalInput, responses((status = 201, body = ReversalBody)))]
#[post("/credit-transfers/{id}/reversal")]
pub async fn reverse_transfer(
    state: Data<State>,
    permit: Permit<AwardCredits>,
    id: Id,
    key: IdempotencyKey,
    input: Input<ReversalInput>,
) -> Answer {
    let Input(input) = input;
    let request = Request::new(permit.account_id, "credit_transfer_reversal", key.required()?, &(id.0, &input.reason))?;
    let campus = state.campus.clone();
    let reversed =
        detached(async move { credits::reverse_transfer(&campus, &permit, &request, id.0, &input.reason).await })
            .await?;
    Ok(HttpResponse::Created().json(ReversalBody::from(reversed)))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(own_transfers)
        .service(account)
        .service(transfers)
        .service(award)
        .service(reverse_award)
        .service(reverse_transfer);
}
