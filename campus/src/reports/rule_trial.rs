//! What last month would have been under a rule that is not in force: the facts of the month, read from
//! the rooms that hold them, and the rule's arithmetic. Nothing is written.

use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Date as DateType, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::Date;
use uuid::Uuid;

use crate::Campus;
use crate::branches::{self, Branch};
use crate::clock::Month;
use crate::credits::{self, Earns, Fact, NewRule, Rule, Simulated, Unit};
use crate::db::Connection;
use crate::error::Result;

/// A month under a rule, beside what it was.
#[derive(Debug, Clone)]
pub struct RuleTrial {
    /// Which month.
    pub month: Month,
    /// Of what.
    pub unit: Unit,
    /// Branches in which there is anything to say.
    pub rows: Vec<TrialRow>,
    /// All of them together.
    pub total: TrialFigures,
    /// Some of what happened is not known any more, so that there would have been more: log-ins are forgotten
    /// with the session that they belong to.
    pub is_partial: bool,
}

/// One branch.
#[derive(Debug, Clone)]
pub struct TrialRow {
    /// Which.
    pub branch: Branch,
    /// Its figures.
    pub figures: TrialFigures,
}

/// Hundredths of a credit, or points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrialFigures {
    /// What the rule gave as it was; nothing for a new one.
    pub before: i64,
    /// What it would have given.
    pub after: i64,
    /// What caps would have taken off.
    pub capped: i64,
}

/// What last month would have been under this rule.
///
/// # Errors
/// The fields that are wrong; what the database says.
pub async fn try_rule(campus: &Campus, new: &NewRule) -> Result<RuleTrial> {
    let connection = &mut *campus.database.connection().await?;
    let rule = credits::check_rule(campus, connection, new).await?;
    let month = campus.clock.this_month().previous();
    let given = credits::given_under(connection, &rule.code, month.first_day(), month.last_day()).await?;
    let given: HashMap<Uuid, i64> = given.into_iter().collect();
    let simulated = credits::simulate(&rule, &facts(connection, campus, &rule, month).await?);
    let is_partial = rule.earns == Earns::DailyLogIn.as_str();
    let mut trial =
        RuleTrial { month, unit: rule.unit()?, rows: Vec::new(), total: TrialFigures::default(), is_partial };
    for branch in branches::list(connection).await? {
        let Simulated { amount, capped } = simulated.get(&branch.id).copied().unwrap_or_default();
        let before = given.get(&branch.id).copied().unwrap_or(0);
        let figures = TrialFigures { before, after: amount, capped };
        if figures != TrialFigures::default() {
            trial.total.before += before;
            trial.total.after += amount;
            trial.total.capped += capped;
            trial.rows.push(TrialRow { branch, figures });
        }
    }
    Ok(trial)
}

