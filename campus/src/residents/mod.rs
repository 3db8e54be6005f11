//! Residents: the people on record.

mod contact;
mod disclosure;
mod guardians;
pub mod identity;
pub mod jobs;
mod masking;
mod move_queries;
mod moves;
mod queries;
mod rows;
mod search;

use std::collections::HashMap;

use diesel_async::AsyncConnection;
use serde_json::json;
use time::{Date, Month as CalendarMonth};
use uuid::Uuid;

pub use contact::Contact;
pub(crate) use contact::phone_indexes;
pub use disclosure::{Disclosure, disclose};
pub use guardians::{Guardian, RELATIONS, guardian, keep_guardian};
pub use masking::{mask_id_number, mask_phone, surname};
pub use moves::{Belonging, belonging_on, elsewhere_on, move_to, moves};
pub use rows::{Found, Move, NewResident, Recorded, Resident};

use crate::Campus;
use crate::access::{self, Actor, CanManage, Proof};
use crate::audit;
use crate::branches::{self, scope};
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::paging::{Page, PageRequest, page};

/// Under this age a guardian has to consent.
pub const GUARDIAN_AGE: i32 = 14;

/// Records people in one statement. Whoever is on record already (same name and birth
/// date) is left out of the answer and untouched.
///
/// # Errors
/// What the database says.
pub async fn record(campus: &Campus, connection: &mut Connection, people: &[NewResident]) -> Result<Vec<Recorded>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    queries::insert(connection, &campus.seal, people, campus.clock.now(), campus.clock.today()).await
}

/// Which of these people (name and birth date) are on record: their places in the list.
///
/// # Errors
/// What the database says.
pub async fn known(connection: &mut Connection, people: &[(&str, Date)]) -> Result<Vec<usize>> {
    queries::known(connection, people).await
}

/// Residents of the actor's branches; `text` is part of a name, the initials of its pinyin, a
/// learner number, or the last digits (four at least) of a telephone.
///
/// # Errors
/// [`Code::NotFound`] for residents; a bad page.
pub async fn list(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    branch_id: Option<Uuid>,
    text: Option<&str>,
    request: &PageRequest,
) -> Result<Page<Resident>> {
    let limit = request.limit()?;
    let scope = match branch_id {
        Some(id) => branches::Scope::Below(branches::manageable(connection, actor, id).await?.object().id),
        None => scope(actor)?,
    };
    let within = branches::ids_within(connection, &scope).await?;
    if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
        return search::search(connection, &campus.seal, within.as_deref(), text, request).await;
    }
    let items = queries::list(connection, within.as_deref(), request.position()?, limit + 1).await?;
    page(items, limit, |resident| resident.id)
}

/// Proof that the actor may see and correct this resident; where the record was merged into another,
/// that one.
///
/// # Errors
/// [`Code::NotFound`] when absent or of another branch.
pub async fn manageable(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<CanManage<Resident>> {
    let within = branches::ids_within(connection, &scope(actor)?).await?;
    queries::find(connection, id)
        .await?
        .filter(|resident| within.as_ref().is_none_or(|ids| ids.contains(&resident.branch_id)))
        .map(Proof::issue)
        .ok_or_else(|| Error::code(Code::NotFound))
}

/// Proofs that the actor may see and correct each of these residents, in this order.
///
/// # Errors
/// [`Code::NotFound`] when one of them is absent or of another branch.
pub async fn manageable_all(
    connection: &mut Connection,
    actor: &Actor,
    ids: &[Uuid],
) -> Result<Vec<CanManage<Resident>>> {
    let within = branches::ids_within(connection, &scope(actor)?).await?;
    let found: HashMap<Uuid, Resident> =
        queries::with_ids(connection, ids).await?.into_iter().map(|found| (found.record.id, found.person)).collect();
    ids.iter()
        .map(|id| {
            found
                .get(id)
                .filter(|resident| within.as_ref().is_none_or(|ids| ids.contains(&resident.branch_id)))
                .cloned()
                .map(Proof::issue)
                .ok_or_else(|| Error::code(Code::NotFound))
        })
        .collect()
}

/// Locks these residents' rows, in the order of their ids, until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock(connection: &mut Connection, ids: &[Uuid]) -> Result<()> {
    queries::lock_all(connection, ids).await
}

/// Whoever is on record under this name and birth date.
///
/// # Errors
/// What the database says.
pub async fn with_identity(connection: &mut Connection, name: &str, birth_date: Date) -> Result<Option<Resident>> {
    queries::with_identity(connection, name, birth_date).await
}

/// The resident of this id, unless they have left; where the record was merged into another, that one.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Resident> {
    queries::find(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))
}

/// Every record of a person: the one that stays first, then those merged into it.
///
/// # Errors
/// What the database says.
pub async fn records(connection: &mut Connection, person: Uuid) -> Result<Vec<Uuid>> {
    Ok(queries::records(connection, &[person]).await?.into_iter().map(|(record, _)| record).collect())
}

/// Every record of the person whose record this is.
///
/// # Errors
/// What the database says.
pub async fn same_person(connection: &mut Connection, record: Uuid) -> Result<Vec<Uuid>> {
    let person = merged(connection, &[record]).await?.get(&record).copied().unwrap_or(record);
    records(connection, person).await
}

/// Every record of these persons, each with the person whose it is.
///
/// # Errors
/// What the database says.
pub async fn records_of(connection: &mut Connection, persons: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    Ok(queries::records(connection, persons).await?.into_iter().collect())
}

