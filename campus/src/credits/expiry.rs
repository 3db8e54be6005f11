//! Points expire by month: one transfer a person and month, however often and by how many workers it is
//! tried, and months that were missed go with the next.

use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Date as DateType, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use time::Date;
use uuid::Uuid;

use super::lots::{self, Lot};
use super::posting::{Evidence, Posting, PostingKind, post};
use super::queries;
use super::rows::Rule;
use crate::Campus;
use crate::clock::Month;
use crate::db::Connection;
use crate::error::{Error, Result};
use crate::ids::named_id;
use crate::residents;

/// How many people are looked at in one transaction.
const AT_ONCE: i64 = 200;
/// Where the ids of months that expire are named.
const LOTS: Uuid = Uuid::from_u128(0x019a_3c00_0000_7000_8000_0000_0000_0100);

/// Takes what has expired by now from everybody who has points. Done before: nothing happens.
pub(super) async fn expire(campus: &Campus) -> Result<()> {
    let month = lots::expired_with(campus.clock.this_month(), campus.config.points_last_months);
    let connection = &mut *campus.database.connection().await?;
    let rule = queries::newest_rule(connection, "expiry").await?;
    let mut after = Uuid::nil();
    loop {
        let persons = holders(connection, after).await?;
        let Some(last) = persons.last() else { return Ok(()) };
        after = *last;
        // Looked at first without holding anybody up: most have nothing that expires.
        let found = overdue(connection, campus, &persons, month).await?;
        let persons: Vec<Uuid> = found.into_keys().collect();
        if persons.is_empty() {
            continue;
        }
        connection
            .transaction(async |connection| expire_some(connection, campus, &persons, month, &rule).await)
            .await?;
    }
}

/// What of each person's points has expired with this month; those who have nothing of the kind are left out.
async fn overdue(
    connection: &mut Connection,
    campus: &Campus,
    persons: &[Uuid],
    month: Month,
) -> Result<HashMap<Uuid, i64>> {
    let records = residents::records_of(connection, persons).await?;
    let all: Vec<Uuid> = records.keys().copied().collect();
    let mut balances: HashMap<Uuid, i64> = HashMap::new();
    for (record, balance) in queries::points(connection, &all).await? {
        if let Some(person) = records.get(&record) {
            *balances.entry(*person).or_default() += balance;
        }
    }
    let mut came_in: HashMap<Uuid, i64> = HashMap::new();
    for row in came_in_since(connection, campus, &all, month.next()).await? {
        if let Some(person) = records.get(&row.resident_id) {
            *came_in.entry(*person).or_default() += row.points;
        }
    }
    let overdue = balances.into_iter().map(|(person, balance)| {
        let came_in = came_in.get(&person).copied().unwrap_or(0);
        (person, lots::overdue(balance, came_in))
    });
    Ok(overdue.filter(|(_, points)| *points > 0).collect())
}

async fn expire_some(
    connection: &mut Connection,
    campus: &Campus,
    persons: &[Uuid],
    month: Month,
    rule: &Rule,
) -> Result<()> {
    let records = residents::records_of(connection, persons).await?;
    let all: Vec<Uuid> = records.keys().copied().collect();
    // Held, so that nobody spends what is about to expire. Points alone: see `hold_point_accounts`.
    diesel::sql_query("SELECT hold_point_accounts($1)").bind::<Array<SqlUuid>, _>(&all).execute(connection).await?;
    let branches = queries::branches_of(connection, persons).await?;
    let day = campus.clock.today();
    let found = overdue(connection, campus, persons, month).await?;
    let expired = found.into_iter().filter_map(|(person, points)| {
        branches.get(&person).map(|branch_id| Posting {
            resident_id: person,
            branch_id: *branch_id,
            amount: points,
            kind: PostingKind::Expiry,
            source_kind: "month".to_owned(),
            source_id: named_id(LOTS, month.to_string().as_bytes()),
            source_label: month.to_string(),
            rule: rule.clone(),
            evidence: Evidence::System.as_str().to_owned(),
            actor_id: None,
            earned_at: campus.clock.now(),
            earned_on: day,
        })
    });
    let expired: Vec<Posting> = expired.collect();
    if !expired.is_empty() {
        post(connection, &campus.clock, &expired).await?;
    }
    Ok(())
}

/// What is left of the points of a person's records, the next to expire first.
pub(super) async fn left(
    connection: &mut Connection,
    campus: &Campus,
    records: &[Uuid],
    balance: i64,
) -> Result<Vec<Lot>> {
    if balance <= 0 {
        return Ok(Vec::new());
    }
    let (now, months) = (campus.clock.this_month(), campus.config.points_last_months);
    let mut came_in = HashMap::new();
    for row in came_in_since(connection, campus, records, lots::expired_with(now, months).next()).await? {
        *came_in.entry(Month::of(row.month)).or_default() += row.points;
    }
    Ok(lots::lots(balance, &came_in, now, months))
}

/// Persons with points on one of their records, by id.
async fn holders(connection: &mut Connection, after: Uuid) -> Result<Vec<Uuid>> {
    #[derive(diesel::QueryableByName)]
    struct Holder {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows: Vec<Holder> = diesel::sql_query(
        "SELECT DISTINCT coalesce(merged_into, residents.id) AS id FROM credit_accounts AS account \
         JOIN residents ON residents.id = account.resident_id \
         WHERE account.kind = 'resident' AND account.unit = 'point' AND account.balance > 0 \
             AND coalesce(merged_into, residents.id) > $1 ORDER BY 1 LIMIT $2",
    )
    .bind::<SqlUuid, _>(after)
    .bind::<BigInt, _>(AT_ONCE)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(diesel::QueryableByName)]
struct CameIn {
    #[diesel(sql_type = SqlUuid)]
    resident_id: Uuid,
    #[diesel(sql_type = DateType)]
    month: Date,
    #[diesel(sql_type = BigInt)]
    points: i64,
}

/// The points that came in from `since` on, by the month in which they were written: nobody loses points
/// that they had no time to spend. What was taken back is taken off its own month.
async fn came_in_since(
    connection: &mut Connection,
    campus: &Campus,
    records: &[Uuid],
    since: Month,
) -> Result<Vec<CameIn>> {
    diesel::sql_query(
        "SELECT row.resident_id, date_trunc('month', timezone($3, origin.recorded_at))::date AS month, \
             sum(CASE WHEN row.kind = 'reversal' THEN -row.amount ELSE row.amount END)::bigint AS points \
         FROM credit_transfers AS row JOIN credit_transfers AS origin ON origin.id = coalesce(row.reverses, row.id) \
         WHERE row.resident_id = ANY ($1) AND row.unit = 'point' AND row.recorded_at >= $2 AND origin.recorded_at >= $2 \
             AND row.kind IN ('earning', 'award', 'recognition', 'reversal') \
             AND origin.kind IN ('earning', 'award', 'recognition') \
         GROUP BY 1, 2",
    )
    .bind::<Array<SqlUuid>, _>(records)
    .bind::<Timestamptz, _>(campus.clock.start_of(since.first_day()))
    .bind::<Text, _>(campus.clock.zone_name())
    .load(connection)
    .await
    .map_err(Error::from)
}
