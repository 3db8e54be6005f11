//! Registration at the desk: staff take down what a person tells them.

use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::Date;
use uuid::Uuid;

use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::audit;
use crate::branches::Branch;
use crate::consents::{self, Channel, Purpose};
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::idempotency::{self, Request};
use crate::ids::new_id;
use crate::residents::identity::{NameProblem, normalise_name, parse_date, parse_id_number, parse_phone};
use crate::residents::{self, Guardian, NewResident, RELATIONS, Resident};

/// What a person says of themselves at the desk, as staff type it.
#[derive(Debug, Clone, Serialize)]
pub struct DeskRegistration {
    /// The name.
    pub name: String,
    /// `1956-03-02`, `19560302` and what else rosters write; empty where the ID number tells it.
    pub birth_date: Option<String>,
    /// Theirs or shared; may be none.
    pub phone: Option<String>,
    /// 15 or 18 characters; may be none.
    pub id_number: Option<String>,
    /// `female` or `male`; the ID number tells it too.
    pub gender: Option<String>,
    /// Codes of target groups.
    pub groups: Vec<String>,
    /// To being on record.
    pub consent: ReadAloud,
    /// For children under 14; of others none is kept.
    pub guardian: Option<DeskGuardian>,
}

/// A text that was read aloud and agreed to.
#[derive(Debug, Clone, Serialize)]
pub struct ReadAloud {
    /// The version of the text.
    pub version: String,
    /// Staff say that they read it aloud and the person agreed.
    pub read_aloud: bool,
}

/// A child's guardian, who stands at the desk with it.
#[derive(Debug, Clone, Serialize)]
pub struct DeskGuardian {
    /// The name.
    pub name: String,
    /// A telephone.
    pub phone: String,
    /// One of [`RELATIONS`].
    pub relation: String,
    /// To the text for guardians.
    pub consent: ReadAloud,
}

/// What came of it.
#[derive(Debug)]
pub enum AtDesk {
    /// Newly on record; or earlier, by the same request.
    Registered(Resident),
    /// On record already: the record, where it is of the actor's branches.
    Known(Option<Resident>),
}

/// What is kept for whoever asks again: the record tells the rest.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: Uuid,
}

/// Registers a person who stands at the desk.
///
/// # Errors
/// The fields that are wrong.
pub async fn register_at_desk(
    campus: &Campus,
    actor: &Actor,
    branch: &CanManage<Branch>,
    request: &Request,
    registration: &DeskRegistration,
) -> Result<AtDesk> {
    let connection = &mut *campus.database.connection().await?;
    let (person, guardian) = check(campus, connection, branch.object().id, registration).await?;
    let written = connection
        .transaction(async |connection| {
            if let Some(Kept { id }) = idempotency::claim(connection, request, campus.clock.now()).await? {
                return residents::find(connection, id).await;
            }
            let resident = write(campus, connection, actor, registration, &person, guardian.as_ref()).await?;
            idempotency::keep(connection, request, &Kept { id: resident.id }).await?;
            Ok(resident)
        })
        .await;
    match written {
        Ok(resident) => Ok(AtDesk::Registered(resident)),
        // Whatever was begun is undone: the key may be used again once the person is not on record.
        Err(error) if error.stable_code() == Code::ResidentExists => {
            let Some(known) = residents::with_identity(connection, &person.name, person.birth_date).await? else {
                return Ok(AtDesk::Known(None));
            };
            let theirs = residents::manageable(connection, actor, known.id).await;
            Ok(AtDesk::Known(theirs.ok().map(|proof| proof.object().clone())))
        }
        Err(error) => Err(error),
    }
}

async fn write(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    registration: &DeskRegistration,
    person: &NewResident,
    guardian: Option<&Guardian>,
) -> Result<Resident> {
    let now = campus.clock.now();
    let recorded = residents::record(campus, connection, std::slice::from_ref(person)).await?;
    if recorded.is_empty() {
        return Err(Error::code(Code::ResidentExists));
    }
    let resident = residents::find(connection, person.id).await?;
    let mut agreed = vec![(Purpose::Registration, &registration.consent.version)];
    if let (Some(guardian), Some(given)) = (guardian, &registration.guardian) {
        residents::keep_guardian(campus, connection, &resident, guardian, now).await?;
        agreed.push((Purpose::GuardianRegistration, &given.consent.version));
    }
    for (purpose, version) in agreed {
        consents::record(connection, Some(actor), person.id, purpose, version, Channel::Desk, now).await?;
    }
    let entry = audit::Entry {
        action: "resident.registered",
        object_kind: "resident",
        object_id: Some(person.id),
        branch_id: Some(person.branch_id),
        detail: json!({
            "origin": "desk", "consent": registration.consent.version,
            "guardian": guardian.map(|guardian| &guardian.relation),
        }),
        actor: Some(actor),
    };
    audit::record(connection, now, &entry).await?;
    Ok(resident)
}