/// Those of these records that were merged into others, each with the person whose it is.
///
/// # Errors
/// What the database says.
pub async fn merged(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    Ok(queries::merged(connection, ids).await?.into_iter().collect())
}

/// These records as they stand, merged into others or not.
///
/// # Errors
/// What the database says.
pub async fn as_recorded(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Resident>> {
    queries::as_recorded(connection, ids).await
}

/// The records with these learner numbers, and whose they are.
///
/// # Errors
/// What the database says.
pub async fn with_learner_numbers(connection: &Connection, numbers: &[String]) -> Result<Vec<Found>> {
    queries::with_learner_numbers(connection, numbers).await
}

/// The records with these ids, and whose they are.
///
/// # Errors
/// What the database says.
pub async fn with_ids(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Found>> {
    queries::with_ids(connection, ids).await
}

/// The records with these names, and whose they are.
///
/// # Errors
/// What the database says.
pub async fn with_names(connection: &Connection, names: &[String]) -> Result<Vec<Found>> {
    queries::with_names(connection, names).await
}

/// What staff may correct; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct ResidentChange {
    /// A new telephone; empty takes it away.
    pub phone: Option<String>,
    /// The groups the person belongs to.
    pub groups: Option<Vec<String>>,
}

/// A permission that lets its holder correct a resident's record.
pub trait Correct {
    /// What the audit calls it.
    const AUDITED_AS: &'static str;
}

impl Correct for access::Manage {
    const AUDITED_AS: &'static str = "resident.changed";
}

impl Correct for access::Help {
    const AUDITED_AS: &'static str = "help.filled_in";
}

/// Corrects a resident's telephone or groups.
///
/// # Errors
/// The fields that are wrong.
pub async fn change<Permission: Correct>(
    campus: &Campus,
    actor: &Actor,
    proof: &Proof<Permission, Resident>,
    change: &ResidentChange,
) -> Result<Resident> {
    let phone = change.phone.as_deref().map(identity::parse_phone).transpose();
    let phone = phone.map_err(|_| Error::field("phone", Code::PhoneInvalid))?;
    let id = proof.object().id;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut resident = queries::lock(connection, id).await?;
            let mut phone_before = None;
            if let Some(groups) = &change.groups {
                check_groups(connection, groups).await?;
                queries::set_groups(connection, resident.id, groups).await?;
                resident.groups.clone_from(groups);
            }
            let renumbered = phone.is_some();
            if let Some(phone) = phone {
                let before = resident.contact(&campus.seal)?;
                phone_before = contact::before(&campus.seal, &resident, before.phone.as_deref())?;
                let contact = Contact { phone, ..before };
                let key = resident.sealed.personal_key.as_deref();
                resident.sealed = contact::seal_contact(&campus.seal, resident.id, key, &contact)?;
                queries::keep_contact(connection, resident.id, &resident.sealed).await?;
                (resident.plain_phone, resident.plain_id_number) = (None, None);
            }
            let entry = audit::Entry {
                action: Permission::AUDITED_AS,
                object_kind: "resident",
                object_id: Some(resident.id),
                branch_id: Some(resident.branch_id),
                detail: json!({"phone": renumbered, "groups": change.groups, "phone_before": phone_before}),
                actor: Some(actor),
            };
            audit::record(connection, campus.clock.now(), &entry).await?;
            Ok(resident)
        })
        .await
}

/// Refuses groups that there are none of.
///
/// # Errors
/// [`Code::GroupUnknown`] on the field `groups`.
pub async fn check_groups(connection: &mut Connection, groups: &[String]) -> Result<()> {
    if are_groups(connection, groups).await? { Ok(()) } else { Err(Error::field("groups", Code::GroupUnknown)) }
}

/// Whether there is each of these groups.
///
/// # Errors
/// What the database says.
pub async fn are_groups(connection: &mut Connection, codes: &[String]) -> Result<bool> {
    let known = branches::groups(connection, crate::language::Language::Chinese).await?;
    Ok(codes.iter().all(|code| known.iter().any(|each| each.code == *code)))
}

/// Checks a birth date given by the person: a day that has been, at most 120 years ago,
/// and old enough to register alone.
pub fn check_birth_date(birth_date: Date, today: Date) -> Option<FieldError> {
    let code = birth_date_fault(birth_date, today)
        .or_else(|| needs_guardian(birth_date, today).then_some(Code::GuardianRequired))?;
    Some(FieldError { field: "birth_date".to_owned(), code })
}

/// What is wrong with a birth date: it is to come, or more than 120 years ago.
#[must_use]
pub fn birth_date_fault(birth_date: Date, today: Date) -> Option<Code> {
    if birth_date > today {
        return Some(Code::BirthDateInFuture);
    }
    (age_on(birth_date, today) > 120).then_some(Code::BirthDateInvalid)
}

/// Whether a guardian has to consent for who was born on that day.
#[must_use]
pub fn needs_guardian(birth_date: Date, today: Date) -> bool {
    age_on(birth_date, today) < GUARDIAN_AGE
}

/// Full years of age on a day; who is born on 29 February has their birthday on 1 March
/// in other years.
#[must_use]
pub fn age_on(birth_date: Date, day: Date) -> i32 {
    let month_and_day = |date: Date| (u8::from(date.month()), date.day());
    let had_birthday = month_and_day(day) >= month_and_day(birth_date)
        && !(birth_date.month() == CalendarMonth::February
            && birth_date.day() == 29
            && day.month() == CalendarMonth::February
            && day.day() < 29);
    day.year() - birth_date.year() - i32::from(!had_birthday)
}