/// `$1` and `$2`: from when until before when; `$3`: the zone; `$4`: the rule's minutes; `$5`: its unit; `$6`: its
/// code.
fn source(earns: &str) -> &'static str {
    match earns {
        "lesson_completed" => {
            "SELECT resident_id, completed_at AS at, lessons.credits AS worth, 1::bigint AS times \
             FROM lesson_progress JOIN lessons ON lessons.id = lesson_id WHERE completed_at >= $1 AND completed_at < $2"
        }
        "quiz_passed" => {
            "SELECT resident_id, completed_at AS at, lessons.credits AS worth, 1::bigint AS times \
             FROM lesson_progress JOIN lessons ON lessons.id = lesson_id AND lessons.kind = 'quiz' \
             WHERE completed_at >= $1 AND completed_at < $2"
        }
        "course_completed" => {
            "SELECT resident_id, completed_at AS at, courses.credits AS worth, 1::bigint AS times \
             FROM enrollments JOIN courses ON courses.id = course_id WHERE completed_at >= $1 AND completed_at < $2"
        }
        "minutes" => {
            "SELECT resident_id, timezone($3, day::timestamp) AS at, 0::bigint AS worth, \
                 sum(watched_ms)::bigint / ($4::bigint * 60000) AS times \
             FROM learning_days WHERE counted_month >= (timezone($3, $1))::date \
                 AND day >= (timezone($3, $1))::date AND day < (timezone($3, $2))::date GROUP BY resident_id, day"
        }
        "daily_log_in" => {
            "SELECT resident_id, min(token.issued_at) AS at, 0::bigint AS worth, 1::bigint AS times \
             FROM session_tokens AS token JOIN session_families AS family ON family.id = token.family_id \
             JOIN accounts ON accounts.id = family.account_id AND resident_id IS NOT NULL \
             WHERE token.issued_at >= $1 AND token.issued_at < $2 \
             GROUP BY resident_id, (timezone($3, token.issued_at))::date"
        }
        // What staff said it is worth; the rule takes the worth of a source in hundredths of a credit.
        "award" | "recognition" => {
            "SELECT given.resident_id, given.earned_at AS at, 1::bigint AS times, \
                 (given.amount + given.capped) * CASE given.unit WHEN 'point' THEN 100 ELSE 1 END AS worth \
             FROM credit_transfers AS given JOIN credit_rules AS rule ON rule.id = given.rule_id \
             WHERE rule.code = $6 AND given.kind IN ('award', 'recognition') AND given.unit = $5 \
                 AND given.counted_month >= (timezone($3, $1))::date \
                 AND given.earned_on >= (timezone($3, $1))::date AND given.earned_on < (timezone($3, $2))::date \
                 AND NOT EXISTS (SELECT FROM credit_transfers AS reversal WHERE reversal.reverses = given.id)"
        }
        _ => {
            "SELECT id AS resident_id, left_at AS at, 0::bigint AS worth, 0::bigint AS times FROM residents WHERE false"
        }
    }
}

/// The facts of a month that the rule is about, in the order in which they happened.
async fn facts(connection: &mut Connection, campus: &Campus, rule: &Rule, month: Month) -> Result<Vec<Fact>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        person_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        branch_id: Uuid,
        #[diesel(sql_type = DateType)]
        day: Date,
        #[diesel(sql_type = BigInt)]
        worth: i64,
        #[diesel(sql_type = BigInt)]
        times: i64,
    }
    let clock = &campus.clock;
    let branches = match rule.branch_id {
        None => None,
        Some(top) => branches::ids_within(connection, &branches::Scope::Below(top)).await?,
    };
    let query = format!(
        "WITH fact AS ({}) \
         SELECT person_id, placed.branch_id, placed.day, placed.worth, placed.times FROM ( \
             SELECT person.id AS person_id, home.branch_id, \
                 (timezone($3, fact.at))::date AS day, fact.at, fact.worth, fact.times, person.groups \
             FROM fact JOIN residents AS record ON record.id = fact.resident_id \
             JOIN residents AS person ON person.id = coalesce(record.merged_into, record.id) \
             CROSS JOIN LATERAL branch_on(person.id, person.branch_id, (timezone($3, fact.at))::date) AS home) AS placed \
         WHERE times > 0 AND ($7 IS NULL OR $7 = ANY (groups)) AND ($8 IS NULL OR branch_id = ANY ($8)) \
         ORDER BY at, person_id",
        source(&rule.earns)
    );
    let rows: Vec<Row> = diesel::sql_query(query)
        .bind::<Timestamptz, _>(clock.start_of(month.first_day()))
        .bind::<Timestamptz, _>(clock.start_of(month.next().first_day()))
        .bind::<Text, _>(clock.zone_name())
        .bind::<Integer, _>(rule.per_minutes.unwrap_or(1))
        .bind::<Text, _>(&rule.unit)
        .bind::<Text, _>(&rule.code)
        .bind::<Nullable<Text>, _>(&rule.target_group)
        .bind::<Nullable<Array<SqlUuid>>, _>(branches)
        .load(connection)
        .await?;
    let fact = |Row { person_id, branch_id, day, worth, times }| Fact { person_id, branch_id, day, worth, times };
    Ok(rows.into_iter().map(fact).collect())
}
