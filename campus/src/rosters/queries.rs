//! What is asked of the database about roster imports.

use diesel::prelude::*;
use diesel::sql_types;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::intake::StagedRow;
use super::private::Private;
use super::rows::{RosterImport, RosterProblem, StagedPerson, Status};
use crate::db::Connection;
use crate::db::schema::{roster_files, roster_imports, roster_rows};
use crate::error::Result;
use crate::seal::Seal;

/// The states in which a file is still to be read.
const UNREAD: [Status; 2] = [Status::Queued, Status::Reading];

pub(super) async fn insert(connection: &mut Connection, import: &RosterImport) -> Result<()> {
    diesel::insert_into(roster_imports::table).values(import).execute(connection).await?;
    Ok(())
}

/// The import, if it belongs to one of `branches` (`None`: to any).
pub(super) async fn within(
    connection: &mut Connection,
    branches: Option<&[Uuid]>,
    id: Uuid,
) -> Result<Option<RosterImport>> {
    let mut query = roster_imports::table.find(id).select(RosterImport::as_select()).into_boxed();
    if let Some(branches) = branches {
        query = query.filter(roster_imports::branch_id.eq_any(branches));
    }
    Ok(query.first(connection).await.optional()?)
}

pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<RosterImport> {
    Ok(roster_imports::table.find(id).select(RosterImport::as_select()).for_update().first(connection).await?)
}

/// The newest first: ids are ordered by time.
pub(super) async fn of_branch(
    connection: &mut Connection,
    branch_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<RosterImport>> {
    let mut query = roster_imports::table
        .filter(roster_imports::branch_id.eq(branch_id))
        .select(RosterImport::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(roster_imports::id.lt(before));
    }
    Ok(query.order(roster_imports::id.desc()).limit(limit).load(connection).await?)
}

/// The rows that register nobody, from behind `after` on, in the order of the file.
pub(super) async fn problems(
    connection: &mut Connection,
    import_id: Uuid,
    after: Option<i32>,
    limit: i64,
) -> Result<Vec<RosterProblem>> {
    Ok(roster_rows::table
        .filter(roster_rows::import_id.eq(import_id))
        .filter(roster_rows::verdict.ne("ok"))
        .filter(roster_rows::row.gt(after.unwrap_or(0)))
        .order(roster_rows::row)
        .limit(limit)
        .select(RosterProblem::as_select())
        .load(connection)
        .await?)
}

/// Writes staged rows in one statement.
pub(super) async fn insert_rows(
    connection: &mut Connection,
    seal: &Seal,
    import_id: Uuid,
    rows: &[StagedRow],
) -> Result<()> {
    let rows = rows.iter().map(|row| as_record(seal, import_id, row)).collect::<Result<Vec<_>>>()?;
    diesel::sql_query(
        "INSERT INTO roster_rows (import_id, row, sheet, sheet_row, verdict, name, birth_date, gender, \
             private_sealed, groups, registered_on, written, duplicate_row, duplicate_sheet, duplicate_sheet_row) \
         SELECT $1, given.row, sheet, sheet_row, verdict, name, birth_date, gender, \
             private_sealed, groups, registered_on, written, duplicate_row, duplicate_sheet, duplicate_sheet_row \
         FROM jsonb_to_recordset($2) AS given(row integer, sheet text, sheet_row integer, verdict text, name text, \
             birth_date date, gender text, private_sealed bytea, groups text[], registered_on date, \
             written text, duplicate_row integer, duplicate_sheet text, duplicate_sheet_row integer)",
    )
    .bind::<sql_types::Uuid, _>(import_id)
    .bind::<sql_types::Jsonb, _>(Value::Array(rows))
    .execute(connection)
    .await?;
    Ok(())
}

fn as_record(seal: &Seal, import_id: Uuid, row: &StagedRow) -> Result<Value> {
    Ok(json!({
        "row": row.row, "sheet": row.sheet, "sheet_row": row.sheet_row, "verdict": row.verdict, "name": row.name,
        "birth_date": row.birth_date.map(|date| date.to_string()), "gender": row.gender,
        "private_sealed": Private::of(row).seal(seal, import_id)?, "groups": row.groups,
        "registered_on": row.registered_on.map(|date| date.to_string()), "written": row.written,
        "duplicate_row": row.duplicate_row, "duplicate_sheet": row.duplicate_sheet,
        "duplicate_sheet_row": row.duplicate_sheet_row,
    }))
}

/// What a file turned out to hold.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) rows: i32,
    pub(super) counts: Value,
    pub(super) sheets: Value,
}

/// Marks an import as staged. `false`: it is no longer waited for (another worker has read
/// it, or it has expired).
pub(super) async fn mark_staged(connection: &mut Connection, id: Uuid, content: &Content) -> Result<bool> {
    let marked = diesel::update(roster_imports::table.find(id).filter(roster_imports::status.eq_any(UNREAD)))
        .set((
            roster_imports::status.eq(Status::Staged),
            roster_imports::progress.eq(100_i16),
            roster_imports::rows.eq(content.rows),
            roster_imports::counts.eq(&content.counts),
            roster_imports::sheets.eq(&content.sheets),
        ))
        .execute(connection)
        .await?;
    Ok(marked == 1)
}

/// Marks an import as being read, so far. `false`: it is no longer waited for.
pub(super) async fn mark_reading(connection: &mut Connection, id: Uuid, percent: i16) -> Result<bool> {
    let marked = diesel::update(roster_imports::table.find(id).filter(roster_imports::status.eq_any(UNREAD)))
        .set((roster_imports::status.eq(Status::Reading), roster_imports::progress.eq(percent)))
        .execute(connection)
        .await?;
    Ok(marked == 1)
}

