//! Residents: registering oneself, and what staff see and correct.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use campus::access::{ChangeResidents, DiscloseResidents, SeeResidents};
use campus::accounts::{self, Consent, Registered, Registration};
use campus::idempotency::Request;
use campus::paging::PageRequest;
use campus::residents::{self, Disclosure, ResidentChange, mask_id_number, mask_phone};
use serde::{Deserialize, Serialize};
use time::Date;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{Id, IdempotencyKey, Input, Query};
use crate::limits::{self, REGISTRATION_ADDRESS};
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::state::State;

/// What a person says of themselves.
#[derive(Deserialize, ToSchema)]
pub struct RegistrationInput {
    name: String,
    /// A telephone, theirs or shared; this or an e-mail address.
    phone: Option<String>,
    email: Option<String>,
    /// 8 to 128 characters.
    password: String,
    branch_id: Uuid,
    /// `YYYY-MM-DD`.
    #[schema(value_type = String, format = Date)]
    birth_date: String,
    /// Codes from `GET /groups`.
    #[serde(default)]
    groups: Option<Vec<String>>,
    consent: ConsentInput,
}

/// The consent that was given.
#[derive(Deserialize, ToSchema)]
pub struct ConsentInput {
    /// The version from `GET /consents/current`.
    version: String,
}

/// Somebody who has registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationAnswer {
    resident: RegisteredResident,
}

/// The new resident.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredResident {
    id: Uuid,
    learner_number: String,
    name: String,
    branch_id: Uuid,
}

impl From<Registered> for RegistrationAnswer {
    fn from(registered: Registered) -> Self {
        let Registered { id, learner_number, name, branch_id } = registered;
        Self { resident: RegisteredResident { id, learner_number, name, branch_id } }
    }
}

/// A resident, telephone and ID number masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resident {
    id: Uuid,
    learner_number: String,
    name: String,
    #[schema(value_type = String, format = Date)]
    birth_date: String,
    /// `female` or `male`.
    gender: Option<String>,
    /// Masked.
    phone: Option<String>,
    /// Masked.
    id_number: Option<String>,
    groups: Vec<String>,
    branch_id: Uuid,
    #[schema(value_type = String, format = Date)]
    registered_on: String,
}

impl Resident {
    /// As staff see a resident.
    pub(crate) fn shown(state: &State, resident: residents::Resident) -> Result<Self, Problem> {
        let contact = resident.contact(&state.campus.seal)?;
        Ok(Self {
            id: resident.id,
            learner_number: resident.learner_number,
            name: resident.name,
            birth_date: resident.birth_date.to_string(),
            gender: resident.gender,
            phone: contact.phone.as_deref().map(mask_phone),
            id_number: contact.id_number.as_deref().map(mask_id_number),
            groups: resident.groups,
            branch_id: resident.branch_id,
            registered_on: resident.registered_on.to_string(),
        })
    }
}

/// Residents of one's branches.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResidentList {
    items: Vec<Resident>,
    next_cursor: Option<String>,
}

/// Which residents.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ResidentQuery {
    /// Part of the name, initials of its pinyin, a learner number, or the last digits (four at least) of a telephone.
    q: Option<String>,
    branch_id: Option<Uuid>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// What to correct.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ResidentChangeInput {
    /// Empty takes it away.
    phone: Option<String>,
    groups: Option<Vec<String>>,
}

impl From<ResidentChangeInput> for ResidentChange {
    fn from(input: ResidentChangeInput) -> Self {
        Self { phone: input.phone, groups: input.groups }
    }
}

/// Register oneself.
#[utoipa::path(tag = "residents", security(()), params(("Idempotency-Key" = Uuid, Header,)),
    request_body = RegistrationInput, responses((status = 201, body = RegistrationAnswer)))]
