//! Awards: sheets that lists are read from, what waits for a second person, files.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use campus::access::AwardCredits;
use campus::credits::{self, AwardFile, LARGEST_AWARD_FILE, ProposedResident, RowStatus, ShownProposal, Unit};
use campus::error::Code;
use campus::rosters;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::credits::PageQuery;
use crate::detach::detached;
use crate::input::{Id, Input, Query};
use crate::limits::{self, UPLOAD_ACCOUNT};
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::state::State;
use crate::upload::{Expected, receive};
use crate::venues::NamedVenue;

const FILE: Expected =
    Expected { largest: LARGEST_AWARD_FILE, missing: Code::FileMissing, too_large: Code::FileTooLarge };

/// Somebody on a sheet, as it is written there.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedPerson {
    /// The line in the sheet, counted from 1.
    sheet_row: u32,
    name: String,
    /// Empty where there is none.
    phone: String,
}

/// Who is on a sheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedPeople {
    items: Vec<ListedPerson>,
}

/// Read names and telephones out of a sheet (xlsx, xls, CSV or TXT, up to 20 MB). Nothing is kept.
#[utoipa::path(tag = "credits",
    request_body(content_type = "multipart/form-data", description = "The sheet in the field `file`"),
    responses((status = 200, body = ListedPeople)))]
#[post("/credit-award-lists")]
pub async fn read_list(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<AwardCredits>,
    payload: Payload,
) -> Answer {
    limits::admit(&state, "award_list", &permit.account_id.to_string(), UPLOAD_ACCOUNT).await?;
    let file = receive(&request, payload, FILE).await?;
    let listed = rosters::listed(file.content).await?;
    let items = listed
        .into_iter()
        .map(|each| ListedPerson { sheet_row: each.sheet_row, name: each.name, phone: each.phone })
        .collect();
    Ok(HttpResponse::Ok().json(ListedPeople { items }))
}

/// An award that waits, or waited, for another admin.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwardProposal {
    /// That of the batch which comes of it, too.
    id: Uuid,
    /// `waiting`, `approved` or `rejected`.
    state: String,
    people: usize,
    unit: String,
    /// Each.
    amount: String,
    total: String,
    reason: String,
    #[schema(value_type = String, format = Date)]
    earned_on: String,
    evidence: String,
    /// Where it was held; `null` where that was not said.
    venue: Option<NamedVenue>,
    proposed_by: String,
    /// Whether it is one's own, which somebody else has to approve.
    own: bool,
    #[serde(with = "time::serde::rfc3339")]
    proposed_at: OffsetDateTime,
    decided_by: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    decided_at: Option<OffsetDateTime>,
    decision_reason: Option<String>,
}

impl AwardProposal {
    fn new(state: &State, account: Uuid, shown: ShownProposal) -> Self {
        let ShownProposal { proposal, proposed_by, decided_by, venue } = shown;
        let unit = Unit::from_name(&proposal.unit).unwrap_or(Unit::Credit);
        let people = proposal.resident_ids.len();
        let total = proposal.amount.saturating_mul(i64::try_from(people).unwrap_or(i64::MAX));
        let clock = &state.campus.clock;
        Self {
            id: proposal.id,
            state: proposal.state,
            people,
            amount: unit.write(proposal.amount),
            total: unit.write(total),
            unit: proposal.unit,
            reason: proposal.reason,
            earned_on: proposal.earned_on.to_string(),
            evidence: proposal.evidence,
            venue: venue.map(NamedVenue::from),
            proposed_by,
            own: proposal.account_id == account,
            proposed_at: clock.local(proposal.proposed_at),
            decided_by,
            decided_at: proposal.decided_at.map(|at| clock.local(at)),
            decision_reason: proposal.decision_reason,
        }
    }
}

/// Such awards: those that wait first, then the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwardProposalList {
    items: Vec<AwardProposal>,
    next_cursor: Option<String>,
}

/// Awards above what one admin may award alone in a day: those that wait first, then the newest first.
#[utoipa::path(tag = "credits", params(PageQuery), responses((status = 200, body = AwardProposalList)))]
#[get("/credit-award-proposals")]
pub async fn proposals(state: Data<State>, permit: Permit<AwardCredits>, query: Query<PageQuery>) -> Answer {
    let page = credits::proposals(&state.campus, &query.0.into()).await?;
    let items = page.items.into_iter().map(|shown| AwardProposal::new(&state, permit.account_id, shown));
    Ok(HttpResponse::Ok().json(AwardProposalList { items: items.collect(), next_cursor: page.next_cursor }))
}

/// One of them.
#[utoipa::path(tag = "credits", params(("id" = Uuid, Path,)), responses((status = 200, body = AwardProposal)))]
#[get("/credit-award-proposals/{id}")]
pub async fn one_proposal(state: Data<State>, permit: Permit<AwardCredits>, id: Id) -> Answer {
    let shown = credits::proposal(&state.campus, id.0).await?;
    Ok(HttpResponse::Ok().json(AwardProposal::new(&state, permit.account_id, shown)))
}

/// Somebody for whom an award is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposedResidentBody {
    resident_id: Uuid,
    /// `null` for who has left.
    name: Option<String>,
    learner_number: Option<String>,
    branch_id: Option<Uuid>,
    /// As long as it waits: `found`, or what stands in the way: `unknown`, `already_awarded`, `over_cap`.
    #[schema(value_type = Option<String>)]
    status: Option<RowStatus>,
}

