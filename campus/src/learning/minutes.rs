//! So many verified minutes of a day earn, where a rule says so: found afterwards among those who
//! reported lately, so that a watch report costs nothing more.

use diesel::sql_types::{BigInt, Date as DateType, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use crate::Campus;
use crate::credits::{self, Earns, Rule, Source};
use crate::db::Connection;
use crate::error::Result;
use crate::ids::named_id;

/// Where the ids of minutes of a day are named.
const MINUTES: Uuid = Uuid::from_u128(0x019a_3c00_0000_7000_8000_0000_0000_0102);
/// How far back is looked: a day that has just ended is still given what it earned.
const RECENT: Duration = Duration::days(1);

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

/// Gives what the minutes of today and yesterday earn. Given before: nothing happens.
pub(super) async fn earn(campus: &Campus) -> Result<()> {
    let today = campus.clock.today();
    let connection = &mut *campus.database.connection().await?;
    for day in [today.previous_day().unwrap_or(today), today] {
        for rule in credits::rules_for(connection, Earns::Minutes, day).await? {
            earn_under(connection, campus, day, &rule).await?;
        }
    }
    Ok(())
}

async fn earn_under(connection: &mut Connection, campus: &Campus, day: Date, rule: &Rule) -> Result<()> {
    let Some(per_minutes) = rule.per_minutes else { return Ok(()) };
    let clock = &campus.clock;
    let at = if day == clock.today() {
        clock.now()
    } else {
        clock.start_of(day.next_day().unwrap_or(day)) - Duration::SECOND
    };
    for each in learned(connection, campus, day, rule, per_minutes).await? {
        for time in each.given + 1..=each.times {
            let source = Source {
                earns: Earns::Minutes,
                id: named_id(MINUTES, format!("{day}|{time}").as_bytes()),
                label: &(time * i64::from(per_minutes)).to_string(),
                worth: 0,
                at,
            };
            let rules = std::slice::from_ref(rule);
            let earned = credits::earn_under(connection, clock, each.person_id, each.branch_id, &source, rules);
            if earned.await?.is_empty() {
                // A cap is reached, or it is not for them: what comes after would be refused as well.
                break;
            }
        }
    }
    Ok(())
}

/// Who has learned more of this day than was given to them.
async fn learned(
    connection: &mut Connection,
    campus: &Campus,
    day: Date,
    rule: &Rule,
    per_minutes: i32,
) -> Result<Vec<Learned>> {
    let since: OffsetDateTime = campus.clock.now() - RECENT;
    Ok(diesel::sql_query(
        "WITH learned AS ( \
             SELECT person.id AS person_id, person.branch_id, sum(days.watched_ms)::bigint / ($4::bigint * 60000) AS times \
             FROM watch_budgets AS budget JOIN learning_days AS days ON days.resident_id = budget.resident_id \
             JOIN residents AS record ON record.id = days.resident_id \
             JOIN residents AS person ON person.id = coalesce(record.merged_into, record.id) \
             WHERE budget.contacted_at >= $2 AND days.day = $1 AND person.left_at IS NULL \
             GROUP BY person.id, person.branch_id) \
         SELECT person_id, branch_id, times, given FROM learned CROSS JOIN LATERAL ( \
             SELECT count(*) AS given FROM credit_transfers AS earlier JOIN credit_rules AS rule ON rule.id = earlier.rule_id \
             WHERE earlier.resident_id IN (SELECT records_of(person_id)) AND earlier.source_kind = 'minutes' \
                 AND earlier.kind = 'earning' AND earlier.earned_on = $1 AND rule.code = $3 AND earlier.recorded_at >= $5) AS earlier \
         WHERE times > given ORDER BY person_id",
    )
    .bind::<DateType, _>(day)
    .bind::<Timestamptz, _>(since)
    .bind::<Text, _>(&rule.code)
    .bind::<Integer, _>(per_minutes)
    .bind::<Timestamptz, _>(campus.clock.start_of(day))
    .load(connection)
    .await?)
}
