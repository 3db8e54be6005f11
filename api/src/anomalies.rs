//! What looks out of the ordinary.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post};
use campus::access::SettleAnomalies;
use campus::anomalies::{self, Kind, Overview};
use campus::error::{Code, Error};
use campus::paging::PageRequest;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{Id, Input, Query};
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::state::State;

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
pub struct AnomalyQuery {
    /// `open` (where nothing is said) or `settled`.
    status: Option<String>,
    /// `shared_telephone`, `equal_traces`, `unusual_awards`, `awards_outside_hours` or `attendance_above_room`; all where nothing is said.
    kind: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

impl AnomalyQuery {
    fn read(self) -> Result<(bool, Option<Kind>, PageRequest), Problem> {
        let settled = match self.status.as_deref() {
            None | Some("open") => false,
            Some("settled") => true,
            Some(_) => return Err(Error::field("status", Code::ValueInvalid).into()),
        };
        let kind = |name: &str| Kind::from_name(name).ok_or_else(|| Error::field("kind", Code::ValueInvalid));
        let kind = self.kind.as_deref().map(kind).transpose()?;
        Ok((settled, kind, PageRequest { limit: self.limit, cursor: self.cursor }))
    }
}

/// Somebody who is meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnomalyPerson {
    id: Uuid,
    name: String,
    learner_number: String,
    branch_id: Uuid,
}

impl From<anomalies::Person> for AnomalyPerson {
    fn from(person: anomalies::Person) -> Self {
        let anomalies::Person { id, name, learner_number, branch_id } = person;
        Self { id, name, learner_number, branch_id }
    }
}

/// What was awarded at once.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnomalyBatch {
    id: Uuid,
    awarded_by: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    awarded_at: OffsetDateTime,
    /// `null` where it was forgotten.
    reason: Option<String>,
    /// `credit` or `point`.
    unit: &'static str,
    /// Altogether: a decimal string.
    amount: String,
    people: i64,
    /// From how many it was taken back.
    reversed: i64,
    /// The first twenty, of those who are on record.
    recipients: Vec<AnomalyPerson>,
}

impl AnomalyBatch {
    fn new(state: &State, batch: anomalies::Batch) -> Self {
        Self {
            id: batch.id,
            awarded_by: batch.awarded_by,
            awarded_at: state.campus.clock.local(batch.awarded_at),
            reason: batch.reason,
            unit: batch.unit.as_str(),
            amount: batch.unit.write(batch.amount),
            people: batch.people,
            reversed: batch.reversed,
            recipients: batch.recipients.into_iter().map(AnomalyPerson::from).collect(),
        }
    }
}

/// A lesson that is meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnomalyLesson {
    id: Uuid,
    course_id: Uuid,
    title: String,
}

/// A venue that is meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnomalyVenue {
    id: Uuid,
    branch_id: Uuid,
    name: String,
    /// As many as it had when this was found.
    seats: i32,
}

/// What an admin has made of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnomalySettlement {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    by: String,
    note: String,
}

/// Something out of the ordinary.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnomalyBody {
    id: Uuid,
    /// `shared_telephone`, `equal_traces`, `unusual_awards`, `awards_outside_hours` or `attendance_above_room`.
    kind: &'static str,
    /// What it is, in the reader's language.
    explanation: String,
    #[serde(with = "time::serde::rfc3339")]
    found_at: OffsetDateTime,
    /// Who is meant, of those who are on record.
    people: Vec<AnomalyPerson>,
    /// How many more are meant, who have left or whose record was joined to another's.
    unlisted: usize,
    lesson: Option<AnomalyLesson>,
    venue: Option<AnomalyVenue>,
    /// Who has awarded, where it is about one account.
    account_name: Option<String>,
    /// What was awarded, the earliest first.
    batches: Vec<AnomalyBatch>,
    /// The reader has awarded it, or some of it: somebody else has to settle it.
    own: bool,
    /// `null` while it is open.
    settlement: Option<AnomalySettlement>,
}

