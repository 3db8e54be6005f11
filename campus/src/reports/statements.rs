//! The statements that measure months, as they run and as they are shown beside the figures. A fact is late
//! where it happened before the month it counts in.
//!
//! Parameters: `$1` the first days of the months, `$2` the branches where only some are measured, `$3` the
//! deployment's time zone. Each answers a row for a month, branch and measure where there is anything.

use diesel::sql_types::{Array, Date as DateType, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::measures::Measure;
use super::queries::first_days;
use super::rows::MeasuredRow;
use super::scope::Scope;
use crate::clock::Month;
use crate::db::Connection;
use crate::error::Result;

/// What is measured by one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Statement {
    NewRegistrations,
    TotalRegistrations,
    Learning,
    Repeated,
    Completions,
    Credits,
    Trained,
    GroupPopulations,
}

impl Statement {
    /// The one that measures this; `None` where it is known otherwise, or not at all.
    pub(super) const fn of(measure: Measure) -> Option<Self> {
        Some(match measure {
            // Known from the branches themselves.
            Measure::Population | Measure::Attendances => return None,
            Measure::NewRegistrations => Self::NewRegistrations,
            Measure::TotalRegistrations => Self::TotalRegistrations,
            Measure::ActiveLearners | Measure::WatchedMilliseconds => Self::Learning,
            Measure::RepeatedLearners | Measure::RepeatedInSchool => Self::Repeated,
            Measure::Completions => Self::Completions,
            Measure::Credits
            | Measure::CreditsSystem
            | Measure::CreditsScanned
            | Measure::CreditsCheckedIn
            | Measure::CreditsListed
            | Measure::CreditsDeclared => Self::Credits,
            _ if measure.is_entered() => Self::GroupPopulations,
            _ => Self::Trained,
        })
    }

    /// Whether it comes to the same read a few branches at a time: what it reads belongs to one branch each, and
    /// stays there.
    pub(super) const fn is_divisible(self) -> bool {
        matches!(self, Self::Learning | Self::Credits)
    }

    /// Its text; see the module for its parameters.
    pub(super) fn text(self, scope: Scope<'_>) -> String {
        match self {
            Self::NewRegistrations => new_registrations(scope),
            Self::TotalRegistrations => total_registrations(scope),
            Self::Learning => learning(scope),
            Self::Repeated => repeated(scope),
            Self::Completions => completions(scope),
            Self::Credits => credits(scope),
            Self::Trained => trained(scope),
            Self::GroupPopulations => group_populations(scope),
        }
    }

    /// Measures `months`.
    pub(super) async fn run(
        self,
        connection: &mut Connection,
        months: &[Month],
        zone: &str,
        scope: Scope<'_>,
    ) -> Result<Vec<MeasuredRow>> {
        Ok(diesel::sql_query(self.text(scope))
            .bind::<Array<DateType>, _>(first_days(months))
            .bind::<Array<SqlUuid>, _>(scope.branches())
            .bind::<Text, _>(zone)
            .load(connection)
            .await?)
    }
}

fn new_registrations(scope: Scope<'_>) -> String {
    let only = scope.and("registered_branch_id");
    format!(
        "SELECT 'new_registrations' AS measure, counted_month AS month, registered_branch_id AS branch_id,
    count(*) AS amount, count(*) FILTER (WHERE registered_on < counted_month) AS late
FROM registrations WHERE counted_month = ANY($1){only} GROUP BY 2, 3"
    )
}

/// Everybody where they were at the month's end: by where they are now, less who has come since, with who has left.
/// All records are counted in one reading; those of the few who have several are taken off again, and each of these
/// people put in once.
fn total_registrations(scope: Scope<'_>) -> String {
    let (now, side) = (scope.and("branch_id"), scope.and("side.branch_id"));
    format!(
        "WITH months AS (SELECT unnest($1) AS month),
registered AS (
    SELECT counted_month, branch_id, count(*) AS amount,
        count(*) FILTER (WHERE registered_on < counted_month) AS late
    FROM residents
    WHERE merged_into IS NULL AND counted_month <= (SELECT max(month) FROM months){now} GROUP BY 1, 2
), joined AS (
    SELECT counted_month, branch_id, -1 AS sign, registered_on
    FROM residents WHERE merged_into IS NULL AND id IN (SELECT person_id FROM joined_records)
    UNION ALL SELECT counted_month, branch_id, 1, registered_on FROM joined_registrations
), moved AS (
    SELECT DISTINCT ON (month, resident_id) month, resident_id, from_branch_id
    FROM months JOIN resident_moves ON moved_on >= month + interval '1 month'
    ORDER BY month, resident_id, place
), counted AS (
    SELECT month, branch_id, amount, late FROM months JOIN registered ON counted_month <= month
    UNION ALL
    SELECT month, branch_id, sign, CASE WHEN registered_on < counted_month THEN sign ELSE 0 END
    FROM months JOIN joined ON counted_month <= month WHERE true{now}
    UNION ALL
    SELECT month, side.branch_id, sign, CASE WHEN registered_on < counted_month THEN sign ELSE 0 END
    FROM moved JOIN registrations ON person_id = moved.resident_id AND counted_month <= month
    CROSS JOIN LATERAL (VALUES (from_branch_id, 1), (registrations.branch_id, -1)) AS side (branch_id, sign)
    WHERE true{side}
)
SELECT 'total_registrations' AS measure, month, branch_id, sum(amount)::bigint AS amount, sum(late)::bigint AS late
FROM counted GROUP BY 2, 3"
    )
}

