//! Learner cards and PINs: what staff print, and how residents come in with them.

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use campus::access::{IssueCards, SeeResidents, SetPin};
use campus::accounts::{self, IssuedCard, MOST_CARDS};
use campus::error::{Code, Error};
use campus::residents;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{Id, Input};
use crate::limits::site;
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::residents::Resident;
use crate::session::{Session, session_answer};
use crate::state::State;
use crate::visitor::visitor;

/// The page of the learners' site that takes a card.
const CARD_PAGE: &str = "/card/";

/// How it stands with somebody's card.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardState {
    /// When the standing card was issued; null: there is none.
    #[serde(with = "time::serde::rfc3339::option")]
    issued_at: Option<OffsetDateTime>,
    /// Whether its holder has set a PIN.
    has_pin: bool,
}

/// A card as it is handed out; it cannot be seen again.
#[derive(Debug, Serialize, ToSchema)]
pub struct LearnerCard {
    id: Uuid,
    resident_id: Uuid,
    name: String,
    learner_number: String,
    /// For the QR: the token stands behind the `#`, where no server sees it.
    url: String,
    /// To type where there is no camera.
    code: String,
}

/// Whose cards to print.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CardSheetInput {
    /// 1 to 200.
    resident_ids: Vec<Uuid>,
}

/// A card and a PIN.
#[derive(Deserialize, ToSchema)]
pub struct CardInput {
    /// What the QR holds behind the `#`, or the code in letters.
    #[schema(max_length = 64)]
    card: String,
    /// Six digits.
    #[schema(max_length = 64)]
    pin: String,
    /// Whether everybody uses this device: it remembers nobody, and the session ends after a
    /// quarter of an hour without use.
    #[serde(default)]
    shared_device: bool,
}

/// A new PIN, with a card and a one-time code.
#[derive(Deserialize, ToSchema)]
pub struct NewPinInput {
    /// What the QR holds behind the `#`, or the code in letters.
    #[schema(max_length = 64)]
    card: String,
    /// The one-time code from staff.
    #[schema(max_length = 64)]
    code: String,
    /// Six digits.
    #[schema(max_length = 64)]
    pin: String,
    /// Whether everybody uses this device.
    #[serde(default)]
    shared_device: bool,
}

/// A new PIN of one's own.
#[derive(Deserialize, ToSchema)]
pub struct PinInput {
    /// Six digits.
    #[schema(max_length = 64)]
    pin: String,
}

/// A PIN, where it is needed.
#[derive(Deserialize, ToSchema)]
pub struct RememberedInput {
    #[schema(max_length = 64)]
    pin: Option<String>,
}

/// Somebody for whom this device opens.
#[derive(Debug, Serialize, ToSchema)]
pub struct RememberedPerson {
    /// Their account.
    id: Uuid,
    name: String,
    /// Whether it takes their PIN, because the device opens for others too.
    needs_pin: bool,
}

/// For whom this device opens.
#[derive(Debug, Serialize, ToSchema)]
pub struct RememberedPeople {
    items: Vec<RememberedPerson>,
    /// Always null: there are never many.
    next_cursor: Option<String>,
}

/// How it stands with a resident's card.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path,)), responses((status = 200, body = CardState)))]
#[get("/residents/{id}/learner-card")]
pub async fn standing(state: Data<State>, permit: Permit<SeeResidents>, id: Id) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = residents::manageable(connection, &permit, id.0).await?;
    let found = accounts::card_state(connection, &proof).await?;
    let issued_at = found.issued_at.map(|at| state.campus.clock.local(at));
    Ok(HttpResponse::Ok().json(CardState { issued_at, has_pin: found.has_pin }))
}

async fn issued(state: &Data<State>, permit: Permit<IssueCards>, ids: Vec<Uuid>) -> Result<Vec<IssuedCard>, Problem> {
    let campus = state.campus.clone();
    detached(async move {
        let proofs = residents::manageable_all(&mut *campus.database.connection().await?, &permit, &ids).await?;
        accounts::issue_cards(&campus, &permit, &proofs).await
    })
    .await
}

/// Issue a resident's card, for printing it elsewhere. The one they had is void.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path,)), responses((status = 201, body = LearnerCard)))]
#[post("/residents/{id}/learner-cards")]
pub async fn issue(state: Data<State>, request: HttpRequest, permit: Permit<IssueCards>, id: Id) -> Answer {
    let cards = issued(&state, permit, vec![id.0]).await?;
    let IssuedCard { id, resident_id, name, learner_number, token, code } =
        cards.into_iter().next().ok_or(Code::NotFound)?;
    let url = format!("{}{CARD_PAGE}#{token}", site(&state, &request));
    Ok(HttpResponse::Created().json(LearnerCard { id, resident_id, name, learner_number, url, code }))
}

/// Issue cards and print them, ten on a sheet of A4. The ones they had are void.
#[utoipa::path(tag = "accounts", request_body = CardSheetInput,
    responses((status = 201, content_type = "application/pdf", body = Vec<u8>)))]
