//! What staff do with what is filed.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use campus::access::{ApproveRecognitions, CheckRecognitions};
use campus::error::{Code, Error};
use campus::paging::PageRequest;
use campus::recognition::{self, Stage};
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::{Recognition, RecognitionCheckInput, RecognitionList, RecognitionQuery, RecognitionRefusalInput};
use crate::detach::detached;
use crate::input::{Id, Input, Query};
use crate::limits;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// What residents of one's branches have handed in: what waits, the oldest first; all, the newest first.
#[utoipa::path(tag = "recognition", params(RecognitionQuery), responses((status = 200, body = RecognitionList)))]
#[get("/recognitions")]
pub async fn queue(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<CheckRecognitions>,
    query: Query<RecognitionQuery>,
) -> Answer {
    let Query(query) = query;
    let stage = query.stage.as_deref().map_or(Some(Stage::Filed), Stage::from_name);
    let stage = stage.ok_or_else(|| Error::field("stage", Code::ValueInvalid))?;
    let wanted = PageRequest { limit: query.limit, cursor: query.cursor };
    let page = recognition::queue(&state.campus, &permit, stage, &wanted).await?;
    Ok(HttpResponse::Ok().json(RecognitionList::new(&state, &limits::site(&state, &request), page).await?))
}

/// One of them.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,)), responses((status = 200, body = Recognition)))]
#[get("/recognitions/{id}")]
pub async fn managed(state: Data<State>, request: HttpRequest, permit: Permit<CheckRecognitions>, id: Id) -> Answer {
    let claim = recognition::managed(&state.campus, &permit, id.0).await?;
    Ok(HttpResponse::Ok().json(Recognition::new(&state, &limits::site(&state, &request), claim).await?))
}

/// Say that the branch has checked it, and whether it has seen the original.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,)), request_body = RecognitionCheckInput,
    responses((status = 200, body = Recognition)))]
#[post("/recognitions/{id}/check")]
pub async fn check(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<CheckRecognitions>,
    id: Id,
    input: Input<RecognitionCheckInput>,
) -> Answer {
    let original_seen = input.0.original_seen;
    let campus = state.campus.clone();
    let claim = detached(async move { recognition::check(&campus, &permit, id.0, original_seen).await }).await?;
    Ok(HttpResponse::Ok().json(Recognition::new(&state, &limits::site(&state, &request), claim).await?))
}

/// Approve it: its credits are posted at once, or when its public notice is over.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,)), responses((status = 200, body = Recognition)))]
#[post("/recognitions/{id}/approval")]
pub async fn approve(state: Data<State>, request: HttpRequest, permit: Permit<ApproveRecognitions>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let claim = detached(async move { recognition::approve(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::Ok().json(Recognition::new(&state, &limits::site(&state, &request), claim).await?))
}

/// Refuse it, and say why: the branch while it is to be checked, the street until it is posted.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,)), request_body = RecognitionRefusalInput,
    responses((status = 200, body = Recognition)))]
#[post("/recognitions/{id}/refusal")]
pub async fn refuse(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<CheckRecognitions>,
    id: Id,
    input: Input<RecognitionRefusalInput>,
) -> Answer {
    let campus = state.campus.clone();
    let claim = detached(async move { recognition::refuse(&campus, &permit, id.0, &input.0.reason).await }).await?;
    Ok(HttpResponse::Ok().json(Recognition::new(&state, &limits::site(&state, &request), claim).await?))
}

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(queue).service(managed).service(check).service(approve).service(refuse);
}
