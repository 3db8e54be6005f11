//! The first log-in of a day earns, where a rule says so: found afterwards, so that logging in waits for
//! nothing.

use diesel::sql_types::{Array, BigInt, Date as DateType, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{Earns, Source, earn_under, rules_for};
use crate::Campus;
use crate::db::Connection;
use crate::error::Result;
use crate::ids::named_id;

/// Where the ids of days are named.
const DAYS: Uuid = Uuid::from_u128(0x019a_3c00_0000_7000_8000_0000_0000_0101);
/// How many are given at once.
const AT_ONCE: i64 = 500;

#[derive(diesel::QueryableByName)]
struct LogIn {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    branch_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: OffsetDateTime,
}

/// Gives everybody who has logged in today or yesterday what that earns. Done before: nothing happens.
pub(super) async fn earn(campus: &Campus) -> Result<()> {
    let today = campus.clock.today();
    let connection = &mut *campus.database.connection().await?;
    for day in [today.previous_day().unwrap_or(today), today] {
        let rules = rules_for(connection, Earns::DailyLogIn, day).await?;
        let codes: Vec<&str> = rules.iter().map(|rule| rule.code.as_str()).collect();
        if codes.is_empty() {
            continue;
        }
        let mut after = Uuid::nil();
        loop {
            let log_ins = log_ins(connection, campus, day, &codes, after).await?;
            let Some(last) = log_ins.last() else { break };
            after = last.person_id;
            for each in &log_ins {
                let source = Source {
                    earns: Earns::DailyLogIn,
                    id: named_id(DAYS, day.to_string().as_bytes()),
                    label: "",
                    worth: 0,
                    at: each.at,
                };
                earn_under(connection, &campus.clock, each.person_id, each.branch_id, &source, &rules).await?;
            }
        }
    }
    Ok(())
}

/// Residents who logged in on this day and have not been given anything for it, by id.
async fn log_ins(
    connection: &mut Connection,
    campus: &Campus,
    day: Date,
    codes: &[&str],
    after: Uuid,
) -> Result<Vec<LogIn>> {
    let clock = &campus.clock;
    let (from, to) = (clock.start_of(day), clock.start_of(day.next_day().unwrap_or(day)));
    Ok(diesel::sql_query(
        "SELECT person.id AS person_id, person.branch_id, min(family.created_at) AS at \
         FROM session_families AS family JOIN accounts ON accounts.id = family.account_id \
         JOIN residents AS record ON record.id = accounts.resident_id \
         JOIN residents AS person ON person.id = coalesce(record.merged_into, record.id) \
         WHERE family.created_at >= $1 AND family.created_at < $2 AND person.left_at IS NULL AND person.id > $5 \
             AND NOT EXISTS (SELECT FROM credit_transfers AS given JOIN credit_rules AS rule ON rule.id = given.rule_id \
                 WHERE given.resident_id IN (SELECT records_of(person.id)) AND given.recorded_at >= $1 \
                     AND given.source_kind = 'log_in' AND given.earned_on = $3 AND rule.code = ANY ($4)) \
         GROUP BY person.id, person.branch_id ORDER BY person.id LIMIT $6",
    )
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<DateType, _>(day)
    .bind::<Array<Text>, _>(codes)
    .bind::<SqlUuid, _>(after)
    .bind::<BigInt, _>(AT_ONCE)
    .load(connection)
    .await?)
}