/// Collects what is wrong with a form.
#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, field: &str, code: Code) {
        self.0.push(FieldError { field: field.to_owned(), code });
    }

    fn name(&mut self, field: &str, raw: &str) -> String {
        normalise_name(raw).unwrap_or_else(|problem| {
            let code = match problem {
                _ if raw.trim().is_empty() => Code::Required,
                NameProblem::TooLong => Code::TooLong,
                _ => Code::NameInvalid,
            };
            self.add(field, code);
            String::new()
        })
    }

    fn phone(&mut self, field: &str, raw: Option<&str>) -> Option<String> {
        raw.map_or(Ok(None), parse_phone).unwrap_or_else(|_| {
            self.add(field, Code::PhoneInvalid);
            None
        })
    }

    /// `text`: the one in force.
    fn consent(&mut self, field: &str, text: &str, given: &ReadAloud) {
        if given.version != text {
            self.add(&format!("{field}.version"), Code::ConsentVersionInvalid);
        } else if !given.read_aloud {
            self.add(&format!("{field}.read_aloud"), Code::ConsentNoted);
        }
    }

    /// The birth date as it was typed, or as the ID number tells it; not both in disagreement.
    fn birth_date(&mut self, typed: Option<&str>, told: Option<Date>, today: Date) -> Option<Date> {
        let Ok(typed) = typed.map_or(Ok(None), parse_date) else {
            self.add("birth_date", Code::BirthDateInvalid);
            return None;
        };
        let Some(birth_date) = typed.or(told) else {
            self.add("birth_date", Code::Required);
            return None;
        };
        if told.is_some_and(|told| told != birth_date) {
            self.add("birth_date", Code::BirthDateDiffers);
        } else if let Some(code) = residents::birth_date_fault(birth_date, today) {
            self.add("birth_date", code);
        }
        Some(birth_date)
    }
}

async fn check(
    campus: &Campus,
    connection: &mut Connection,
    branch_id: Uuid,
    registration: &DeskRegistration,
) -> Result<(NewResident, Option<Guardian>)> {
    let (now, today) = (campus.clock.now(), campus.clock.today());
    let mut faults = Faults::default();
    let name = faults.name("name", &registration.name);
    let id_number = registration.id_number.as_deref().map_or(Ok(None), parse_id_number).unwrap_or_else(|_| {
        faults.add("id_number", Code::IdNumberInvalid);
        None
    });
    let told = id_number.as_ref().map(|known| known.birth_date);
    let birth_date = faults.birth_date(registration.birth_date.as_deref(), told, today);
    let phone = faults.phone("phone", registration.phone.as_deref());
    let gender = registration.gender.clone().filter(|gender| !gender.is_empty());
    if gender.as_deref().is_some_and(|gender| !["female", "male"].contains(&gender)) {
        faults.add("gender", Code::ValueInvalid);
    }
    if !residents::are_groups(connection, &registration.groups).await? {
        faults.add("groups", Code::GroupUnknown);
    }
    let text = consents::text(connection, Purpose::Registration, now).await?;
    faults.consent("consent", &text.version, &registration.consent);
    let is_child =
        birth_date.is_some_and(|birth_date| birth_date <= today && residents::needs_guardian(birth_date, today));
    let guardian = match (is_child, &registration.guardian) {
        (false, _) => None,
        (true, None) => {
            faults.add("guardian", Code::GuardianRequired);
            None
        }
        (true, Some(given)) => {
            let text = consents::text(connection, Purpose::GuardianRegistration, now).await?;
            Some(check_guardian(&mut faults, given, &text.version))
        }
    };
    let Some(birth_date) = birth_date.filter(|_| faults.0.is_empty()) else { return Err(Error::fields(faults.0)) };
    let gender = gender.or_else(|| id_number.as_ref().map(|known| known.gender.code().to_owned()));
    let id_number = id_number.map(|known| known.number);
    let groups = registration.groups.clone();
    let (id, registered_on) = (new_id(), today);
    let person = NewResident {
        id,
        name,
        birth_date,
        gender,
        phone,
        id_number,
        groups,
        branch_id,
        registered_on,
        origin: "desk",
    };
    Ok((person, guardian))
}

fn check_guardian(faults: &mut Faults, given: &DeskGuardian, text: &str) -> Guardian {
    let name = faults.name("guardian.name", &given.name);
    let before = faults.0.len();
    let phone = faults.phone("guardian.phone", Some(&given.phone));
    if phone.is_none() && faults.0.len() == before {
        faults.add("guardian.phone", Code::Required);
    }
    if !RELATIONS.contains(&given.relation.as_str()) {
        faults.add("guardian.relation", if given.relation.is_empty() { Code::Required } else { Code::ValueInvalid });
    }
    faults.consent("guardian.consent", text, &given.consent);
    Guardian { name, phone: phone.unwrap_or_default(), relation: given.relation.clone() }
}
