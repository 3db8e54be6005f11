//! What is asked of the database about months, beside what is measured in them
//! ([`super::statements`]).

use diesel::prelude::*;
use diesel::sql_types::{Array, Date as DateType, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::Date;
use uuid::Uuid;

use super::rows::{BackgroundFigure, ClosedMonth, MonthFigure, Reader};
use crate::access::Role;
use crate::clock::Month;
use crate::db::Connection;
use crate::db::schema::{accounts, closed_months, deployment, month_backgrounds, month_figures};
use crate::error::Result;

/// PostgreSQL takes 65,535 values a statement; a row has six at most.
const ROWS_AT_ONCE: usize = 10_000;

pub(super) fn first_days(months: &[Month]) -> Vec<Date> {
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

/// What was kept of the open months before `closed_month` when it was closed.
pub(super) async fn background(connection: &mut Connection, closed_month: Month) -> Result<Vec<BackgroundFigure>> {
    Ok(month_backgrounds::table
        .filter(month_backgrounds::closed_month.eq(closed_month.first_day()))
        .select(BackgroundFigure::as_select())
        .load(connection)
        .await?)
}

pub(super) async fn insert_background(connection: &mut Connection, figures: &[BackgroundFigure]) -> Result<()> {
    for part in figures.chunks(ROWS_AT_ONCE) {
        diesel::insert_into(month_backgrounds::table).values(part).execute(connection).await?;
    }
    Ok(())
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
    for part in figures.chunks(ROWS_AT_ONCE) {
        diesel::insert_into(month_figures::table).values(part).execute(connection).await?;
    }
    Ok(())
}

#[derive(QueryableByName)]
pub(super) struct Named {
    #[diesel(sql_type = DateType)]
    pub(super) month: Date,
    #[diesel(sql_type = SqlUuid)]
    pub(super) branch_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) code: String,
    #[diesel(sql_type = Text)]
    pub(super) name: String,
}

/// What branches were called when these months were closed.
pub(super) async fn names(connection: &mut Connection, months: &[Month]) -> Result<Vec<Named>> {
    Ok(diesel::sql_query("SELECT month, branch_id, code, name FROM month_branches WHERE month = ANY($1)")
        .bind::<Array<DateType>, _>(first_days(months))
        .load(connection)
        .await?)
}

/// Keeps what branches are called as `month` is closed.
pub(super) async fn keep_names(connection: &mut Connection, month: Month) -> Result<()> {
    diesel::sql_query("INSERT INTO month_branches SELECT $1, id, code, name FROM branches")
        .bind::<DateType, _>(month.first_day())
        .execute(connection)
        .await?;
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
