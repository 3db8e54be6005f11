//! What is asked of the database about branches.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Scope;
use super::rows::{Branch, NamedCode};
use crate::db::Connection;
use crate::db::schema::{branches, target_groups, topics};
use crate::error::Result;
use crate::language::Language;

pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Branch>> {
    Ok(branches::table
        .order((branches::parent_id.is_not_null(), branches::code))
        .select(Branch::as_select())
        .load(connection)
        .await?)
}

pub(super) async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Branch>> {
    Ok(branches::table.find(id).select(Branch::as_select()).first(connection).await.optional()?)
}

/// The branch that has none above it; of several the oldest.
pub(super) async fn street_centre(connection: &mut Connection) -> Result<Option<Branch>> {
    Ok(branches::table
        .filter(branches::parent_id.is_null())
        .order((branches::created_at, branches::id))
        .select(Branch::as_select())
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn ids_below(connection: &mut Connection, top: Uuid) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        id: Uuid,
    }
    let rows: Vec<Id> = diesel::sql_query(
        "WITH RECURSIVE below AS ( \
             SELECT id FROM branches WHERE id = $1 \
             UNION SELECT branches.id FROM branches JOIN below ON branches.parent_id = below.id) \
         SELECT id FROM below",
    )
    .bind::<diesel::sql_types::Uuid, _>(top)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

pub(super) async fn within(connection: &mut Connection, scope: &Scope, id: Uuid) -> Result<Option<Branch>> {
    if let Scope::Below(top) = scope
        && !ids_below(connection, *top).await?.contains(&id)
    {
        return Ok(None);
    }
    find(connection, id).await
}

/// `false`: the code is taken.
pub(super) async fn insert(connection: &mut Connection, branch: &Branch, at: OffsetDateTime) -> Result<bool> {
    let written = diesel::insert_into(branches::table)
        .values((branch, branches::created_at.eq(at)))
        .on_conflict(branches::code)
        .do_nothing()
        .execute(connection)
        .await?;
    Ok(written == 1)
}

pub(super) async fn update(connection: &mut Connection, branch: &Branch) -> Result<()> {
    diesel::update(branches::table.find(branch.id))
        .set((branches::name.eq(&branch.name), branches::population.eq(branch.population)))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn topics(connection: &mut Connection, language: Language) -> Result<Vec<NamedCode>> {
    let rows: Vec<(String, String, String)> = topics::table
        .order(topics::position)
        .select((topics::code, topics::name_zh, topics::name_en))
        .load(connection)
        .await?;
    Ok(named(rows, language))
}

pub(super) async fn groups(connection: &mut Connection, language: Language) -> Result<Vec<NamedCode>> {
    let rows: Vec<(String, String, String)> = target_groups::table
        .order(target_groups::position)
        .select((target_groups::code, target_groups::name_zh, target_groups::name_en))
        .load(connection)
        .await?;
    Ok(named(rows, language))
}

fn named(rows: Vec<(String, String, String)>, language: Language) -> Vec<NamedCode> {
    rows.into_iter()
        .map(|(code, chinese, english)| NamedCode {
            code,
            name: match language {
                Language::Chinese => chinese,
                Language::English => english,
            },
        })
        .collect()
}
