//! The dossier of a year: having it made, seeing how far it is, taking it away.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use campus::access::{ReadReports, TakeDossiers};
use campus::branches;
use campus::dossiers::{self, Dossier, KEPT_DAYS};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{Id, Input};
use crate::limits;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::reports::year_of;
use crate::state::State;

/// A year's figures, lists, documents and pictures in one archive.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DossierBody {
    id: Uuid,
    year: i32,
    /// Whose it is, those below it taken in; `null`: the whole street's.
    branch_id: Option<Uuid>,
    /// `making`, `ready`, `failed` or `removed`.
    status: &'static str,
    /// How many of its parts are in it by now.
    done: i32,
    /// Of how many.
    parts: i32,
    /// How many files it holds; `null` before it is ready.
    files: Option<i32>,
    /// In bytes.
    size: Option<i64>,
    /// Over the archive.
    sha256: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    requested_at: OffsetDateTime,
    /// Until when it can be taken away; `null` where it cannot.
    #[serde(with = "time::serde::rfc3339::option")]
    kept_until: Option<OffsetDateTime>,
}

/// Those of a year, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DossierList {
    items: Vec<DossierBody>,
    /// For how many days each can be taken away.
    kept_days: i64,
}

/// Whose year to put together.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DossierInput {
    /// For staff one of their branches, their own where nothing is said; for admins without it the whole street's.
    branch_id: Option<Uuid>,
}

/// Where the archive is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DossierLink {
    /// Good for six hours, without logging in: not to be passed on.
    url: String,
}

fn body(state: &State, dossier: &Dossier) -> DossierBody {
    let local = |at| state.campus.clock.local(at);
    DossierBody {
        id: dossier.id,
        year: dossier.year,
        branch_id: dossier.branch_id,
        status: dossier.state().as_str(),
        done: dossier.done,
        parts: dossier.parts,
        files: dossier.files,
        size: dossier.size,
        sha256: dossier.sha256.clone(),
        requested_at: local(dossier.requested_at),
        kept_until: dossier.kept_until().map(local),
    }
}

/// Have the dossier of a year made; while one is being made, that one is the answer.
#[utoipa::path(tag = "reports", params(("year" = String, Path, example = "2026")), request_body = DossierInput,
    responses((status = 202, body = DossierBody),
        (status = 200, description = "It was being made before", body = DossierBody)))]
#[post("/reports/years/{year}/dossiers")]
pub(crate) async fn request_dossier(
    state: Data<State>,
    permit: Permit<TakeDossiers>,
    path: Path<String>,
    input: Input<DossierInput>,
) -> Answer {
    let year = year_of(&path)?;
    let asked = input.0.branch_id.or(permit.branch_id.filter(|_| !permit.is_admin()));
    let proof = match asked {
        Some(id) => Some(branches::manageable(&mut *state.campus.database.connection().await?, &permit, id).await?),
        None => None,
    };
    let campus = state.campus.clone();
    let work = async move { dossiers::request(&campus, &permit, proof.as_ref(), year).await };
    let (dossier, newly) = detached(work).await?;
    let mut answer = if newly { HttpResponse::Accepted() } else { HttpResponse::Ok() };
    Ok(answer.json(body(&state, &dossier)))
}

/// The dossiers of a year that one may take away.
#[utoipa::path(tag = "reports", params(("year" = String, Path, example = "2026")),
    responses((status = 200, body = DossierList)))]
#[get("/reports/years/{year}/dossiers")]
pub(crate) async fn list_dossiers(state: Data<State>, permit: Permit<ReadReports>, path: Path<String>) -> Answer {
    let found = dossiers::dossiers(&state.campus, &permit, year_of(&path)?).await?;
    let items = found.iter().map(|dossier| body(&state, dossier)).collect();
    Ok(HttpResponse::Ok().json(DossierList { items, kept_days: KEPT_DAYS }))
}

/// How far a dossier is.
#[utoipa::path(tag = "reports", params(("id" = Uuid, Path,)), responses((status = 200, body = DossierBody)))]
#[get("/dossiers/{id}")]
pub(crate) async fn one_dossier(state: Data<State>, permit: Permit<ReadReports>, id: Id) -> Answer {
    let found = dossiers::dossier(&state.campus, &permit, id.0).await?;
    Ok(HttpResponse::Ok().json(body(&state, &found)))
}

/// A link to take a dossier away by; that it was given is written down.
#[utoipa::path(tag = "reports", params(("id" = Uuid, Path,)), responses((status = 201, body = DossierLink)))]
#[post("/dossiers/{id}/links")]
pub(crate) async fn dossier_link(
    state: Data<State>,
    permit: Permit<TakeDossiers>,
    request: HttpRequest,
    id: Id,
) -> Answer {
    let site = limits::site(&state, &request);
    let campus = state.campus.clone();
    let url = detached(async move { dossiers::link(&campus, &permit, &site, id.0).await }).await?;
    Ok(HttpResponse::Created().json(DossierLink { url }))
}

/// Routes under `/api/v1`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(request_dossier).service(list_dossiers).service(one_dossier).service(dossier_link);
}
