//! So many verified minutes of a day earn, where a rule says so: found afterwards among those who learned
//! on that day, so that a watch report costs nothing more.

use std::ops::RangeInclusive;

use diesel::sql_types::{
    Array, BigInt, Date as DateType, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use time::{Date, Duration};
use uuid::Uuid;

use crate::Campus;
use crate::credits::{self, Due, Earns, GIVEN_AT_ONCE, Giving};
use crate::db::Connection;
use crate::error::Result;
use crate::ids::named_id;

/// Where the ids of minutes of a day are named.
const MINUTES: Uuid = Uuid::from_u128(0x019a_3c00_0000_7000_8000_0000_0000_0102);

#[derive(diesel::QueryableByName)]
struct Learned {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    branch_id: Uuid,
    /// How often the rule's minutes are full.
    #[diesel(sql_type = BigInt)]
    times: i64,
    /// How often that was given.
    #[diesel(sql_type = BigInt)]
    given: i64,
}

/// Gives what the minutes of these days, counted back from today, earn. Given before: nothing happens.
pub(super) async fn earn(campus: &Campus, days_ago: RangeInclusive<i64>) -> Result<()> {
    let today = campus.clock.today();
    let connection = &mut *campus.database.connection().await?;
    for day in days_ago.rev().map(|days| today - Duration::days(days)) {
        for giving in credits::givings(connection, Earns::Minutes, day).await? {
            earn_under(connection, campus, day, &giving).await?;
        }
    }
    Ok(())
}

async fn earn_under(connection: &mut Connection, campus: &Campus, day: Date, giving: &Giving) -> Result<()> {
    let Some(per_minutes) = giving.rule.per_minutes else { return Ok(()) };
    let clock = &campus.clock;
    let at = if day == clock.today() {
        clock.now()
    } else {
        clock.start_of(day.next_day().unwrap_or(day)) - Duration::SECOND
    };
    let mut after = Uuid::nil();
    loop {
        let learned = learned(connection, campus, day, giving, per_minutes, after).await?;
        let Some(last) = learned.last() else { return Ok(()) };
        after = last.person_id;
        let each_time = |each: &Learned| {
            let (person_id, branch_id) = (each.person_id, each.branch_id);
            (each.given + 1..=each.times).map(move |time| Due {
                person_id,
                branch_id,
                source_id: named_id(MINUTES, format!("{day}|{time}").as_bytes()),
                label: (time * i64::from(per_minutes)).to_string(),
                at,
            })
        };
        let due: Vec<Due> = learned.iter().flat_map(each_time).collect();
        credits::give(connection, clock, Earns::Minutes, &giving.rule, &due).await?;
    }
}

/// Those the rule is for who have learned more of this day than was given to them, and may be given more; with
/// the branches they belonged to on it.
async fn learned(
    connection: &mut Connection,
    campus: &Campus,
    day: Date,
    giving: &Giving,
    per_minutes: i32,
    after: Uuid,
) -> Result<Vec<Learned>> {
    Ok(diesel::sql_query(
        // One after another, each for fewer: else caps are asked of everybody who has learned.
        "WITH learned AS MATERIALIZED ( \
             SELECT person.id AS person_id, home.branch_id, sum(days.watched_ms)::bigint / ($2::bigint * 60000) AS times \
             FROM learning_days AS days JOIN residents AS record ON record.id = days.resident_id \
             JOIN residents AS person ON person.id = coalesce(record.merged_into, record.id) \
             CROSS JOIN LATERAL branch_on(person.id, person.branch_id, $1) AS home \
             WHERE days.day = $1 AND person.left_at IS NULL AND person.id > $3 \
                 AND ($4 IS NULL OR $4 = ANY (person.groups)) AND ($5 IS NULL OR home.branch_id = ANY ($5)) \
             GROUP BY person.id, home.branch_id HAVING sum(days.watched_ms) >= $2::bigint * 60000), \
         short AS MATERIALIZED ( \
             SELECT person_id, branch_id, times, given FROM learned CROSS JOIN LATERAL ( \
                 SELECT count(*) AS given FROM credit_transfers AS earlier JOIN credit_rules AS rule ON rule.id = earlier.rule_id \
                 WHERE earlier.resident_id IN (SELECT records_of(person_id)) AND earlier.source_kind = 'minutes' \
                     AND earlier.kind = 'earning' AND earlier.earned_on = $1 AND rule.code = $6 AND earlier.recorded_at >= $7) AS earlier \
             WHERE times > given) \
         SELECT person_id, branch_id, times, given FROM short WHERE has_room(person_id, $8, $6, $9) \
         ORDER BY person_id LIMIT $10",
    )
    .bind::<DateType, _>(day)
    .bind::<Integer, _>(per_minutes)
    .bind::<SqlUuid, _>(after)
    .bind::<Nullable<Text>, _>(&giving.group)
    .bind::<Nullable<Array<SqlUuid>>, _>(&giving.branches)
    .bind::<Text, _>(&giving.rule.code)
    .bind::<Timestamptz, _>(campus.clock.start_of(day))
    .bind::<Text, _>(&giving.rule.unit)
    .bind::<Jsonb, _>(&giving.caps)
    .bind::<BigInt, _>(GIVEN_AT_ONCE)
    .load(connection)
    .await?)
}
