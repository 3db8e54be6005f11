//! What is asked of the database about venues.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::Venue;
use crate::db::Connection;
use crate::db::schema::{branches, venues};
use crate::error::Result;

/// Those that are open at these branches (`None`: at all), by branch and name.
pub(super) async fn open(connection: &mut Connection, branches: Option<&[Uuid]>) -> Result<Vec<Venue>> {
    let mut query = venues::table.filter(venues::closed_at.is_null()).select(Venue::as_select()).into_boxed();
    if let Some(branches) = branches {
        query = query.filter(venues::branch_id.eq_any(branches));
    }
    Ok(query.order((venues::branch_id, venues::name)).load(connection).await?)
}

pub(super) async fn with_ids(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Venue>> {
    Ok(venues::table.filter(venues::id.eq_any(ids)).select(Venue::as_select()).load(connection).await?)
}

/// Venues of one branch are written one after another: a name that is free stays so meanwhile.
pub(super) async fn hold_branch(connection: &mut Connection, branch: Uuid) -> Result<()> {
    let held = branches::table.find(branch).select(branches::id).for_no_key_update();
    held.first::<Uuid>(connection).await?;
    Ok(())
}

pub(super) async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Venue>> {
    Ok(venues::table.find(id).select(Venue::as_select()).first(connection).await.optional()?)
}

/// Whether another open venue of the branch is called so.
pub(super) async fn is_taken(connection: &mut Connection, venue: &Venue) -> Result<bool> {
    let other = venues::table
        .filter(venues::branch_id.eq(venue.branch_id).and(venues::name.eq(&venue.name)))
        .filter(venues::closed_at.is_null().and(venues::id.ne(venue.id)));
    Ok(diesel::select(exists(other)).get_result(connection).await?)
}

/// How many are open at a branch.
pub(super) async fn open_at(connection: &mut Connection, branch: Uuid) -> Result<i64> {
    let open = venues::table.filter(venues::branch_id.eq(branch).and(venues::closed_at.is_null()));
    Ok(open.count().get_result(connection).await?)
}

pub(super) async fn insert(connection: &mut Connection, venue: &Venue, at: OffsetDateTime) -> Result<()> {
    diesel::insert_into(venues::table).values((venue, venues::created_at.eq(at))).execute(connection).await?;
    Ok(())
}

pub(super) async fn update(connection: &mut Connection, venue: &Venue) -> Result<()> {
    diesel::update(venues::table.find(venue.id)).set(venue).execute(connection).await?;
    Ok(())
}
