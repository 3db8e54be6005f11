//! Consents: the texts, and what one has agreed to.

use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, dev::Payload, get, put};
use campus::access::ManageOwnConsents;
use campus::consents::{self, Given, Purpose, Standing};
use campus::error::Code;
use campus::language::Language;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::detach::detached;
use crate::input::Input;
use crate::permit::{Permit, language};
use crate::problem::{Answer, Problem};
use crate::state::State;

/// The consent text in force for registration, with those for other purposes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentText {
    version: String,
    title: String,
    body: String,
    /// Texts for other purposes; nobody needs to agree to them.
    others: Vec<PurposeText>,
    /// What the guardian of a child under 14 agrees to, at the desk.
    guardian: Option<PurposeText>,
}

/// The text in force for one purpose.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurposeText {
    /// `registration`, `activity_photographs`, `telephone_messages`, `district_figures` or `guardian_registration`.
    purpose: String,
    /// Whether nobody is on record without it.
    necessary: bool,
    version: String,
    title: String,
    body: String,
}

impl PurposeText {
    fn new(purpose: Purpose, text: consents::ConsentText) -> Self {
        let (title, body) = match language() {
            Language::Chinese => (text.title_zh, text.body_zh),
            Language::English => (text.title_en, text.body_en),
        };
        let necessary = purpose.is_necessary();
        Self { purpose: purpose.as_str().to_owned(), necessary, version: text.version, title, body }
    }
}

/// What one has said to each purpose.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentList {
    items: Vec<OwnConsent>,
    next_cursor: Option<String>,
}

/// What one has said to one purpose.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnConsent {
    text: PurposeText,
    /// What is given and not withdrawn; its version may be an earlier one than the text's.
    given: Option<ConsentGiven>,
    /// Each time it was given, the newest first.
    history: Vec<ConsentGiven>,
}

/// One time that one agreed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentGiven {
    version: String,
    #[serde(with = "time::serde::rfc3339")]
    given_at: OffsetDateTime,
    /// `web`, `desk` or `paper`.
    channel: String,
    #[serde(with = "time::serde::rfc3339::option")]
    withdrawn_at: Option<OffsetDateTime>,
}

impl ConsentGiven {
    fn new(state: &State, given: &Given) -> Self {
        let local = |at| state.campus.clock.local(at);
        Self {
            version: given.version.clone(),
            given_at: local(given.given_at),
            channel: given.channel.clone(),
            withdrawn_at: given.withdrawn_at.map(local),
        }
    }
}

impl OwnConsent {
    fn new(state: &State, standing: Standing) -> Self {
        Self {
            given: standing.given().map(|given| ConsentGiven::new(state, given)),
            history: standing.history.iter().map(|given| ConsentGiven::new(state, given)).collect(),
            text: PurposeText::new(standing.purpose, standing.text),
        }
    }
}

/// What is agreed to.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AgreementInput {
    /// The version of the text that was read.
    version: String,
}

/// The purpose in the path. One that there is not names nothing.
#[derive(Debug, Clone, Copy)]
pub struct PurposeName(Purpose);

impl FromRequest for PurposeName {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let purpose = request.match_info().get("purpose").and_then(Purpose::from_name);
        let purpose = purpose.filter(|purpose| purpose.is_ones_own());
        std::future::ready(purpose.map(Self).ok_or_else(|| Code::NotFound.into()))
    }
}

/// The consent text in force for registration, and those for other purposes.
#[utoipa::path(tag = "residents", security(()), responses((status = 200, body = ConsentText)))]
#[get("/consents/current")]
pub async fn current(state: Data<State>) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let texts = consents::texts(connection, state.campus.clock.now()).await?;
    let (for_oneself, mut for_others): (Vec<_>, Vec<_>) =
        texts.into_iter().partition(|(purpose, _)| purpose.is_ones_own());
    let for_oneself = for_oneself.into_iter().map(|(purpose, text)| PurposeText::new(purpose, text));
    let (mut necessary, others): (Vec<_>, Vec<_>) = for_oneself.partition(|text| text.necessary);
    let PurposeText { version, title, body, .. } = necessary.pop().ok_or(Code::NotFound)?;
    let guardian = for_others.pop().map(|(purpose, text)| PurposeText::new(purpose, text));
    Ok(HttpResponse::Ok().json(ConsentText { version, title, body, others, guardian }))
}

/// What one has agreed to and withdrawn, for each purpose.
#[utoipa::path(tag = "me", responses((status = 200, body = ConsentList)))]
#[get("/me/consents")]
pub async fn own(state: Data<State>, permit: Permit<ManageOwnConsents>) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let found = consents::of_resident(connection, permit.resident()?, state.campus.clock.now()).await?;
    let items = found.into_iter().map(|standing| OwnConsent::new(&state, standing)).collect();
    Ok(HttpResponse::Ok().json(ConsentList { items, next_cursor: None }))
}

/// Agree to the text in force for a purpose.
#[utoipa::path(tag = "me", params(("purpose" = String, Path,)), request_body = AgreementInput,
    responses((status = 200, body = OwnConsent), (status = 201, body = OwnConsent)))]
#[put("/me/consents/{purpose}")]
pub async fn give(
    state: Data<State>,
    permit: Permit<ManageOwnConsents>,
    purpose: PurposeName,
    input: Input<AgreementInput>,
) -> Answer {
    let Input(input) = input;
    let campus = state.campus.clone();
    let (standing, new) =
        detached(async move { consents::give(&campus, &permit, purpose.0, &input.version).await }).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(OwnConsent::new(&state, standing)))
}

/// Withdraw what one has agreed to. The consent to being on record cannot be withdrawn alone.
#[utoipa::path(tag = "me", params(("purpose" = String, Path,)), responses((status = 204)))]
#[delete("/me/consents/{purpose}")]
pub async fn withdraw(state: Data<State>, permit: Permit<ManageOwnConsents>, purpose: PurposeName) -> Answer {
    let campus = state.campus.clone();
    detached(async move { consents::withdraw(&campus, &permit, purpose.0).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(current).service(own).service(give).service(withdraw);
}