/// Marks an import as failed. `false`: it is no longer waited for.
pub(super) async fn mark_failed(
    connection: &mut Connection,
    id: Uuid,
    failure: &str,
    extra: Option<&Value>,
) -> Result<bool> {
    let marked = diesel::update(roster_imports::table.find(id).filter(roster_imports::status.eq_any(UNREAD)))
        .set((
            roster_imports::status.eq(Status::Failed),
            roster_imports::failure.eq(failure),
            roster_imports::failure_extra.eq(extra),
        ))
        .execute(connection)
        .await?;
    Ok(marked == 1)
}

/// Moves a locked import from one status to another.
pub(super) async fn move_on(connection: &mut Connection, id: Uuid, from: Status, to: Status) -> Result<bool> {
    let moved = diesel::update(roster_imports::table.find(id).filter(roster_imports::status.eq(from)))
        .set(roster_imports::status.eq(to))
        .execute(connection)
        .await?;
    Ok(moved == 1)
}

/// Writes what the confirmation came to.
pub(super) async fn mark_confirmed(connection: &mut Connection, import: &RosterImport) -> Result<()> {
    diesel::update(roster_imports::table.find(import.id))
        .set((
            roster_imports::status.eq(import.status),
            roster_imports::counts.eq(&import.counts),
            roster_imports::registered.eq(import.registered),
            roster_imports::confirmed_at.eq(import.confirmed_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn keep_file(connection: &mut Connection, import_id: Uuid, sealed: &[u8]) -> Result<()> {
    diesel::insert_into(roster_files::table)
        .values((
            roster_files::import_id.eq(import_id),
            roster_files::content.eq(sealed),
            roster_files::sealed.eq(true),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// The content, and whether it is sealed.
pub(super) async fn file(connection: &mut Connection, import_id: Uuid) -> Result<Option<(Vec<u8>, bool)>> {
    Ok(roster_files::table
        .find(import_id)
        .select((roster_files::content, roster_files::sealed))
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn drop_file(connection: &mut Connection, import_id: Uuid) -> Result<()> {
    diesel::delete(roster_files::table.find(import_id)).execute(connection).await?;
    Ok(())
}

/// The numbers of the good rows, in the order in which people are written (see
/// [`crate::residents::record`]).
pub(super) async fn good_rows(connection: &mut Connection, import_id: Uuid) -> Result<Vec<i32>> {
    Ok(roster_rows::table
        .filter(roster_rows::import_id.eq(import_id))
        .filter(roster_rows::verdict.eq("ok"))
        .order((diesel::dsl::sql::<sql_types::Text>("name COLLATE \"C\""), roster_rows::birth_date))
        .select(roster_rows::row)
        .load(connection)
        .await?)
}

pub(super) async fn people(connection: &mut Connection, import_id: Uuid, rows: &[i32]) -> Result<Vec<StagedPerson>> {
    Ok(roster_rows::table
        .filter(roster_rows::import_id.eq(import_id))
        .filter(roster_rows::row.eq_any(rows))
        .select(StagedPerson::as_select())
        .load(connection)
        .await?)
}

pub(super) async fn mark_registered_before(connection: &mut Connection, import_id: Uuid, rows: &[i32]) -> Result<()> {
    diesel::update(
        roster_rows::table.filter(roster_rows::import_id.eq(import_id)).filter(roster_rows::row.eq_any(rows)),
    )
    .set(roster_rows::verdict.eq("already_registered"))
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes away the staged people: they are residents now, and kept there alone. What was
/// wrong with the others stays.
pub(super) async fn drop_people(connection: &mut Connection, import_id: Uuid) -> Result<()> {
    diesel::delete(
        roster_rows::table.filter(roster_rows::import_id.eq(import_id)).filter(roster_rows::verdict.eq("ok")),
    )
    .execute(connection)
    .await?;
    diesel::sql_query(
        "UPDATE roster_rows SET birth_date = NULL, gender = NULL, phone = NULL, id_number = NULL, private_sealed = NULL, groups = '{}', \
             registered_on = NULL \
         WHERE import_id = $1 AND verdict = 'already_registered'",
    )
    .bind::<sql_types::Uuid, _>(import_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// Expires what was not confirmed in time, and answers which. Rows and files go with it.
pub(super) async fn expire(connection: &mut Connection, now: OffsetDateTime) -> Result<Vec<RosterImport>> {
    let overdue = [Status::Queued, Status::Reading, Status::Staged];
    let expired: Vec<RosterImport> = diesel::update(
        roster_imports::table.filter(roster_imports::expires_at.le(now)).filter(roster_imports::status.eq_any(overdue)),
    )
    .set(roster_imports::status.eq(Status::Expired))
    .returning(RosterImport::as_returning())
    .get_results(connection)
    .await?;
    let ids: Vec<Uuid> = expired.iter().map(|import| import.id).collect();
    diesel::delete(roster_rows::table.filter(roster_rows::import_id.eq_any(&ids))).execute(connection).await?;
    diesel::delete(roster_files::table.filter(roster_files::import_id.eq_any(&ids))).execute(connection).await?;
    Ok(expired)
}

/// Takes names and the like out of the problems of confirmed imports that are past their
/// time; which row had which problem stays.
pub(super) async fn forget_names(connection: &mut Connection, now: OffsetDateTime) -> Result<()> {
    diesel::sql_query(
        "UPDATE roster_rows SET name = NULL, written = NULL FROM roster_imports \
         WHERE roster_imports.id = import_id AND roster_imports.status = 'confirmed' AND expires_at <= $1 \
             AND (name IS NOT NULL OR written IS NOT NULL)",
    )
    .bind::<sql_types::Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(())
}
