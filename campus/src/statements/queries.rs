//! What is asked of the database about statements.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::wording::Said;
use crate::db::Connection;
use crate::db::schema::{statement_actors, statement_pause, statements};
use crate::error::{Error, Result};

/// A statement on its way.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Outgoing {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Jsonb)]
    pub(super) body: Value,
    #[diesel(sql_type = SqlUuid)]
    pub(super) actor: Uuid,
}

/// How things stand.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Standing {
    #[diesel(sql_type = BigInt)]
    pub(super) waiting: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) refused: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) oldest: Option<OffsetDateTime>,
}

/// The name by which the store knows this record; made when it is first asked for. It is random
/// throughout, as one that begins with the time would tell when.
pub(super) async fn name_of(connection: &mut Connection, record: Uuid) -> Result<Uuid> {
    if let Some(name) = known_name(connection, record).await? {
        return Ok(name);
    }
    diesel::insert_into(statement_actors::table)
        .values((statement_actors::resident_id.eq(record), statement_actors::name.eq(Uuid::new_v4())))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    // Of two at once the second finds the first one's.
    known_name(connection, record).await?.ok_or_else(|| Error::internal("no name for the learning record store"))
}

async fn known_name(connection: &mut Connection, record: Uuid) -> Result<Option<Uuid>> {
    let name = statement_actors::table.find(record).select(statement_actors::name);
    Ok(name.first(connection).await.optional()?)
}

pub(super) async fn insert(connection: &mut Connection, person: Uuid, said: &[Said], at: OffsetDateTime) -> Result<()> {
    let rows: Vec<_> = said
        .iter()
        .map(|said| {
            (
                statements::id.eq(said.id),
                statements::resident_id.eq(person),
                statements::body.eq(&said.body),
                statements::recorded_at.eq(at),
            )
        })
        .collect();
    diesel::insert_into(statements::table).values(rows).on_conflict_do_nothing().execute(connection).await?;
    Ok(())
}

/// Forgets what was being written at the very moment at which its person left.
pub(super) async fn sweep(connection: &mut Connection) -> Result<()> {
    for table in ["statements", "statement_actors"] {
        diesel::sql_query(format!(
            "DELETE FROM {table} AS each USING residents \
             WHERE residents.id = each.resident_id AND residents.left_at IS NOT NULL"
        ))
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Takes the statements that have waited longest and that no other worker has.
pub(super) async fn claim(
    connection: &mut Connection,
    limit: i64,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Vec<Outgoing>> {
    connection
        .transaction(async |connection| {
            let ids: Vec<Uuid> = statements::table
                .filter(statements::refused_at.is_null())
                .filter(statements::held_until.is_null().or(statements::held_until.lt(now)))
                .order((statements::recorded_at, statements::id))
                .limit(limit)
                .select(statements::id)
                .for_update()
                .skip_locked()
                .load(connection)
                .await?;
            hold(connection, &ids, until).await
        })
        .await
}

/// Takes these, of those that were refused.
pub(super) async fn claim_refused(
    connection: &mut Connection,
    ids: &[Uuid],
    until: OffsetDateTime,
) -> Result<Vec<Outgoing>> {
    connection
        .transaction(async |connection| {
            let ids: Vec<Uuid> = statements::table
                .filter(statements::id.eq_any(ids).and(statements::refused_at.is_not_null()))
                .order((statements::recorded_at, statements::id))
                .select(statements::id)
                .for_update()
                .load(connection)
                .await?;
            hold(connection, &ids, until).await
        })
        .await
}

/// Notes that they are being sent. Whom a statement names is settled when that is for the first
/// time: the person whose record it is by then.
async fn hold(connection: &mut Connection, ids: &[Uuid], until: OffsetDateTime) -> Result<Vec<Outgoing>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    diesel::sql_query(
        "INSERT INTO statement_actors (resident_id, name) \
         SELECT DISTINCT coalesce(residents.merged_into, residents.id), gen_random_uuid() \
         FROM statements JOIN residents ON residents.id = statements.resident_id \
         WHERE statements.id = ANY ($1) AND statements.actor IS NULL ON CONFLICT (resident_id) DO NOTHING",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(connection)
    .await?;
    Ok(diesel::sql_query(
        "UPDATE statements SET attempts = attempts + 1, held_until = $2, actor = coalesce(statements.actor, known.name) \
         FROM residents JOIN statement_actors AS known ON known.resident_id = coalesce(residents.merged_into, residents.id) \
         WHERE statements.id = ANY ($1) AND residents.id = statements.resident_id \
         RETURNING statements.id, statements.body, statements.actor",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Timestamptz, _>(until)
    .load(connection)
    .await?)
}

/// The store has them.
pub(super) async fn forget(connection: &mut Connection, ids: &[Uuid]) -> Result<()> {
    diesel::delete(statements::table.filter(statements::id.eq_any(ids))).execute(connection).await?;
    Ok(())
}

/// They wait again.
pub(super) async fn release(connection: &mut Connection, ids: &[Uuid]) -> Result<()> {
    diesel::update(statements::table.filter(statements::id.eq_any(ids)))
        .set(statements::held_until.eq(None::<OffsetDateTime>))
        .execute(connection)
        .await?;
    Ok(())
}

/// The store does not take it.
pub(super) async fn refuse(connection: &mut Connection, id: Uuid, refusal: &str, at: OffsetDateTime) -> Result<()> {
    diesel::update(statements::table.find(id))
        .set((
            statements::refused_at.eq(at),
            statements::refusal.eq(refusal),
            statements::held_until.eq(None::<OffsetDateTime>),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Until when nothing is sent.
pub(super) async fn paused_until(connection: &mut Connection) -> Result<Option<OffsetDateTime>> {
    Ok(statement_pause::table.select(statement_pause::until).first(connection).await.optional()?)
}

/// Notes that the store did not answer, and how often in a row by now.
pub(super) async fn note_failure(connection: &mut Connection, now: OffsetDateTime) -> Result<i32> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        failures: i32,
    }
    let row: Row = diesel::sql_query(
        "INSERT INTO statement_pause AS pause (failures, until) VALUES (1, $1) \
         ON CONFLICT (one) DO UPDATE SET failures = pause.failures + 1 RETURNING failures",
    )
    .bind::<Timestamptz, _>(now)
    .get_result(connection)
    .await?;
    Ok(row.failures)
}

pub(super) async fn pause(connection: &mut Connection, until: OffsetDateTime) -> Result<()> {
    diesel::update(statement_pause::table).set(statement_pause::until.eq(until)).execute(connection).await?;
    Ok(())
}

/// The store answers.
pub(super) async fn end_pause(connection: &mut Connection) -> Result<()> {
    diesel::delete(statement_pause::table).execute(connection).await?;
    Ok(())
}

pub(super) async fn standing(connection: &mut Connection) -> Result<Standing> {
    Ok(diesel::sql_query(
        "SELECT count(*) FILTER (WHERE refused_at IS NULL) AS waiting, count(refused_at) AS refused, \
             min(recorded_at) FILTER (WHERE refused_at IS NULL) AS oldest FROM statements",
    )
    .get_result(connection)
    .await?)
}
