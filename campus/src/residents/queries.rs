//! What is asked of the database about residents.

use diesel::prelude::*;
use diesel::sql_types;
use diesel_async::RunQueryDsl;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::contact::{Contact, seal_contact};
use super::identity::initials;
use super::rows::{Found, NewResident, Recorded, Resident, Sealed};
use crate::db::Connection;
use crate::db::schema::residents;
use crate::error::{Error, Result};
use crate::seal::Seal;

/// Records that staff see: not joined to another, not of somebody who has left.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn present() -> _ {
    let own: diesel::dsl::IsNull<residents::merged_into> = residents::merged_into.is_null();
    let here: diesel::dsl::IsNull<residents::left_at> = residents::left_at.is_null();
    own.and(here)
}

/// Several arrays go over in one statement: one round trip however many people there are.
/// They are written in the order of their names, so that two lists with the same people on
/// them, written at once, wait for each other and do not lock each other out.
pub(super) async fn insert(
    connection: &mut Connection,
    seal: &Seal,
    people: &[NewResident],
    at: OffsetDateTime,
    today: Date,
) -> Result<Vec<Recorded>> {
    let rows = people.iter().map(|person| as_record(seal, person)).collect::<Result<Vec<_>>>()?;
    Ok(diesel::sql_query(
        "WITH given AS (SELECT * FROM jsonb_to_recordset($1) AS person( \
             id uuid, name text, birth_date date, gender text, groups text[], branch_id uuid, registered_on date, \
             origin text, initials text, personal_key bytea, phone_sealed bytea, phone_index bytea, \
             phone_tail_index bytea, id_number_sealed bytea, id_number_index bytea)), \
         months AS (SELECT happened, counted_month(happened, $3) AS counted \
             FROM (SELECT DISTINCT date_trunc('month', registered_on)::date AS happened FROM given ORDER BY 1) AS each) \
         INSERT INTO residents (id, name, birth_date, gender, groups, branch_id, registered_branch_id, \
             registered_on, counted_month, origin, recorded_at, initials, personal_key, phone_sealed, phone_index, \
             phone_tail_index, id_number_sealed, id_number_index) \
         SELECT id, name, birth_date, gender, groups, branch_id, branch_id, registered_on, counted, origin, $2, \
             initials, personal_key, phone_sealed, phone_index, phone_tail_index, id_number_sealed, id_number_index \
         FROM given JOIN months ON happened = date_trunc('month', registered_on)::date \
         ORDER BY name COLLATE \"C\", birth_date \
         ON CONFLICT (name, birth_date) DO NOTHING \
         RETURNING id, learner_number",
    )
    .bind::<sql_types::Jsonb, _>(serde_json::Value::Array(rows))
    .bind::<sql_types::Timestamptz, _>(at)
    .bind::<sql_types::Date, _>(today)
    .load(connection)
    .await?)
}

fn as_record(seal: &Seal, person: &NewResident) -> Result<serde_json::Value> {
    let contact = Contact { phone: person.phone.clone(), id_number: person.id_number.clone() };
    let sealed = seal_contact(seal, person.id, None, &contact)?;
    let binary = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| format!("\\x{}", hex::encode(bytes)));
    Ok(serde_json::json!({
        "id": person.id, "name": person.name, "birth_date": person.birth_date.to_string(),
        "gender": person.gender, "groups": person.groups, "branch_id": person.branch_id,
        "registered_on": person.registered_on.to_string(), "origin": person.origin,
        "initials": initials(&person.name), "personal_key": binary(&sealed.personal_key),
        "phone_sealed": binary(&sealed.phone_sealed), "phone_index": binary(&sealed.phone_index),
        "phone_tail_index": binary(&sealed.phone_tail_index), "id_number_sealed": binary(&sealed.id_number_sealed),
        "id_number_index": binary(&sealed.id_number_index),
    }))
}

