//! Self-registration: a person and their account in one step.

use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::Date;
use uuid::Uuid;

use super::log_in::hash_with_phone;
use super::passwords::Passwords;
use super::{create_for_resident, password_rules};
use crate::Campus;
use crate::audit;
use crate::branches;
use crate::consents::{self, Channel, Purpose};
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::idempotency::{self, Request};
use crate::ids::new_id;
use crate::residents::identity::{NameProblem, normalise_name, parse_phone, plain_text};
use crate::residents::{self, NewResident, check_birth_date};

/// What a person says of themselves.
#[derive(Debug, Clone, Serialize)]
pub struct Registration {
    /// As they write it.
    pub name: String,
    /// A telephone, theirs or shared.
    pub phone: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// 8 to 128 characters; never written down.
    #[serde(skip)]
    pub password: String,
    /// The branch they choose.
    pub branch_id: Uuid,
    /// The date of birth.
    pub birth_date: Date,
    /// Codes of target groups.
    pub groups: Vec<String>,
    /// What they consented to.
    pub consent: Consent,
}

/// A consent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Consent {
    /// The version of the text that was read.
    pub version: String,
}

/// Somebody who has registered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registered {
    /// The resident.
    pub id: Uuid,
    /// Their learner number.
    pub learner_number: String,
    /// Their name, normalised.
    pub name: String,
    /// Their branch.
    pub branch_id: Uuid,
}

struct Checked {
    name: String,
    phone: Option<String>,
    email: Option<String>,
}

/// Registers a person who is not on record yet.
///
/// # Errors
/// The fields that are wrong; [`Code::ResidentExists`], [`Code::EmailTaken`].
pub async fn register(
    campus: &Campus,
    passwords: &Passwords,
    request: &Request,
    registration: &Registration,
) -> Result<Registered> {
    let (checked, beside) = {
        let connection = &mut *campus.database.connection().await?;
        let checked = check(campus, connection, registration).await?;
        let beside = match &checked.phone {
            Some(phone) => hash_with_phone(campus, connection, phone, None).await?,
            None => None,
        };
        (checked, beside)
    };
    // Without a connection: hashes wait for their turn, and others need the pool meanwhile.
    let password_hash = passwords.hash_beside(&registration.password, beside.as_deref()).await?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if let Some(answer) = idempotency::claim(connection, request, now).await? {
                return Ok(answer);
            }
            let person = NewResident {
                id: new_id(),
                name: checked.name.clone(),
                birth_date: registration.birth_date,
                gender: None,
                phone: checked.phone.clone(),
                id_number: None,
                groups: registration.groups.clone(),
                branch_id: registration.branch_id,
                registered_on: campus.clock.today(),
                origin: "self",
            };
            let recorded = residents::record(campus, connection, std::slice::from_ref(&person)).await?;
            let recorded = recorded.first().ok_or_else(|| Error::code(Code::ResidentExists))?;
            create_for_resident(
                campus,
                connection,
                person.id,
                &person.name,
                checked.email.as_deref(),
                Some(password_hash),
            )
            .await?;
            let version = &registration.consent.version;
            consents::record(connection, None, person.id, Purpose::Registration, version, Channel::Web, now).await?;
            let entry = audit::Entry {
                action: "resident.registered",
                object_kind: "resident",
                object_id: Some(person.id),
                branch_id: Some(person.branch_id),
                detail: json!({"origin": "self", "consent": registration.consent.version}),
                actor: None,
            };
            audit::record(connection, now, &entry).await?;
            let answer = Registered {
                id: person.id,
                learner_number: recorded.learner_number.clone(),
                name: person.name,
                branch_id: person.branch_id,
            };
            idempotency::keep(connection, request, &answer).await?;
            Ok(answer)
        })
        .await
}

async fn check(campus: &Campus, connection: &mut Connection, registration: &Registration) -> Result<Checked> {
    let mut fields = Vec::new();
    let mut refuse = |field: &str, code| fields.push(FieldError { field: field.to_owned(), code });
    let name = normalise_name(&registration.name).unwrap_or_else(|problem| {
        refuse("name", if matches!(problem, NameProblem::TooLong) { Code::TooLong } else { Code::NameInvalid });
        String::new()
    });
    let phone = registration.phone.as_deref().map_or(Ok(None), parse_phone).unwrap_or_else(|_| {
        refuse("phone", Code::PhoneInvalid);
        None
    });
    let email =
        registration.email.as_deref().map(plain_text).filter(|text| !text.is_empty()).map(|text| text.to_lowercase());
    if email.as_deref().is_some_and(|text| text.len() > 254 || text.parse::<lettre::Address>().is_err()) {
        refuse("email", Code::EmailInvalid);
    }
    if phone.is_none() && email.is_none() && registration.phone.as_deref().is_none_or(|text| text.trim().is_empty()) {
        refuse("phone", Code::ContactRequired);
    }
    if let Some(code) = password_rules::resident_password_fault(&registration.password) {
        refuse("password", code);
    }
    if let Some(error) = check_birth_date(registration.birth_date, campus.clock.today()) {
        fields.push(error);
    }
    if branches::find(connection, registration.branch_id).await?.is_none() {
        fields.push(FieldError { field: "branch_id".to_owned(), code: Code::BranchUnknown });
    }
    let text = consents::text(connection, Purpose::Registration, campus.clock.now()).await?;
    if text.version != registration.consent.version {
        fields.push(FieldError { field: "consent.version".to_owned(), code: Code::ConsentVersionInvalid });
    }
    if !residents::are_groups(connection, &registration.groups).await? {
        fields.push(FieldError { field: "groups".to_owned(), code: Code::GroupUnknown });
    }
    if fields.is_empty() { Ok(Checked { name, phone, email }) } else { Err(Error::fields(fields)) }
}
