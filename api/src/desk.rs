//! The desk: staff register people who stand in front of them.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use campus::access::RegisterResidents;
use campus::accounts::{self, AtDesk, DeskGuardian, DeskRegistration, ReadAloud};
use campus::branches;
use campus::error::{Code, Error};
use campus::idempotency::Request;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::detach::detached;
use crate::input::{Id, IdempotencyKey, Input};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::residents::Resident;
use crate::state::State;

/// What a person says of themselves at the desk.
#[derive(Deserialize, ToSchema)]
pub struct DeskRegistrationInput {
    name: String,
    /// `YYYY-MM-DD` or `YYYYMMDD`; may be left out where there is an ID number.
    birth_date: Option<String>,
    /// Theirs, or that of somebody close to them.
    phone: Option<String>,
    id_number: Option<String>,
    /// `female` or `male`.
    gender: Option<String>,
    /// Codes from `GET /groups`.
    groups: Option<Vec<String>>,
    consent: ReadAloudInput,
    /// Needed under 14.
    guardian: Option<GuardianInput>,
}

/// A text that was read aloud.
#[derive(Deserialize, ToSchema)]
pub struct ReadAloudInput {
    /// From `GET /consents/current`.
    version: String,
    /// It was read aloud, and agreed to.
    read_aloud: bool,
}

/// Who agrees for a child under 14.
#[derive(Deserialize, ToSchema)]
pub struct GuardianInput {
    name: String,
    phone: String,
    /// `parent`, `grandparent` or `other`.
    relation: String,
    /// To the text `guardian` of `GET /consents/current`.
    consent: ReadAloudInput,
}

/// Somebody newly on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskRegistrationAnswer {
    resident: Resident,
}

impl From<ReadAloudInput> for ReadAloud {
    fn from(input: ReadAloudInput) -> Self {
        Self { version: input.version, read_aloud: input.read_aloud }
    }
}

impl From<DeskRegistrationInput> for DeskRegistration {
    fn from(input: DeskRegistrationInput) -> Self {
        Self {
            name: input.name,
            birth_date: input.birth_date,
            phone: input.phone,
            id_number: input.id_number,
            gender: input.gender,
            groups: input.groups.unwrap_or_default(),
            consent: input.consent.into(),
            guardian: input.guardian.map(|guardian| DeskGuardian {
                name: guardian.name,
                phone: guardian.phone,
                relation: guardian.relation,
                consent: guardian.consent.into(),
            }),
        }
    }
}

/// Register a person at the desk. Who is on record already answers 409 `resident_exists`, with
/// `resident` where the record is of one's own branches, else `null`.
#[utoipa::path(tag = "residents", params(("id" = Uuid, Path,), ("Idempotency-Key" = Uuid, Header,)),
    request_body = DeskRegistrationInput, responses((status = 201, body = DeskRegistrationAnswer)))]
#[post("/branches/{id}/residents")]
pub async fn register(
    state: Data<State>,
    permit: Permit<RegisterResidents>,
    id: Id,
    key: IdempotencyKey,
    input: Input<DeskRegistrationInput>,
) -> Answer {
    let key = key.required()?;
    let registration = DeskRegistration::from(input.0);
    let request = Request::new(permit.account_id, "desk_registration", key, &(id.0, &registration))?;
    let campus = state.campus.clone();
    let outcome = detached(async move {
        let branch = branches::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        accounts::register_at_desk(&campus, &permit, &branch, &request, &registration).await
    })
    .await?;
    match outcome {
        AtDesk::Registered(resident) => {
            let resident = Resident::shown(&state, resident)?;
            Ok(HttpResponse::Created().json(DeskRegistrationAnswer { resident }))
        }
        AtDesk::Known(known) => {
            let resident = known.map(|known| Resident::shown(&state, known)).transpose()?;
            Err(Error::with(Code::ResidentExists, json!({"resident": resident})).into())
        }
    }
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(register);
}
