//! What is asked of the database about targets.

use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::Connection;
use crate::error::Result;
use crate::ids::new_id;
use crate::reports::asked::Asked;
use crate::reports::measures::Group;
use crate::reports::value::Hundredths;

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    branch_id: Uuid,
    #[diesel(sql_type = Nullable<BigInt>)]
    value: Option<i64>,
}

pub(super) async fn standing(
    connection: &mut Connection,
    year: i32,
    asked: Asked,
    at: Option<OffsetDateTime>,
) -> Result<HashMap<Uuid, Hundredths>> {
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT DISTINCT ON (branch_id) branch_id, value FROM branch_targets \
         WHERE year = $1 AND metric = $2 AND group_code IS NOT DISTINCT FROM $3 AND ($4 IS NULL OR set_at <= $4) \
         ORDER BY branch_id, set_at DESC, id DESC",
    )
    .bind::<Integer, _>(year)
    .bind::<Text, _>(asked.metric.as_str())
    .bind::<Nullable<Text>, _>(asked.group.map(Group::as_str))
    .bind::<Nullable<Timestamptz>, _>(at)
    .load(connection)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.branch_id, Hundredths::new(row.value?)))).collect())
}

pub(super) async fn insert(
    connection: &mut Connection,
    year: i32,
    asked: Asked,
    targets: &BTreeMap<Uuid, Option<Hundredths>>,
    now: OffsetDateTime,
    actor: Uuid,
) -> Result<()> {
    diesel::sql_query(
        "INSERT INTO branch_targets (id, year, branch_id, metric, group_code, value, set_at, set_by) \
         SELECT new.id, $4, new.branch_id, $5, $6, new.value, $7, $8 \
         FROM unnest($1, $2, $3) AS new (id, branch_id, value)",
    )
    .bind::<Array<SqlUuid>, _>(targets.keys().map(|_| new_id()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(targets.keys().copied().collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(
        targets.values().map(|value| value.map(|it| it.hundredths())).collect::<Vec<_>>(),
    )
    .bind::<Integer, _>(year)
    .bind::<Text, _>(asked.metric.as_str())
    .bind::<Nullable<Text>, _>(asked.group.map(Group::as_str))
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(actor)
    .execute(connection)
    .await?;
    Ok(())
}
