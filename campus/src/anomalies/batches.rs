//! The awards that a finding is about.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{Batch, Person};
use crate::credits::Unit;
use crate::db::Connection;
use crate::db::schema::credit_transfers;
use crate::error::{Error, Result};
use crate::residents;

/// How many of those who were awarded are named.
const NAMED: i32 = 20;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    account_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    awarded_by: Option<String>,
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = Timestamptz)]
    awarded_at: OffsetDateTime,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = BigInt)]
    people: i64,
    #[diesel(sql_type = BigInt)]
    reversed: i64,
    #[diesel(sql_type = Array<SqlUuid>)]
    first: Vec<Uuid>,
}

/// These batches, by their ids.
pub(super) async fn with_ids(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Batch>> {
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT made.batch_id AS id, made.actor_id AS account_id, account.name AS awarded_by, made.unit, min(made.recorded_at) AS awarded_at, min(note.body) AS reason, \
             sum(made.amount)::bigint AS amount, count(*) AS people, count(back.id) AS reversed, \
             coalesce(array_agg(made.resident_id ORDER BY made.place) FILTER (WHERE made.place < $2), '{}') AS first \
         FROM credit_transfers AS made LEFT JOIN credit_transfers AS back ON back.reverses = made.id \
         LEFT JOIN credit_notes AS note ON note.id = made.note_id LEFT JOIN accounts AS account ON account.id = made.actor_id \
         WHERE made.batch_id = ANY ($1) AND made.kind = 'award' \
         GROUP BY made.batch_id, made.actor_id, account.name, made.unit",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Integer, _>(NAMED)
    .load(connection)
    .await?;
    let first: Vec<Uuid> = rows.iter().flat_map(|row| row.first.iter().copied()).collect();
    let found = residents::with_ids(connection, &first).await?;
    let people: HashMap<Uuid, Person> =
        found.into_iter().map(|found| (found.record.id, Person::from(&found.person))).collect();
    rows.into_iter().map(|row| batch(row, &people).map(|batch| (batch.id, batch))).collect()
}

/// Whether an account has awarded any of these batches.
pub(super) async fn has_awarded(connection: &mut Connection, account: Uuid, ids: &[Uuid]) -> Result<bool> {
    let own = credit_transfers::table
        .filter(credit_transfers::batch_id.eq_any(ids).and(credit_transfers::kind.eq("award")))
        .filter(credit_transfers::actor_id.eq(account));
    Ok(diesel::select(exists(own)).get_result(connection).await?)
}

fn batch(row: Row, people: &HashMap<Uuid, Person>) -> Result<Batch> {
    Ok(Batch {
        id: row.id,
        awarded_by: row.awarded_by,
        account_id: row.account_id,
        awarded_at: row.awarded_at,
        reason: row.reason,
        unit: Unit::from_name(&row.unit).ok_or_else(|| Error::internal("a transfer has an unknown unit"))?,
        amount: row.amount,
        people: row.people,
        reversed: row.reversed,
        recipients: row.first.iter().filter_map(|id| people.get(id)).cloned().collect(),
    })
}