#[post("/residents")]
pub async fn register(
    state: Data<State>,
    request: HttpRequest,
    key: IdempotencyKey,
    input: Input<RegistrationInput>,
) -> Answer {
    let key = key.required()?;
    let address = limits::client_address(&state, &request);
    limits::admit(&state, "registration_address", &address, REGISTRATION_ADDRESS).await?;
    let Input(input) = input;
    let registration = Registration {
        name: input.name,
        phone: input.phone,
        email: input.email,
        password: input.password,
        branch_id: input.branch_id,
        birth_date: parse_date("birth_date", &input.birth_date)?,
        groups: input.groups.unwrap_or_default(),
        consent: Consent { version: input.consent.version },
    };
    let request = Request::new(Uuid::nil(), "registration", key, &registration)?;
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    let registered =
        detached(async move { accounts::register(&campus, &sessions.passwords, &request, &registration).await })
            .await?;
    Ok(HttpResponse::Created().json(RegistrationAnswer::from(registered)))
}

/// The years that a date in a request may have: no resident was born before them, and no database keeps all that
/// can be written as a year.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=9999;

/// A civil date in a body.
///
/// # Errors
/// 422 on the field.
pub fn parse_date(field: &str, text: &str) -> Result<Date, crate::problem::Problem> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let code =
        if field == "birth_date" { campus::error::Code::BirthDateInvalid } else { campus::error::Code::DateInvalid };
    let date = Date::parse(text.trim(), format).ok().filter(|date| YEARS.contains(&date.year()));
    date.ok_or_else(|| campus::error::Error::field(field, code).into())
}

/// Residents of one's branches.
#[utoipa::path(tag = "residents", params(ResidentQuery), responses((status = 200, body = ResidentList)))]
#[get("/residents")]
pub async fn list(state: Data<State>, permit: Permit<SeeResidents>, query: Query<ResidentQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let connection = &mut *state.campus.database.connection().await?;
    let page =
        residents::list(&state.campus, connection, &permit, query.branch_id, query.q.as_deref(), &request).await?;
    let items = page.items.into_iter().map(|each| Resident::shown(&state, each)).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(ResidentList { items, next_cursor: page.next_cursor }))
}

/// One resident.
#[utoipa::path(tag = "residents", params(("id" = Uuid, Path,)), responses((status = 200, body = Resident)))]
#[get("/residents/{id}")]
pub async fn single(state: Data<State>, permit: Permit<SeeResidents>, id: Id) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = residents::manageable(connection, &permit, id.0).await?;
    Ok(HttpResponse::Ok().json(Resident::shown(&state, proof.object().clone())?))
}

/// Correct a resident's telephone or groups.
#[utoipa::path(tag = "residents", params(("id" = Uuid, Path,)), request_body = ResidentChangeInput,
    responses((status = 200, body = Resident)))]
#[patch("/residents/{id}")]
pub async fn change(
    state: Data<State>,
    permit: Permit<ChangeResidents>,
    id: Id,
    input: Input<ResidentChangeInput>,
) -> Answer {
    let change = ResidentChange::from(input.0);
    let campus = state.campus.clone();
    let resident = detached(async move {
        let proof = residents::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        residents::change(&campus, &permit, &proof, &change).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Resident::shown(&state, resident)?))
}

/// Which number, and why.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DisclosureInput {
    /// `phone`, `id_number`, `guardian_name` or `guardian_phone`.
    field: String,
    /// 2 to 200 characters; kept in the audit.
    reason: String,
}

/// A number in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisclosureAnswer {
    /// None: there is none on record.
    value: Option<String>,
}

/// See a resident's telephone or ID number in full; the reason is kept in the audit.
#[utoipa::path(tag = "residents", params(("id" = Uuid, Path,)), request_body = DisclosureInput,
    responses((status = 201, body = DisclosureAnswer)))]
#[post("/residents/{id}/disclosures")]
pub async fn disclose(
    state: Data<State>,
    permit: Permit<DiscloseResidents>,
    id: Id,
    input: Input<DisclosureInput>,
) -> Answer {
    let Input(DisclosureInput { field, reason }) = input;
    let campus = state.campus.clone();
    let value = detached(async move {
        let proof = residents::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        residents::disclose(&campus, &permit, &proof, &Disclosure { field, reason }).await
    })
    .await?;
    Ok(HttpResponse::Created().json(DisclosureAnswer { value }))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(register).service(list).service(single).service(change).service(disclose);
}
