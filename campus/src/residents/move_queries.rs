//! What is asked of the database about moves.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Date as SqlDate};
use diesel_async::RunQueryDsl;
use time::Date;
use uuid::Uuid;

use super::moves::Belonging;
use super::rows::Move;
use crate::db::Connection;
use crate::db::schema::{resident_moves, residents};
use crate::error::Result;

mod functions {
    use diesel::sql_types::{Array, Date, Uuid};

    diesel::define_sql_function! {
        fn belonging_on(records: Array<Uuid>, day: Date) -> Jsonb;
    }
}

/// Moves of one resident are made one after another.
pub(super) async fn lock(connection: &mut Connection, resident_id: Uuid) -> Result<()> {
    residents::table.find(resident_id).select(residents::id).for_no_key_update().first::<Uuid>(connection).await?;
    Ok(())
}

pub(super) async fn last(connection: &mut Connection, resident_id: Uuid) -> Result<Option<Move>> {
    Ok(resident_moves::table
        .filter(resident_moves::resident_id.eq(resident_id))
        .order(resident_moves::place.desc())
        .select(Move::as_select())
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn list(
    connection: &mut Connection,
    resident_id: Uuid,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<Move>> {
    let mut query = resident_moves::table.filter(resident_moves::resident_id.eq(resident_id)).into_boxed();
    if let Some(before) = before {
        query = query.filter(resident_moves::place.lt(before));
    }
    Ok(query.order(resident_moves::place.desc()).limit(limit).select(Move::as_select()).load(connection).await?)
}

/// Whether every month from one day's to the other's is open, and stays so until the transaction
/// ends.
pub(super) async fn hold_months_open(connection: &mut Connection, from: Date, to: Date) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Open {
        #[diesel(sql_type = Bool)]
        open: bool,
    }
    let row: Open = diesel::sql_query("SELECT hold_months_open($1, $2) AS open")
        .bind::<SqlDate, _>(from)
        .bind::<SqlDate, _>(to)
        .get_result(connection)
        .await?;
    Ok(row.open)
}

/// Writes the move down and takes the resident where it leads.
pub(super) async fn insert(connection: &mut Connection, new: &Move) -> Result<()> {
    diesel::insert_into(resident_moves::table).values(new).execute(connection).await?;
    diesel::update(residents::table.find(new.resident_id))
        .set(residents::branch_id.eq(new.to_branch_id))
        .execute(connection)
        .await?;
    Ok(())
}

/// The first move after a day says where somebody was on it.
pub(super) async fn elsewhere_on(
    connection: &Connection,
    residents: &[Uuid],
    day: Date,
) -> Result<HashMap<Uuid, Uuid>> {
    let rows: Vec<(Uuid, Uuid)> = resident_moves::table
        .filter(resident_moves::resident_id.eq_any(residents).and(resident_moves::moved_on.gt(day)))
        .distinct_on(resident_moves::resident_id)
        .order((resident_moves::resident_id, resident_moves::place))
        .select((resident_moves::resident_id, resident_moves::from_branch_id))
        .load(&mut &*connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Whose records these are, and where these people were on a day: one statement, with nothing of what else is known
/// of them.
pub(super) async fn belonging_on(
    connection: &Connection,
    records: &[Uuid],
    day: Date,
) -> Result<HashMap<Uuid, Belonging>> {
    let found = diesel::select(functions::belonging_on(records, day)).get_result(&mut &*connection).await?;
    let rows: Vec<(Uuid, Uuid, Uuid)> = serde_json::from_value(found)?;
    let belonging =
        rows.into_iter().map(|(record_id, person_id, branch_id)| (record_id, Belonging { person_id, branch_id }));
    Ok(belonging.collect())
}
