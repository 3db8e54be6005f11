//! Recognition: the catalogue, what residents and their helpers file.

mod bodies;
mod review;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use campus::access::{FileRecognitions, ManageOutcomes};
use campus::error::{Code, Error};
use campus::helping;
use campus::idempotency::Request;
use campus::recognition::{self, LARGEST_PHOTO, OutcomeInput};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use self::bodies::{
    RecognisedOutcome, RecognisedOutcomeInput, RecognisedOutcomeList, Recognition, RecognitionInput, RecognitionList,
    RecognitionNotice, RecognitionNoticeList,
};
use crate::credits::PageQuery;
use crate::detach::detached;
use crate::input::{Id, IdempotencyKey, Input, Query};
use crate::limits::{self, UPLOAD_ACCOUNT};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;
use crate::upload::{Expected, receive};

const PHOTO: Expected = Expected { largest: LARGEST_PHOTO, missing: Code::FileMissing, too_large: Code::FileTooLarge };

/// What is recognised, what it is worth, what must be shown.
#[utoipa::path(tag = "recognition", responses((status = 200, body = RecognisedOutcomeList)), security(()))]
#[get("/recognised-outcomes")]
pub async fn outcomes(state: Data<State>) -> Answer {
    let found = recognition::outcomes(&state.campus).await?;
    let items = found.into_iter().map(RecognisedOutcome::from).collect();
    Ok(HttpResponse::Ok().json(RecognisedOutcomeList { items }))
}

/// Add to what is recognised.
#[utoipa::path(tag = "recognition", params(("Idempotency-Key" = Uuid, Header,)), request_body = RecognisedOutcomeInput,
    responses((status = 201, body = RecognisedOutcome)))]
#[post("/recognised-outcomes")]
pub async fn add_outcome(
    state: Data<State>,
    permit: Permit<ManageOutcomes>,
    key: IdempotencyKey,
    input: Input<RecognisedOutcomeInput>,
) -> Answer {
    let input = OutcomeInput::from(input.0);
    let request = Request::new(permit.account_id, "recognised_outcome", key.required()?, &input)?;
    let campus = state.campus.clone();
    let outcome = detached(async move { recognition::add_outcome(&campus, &permit, &request, &input).await }).await?;
    Ok(HttpResponse::Created().json(RecognisedOutcome::from(outcome)))
}

/// Change what is recognised from now on. What has been handed in keeps the worth and limit of its day.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,)), request_body = RecognisedOutcomeInput,
    responses((status = 200, body = RecognisedOutcome)))]
#[put("/recognised-outcomes/{id}")]
pub async fn change_outcome(
    state: Data<State>,
    permit: Permit<ManageOutcomes>,
    id: Id,
    input: Input<RecognisedOutcomeInput>,
) -> Answer {
    let input = OutcomeInput::from(input.0);
    let campus = state.campus.clone();
    let outcome = detached(async move { recognition::change_outcome(&campus, &permit, id.0, &input).await }).await?;
    Ok(HttpResponse::Ok().json(RecognisedOutcome::from(outcome)))
}

/// What is about to be recognised: a surname and the outcome, for everybody to see.
#[utoipa::path(tag = "recognition", responses((status = 200, body = RecognitionNoticeList)), security(()))]
#[get("/recognition-notices")]
pub async fn notices(state: Data<State>) -> Answer {
    let found = recognition::notices(&state.campus).await?;
    let items = found.into_iter().map(|notice| RecognitionNotice::new(&state, notice)).collect();
    Ok(HttpResponse::Ok().json(RecognitionNoticeList { items }))
}

/// What one has filed, the newest first.
#[utoipa::path(tag = "recognition", params(PageQuery), responses((status = 200, body = RecognitionList)))]
#[get("/me/recognitions")]
pub async fn own(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<FileRecognitions>,
    query: Query<PageQuery>,
) -> Answer {
    let page = recognition::claims(&state.campus, &permit, &query.0.into()).await?;
    let site = limits::site(&state, &request);
    Ok(HttpResponse::Ok().json(RecognitionList::new(&state, &site, page).await?))
}

/// Begin to file something: a draft, to which photos are added before it is handed in.
#[utoipa::path(tag = "recognition", params(("Idempotency-Key" = Uuid, Header,)), request_body = RecognitionInput,
    responses((status = 201, body = Recognition)))]
#[post("/me/recognitions")]
pub async fn begin(
    state: Data<State>,
    http: HttpRequest,
    permit: Permit<FileRecognitions>,
    key: IdempotencyKey,
    input: Input<RecognitionInput>,
) -> Answer {
    let input = input.0.read()?;
    let request = Request::new(permit.account_id, "recognition", key.required()?, &input)?;
    let campus = state.campus.clone();
    let claim = detached(async move { recognition::begin(&campus, &permit, &request, &input).await }).await?;
    Ok(HttpResponse::Created().json(Recognition::new(&state, &limits::site(&state, &http), claim).await?))
}

/// What somebody whom one helps has filed, the newest first.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,), PageQuery), responses((status = 200, body = RecognitionList)))]
#[get("/me/helped/{id}/recognitions")]
pub async fn helped(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<FileRecognitions>,
    id: Id,
    query: Query<PageQuery>,
) -> Answer {
    let proof = helping::allowed(&state.campus, &permit, id.0).await?;
    let page = recognition::claims_helped(&state.campus, &proof, &query.0.into()).await?;
    let site = limits::site(&state, &request);
    Ok(HttpResponse::Ok().json(RecognitionList::new(&state, &site, page).await?))
}

