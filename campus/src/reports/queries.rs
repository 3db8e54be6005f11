//! What is asked of the database about months. A fact is late where it happened before
//! the month it counts in.

use diesel::prelude::*;
use diesel::sql_types::{Array, Date as DateType, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::{Date, OffsetDateTime};

use super::rows::{ClosedMonth, MeasuredRow, MonthFigure, Reader};
use super::scope::Scope;
use crate::access::Role;
use crate::clock::Month;
use crate::db::Connection;
use crate::db::schema::{accounts, closed_months, deployment, month_figures};
use crate::error::Result;

fn first_days(months: &[Month]) -> Vec<Date> {
    months.iter().map(|month| month.first_day()).collect()
}

pub(super) async fn closed(connection: &mut Connection, months: &[Month]) -> Result<Vec<ClosedMonth>> {
    Ok(closed_months::table
        .filter(closed_months::month.eq_any(first_days(months)))
        .select(ClosedMonth::as_select())
        .load(connection)
        .await?)
}

pub(super) async fn closed_since(connection: &mut Connection, first: Month) -> Result<Vec<Date>> {
    Ok(closed_months::table
        .filter(closed_months::month.ge(first.first_day()))
        .select(closed_months::month)
        .load(connection)
        .await?)
}

pub(super) async fn reporting_since(connection: &mut Connection) -> Result<Option<Month>> {
    let since: Option<Date> =
        deployment::table.select(deployment::reporting_since).first(connection).await.optional()?;
    Ok(since.map(Month::of))
}

pub(super) async fn snapshots(connection: &mut Connection, months: &[Month]) -> Result<Vec<MonthFigure>> {
    Ok(month_figures::table
        .filter(month_figures::month.eq_any(first_days(months)))
        .select(MonthFigure::as_select())
        .load(connection)
        .await?)
}

/// Holds the month alone until the transaction ends: every writer that counts in it has
/// committed by then, and those that come wait and find it closed.
pub(super) async fn hold(connection: &mut Connection, month: Month) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(7101, month_lock_number($1))")
        .bind::<DateType, _>(month.first_day())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn insert_closed(
    connection: &mut Connection,
    month: &ClosedMonth,
    figures: &[MonthFigure],
) -> Result<()> {
    diesel::insert_into(closed_months::table).values(month).execute(connection).await?;
    // PostgreSQL takes 65,535 values a statement; a row has five.
    for part in figures.chunks(10_000) {
        diesel::insert_into(month_figures::table).values(part).execute(connection).await?;
    }
    Ok(())
}

/// Staff with an address, whose account is not disabled.
pub(super) async fn readers(connection: &mut Connection) -> Result<Vec<Reader>> {
    Ok(accounts::table
        .filter(accounts::disabled_at.is_null())
        .filter(accounts::role.eq_any([Role::BranchStaff.as_str(), Role::Admin.as_str()]))
        .filter(accounts::email.is_not_null())
        .order(accounts::id)
        .select((accounts::email.assume_not_null(), accounts::role, accounts::branch_id))
        .load(connection)
        .await?)
}

/// What a statement measures, with the months as `$1` and the branches of `scope` as `$2`.
async fn by_month(
    connection: &mut Connection,
    sql: String,
    months: &[Month],
    scope: Scope<'_>,
) -> Result<Vec<MeasuredRow>> {
    Ok(diesel::sql_query(sql)
        .bind::<Array<DateType>, _>(first_days(months))
        .bind::<Array<SqlUuid>, _>(scope.branches())
        .load(connection)
        .await?)
}

pub(super) async fn new_registrations(
    connection: &mut Connection,
    months: &[Month],
    scope: Scope<'_>,
) -> Result<Vec<MeasuredRow>> {
    let only = scope.and("registered_branch_id", "$2");
    let sql = format!(
        "SELECT counted_month AS month, registered_branch_id AS branch_id, count(*) AS amount, \
                   count(*) FILTER (WHERE registered_on < counted_month) AS late \
               FROM registrations WHERE counted_month = ANY($1){only} GROUP BY 1, 2"
    );
    by_month(connection, sql, months, scope).await
}

/// What [`registrations_by_month`] has to be changed by for each of `months`: those who moved after
/// its end are taken from where they are now and put where they were.
pub(super) async fn moved_since(
    connection: &mut Connection,
    months: &[Month],
    scope: Scope<'_>,
) -> Result<Vec<MeasuredRow>> {
    let only = scope.and("side.branch_id", "$2");
    let sql = format!(
        "WITH moved AS ( \
                   SELECT DISTINCT ON (months.month, moves.resident_id) months.month, moves.resident_id, moves.from_branch_id \
                   FROM unnest($1) AS months(month) \
                   JOIN resident_moves AS moves ON moves.moved_on >= months.month + interval '1 month' \
                   ORDER BY months.month, moves.resident_id, moves.place) \
               SELECT month, side.branch_id, sum(sign)::bigint AS amount, \
                   coalesce(sum(sign) FILTER (WHERE registered_on < counted_month), 0)::bigint AS late \
               FROM moved JOIN registrations ON person_id = moved.resident_id \
               CROSS JOIN LATERAL (VALUES (moved.from_branch_id, 1), (registrations.branch_id, -1)) AS side(branch_id, sign) \
               WHERE counted_month <= month{only} GROUP BY 1, 2"
    );
    by_month(connection, sql, months, scope).await
}

/// Registrations of every month up to `last`, at the branch the resident belongs to now.
pub(super) async fn registrations_by_month(
    connection: &mut Connection,
    last: Month,
    scope: Scope<'_>,
) -> Result<Vec<MeasuredRow>> {
    let only = scope.and("branch_id", "$2");
    Ok(diesel::sql_query(format!(
        "SELECT counted_month AS month, branch_id, count(*) AS amount, \
             count(*) FILTER (WHERE registered_on < counted_month) AS late \
         FROM registrations WHERE counted_month <= $1{only} GROUP BY 1, 2"
    ))
    .bind::<DateType, _>(last.first_day())
    .bind::<Array<SqlUuid>, _>(scope.branches())
    .load(connection)
    .await?)
}

pub(super) async fn credits(
    connection: &mut Connection,
    months: &[Month],
    scope: Scope<'_>,
) -> Result<Vec<MeasuredRow>> {
    let only = scope.and("branch_id", "$2");
    let sql = format!(
        "SELECT month, branch_id, sum(amount)::bigint AS amount, \
                   coalesce(sum(amount) FILTER (WHERE late), 0)::bigint AS late \
               FROM (SELECT counted_month AS month, branch_id, earned_on < counted_month AS late, \
                         CASE WHEN kind = 'reversal' THEN -amount ELSE amount END AS amount \
                     FROM credit_transfers WHERE unit = 'credit' AND counted_month = ANY($1){only}) AS signed \
               GROUP BY 1, 2"
    );
    by_month(connection, sql, months, scope).await
}

pub(super) async fn watched(
    connection: &mut Connection,
    months: &[Month],
    scope: Scope<'_>,
) -> Result<Vec<MeasuredRow>> {
    let only = scope.and("branch_id", "$2");
    let sql = format!(
        "SELECT counted_month AS month, branch_id, sum(watched_ms)::bigint AS amount, \
                   coalesce(sum(watched_ms) FILTER (WHERE day < counted_month), 0)::bigint AS late \
               FROM learning_days WHERE counted_month = ANY($1){only} GROUP BY 1, 2"
    );
    by_month(connection, sql, months, scope).await
}

/// Late are those who would not count but for days of an earlier month.
pub(super) async fn active_learners(
    connection: &mut Connection,
    months: &[Month],
    scope: Scope<'_>,
) -> Result<Vec<MeasuredRow>> {
    let only = scope.and("branch_id", "$2");
    let sql = format!(
        "SELECT counted_month AS month, branch_id, count(DISTINCT person_id) AS amount, \
                   count(DISTINCT person_id) - count(DISTINCT person_id) FILTER (WHERE day >= counted_month) AS late \
               FROM (SELECT days.*, coalesce(joined.person_id, resident_id) AS person_id FROM learning_days AS days \
                   LEFT JOIN joined_records AS joined ON joined.id = resident_id) AS learned \
               WHERE watched_ms > 0 AND counted_month = ANY($1){only} GROUP BY 1, 2"
    );
    by_month(connection, sql, months, scope).await
}

/// Who learned at several branches in a month, at each of them but the last. Only who has ever moved, or has
/// several records, can have.
pub(super) async fn repeated_learners(
    connection: &mut Connection,
    months: &[Month],
    scope: Scope<'_>,
) -> Result<Vec<MeasuredRow>> {
    let only = scope.and("branch_id", "$2");
    let sql = format!(
        "SELECT month, branch_id, count(*) AS amount, count(*) FILTER (WHERE last < month) AS late FROM ( \
                   SELECT counted_month AS month, branch_id, max(day) AS last, row_number() OVER ( \
                       PARTITION BY counted_month, coalesce(joined.person_id, resident_id) ORDER BY max(day) DESC, branch_id) AS place \
                   FROM learning_days LEFT JOIN joined_records AS joined ON joined.id = resident_id \
                   WHERE watched_ms > 0 AND counted_month = ANY($1) AND resident_id IN ( \
                       SELECT resident_id FROM resident_moves UNION SELECT id FROM joined_records) \
                   GROUP BY counted_month, coalesce(joined.person_id, resident_id), branch_id) AS learners \
               WHERE place > 1{only} GROUP BY 1, 2"
    );
    by_month(connection, sql, months, scope).await
}

/// Courses finished from `from` until before `to`, at the branch the resident belonged to on that day. The server notes them as they happen,
/// and a month that runs cannot be closed, so none is ever late.
pub(super) async fn completions(
    connection: &mut Connection,
    from: OffsetDateTime,
    to: OffsetDateTime,
    zone: &str,
    scope: Scope<'_>,
) -> Result<Vec<MeasuredRow>> {
    let who = match scope {
        Scope::All => "",
        Scope::Only(_) => {
            " AND resident_id IN (SELECT id FROM residents WHERE branch_id = ANY($4) \
                 UNION SELECT resident_id FROM resident_moves WHERE from_branch_id = ANY($4))"
        }
    };
    let only = scope.and("coalesce(later.from_branch_id, residents.branch_id)", "$4");
    Ok(diesel::sql_query(format!(
        "SELECT date_trunc('month', day)::date AS month, coalesce(later.from_branch_id, residents.branch_id) AS branch_id, \
             count(*) AS amount, 0::bigint AS late \
         FROM (SELECT resident_id, (completed_at AT TIME ZONE $3)::date AS day FROM enrollments \
             WHERE completed_at >= $1 AND completed_at < $2 \
                 AND (resident_id, course_id) NOT IN (SELECT resident_id, course_id FROM repeated_completions){who}) AS finished \
         JOIN residents ON residents.id = finished.resident_id \
         LEFT JOIN LATERAL (SELECT from_branch_id FROM resident_moves AS moves \
             WHERE moves.resident_id = finished.resident_id AND moves.moved_on > finished.day \
             ORDER BY place LIMIT 1) AS later ON true \
         WHERE true{only} GROUP BY 1, 2"
    ))
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<Text, _>(zone)
    .bind::<Array<SqlUuid>, _>(scope.branches())
    .load(connection)
    .await?)
}