impl From<ProposedResident> for ProposedResidentBody {
    fn from(each: ProposedResident) -> Self {
        let (name, learner_number, branch_id) = each
            .person
            .map_or((None, None, None), |one| (Some(one.name), Some(one.learner_number), Some(one.branch_id)));
        Self { resident_id: each.id, name, learner_number, branch_id, status: each.status }
    }
}

/// For whom an award is: those that stand in the way first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposedResidentList {
    items: Vec<ProposedResidentBody>,
    /// How many of all cannot be awarded as things stand.
    refused: usize,
    next_cursor: Option<String>,
}

/// For whom an award is that waits, or waited: those that stand in the way first, then in the order of the list.
#[utoipa::path(tag = "credits", params(("id" = Uuid, Path,), PageQuery),
    responses((status = 200, body = ProposedResidentList)))]
#[get("/credit-award-proposals/{id}/residents")]
pub async fn residents(state: Data<State>, _permit: Permit<AwardCredits>, id: Id, query: Query<PageQuery>) -> Answer {
    let found = credits::proposed_residents(&state.campus, id.0, &query.0.into()).await?;
    let items = found.page.items.into_iter().map(ProposedResidentBody::from).collect();
    let (refused, next_cursor) = (found.refused, found.page.next_cursor);
    Ok(HttpResponse::Ok().json(ProposedResidentList { items, refused, next_cursor }))
}

/// Approve what another admin has proposed: all of it is posted, or nothing.
#[utoipa::path(tag = "credits", params(("id" = Uuid, Path,)), responses((status = 200, body = AwardProposal)))]
#[post("/credit-award-proposals/{id}/approval")]
pub async fn approve(state: Data<State>, permit: Permit<AwardCredits>, id: Id) -> Answer {
    let (campus, account) = (state.campus.clone(), permit.account_id);
    let shown = detached(async move { credits::approve_proposal(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::Ok().json(AwardProposal::new(&state, account, shown)))
}

/// Why it is not awarded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AwardRejectionInput {
    reason: String,
}

/// Reject it, or take back one's own.
#[utoipa::path(tag = "credits", params(("id" = Uuid, Path,)), request_body = AwardRejectionInput,
    responses((status = 200, body = AwardProposal)))]
#[post("/credit-award-proposals/{id}/rejection")]
pub async fn reject(
    state: Data<State>,
    permit: Permit<AwardCredits>,
    id: Id,
    input: Input<AwardRejectionInput>,
) -> Answer {
    let (campus, account) = (state.campus.clone(), permit.account_id);
    let reason = input.0.reason;
    let shown = detached(async move { credits::reject_proposal(&campus, &permit, id.0, &reason).await }).await?;
    Ok(HttpResponse::Ok().json(AwardProposal::new(&state, account, shown)))
}

/// A file that an award stands on. Its link is good for some hours.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwardFileBody {
    id: Uuid,
    name: String,
    content_type: String,
    size: i64,
    url: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl AwardFileBody {
    async fn new(state: &State, site: &str, file: AwardFile) -> Result<Self, Problem> {
        let url = credits::award_file_link(&state.campus, site, &file).await?;
        let created_at = state.campus.clock.local(file.created_at);
        Ok(Self { id: file.id, name: file.name, content_type: file.content_type, size: file.size, url, created_at })
    }
}

/// Files of an award, the earliest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwardFileList {
    items: Vec<AwardFileBody>,
}

/// Add a photo or a sheet to an award, posted or waiting (up to 20 MB). What it is is read from its content.
#[utoipa::path(tag = "credits", params(("id" = Uuid, Path,)),
    request_body(content_type = "multipart/form-data", description = "The file in the field `file`"),
    responses((status = 201, body = AwardFileBody)))]
#[post("/credit-awards/{id}/files")]
pub async fn add_file(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<AwardCredits>,
    id: Id,
    payload: Payload,
) -> Answer {
    limits::admit(&state, "award_file", &permit.account_id.to_string(), UPLOAD_ACCOUNT).await?;
    // Before anything is taken in: is there such an award?
    credits::award_files(&state.campus, id.0).await?;
    let file = receive(&request, payload, FILE).await?;
    let campus = state.campus.clone();
    let file = detached(async move { credits::add_award_file(&campus, &permit, id.0, &file.name, file.content).await })
        .await?;
    Ok(HttpResponse::Created().json(AwardFileBody::new(&state, &limits::site(&state, &request), file).await?))
}

/// The files of an award.
#[utoipa::path(tag = "credits", params(("id" = Uuid, Path,)), responses((status = 200, body = AwardFileList)))]
#[get("/credit-awards/{id}/files")]
pub async fn files(state: Data<State>, request: HttpRequest, _permit: Permit<AwardCredits>, id: Id) -> Answer {
    let site = limits::site(&state, &request);
    let mut items = Vec::new();
    for file in credits::award_files(&state.campus, id.0).await? {
        items.push(AwardFileBody::new(&state, &site, file).await?);
    }
    Ok(HttpResponse::Ok().json(AwardFileList { items }))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(read_list)
        .service(proposals)
        .service(one_proposal)
        .service(residents)
        .service(approve)
        .service(reject)
        .service(add_file)
        .service(files);
}
