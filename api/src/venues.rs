//! The venues of a branch: the rooms in which people come together, and how many find a seat there.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch, post};
use campus::access::KeepVenues;
use campus::branches::venues::{self, NewVenue, VenueChange};
use campus::{branches, credits};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{Id, Input};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// A room in which people come together.
#[derive(Debug, Serialize, ToSchema)]
pub struct Venue {
    id: Uuid,
    branch_id: Uuid,
    name: String,
    seats: i32,
    /// `null` while it is open.
    #[serde(with = "time::serde::rfc3339::option")]
    closed_at: Option<OffsetDateTime>,
}

impl Venue {
    fn new(state: &State, venue: branches::Venue) -> Self {
        let branches::Venue { id, branch_id, name, seats, closed_at } = venue;
        Self { id, branch_id, name, seats, closed_at: closed_at.map(|at| state.campus.clock.local(at)) }
    }
}

/// Venues that are open.
#[derive(Debug, Serialize, ToSchema)]
pub struct VenueList {
    items: Vec<Venue>,
    next_cursor: Option<String>,
}

impl VenueList {
    fn new(state: &State, found: Vec<branches::Venue>) -> Self {
        Self { items: found.into_iter().map(|venue| Venue::new(state, venue)).collect(), next_cursor: None }
    }
}

/// A venue to be opened.
#[derive(Debug, Deserialize, ToSchema)]
pub struct VenueInput {
    /// 1 to 60 characters, unlike any other open venue of the branch.
    name: String,
    /// 1 to 10,000.
    seats: i64,
}

/// What to change.
#[derive(Debug, Deserialize, ToSchema)]
pub struct VenueChangeInput {
    name: Option<String>,
    seats: Option<i64>,
}

/// Where something was held.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedVenue {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) seats: i32,
}

impl From<branches::Venue> for NamedVenue {
    fn from(venue: branches::Venue) -> Self {
        Self { id: venue.id, name: venue.name, seats: venue.seats }
    }
}

/// A venue as an award to a list would fill it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilledVenue {
    id: Uuid,
    name: String,
    seats: i32,
    /// How many people who are not on the list have been awarded there for the same day.
    others: i64,
}

impl From<credits::Filled> for FilledVenue {
    fn from(filled: credits::Filled) -> Self {
        Self { id: filled.venue_id, name: filled.name, seats: filled.seats, others: filled.others }
    }
}

/// The open venues of one's branches, by branch and name.
#[utoipa::path(tag = "venues", responses((status = 200, body = VenueList)))]
#[get("/venues")]
pub async fn list(state: Data<State>, permit: Permit<KeepVenues>) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let found = venues::list(connection, &branches::scope(&permit)?).await?;
    Ok(HttpResponse::Ok().json(VenueList::new(&state, found)))
}

/// The open venues of a branch, by name.
#[utoipa::path(tag = "venues", params(("id" = Uuid, Path,)), responses((status = 200, body = VenueList)))]
#[get("/branches/{id}/venues")]
pub async fn of_branch(state: Data<State>, permit: Permit<KeepVenues>, id: Id) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = branches::manageable(connection, &permit, id.0).await?;
    let found = venues::of_branch(connection, &proof).await?;
    Ok(HttpResponse::Ok().json(VenueList::new(&state, found)))
}

/// Open a venue.
#[utoipa::path(tag = "venues", params(("id" = Uuid, Path,)), request_body = VenueInput,
    responses((status = 201, body = Venue)))]
#[post("/branches/{id}/venues")]
pub async fn open(state: Data<State>, permit: Permit<KeepVenues>, id: Id, input: Input<VenueInput>) -> Answer {
    let new = NewVenue { name: input.0.name, seats: input.0.seats };
    let campus = state.campus.clone();
    let venue = detached(async move {
        let proof = branches::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        venues::open(&campus, &permit, &proof, &new).await
    })
    .await?;
    Ok(HttpResponse::Created().json(Venue::new(&state, venue)))
}

/// Change a venue's name or seats.
#[utoipa::path(tag = "venues", params(("id" = Uuid, Path,)), request_body = VenueChangeInput,
    responses((status = 200, body = Venue)))]
#[patch("/venues/{id}")]
pub async fn change(state: Data<State>, permit: Permit<KeepVenues>, id: Id, input: Input<VenueChangeInput>) -> Answer {
    let change = VenueChange { name: input.0.name, seats: input.0.seats };
    let campus = state.campus.clone();
    let venue = detached(async move {
        let proof = venues::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        venues::change(&campus, &permit, &proof, &change).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Venue::new(&state, venue)))
}

/// Close a venue: nothing more is held there. What names it goes on naming it.
#[utoipa::path(tag = "venues", params(("id" = Uuid, Path,)),
    responses((status = 201, body = Venue), (status = 200, description = "Closed before", body = Venue)))]
#[post("/venues/{id}/closure")]
pub async fn close(state: Data<State>, permit: Permit<KeepVenues>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let (venue, new) = detached(async move {
        let proof = venues::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        venues::close(&campus, &permit, &proof).await
    })
    .await?;
    let body = Venue::new(&state, venue);
    Ok(if new { HttpResponse::Created().json(body) } else { HttpResponse::Ok().json(body) })
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(of_branch).service(open).service(change).service(close);
}
