//! Rows of months and of what was measured in them.

use diesel::prelude::*;
use diesel::sql_types;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::clock::Month;
use crate::db::schema::{closed_months, month_backgrounds, month_figures};

/// A month that is closed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = closed_months)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct ClosedMonth {
    /// Its first day.
    pub(super) month: Date,
    /// When it was closed.
    pub(super) closed_at: OffsetDateTime,
    /// By which account; `None`: by the calendar.
    pub(super) closed_by: Option<Uuid>,
    /// SHA-256 over its figures.
    pub(super) hash: Vec<u8>,
}

impl ClosedMonth {
    /// Which month it is.
    pub(super) fn month(&self) -> Month {
        Month::of(self.month)
    }
}

/// One measure of one branch in a closed month.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = month_figures)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct MonthFigure {
    pub(super) month: Date,
    pub(super) branch_id: Uuid,
    pub(super) measure: String,
    pub(super) amount: Option<i64>,
    pub(super) late: i64,
}

/// One measure of one branch in a month that was open when a later one was closed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = month_backgrounds)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct BackgroundFigure {
    pub(super) closed_month: Date,
    pub(super) month: Date,
    pub(super) branch_id: Uuid,
    pub(super) measure: String,
    pub(super) amount: Option<i64>,
    pub(super) late: i64,
}

/// What a measure's query answers: one row a month and branch where there is anything.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct MeasuredRow {
    #[diesel(sql_type = sql_types::Text)]
    pub(super) measure: String,
    #[diesel(sql_type = sql_types::Date)]
    pub(super) month: Date,
    #[diesel(sql_type = sql_types::Uuid)]
    pub(super) branch_id: Uuid,
    #[diesel(sql_type = sql_types::BigInt)]
    pub(super) amount: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    pub(super) late: i64,
}

/// Somebody who is written to when a month closes.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Reader {
    /// Their address.
    pub(super) email: String,
    /// Their role's name.
    pub(super) role: String,
    /// The branch they work for.
    pub(super) branch_id: Option<Uuid>,
}