impl AnomalyBody {
    fn new(state: &State, found: anomalies::Anomaly) -> Self {
        let clock = &state.campus.clock;
        Self {
            id: found.id,
            kind: found.kind.as_str(),
            explanation: found.explanation,
            found_at: clock.local(found.found_at),
            people: found.people.into_iter().map(AnomalyPerson::from).collect(),
            unlisted: found.unlisted,
            lesson: found.lesson.map(|lesson| AnomalyLesson {
                id: lesson.id,
                course_id: lesson.course_id,
                title: lesson.title,
            }),
            venue: found.venue.map(|venue| AnomalyVenue {
                id: venue.id,
                branch_id: venue.branch_id,
                name: venue.name,
                seats: venue.seats,
            }),
            account_name: found.account_name,
            batches: found.batches.into_iter().map(|batch| AnomalyBatch::new(state, batch)).collect(),
            own: found.own,
            settlement: found.settlement.map(|settled| AnomalySettlement {
                at: clock.local(settled.at),
                by: settled.by,
                note: settled.note,
            }),
        }
    }
}

/// What is open, or was settled, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnomalyList {
    items: Vec<AnomalyBody>,
    next_cursor: Option<String>,
}

/// How things stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnomalyOverview {
    /// How many are open.
    open: i64,
    /// When things were last looked at; `null`: never yet.
    #[serde(with = "time::serde::rfc3339::option")]
    searched_at: Option<OffsetDateTime>,
    /// Whether they are being looked at, or will be as soon as a worker is free.
    searching: bool,
}

/// A note on what it was about.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AnomalySettlementInput {
    /// At most 500 characters.
    note: String,
}

/// What is out of the ordinary, newest first.
#[utoipa::path(tag = "anomalies", params(AnomalyQuery), responses((status = 200, body = AnomalyList)))]
#[get("/anomalies")]
pub async fn list(state: Data<State>, permit: Permit<SettleAnomalies>, query: Query<AnomalyQuery>) -> Answer {
    let (settled, kind, request) = query.0.read()?;
    let page = anomalies::list(&state.campus, &permit, settled, kind, &request).await?;
    let items = page.items.into_iter().map(|found| AnomalyBody::new(&state, found)).collect();
    Ok(HttpResponse::Ok().json(AnomalyList { items, next_cursor: page.next_cursor }))
}

/// How many are open, and when things were last looked at.
#[utoipa::path(tag = "anomalies", responses((status = 200, body = AnomalyOverview)))]
#[get("/anomaly-overview")]
pub async fn overview(state: Data<State>, _permit: Permit<SettleAnomalies>) -> Answer {
    let Overview { open, searched_at, searching } = anomalies::overview(&state.campus).await?;
    let searched_at = searched_at.map(|at| state.campus.clock.local(at));
    Ok(HttpResponse::Ok().json(AnomalyOverview { open, searched_at, searching }))
}

/// Have things looked at now rather than tonight; the worker does it.
#[utoipa::path(tag = "anomalies",
    responses((status = 202, headers(("Location" = String, description = "Where to look")))))]
#[post("/anomaly-searches")]
pub async fn search(state: Data<State>, permit: Permit<SettleAnomalies>) -> Answer {
    let campus = state.campus.clone();
    detached(async move { anomalies::request(&campus, &permit).await }).await?;
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, "/api/v1/anomaly-overview")).finish())
}

/// Settle it with a note on what it was about. Awards of one's own are settled by somebody else.
#[utoipa::path(tag = "anomalies", params(("id" = Uuid, Path,)), request_body = AnomalySettlementInput,
    responses((status = 201, body = AnomalyBody), (status = 200, description = "Settled so before", body = AnomalyBody)))]
#[post("/anomalies/{id}/settlement")]
pub async fn settle(
    state: Data<State>,
    permit: Permit<SettleAnomalies>,
    id: Id,
    input: Input<AnomalySettlementInput>,
) -> Answer {
    let campus = state.campus.clone();
    let (settled, new) =
        detached(async move { anomalies::settle(&campus, &permit, id.0, &input.0.note).await }).await?;
    let body = AnomalyBody::new(&state, settled);
    Ok(if new { HttpResponse::Created().json(body) } else { HttpResponse::Ok().json(body) })
}

/// Take a settlement back: it is open again.
#[utoipa::path(tag = "anomalies", params(("id" = Uuid, Path,)), responses((status = 200, body = AnomalyBody)))]
#[delete("/anomalies/{id}/settlement")]
pub async fn reopen(state: Data<State>, permit: Permit<SettleAnomalies>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let open = detached(async move { anomalies::reopen(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::Ok().json(AnomalyBody::new(&state, open)))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(overview).service(search).service(settle).service(reopen);
}