/// Who learned, and for how long, in one reading of the month; who has several records is one. Late are those who
/// would not count but for days of an earlier month.
///
/// What is read stands by itself (`OFFSET 0`), so that it is read as it lies and grouped by hash: sorted by branch and
/// person it takes a third longer, and by the index of branches, which has that order in part, four times as long.
fn learning(scope: Scope<'_>) -> String {
    let read = match scope {
        Scope::All => "(SELECT * FROM learning_days WHERE counted_month = ANY($1)) AS read",
        // A branch and month at a time: else a month is read as a whole for three branches of two hundred.
        Scope::Only(_) => {
            "unnest($1) AS month CROSS JOIN unnest($2) AS branch CROSS JOIN LATERAL (
                SELECT * FROM learning_days WHERE counted_month = month AND branch_id = branch OFFSET 0
            ) AS read"
        }
    };
    format!(
        "SELECT measure, month, branch_id, amount::bigint, late::bigint
FROM (
    SELECT month, branch_id, count(*) FILTER (WHERE in_time OR afterwards) AS learners,
        count(*) FILTER (WHERE afterwards AND in_time IS NOT TRUE) AS late_learners,
        sum(watched) AS watched, coalesce(sum(watched_late), 0) AS watched_late
    FROM (
        SELECT counted_month AS month, branch_id, person_id, sum(watched_ms)::bigint AS watched,
            (sum(watched_ms) FILTER (WHERE day < counted_month))::bigint AS watched_late,
            bool_or(watched_ms > 0) FILTER (WHERE day >= counted_month) AS in_time,
            bool_or(watched_ms > 0) FILTER (WHERE day < counted_month) AS afterwards
        FROM (
            SELECT counted_month, branch_id, day, watched_ms, coalesce(joined.person_id, resident_id) AS person_id
            FROM {read} LEFT JOIN joined_records AS joined ON joined.id = resident_id
            OFFSET 0
        ) AS days
        GROUP BY 1, 2, 3
    ) AS people
    GROUP BY 1, 2
) AS counted CROSS JOIN LATERAL (VALUES
    ('active_learners', learners, late_learners), ('watched_milliseconds', watched, watched_late)
) AS figures (measure, amount, late)"
    )
}

/// Who learned at several branches in a month, and at several of one school, at each of them but the last. Only who
/// has ever moved, or has several records, can have.
fn repeated(scope: Scope<'_>) -> String {
    let only = scope.and("branch_id");
    format!(
        "SELECT measure, month, branch_id, count(*) AS amount, count(*) FILTER (WHERE last < month) AS late
FROM (
    SELECT counted_month AS month, days.branch_id, max(day) AS last,
        row_number() OVER (PARTITION BY counted_month, coalesce(joined.person_id, resident_id)
            ORDER BY max(day) DESC, days.branch_id) AS place,
        row_number() OVER (PARTITION BY counted_month, school_id, coalesce(joined.person_id, resident_id)
            ORDER BY max(day) DESC, days.branch_id) AS school_place
    FROM learning_days AS days
    JOIN branch_schools USING (branch_id)
    LEFT JOIN joined_records AS joined ON joined.id = resident_id
    WHERE watched_ms > 0 AND counted_month = ANY($1) AND resident_id IN (
        SELECT resident_id FROM resident_moves UNION SELECT id FROM joined_records)
    GROUP BY counted_month, coalesce(joined.person_id, resident_id), school_id, days.branch_id
) AS learners CROSS JOIN LATERAL (VALUES
    ('repeated_learners', place), ('repeated_in_school', school_place)
) AS figures (measure, nth)
WHERE nth > 1{only} GROUP BY 1, 2, 3"
    )
}