#[post("/learner-card-sheets")]
pub async fn print(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<IssueCards>,
    input: Input<CardSheetInput>,
) -> Answer {
    let Input(CardSheetInput { resident_ids }) = input;
    if resident_ids.len() > MOST_CARDS {
        return Err(Error::field("resident_ids", Code::CardListTooLong).into());
    }
    let address = format!("{}{CARD_PAGE}", site(&state, &request));
    let cards = issued(&state, permit, resident_ids).await?;
    let sheet = web::block(move || accounts::card_sheet(&cards, &address)).await.map_err(Error::internal)??;
    Ok(HttpResponse::Created()
        .content_type("application/pdf")
        .insert_header(("content-disposition", "inline; filename=\"learner-cards.pdf\""))
        .body(sheet))
}

/// What was scanned from a card, or typed.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ShownCardInput {
    card: String,
}

/// Whose card somebody shows, where one looks after them.
#[utoipa::path(tag = "accounts", request_body = ShownCardInput, responses((status = 200, body = Resident)))]
#[post("/residents/by-card")]
pub async fn holder(state: Data<State>, permit: Permit<SeeResidents>, input: Input<ShownCardInput>) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = accounts::managed_by_card(connection, &permit, &input.0.card).await?;
    Ok(HttpResponse::Ok().json(Resident::shown(&state, proof.object().clone())?))
}

/// Make a resident's card void.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path,)), responses((status = 204)))]
#[delete("/residents/{id}/learner-card")]
pub async fn revoke(state: Data<State>, permit: Permit<IssueCards>, id: Id) -> Answer {
    let campus = state.campus.clone();
    detached(async move {
        let proof = residents::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        accounts::revoke_card(&campus, &permit, &proof).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Log in with card and PIN.
#[utoipa::path(tag = "session", security(()), request_body = CardInput, responses((status = 201, body = Session)))]
#[post("/session/card")]
pub async fn log_in(state: Data<State>, request: HttpRequest, input: Input<CardInput>) -> Answer {
    let Input(CardInput { card, pin, shared_device }) = input;
    if card.len() > 64 || pin.len() > 64 {
        return Err(Code::CardOrPinInvalid.into());
    }
    let (campus, sessions, visitor) =
        (state.campus.clone(), state.sessions.clone(), visitor(&state, &request, shared_device));
    let opened =
        detached(async move { accounts::open_with_card(&campus, &sessions, &visitor, &card, &pin).await }).await?;
    Ok(session_answer(&request, opened, actix_web::http::StatusCode::CREATED))
}

/// Set a PIN with the card and a one-time code, and log in.
#[utoipa::path(tag = "session", security(()), request_body = NewPinInput, responses((status = 201, body = Session)))]
#[post("/session/pin")]
pub async fn set_first_pin(state: Data<State>, request: HttpRequest, input: Input<NewPinInput>) -> Answer {
    let Input(NewPinInput { card, code, pin, shared_device }) = input;
    if card.len() > 64 || code.len() > 64 {
        return Err(Code::OneTimeCodeInvalid.into());
    }
    let (campus, sessions, visitor) =
        (state.campus.clone(), state.sessions.clone(), visitor(&state, &request, shared_device));
    let opened =
        detached(async move { accounts::set_pin_with_code(&campus, &sessions, &visitor, (&card, &code), &pin).await })
            .await?;
    Ok(session_answer(&request, opened, actix_web::http::StatusCode::CREATED))
}

/// Set one's own PIN.
#[utoipa::path(tag = "session", request_body = PinInput, responses((status = 204)))]
#[put("/me/pin")]
pub async fn set_own_pin(state: Data<State>, permit: Permit<SetPin>, input: Input<PinInput>) -> Answer {
    let Input(PinInput { pin }) = input;
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    detached(async move { accounts::set_own_pin(&campus, &sessions, &permit, &pin).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// For whom this device opens.
#[utoipa::path(tag = "session", security(()), responses((status = 200, body = RememberedPeople)))]
#[get("/session/people")]
pub async fn people(state: Data<State>, request: HttpRequest) -> Answer {
    let found = accounts::remembered_people(&state.campus, &visitor(&state, &request, false)).await?;
    let items = found.into_iter().map(|person| RememberedPerson {
        id: person.account_id,
        name: person.name,
        needs_pin: person.needs_pin,
    });
    Ok(HttpResponse::Ok().json(RememberedPeople { items: items.collect(), next_cursor: None }))
}

/// Log in as somebody for whom this device opens.
#[utoipa::path(tag = "session", security(()), params(("id" = Uuid, Path,)), request_body = RememberedInput,
    responses((status = 201, body = Session)))]
#[post("/session/people/{id}")]
pub async fn log_in_remembered(
    state: Data<State>,
    request: HttpRequest,
    id: Id,
    input: Input<RememberedInput>,
) -> Answer {
    let Input(RememberedInput { pin }) = input;
    if pin.as_ref().is_some_and(|pin| pin.len() > 64) {
        return Err(Code::CardOrPinInvalid.into());
    }
    let (campus, sessions, visitor) = (state.campus.clone(), state.sessions.clone(), visitor(&state, &request, false));
    let opened =
        detached(async move { accounts::open_remembered(&campus, &sessions, &visitor, id.0, pin.as_deref()).await })
            .await?;
    Ok(session_answer(&request, opened, actix_web::http::StatusCode::CREATED))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(standing)
        .service(holder)
        .service(issue)
        .service(print)
        .service(revoke)
        .service(log_in)
        .service(set_first_pin)
        .service(set_own_pin)
        .service(people)
        .service(log_in_remembered);
}
