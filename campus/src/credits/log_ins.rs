//! The first log-in of a day earns, where a rule says so: found afterwards, so that logging in waits for
//! nothing. Who opens the app in a session that goes on is logged in as much as who types a password:
//! either is given a token.

use std::ops::RangeInclusive;

use diesel::sql_types::{Array, BigInt, Date as DateType, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::Earns;
use super::giving::{Due, GIVEN_AT_ONCE, Giving, give, givings};
use crate::Campus;
use crate::db::Connection;
use crate::error::Result;
use crate::ids::named_id;

/// Where the ids of days are named.
const DAYS: Uuid = Uuid::from_u128(0x019a_3c00_0000_7000_8000_0000_0000_0101);

#[derive(diesel::QueryableByName)]
struct LogIn {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    branch_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: OffsetDateTime,
}

/// Gives everybody who has logged in on one of these days, counted back from today, what that earns. Done
/// before: nothing happens.
pub(super) async fn earn(campus: &Campus, days_ago: RangeInclusive<i64>) -> Result<()> {
    let today = campus.clock.today();
    let connection = &mut *campus.database.connection().await?;
    for day in days_ago.rev().map(|days| today - Duration::days(days)) {
        for giving in givings(connection, Earns::DailyLogIn, day).await? {
            earn_under(connection, campus, day, &giving).await?;
        }
    }
    Ok(())
}

async fn earn_under(connection: &mut Connection, campus: &Campus, day: Date, giving: &Giving) -> Result<()> {
    let source_id = named_id(DAYS, day.to_string().as_bytes());
    let mut after = Uuid::nil();
    loop {
        let log_ins = log_ins(connection, campus, day, giving, source_id, after).await?;
        let Some(last) = log_ins.last() else { return Ok(()) };
        after = last.person_id;
        let due = log_ins.iter().map(|LogIn { person_id, branch_id, at }| Due {
            person_id: *person_id,
            branch_id: *branch_id,
            source_id,
            label: String::new(),
            at: *at,
        });
        let due: Vec<Due> = due.collect();
        give(connection, &campus.clock, Earns::DailyLogIn, &giving.rule, &due).await?;
    }
}

/// Those the rule is for who logged in on this day, have not been given anything for it and may be, by id; with
/// the branches they belonged to on it.
async fn log_ins(
    connection: &mut Connection,
    campus: &Campus,
    day: Date,
    giving: &Giving,
    source_id: Uuid,
    after: Uuid,
) -> Result<Vec<LogIn>> {
    let clock = &campus.clock;
    let (from, to) = (clock.start_of(day), clock.start_of(day.next_day().unwrap_or(day)));
    Ok(diesel::sql_query(
        // One after another, each for fewer: else caps are asked of everybody there is.
        "WITH here AS MATERIALIZED ( \
             SELECT person.id AS person_id, home.branch_id, min(token.issued_at) AS at \
             FROM session_tokens AS token JOIN session_families AS family ON family.id = token.family_id \
             JOIN accounts ON accounts.id = family.account_id \
             JOIN residents AS record ON record.id = accounts.resident_id \
             JOIN residents AS person ON person.id = coalesce(record.merged_into, record.id) \
             CROSS JOIN LATERAL branch_on(person.id, person.branch_id, $11) AS home \
             WHERE token.issued_at >= $1 AND token.issued_at < $2 AND person.left_at IS NULL AND person.id > $3 \
                 AND ($4 IS NULL OR $4 = ANY (person.groups)) AND ($5 IS NULL OR home.branch_id = ANY ($5)) \
             GROUP BY person.id, home.branch_id), \
         without AS MATERIALIZED ( \
             SELECT here.* FROM here CROSS JOIN LATERAL ( \
                 SELECT count(*) AS given FROM credit_transfers AS earlier JOIN credit_rules AS rule ON rule.id = earlier.rule_id \
                 WHERE earlier.resident_id IN (SELECT records_of(person_id)) AND earlier.recorded_at >= $1 \
                     AND earlier.source_id = $6 AND earlier.kind = 'earning' AND rule.code = $7) AS earlier \
             WHERE given = 0) \
         SELECT person_id, branch_id, at FROM without WHERE has_room(person_id, $8, $7, $9) ORDER BY person_id LIMIT $10",
    )
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<SqlUuid, _>(after)
    .bind::<Nullable<Text>, _>(&giving.group)
    .bind::<Nullable<Array<SqlUuid>>, _>(&giving.branches)
    .bind::<SqlUuid, _>(source_id)
    .bind::<Text, _>(&giving.rule.code)
    .bind::<Text, _>(&giving.rule.unit)
    .bind::<Jsonb, _>(&giving.caps)
    .bind::<BigInt, _>(GIVEN_AT_ONCE)
    .bind::<DateType, _>(day)
    .load(connection)
    .await?)
}