pub(super) async fn known(connection: &mut Connection, people: &[(&str, Date)]) -> Result<Vec<usize>> {
    #[derive(QueryableByName)]
    struct Place {
        #[diesel(sql_type = sql_types::BigInt)]
        place: i64,
    }
    let (names, birth_dates): (Vec<&str>, Vec<Date>) = people.iter().copied().unzip();
    let places: Vec<Place> = diesel::sql_query(
        "SELECT given.place FROM unnest($1, $2) WITH ORDINALITY AS given(name, birth_date, place) \
         WHERE EXISTS (SELECT FROM residents WHERE residents.name = given.name \
             AND residents.birth_date = given.birth_date)",
    )
    .bind::<sql_types::Array<sql_types::Text>, _>(names)
    .bind::<sql_types::Array<sql_types::Date>, _>(birth_dates)
    .load(connection)
    .await?;
    places.into_iter().map(|row| usize::try_from(row.place - 1).map_err(Error::internal)).collect()
}

pub(super) async fn list(
    connection: &mut Connection,
    within: Option<&[Uuid]>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Resident>> {
    let mut query = residents::table.filter(present()).into_boxed();
    if let Some(ids) = within {
        query = query.filter(residents::branch_id.eq_any(ids.to_vec()));
    }
    if let Some(after) = after {
        query = query.filter(residents::id.gt(after));
    }
    Ok(query.order(residents::id).limit(limit).select(Resident::as_select()).load(connection).await?)
}

/// The person whose record this is: where it was merged into another, that one.
pub(super) async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Resident>> {
    let found: Option<(Resident, Option<Uuid>)> = residents::table
        .find(id)
        .filter(residents::left_at.is_null())
        .select((Resident::as_select(), residents::merged_into))
        .first(connection)
        .await
        .optional()?;
    match found {
        Some((_, Some(person))) => {
            Ok(residents::table.find(person).select(Resident::as_select()).first(connection).await.optional()?)
        }
        other => Ok(other.map(|(record, _)| record)),
    }
}

/// Whoever is on record under this name and birth date, also by a record that was merged away.
pub(super) async fn with_identity(
    connection: &mut Connection,
    name: &str,
    birth_date: Date,
) -> Result<Option<Resident>> {
    let record: Option<Uuid> = residents::table
        .filter(residents::name.eq(name).and(residents::birth_date.eq(birth_date)))
        .order(residents::merged_into.is_not_null())
        .select(residents::id)
        .first(connection)
        .await
        .optional()?;
    match record {
        Some(record) => find(connection, record).await,
        None => Ok(None),
    }
}

/// Every record of these persons, each with the person whose it is.
pub(super) async fn records(connection: &mut Connection, persons: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    let rows: Vec<(Uuid, Option<Uuid>)> = residents::table
        .filter(residents::merged_into.eq_any(persons))
        .order(residents::id)
        .select((residents::id, residents::merged_into))
        .load(connection)
        .await?;
    let merged = rows.into_iter().filter_map(|(record, person)| person.map(|person| (record, person)));
    Ok(persons.iter().map(|person| (*person, *person)).chain(merged).collect())
}

/// These records as they stand, merged or not.
pub(super) async fn as_recorded(connection: &Connection, ids: &[Uuid]) -> Result<Vec<Resident>> {
    Ok(residents::table.filter(residents::id.eq_any(ids)).select(Resident::as_select()).load(&mut &*connection).await?)
}

/// Those of these records that were merged into others, each with the person whose it is.
pub(super) async fn merged(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    let rows: Vec<(Uuid, Option<Uuid>)> = residents::table
        .filter(residents::id.eq_any(ids).and(residents::merged_into.is_not_null()))
        .select((residents::id, residents::merged_into))
        .load(connection)
        .await?;
    Ok(rows.into_iter().filter_map(|(record, person)| person.map(|person| (record, person))).collect())
}

/// Puts to each record the person whose it is.
pub(super) async fn with_persons(connection: &Connection, found: Vec<(Resident, Option<Uuid>)>) -> Result<Vec<Found>> {
    let merged: Vec<Uuid> = found.iter().filter_map(|(_, person)| *person).collect();
    let persons = if merged.is_empty() { Vec::new() } else { as_recorded(connection, &merged).await? };
    let found = found.into_iter().map(|(record, person)| Found {
        person: person.and_then(|id| persons.iter().find(|each| each.id == id)).unwrap_or(&record).clone(),
        record,
    });
    Ok(found.collect())
}

pub(super) async fn with_learner_numbers(connection: &Connection, numbers: &[String]) -> Result<Vec<Found>> {
    let found = residents::table
        .filter(residents::learner_number.eq_any(numbers).and(residents::left_at.is_null()))
        .select((Resident::as_select(), residents::merged_into))
        .load(&mut &*connection)
        .await?;
    with_persons(connection, found).await
}

pub(super) async fn with_ids(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Found>> {
    let found = residents::table
        .filter(residents::id.eq_any(ids).and(residents::left_at.is_null()))
        .select((Resident::as_select(), residents::merged_into))
        .load(connection)
        .await?;
    with_persons(connection, found).await
}

pub(super) async fn with_names(connection: &Connection, names: &[String]) -> Result<Vec<Found>> {
    let found = residents::table
        .filter(residents::name.eq_any(names).and(residents::left_at.is_null()))
        .order(residents::id)
        .select((Resident::as_select(), residents::merged_into))
        .load(&mut &*connection)
        .await?;
    with_persons(connection, found).await
}

/// The row as it stands, nobody else changing it until the transaction ends.
pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<Resident> {
    Ok(residents::table
        .find(id)
        .filter(residents::left_at.is_null())
        .select(Resident::as_select())
        .for_no_key_update()
        .first(connection)
        .await?)
}

/// In the order of the ids, so that two lists with the same people wait for each other.
pub(super) async fn lock_all(connection: &mut Connection, ids: &[Uuid]) -> Result<()> {
    let _: Vec<Uuid> = residents::table
        .filter(residents::id.eq_any(ids))
        .order(residents::id)
        .select(residents::id)
        .for_no_key_update()
        .load(connection)
        .await?;
    Ok(())
}

pub(super) async fn set_groups(connection: &mut Connection, id: Uuid, groups: &[String]) -> Result<()> {
    diesel::update(residents::table.find(id)).set(residents::groups.eq(groups)).execute(connection).await?;
    Ok(())
}

/// Keeps numbers sealed, and nowhere else.
pub(super) async fn keep_contact(connection: &mut Connection, id: Uuid, sealed: &Sealed) -> Result<()> {
    diesel::update(residents::table.find(id))
        .set((sealed, residents::phone.eq(None::<String>), residents::id_number.eq(None::<String>)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps what a person is found by.
pub(super) async fn set_initials(connection: &mut Connection, id: Uuid, initials: &str) -> Result<()> {
    diesel::update(residents::table.find(id)).set(residents::initials.eq(initials)).execute(connection).await?;
    Ok(())
}

/// Some of those whose numbers stand there in plain or by an older key, or whose name cannot be
/// found by its initials yet.
pub(super) async fn to_seal(connection: &mut Connection, seal: &Seal, limit: i64) -> Result<Vec<Resident>> {
    Ok(diesel::sql_query(
        "SELECT * FROM residents \
         WHERE initials IS NULL OR phone IS NOT NULL OR id_number IS NOT NULL OR substr(personal_key, 1, 4) <> $1 \
             OR substr(phone_index, 1, 4) <> $2 OR substr(id_number_index, 1, 4) <> $2 \
         LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED",
    )
    .bind::<sql_types::Binary, _>(seal.newest_key())
    .bind::<sql_types::Binary, _>(seal.newest_index_key())
    .bind::<sql_types::BigInt, _>(limit)
    .load(connection)
    .await?)
}
