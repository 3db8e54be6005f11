//! What is asked of the database about dossiers themselves.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::package::Finished;
use super::rows::{Dossier, State};
use crate::db::Connection;
use crate::db::schema::dossiers;
use crate::error::Result;

/// How many are listed, and how many removed at once.
const MOST: i64 = 100;

/// `false`: one of this year and branch is being made.
pub(super) async fn insert(connection: &mut Connection, dossier: &Dossier) -> Result<bool> {
    let written =
        diesel::insert_into(dossiers::table).values(dossier).on_conflict_do_nothing().execute(connection).await?;
    Ok(written == 1)
}

pub(super) async fn in_the_making(connection: &mut Connection, year: i32, branch: Option<Uuid>) -> Result<Dossier> {
    Ok(dossiers::table
        .filter(dossiers::year.eq(year))
        .filter(dossiers::branch_id.is_not_distinct_from(branch))
        .order(dossiers::requested_at.desc())
        .select(Dossier::as_select())
        .first(connection)
        .await?)
}

/// Those of a year; of these branches alone, or also the street's where there is no such limit.
pub(super) async fn of_year(connection: &mut Connection, year: i32, within: Option<&[Uuid]>) -> Result<Vec<Dossier>> {
    let mut query = dossiers::table
        .filter(dossiers::year.eq(year))
        .order((dossiers::requested_at.desc(), dossiers::id.desc()))
        .limit(MOST)
        .select(Dossier::as_select())
        .into_boxed();
    if let Some(branches) = within {
        query = query.filter(dossiers::branch_id.eq_any(branches));
    }
    Ok(query.load(connection).await?)
}

pub(super) async fn within(connection: &mut Connection, id: Uuid, within: Option<&[Uuid]>) -> Result<Option<Dossier>> {
    let mut query = dossiers::table.filter(dossiers::id.eq(id)).select(Dossier::as_select()).into_boxed();
    if let Some(branches) = within {
        query = query.filter(dossiers::branch_id.eq_any(branches));
    }
    Ok(query.first(connection).await.optional()?)
}

pub(super) async fn waiting(connection: &mut Connection, id: Uuid) -> Result<Option<Dossier>> {
    Ok(dossiers::table
        .filter(dossiers::id.eq(id))
        .filter(dossiers::state.eq(State::Making.as_str()))
        .select(Dossier::as_select())
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn progress(connection: &mut Connection, id: Uuid, done: i32) -> Result<()> {
    diesel::update(dossiers::table.filter(dossiers::id.eq(id)).filter(dossiers::state.eq(State::Making.as_str())))
        .set(dossiers::done.eq(done))
        .execute(connection)
        .await?;
    Ok(())
}

/// `false`: it does not wait for this any more, as another worker has made it.
pub(super) async fn ready(
    connection: &mut Connection,
    id: Uuid,
    object_key: &str,
    archive: &Finished,
    now: OffsetDateTime,
) -> Result<bool> {
    let written =
        diesel::update(dossiers::table.filter(dossiers::id.eq(id)).filter(dossiers::state.eq(State::Making.as_str())))
            .set((
                dossiers::state.eq(State::Ready.as_str()),
                dossiers::done.eq(dossiers::parts),
                dossiers::object_key.eq(object_key),
                dossiers::files.eq(archive.files),
                dossiers::size.eq(archive.size),
                dossiers::sha256.eq(&archive.sha256),
                dossiers::finished_at.eq(now),
            ))
            .execute(connection)
            .await?;
    Ok(written == 1)
}

pub(super) async fn fail(connection: &mut Connection, id: Uuid, now: OffsetDateTime) -> Result<()> {
    diesel::update(dossiers::table.filter(dossiers::id.eq(id)).filter(dossiers::state.eq(State::Making.as_str())))
        .set((dossiers::state.eq(State::Failed.as_str()), dossiers::finished_at.eq(now)))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn finished_before(connection: &mut Connection, before: OffsetDateTime) -> Result<Vec<Dossier>> {
    Ok(dossiers::table
        .filter(dossiers::state.eq_any([State::Ready.as_str(), State::Failed.as_str()]))
        .filter(dossiers::finished_at.le(before))
        .order(dossiers::id)
        .limit(MOST)
        .select(Dossier::as_select())
        .load(connection)
        .await?)
}

pub(super) async fn removed(connection: &mut Connection, id: Uuid) -> Result<()> {
    diesel::update(dossiers::table.filter(dossiers::id.eq(id)))
        .set(dossiers::state.eq(State::Removed.as_str()))
        .execute(connection)
        .await?;
    Ok(())
}