/// At the branch the resident belonged to on that day. The server notes them as they happen, and a month that
/// runs cannot be closed, so none is ever late.
fn completions(scope: Scope<'_>) -> String {
    let only = scope.and("home.branch_id");
    let who = match scope {
        Scope::All => "",
        Scope::Only(_) => {
            "
        AND resident_id IN (SELECT id FROM residents WHERE branch_id = ANY($2)
            UNION SELECT resident_id FROM resident_moves WHERE from_branch_id = ANY($2))"
        }
    };
    format!(
        "SELECT 'completions' AS measure, date_trunc('month', day)::date AS month,
    home.branch_id, count(*) AS amount, 0::bigint AS late
FROM (
    SELECT resident_id, (completed_at AT TIME ZONE $3)::date AS day FROM enrollments
    WHERE completed_at >= (SELECT min(month) FROM unnest($1) AS month)::timestamp AT TIME ZONE $3
        AND completed_at < ((SELECT max(month) FROM unnest($1) AS month) + interval '1 month') AT TIME ZONE $3
        AND (resident_id, course_id) NOT IN (SELECT resident_id, course_id FROM repeated_completions){who}
) AS finished
JOIN residents ON residents.id = finished.resident_id
CROSS JOIN LATERAL branch_on(residents.id, residents.branch_id, finished.day) AS home
WHERE date_trunc('month', day)::date = ANY($1){only} GROUP BY 2, 3"
    )
}

/// All of them, and those of each grade of evidence.
fn credits(scope: Scope<'_>) -> String {
    let only = scope.and("branch_id");
    format!(
        "SELECT CASE WHEN evidence IS NULL THEN 'credits' ELSE 'credits_' || evidence END AS measure,
    month, branch_id, sum(amount)::bigint AS amount, coalesce(sum(amount) FILTER (WHERE late), 0)::bigint AS late
FROM (
    SELECT counted_month AS month, branch_id, evidence, earned_on < counted_month AS late,
        CASE WHEN kind = 'reversal' THEN -amount ELSE amount END AS amount
    FROM credit_transfers WHERE unit = 'credit' AND counted_month = ANY($1){only}
) AS signed
GROUP BY GROUPING SETS ((month, branch_id), (month, branch_id, evidence))"
    )
}

/// All of them, and those of each target group, at the branch they belonged to at the month's end.
/// `taught_years` says for each resident and year in which month they were first taught.
fn trained(scope: Scope<'_>) -> String {
    let only = scope.and("coalesce(later.from_branch_id, person.branch_id)");
    let who = match scope {
        Scope::All => "",
        Scope::Only(_) => {
            "
    AND taught.resident_id IN (SELECT id FROM residents WHERE branch_id = ANY($2)
        UNION SELECT resident_id FROM resident_moves WHERE from_branch_id = ANY($2)
        UNION SELECT id FROM joined_records)"
        }
    };
    format!(
        "WITH months AS (SELECT unnest($1) AS month),
taught AS (
    SELECT DISTINCT month, coalesce(joined.person_id, taught.resident_id) AS person_id
    FROM months JOIN taught_years AS taught ON year = extract(year FROM month) AND first_month <= month
    LEFT JOIN joined_records AS joined ON joined.id = taught.resident_id
    WHERE true{who}
), later AS (
    SELECT DISTINCT ON (month, resident_id) month, resident_id, from_branch_id
    FROM months JOIN resident_moves ON moved_on >= month + interval '1 month'
    ORDER BY month, resident_id, place
)
SELECT CASE WHEN code IS NULL THEN 'trained' ELSE 'trained_' || code END AS measure, taught.month,
    coalesce(later.from_branch_id, person.branch_id) AS branch_id, count(*) AS amount, 0::bigint AS late
FROM taught JOIN residents AS person ON person.id = taught.person_id
LEFT JOIN later ON later.month = taught.month AND later.resident_id = taught.person_id
CROSS JOIN LATERAL (SELECT NULL AS code UNION ALL SELECT unnest(person.groups)) AS groups
WHERE true{only} GROUP BY 2, 3, code"
    )
}

/// As they stand now.
fn group_populations(scope: Scope<'_>) -> String {
    let only = scope.and("branch_id");
    format!(
        "SELECT 'population_' || group_code AS measure, month, branch_id, people::bigint AS amount, 0::bigint AS late
FROM branch_group_populations CROSS JOIN unnest($1) AS month WHERE true{only}"
    )
}