/// Begin to file something for somebody whom one helps.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,), ("Idempotency-Key" = Uuid, Header,)),
    request_body = RecognitionInput, responses((status = 201, body = Recognition)))]
#[post("/me/helped/{id}/recognitions")]
pub async fn begin_helped(
    state: Data<State>,
    http: HttpRequest,
    permit: Permit<FileRecognitions>,
    id: Id,
    key: IdempotencyKey,
    input: Input<RecognitionInput>,
) -> Answer {
    let input = input.0.read()?;
    let request = Request::new(permit.account_id, "recognition_helped", key.required()?, &(id.0, &input))?;
    let campus = state.campus.clone();
    let claim = detached(async move {
        let proof = helping::allowed(&campus, &permit, id.0).await?;
        recognition::begin_helped(&campus, &permit, &request, &proof, &input).await
    })
    .await?;
    Ok(HttpResponse::Created().json(Recognition::new(&state, &limits::site(&state, &http), claim).await?))
}

/// One that one has filed, or that somebody whom one helps has.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,)), responses((status = 200, body = Recognition)))]
#[get("/me/recognitions/{id}")]
pub async fn one(state: Data<State>, request: HttpRequest, permit: Permit<FileRecognitions>, id: Id) -> Answer {
    let claim = recognition::claim(&state.campus, &permit, id.0).await?;
    Ok(HttpResponse::Ok().json(Recognition::new(&state, &limits::site(&state, &request), claim).await?))
}

/// Change what has not been handed in, or was refused.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,)), request_body = RecognitionInput,
    responses((status = 200, body = Recognition)))]
#[put("/me/recognitions/{id}")]
pub async fn change(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<FileRecognitions>,
    id: Id,
    input: Input<RecognitionInput>,
) -> Answer {
    let input = input.0.read()?;
    let campus = state.campus.clone();
    let claim = detached(async move { recognition::change(&campus, &permit, id.0, &input).await }).await?;
    Ok(HttpResponse::Ok().json(Recognition::new(&state, &limits::site(&state, &request), claim).await?))
}

/// Add a photo (JPG, PNG or WebP, up to 5 MB). What it is is read from its content.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,)),
    request_body(content_type = "multipart/form-data", description = "The photo in the field `file`"),
    responses((status = 201, body = Recognition)))]
#[post("/me/recognitions/{id}/photos")]
pub async fn add_photo(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<FileRecognitions>,
    id: Id,
    payload: Payload,
) -> Answer {
    limits::admit(&state, "recognition_photo", &permit.account_id.to_string(), UPLOAD_ACCOUNT).await?;
    // Before anything is taken in: is it theirs?
    recognition::claim(&state.campus, &permit, id.0).await?;
    let file = receive(&request, payload, PHOTO).await?;
    let campus = state.campus.clone();
    let claim = detached(async move { recognition::add_photo(&campus, &permit, id.0, file.content).await }).await?;
    Ok(HttpResponse::Created().json(Recognition::new(&state, &limits::site(&state, &request), claim).await?))
}

/// Take a photo out.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,), ("photo_id" = Uuid, Path,)),
    responses((status = 200, body = Recognition)))]
#[delete("/me/recognitions/{id}/photos/{photo_id}")]
pub async fn remove_photo(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<FileRecognitions>,
    path: Path<(String, String)>,
) -> Answer {
    let (id, photo) = path.into_inner();
    let read = |text: String| text.parse::<Uuid>().map_err(|_| Error::code(Code::NotFound));
    let (id, photo) = (read(id)?, read(photo)?);
    let campus = state.campus.clone();
    let claim = detached(async move { recognition::remove_photo(&campus, &permit, id, photo).await }).await?;
    Ok(HttpResponse::Ok().json(Recognition::new(&state, &limits::site(&state, &request), claim).await?))
}

/// Hand it in; after a refusal, again.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,)), responses((status = 200, body = Recognition)))]
#[post("/me/recognitions/{id}/submission")]
pub async fn submit(state: Data<State>, request: HttpRequest, permit: Permit<FileRecognitions>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let claim = detached(async move { recognition::submit(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::Ok().json(Recognition::new(&state, &limits::site(&state, &request), claim).await?))
}

/// Take it back, as long as nothing has been posted.
#[utoipa::path(tag = "recognition", params(("id" = Uuid, Path,)), responses((status = 200, body = Recognition)))]
#[post("/me/recognitions/{id}/withdrawal")]
pub async fn withdraw(state: Data<State>, request: HttpRequest, permit: Permit<FileRecognitions>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let claim = detached(async move { recognition::withdraw(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::Ok().json(Recognition::new(&state, &limits::site(&state, &request), claim).await?))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(outcomes)
        .service(add_outcome)
        .service(change_outcome)
        .service(notices)
        .service(own)
        .service(begin)
        .service(helped)
        .service(begin_helped)
        .service(add_photo)
        .service(remove_photo)
        .service(submit)
        .service(withdraw)
        .service(one)
        .service(change);
    review::routes(config);
}
