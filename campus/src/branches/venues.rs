//! The venues of a branch: the rooms in which people come together, and how many find a seat there.

use std::collections::HashMap;

use diesel_async::AsyncConnection;
use serde_json::json;
use uuid::Uuid;

use super::{Branch, Scope, Venue, ids_within, queries, scope, venue_queries};
use crate::Campus;
use crate::access::{Actor, CanManage, Proof};
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::ids::new_id;
use crate::writing;

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;
/// As many seats as the longest list of awards has people.
const MOST_SEATS: i32 = 10_000;
/// How many a branch may have open: lists of venues are short enough to be chosen from.
const MOST_OPEN: i64 = 100;

/// A venue to be opened.
#[derive(Debug, Clone)]
pub struct NewVenue {
    /// What it is called, unlike any other open one of its branch; at most 60 characters.
    pub name: String,
    /// How many find a seat: 1 to 10,000.
    pub seats: i64,
}

/// What may be changed about a venue; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct VenueChange {
    /// A new name.
    pub name: Option<String>,
    /// How many find a seat.
    pub seats: Option<i64>,
}

/// The open venues of a branch, by name.
///
/// # Errors
/// What the database says.
pub async fn of_branch(connection: &mut Connection, proof: &CanManage<Branch>) -> Result<Vec<Venue>> {
    venue_queries::open(connection, Some(&[proof.object().id])).await
}

/// The open venues of all branches within a scope, by branch and name.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &mut Connection, scope: &Scope) -> Result<Vec<Venue>> {
    let branches = ids_within(connection, scope).await?;
    venue_queries::open(connection, branches.as_deref()).await
}

/// These venues, closed ones too, by their ids.
///
/// # Errors
/// What the database says.
pub async fn with_ids(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Venue>> {
    let found = venue_queries::with_ids(connection, ids).await?;
    Ok(found.into_iter().map(|venue| (venue.id, venue)).collect())
}

/// The open venue that somebody names as `venue_id`.
///
/// # Errors
/// [`Code::VenueUnknown`] where it is absent or not theirs, [`Code::VenueClosed`]; both on the field `venue_id`.
pub async fn named(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<Venue> {
    let venue = within(connection, actor, id).await?;
    let venue = venue.ok_or_else(|| Error::field("venue_id", Code::VenueUnknown))?;
    if venue.closed_at.is_some() {
        return Err(Error::field("venue_id", Code::VenueClosed));
    }
    Ok(venue)
}

/// Proof that the actor may keep this venue: staff those of their own branch and below, admins all.
///
/// # Errors
/// [`Code::NotFound`] for a venue that is absent or not theirs.
pub async fn manageable(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<CanManage<Venue>> {
    within(connection, actor, id).await?.map(Proof::issue).ok_or_else(|| Error::code(Code::NotFound))
}

async fn within(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<Option<Venue>> {
    let Some(venue) = venue_queries::find(connection, id).await? else { return Ok(None) };
    let branch = queries::within(connection, &scope(actor)?, venue.branch_id).await?;
    Ok(branch.map(|_| venue))
}

/// Opens a venue at a branch.
///
/// # Errors
/// The fields that are wrong; [`Code::VenueNameTaken`] on the field `name`; [`Code::VenuesFull`].
pub async fn open(campus: &Campus, actor: &Actor, proof: &CanManage<Branch>, new: &NewVenue) -> Result<Venue> {
    let (name, seats) = check(&new.name, new.seats)?;
    let venue = Venue { id: new_id(), branch_id: proof.object().id, name, seats, closed_at: None };
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            venue_queries::hold_branch(connection, venue.branch_id).await?;
            refuse_taken(connection, &venue).await?;
            if venue_queries::open_at(connection, venue.branch_id).await? >= MOST_OPEN {
                return Err(Error::code(Code::VenuesFull));
            }
            venue_queries::insert(connection, &venue, now).await?;
            note(campus, connection, actor, "venue.opened", &venue).await
        })
        .await?;
    Ok(venue)
}

/// Changes a venue's name or seats. What was found before with the seats that it had stays as it was.
///
/// # Errors
/// The fields that are wrong; [`Code::VenueNameTaken`] on the field `name`; [`Code::VenueClosed`].
pub async fn change(campus: &Campus, actor: &Actor, proof: &CanManage<Venue>, change: &VenueChange) -> Result<Venue> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut venue = held(connection, proof).await?;
            if venue.closed_at.is_some() {
                return Err(Error::code(Code::VenueClosed));
            }
            let name = change.name.as_ref().unwrap_or(&venue.name);
            (venue.name, venue.seats) = check(name, change.seats.unwrap_or(venue.seats.into()))?;
            refuse_taken(connection, &venue).await?;
            venue_queries::update(connection, &venue).await?;
            note(campus, connection, actor, "venue.changed", &venue).await?;
            Ok(venue)
        })
        .await
}

/// Closes a venue: nothing more is held there. `true`: now; `false`: it was closed before.
///
/// # Errors
/// What the database says.
pub async fn close(campus: &Campus, actor: &Actor, proof: &CanManage<Venue>) -> Result<(Venue, bool)> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut venue = held(connection, proof).await?;
            if venue.closed_at.is_some() {
                return Ok((venue, false));
            }
            venue.closed_at = Some(campus.clock.now());
            venue_queries::update(connection, &venue).await?;
            note(campus, connection, actor, "venue.closed", &venue).await?;
            Ok((venue, true))
        })
        .await
}

/// The venue as it stands by now, nobody else changing it until the transaction ends.
async fn held(connection: &mut Connection, proof: &CanManage<Venue>) -> Result<Venue> {
    let known = proof.object();
    venue_queries::hold_branch(connection, known.branch_id).await?;
    venue_queries::find(connection, known.id).await?.ok_or_else(|| Error::code(Code::NotFound))
}

async fn refuse_taken(connection: &mut Connection, venue: &Venue) -> Result<()> {
    if venue_queries::is_taken(connection, venue).await? {
        return Err(Error::field("name", Code::VenueNameTaken));
    }
    Ok(())
}

/// The name as it is kept, and the seats.
fn check(name: &str, seats: i64) -> Result<(String, i32)> {
    let mut fields = Vec::new();
    let name = writing::or_refused(writing::line(name, LONGEST_NAME), "name", Code::Required, &mut fields);
    let seats = i32::try_from(seats).ok().filter(|seats| (1..=MOST_SEATS).contains(seats));
    if seats.is_none() {
        fields.push(FieldError { field: "seats".to_owned(), code: Code::SeatsInvalid });
    }
    match seats {
        Some(seats) if fields.is_empty() => Ok((name, seats)),
        _ => Err(Error::fields(fields)),
    }
}

async fn note(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    action: &'static str,
    venue: &Venue,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "venue",
        object_id: Some(venue.id),
        branch_id: Some(venue.branch_id),
        detail: json!({"name": venue.name, "seats": venue.seats}),
        actor: Some(actor),
    };
    audit::record(connection, campus.clock.now(), &entry).await
}
