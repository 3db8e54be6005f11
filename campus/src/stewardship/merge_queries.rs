//! What is asked of the database about merges.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::merges::{Holdings, Merge};
use crate::db::Connection;
use crate::db::schema::{resident_merges, residents};
use crate::error::Result;

type Columns = (Uuid, Uuid, Uuid, OffsetDateTime, Option<OffsetDateTime>);
const COLUMNS: (
    resident_merges::id,
    resident_merges::kept_id,
    resident_merges::merged_id,
    resident_merges::merged_at,
    resident_merges::undone_at,
) = (
    resident_merges::id,
    resident_merges::kept_id,
    resident_merges::merged_id,
    resident_merges::merged_at,
    resident_merges::undone_at,
);

fn merge((id, kept_id, merged_id, merged_at, undone_at): Columns) -> Merge {
    Merge { id, kept_id, merged_id, merged_at, undone_at }
}

/// Merges and moves of these residents wait for one another; they are held in one order.
pub(super) async fn hold(connection: &mut Connection, ids: &[Uuid]) -> Result<()> {
    residents::table
        .filter(residents::id.eq_any(ids))
        .order(residents::id)
        .select(residents::id)
        .for_no_key_update()
        .load::<Uuid>(connection)
        .await?;
    Ok(())
}

/// Nothing is posted to these residents' accounts until the transaction ends.
pub(super) async fn hold_credit_accounts(connection: &mut Connection, ids: &[Uuid]) -> Result<()> {
    diesel::sql_query("SELECT hold_credit_accounts($1)").bind::<Array<SqlUuid>, _>(ids).execute(connection).await?;
    Ok(())
}

pub(super) async fn holdings(connection: &mut Connection, records: &[Uuid]) -> Result<Holdings> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        credits: i64,
        #[diesel(sql_type = BigInt)]
        points: i64,
        #[diesel(sql_type = BigInt)]
        enrollments: i64,
        #[diesel(sql_type = BigInt)]
        completions: i64,
        #[diesel(sql_type = Bool)]
        account: bool,
    }
    let row: Row = diesel::sql_query(
        "SELECT (SELECT coalesce(sum(balance) FILTER (WHERE unit = 'credit'), 0)::bigint FROM credit_accounts \
                 WHERE kind = 'resident' AND resident_id = ANY($1)) AS credits, \
             (SELECT coalesce(sum(balance) FILTER (WHERE unit = 'point'), 0)::bigint FROM credit_accounts \
                 WHERE kind = 'resident' AND resident_id = ANY($1)) AS points, \
             (SELECT count(DISTINCT course_id) FROM enrollments WHERE resident_id = ANY($1)) AS enrollments, \
             (SELECT count(DISTINCT course_id) FROM enrollments WHERE resident_id = ANY($1) AND completed_at IS NOT NULL) \
                 AS completions, \
             EXISTS (SELECT FROM accounts WHERE resident_id = ANY($1)) AS account",
    )
    .bind::<Array<SqlUuid>, _>(records)
    .get_result(connection)
    .await?;
    let Row { credits, points, enrollments, completions, account } = row;
    Ok(Holdings { credits, points, enrollments, completions, account })
}

/// The merge of these two, if it stands.
pub(super) async fn standing(connection: &mut Connection, kept_id: Uuid, merged_id: Uuid) -> Result<Option<Merge>> {
    let found: Option<Columns> = resident_merges::table
        .filter(resident_merges::kept_id.eq(kept_id).and(resident_merges::merged_id.eq(merged_id)))
        .filter(resident_merges::undone_at.is_null())
        .select(COLUMNS)
        .first(connection)
        .await
        .optional()?;
    Ok(found.map(merge))
}

pub(super) async fn insert(connection: &mut Connection, new: &Merge, by: Uuid) -> Result<()> {
    diesel::insert_into(resident_merges::table)
        .values((
            resident_merges::id.eq(new.id),
            resident_merges::kept_id.eq(new.kept_id),
            resident_merges::merged_id.eq(new.merged_id),
            resident_merges::merged_at.eq(new.merged_at),
            resident_merges::merged_by.eq(by),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes all these records name the one that stays.
pub(super) async fn point(connection: &mut Connection, records: &[Uuid], kept_id: Uuid) -> Result<()> {
    diesel::update(residents::table.filter(residents::id.eq_any(records)))
        .set(residents::merged_into.eq(kept_id))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Merge>> {
    let found: Option<Columns> =
        resident_merges::table.find(id).select(COLUMNS).for_update().first(connection).await.optional()?;
    Ok(found.map(merge))
}

pub(super) async fn mark_undone(connection: &mut Connection, id: Uuid, by: Uuid, at: OffsetDateTime) -> Result<()> {
    diesel::update(resident_merges::table.find(id))
        .set((resident_merges::undone_at.eq(at), resident_merges::undone_by.eq(by)))
        .execute(connection)
        .await?;
    Ok(())
}

/// A record with all that was merged into it, directly or by way of others, as merges stand.
pub(super) async fn below(connection: &mut Connection, id: Uuid) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Record {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows: Vec<Record> = diesel::sql_query(
        "WITH RECURSIVE below AS ( \
             SELECT $1 AS id \
             UNION SELECT merged_id FROM resident_merges JOIN below ON kept_id = below.id WHERE undone_at IS NULL) \
         SELECT id FROM below",
    )
    .bind::<SqlUuid, _>(id)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Makes `person` stand for itself again, and the other records name it.
pub(super) async fn part(connection: &mut Connection, records: &[Uuid], person: Uuid) -> Result<()> {
    diesel::update(residents::table.find(person))
        .set(residents::merged_into.eq(None::<Uuid>))
        .execute(connection)
        .await?;
    diesel::update(residents::table.filter(residents::id.eq_any(records).and(residents::id.ne(person))))
        .set(residents::merged_into.eq(person))
        .execute(connection)
        .await?;
    Ok(())
}

/// Merges that stand, the newest first; both records of these branches (`None`: any).
pub(super) async fn list(
    connection: &mut Connection,
    within: Option<&[Uuid]>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Merge>> {
    let mut query = resident_merges::table
        .filter(resident_merges::undone_at.is_null())
        .order(resident_merges::id.desc())
        .limit(limit)
        .select(COLUMNS)
        .into_boxed();
    if let Some(branches) = within {
        let theirs = || residents::table.filter(residents::branch_id.eq_any(branches.to_vec())).select(residents::id);
        query = query.filter(resident_merges::kept_id.eq_any(theirs()));
        query = query.filter(resident_merges::merged_id.eq_any(theirs()));
    }
    if let Some(before) = before {
        query = query.filter(resident_merges::id.lt(before));
    }
    Ok(query.load::<Columns>(connection).await?.into_iter().map(merge).collect())
}
