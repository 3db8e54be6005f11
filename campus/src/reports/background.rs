//! The months before a closed one, as they looked when it was closed.
//!
//! Months before reporting began stay open and go on changing with what rosters say of earlier years; the report
//! of a closed month compares with them all the same. So closing keeps what they were then.

use std::collections::BTreeMap;

use super::HISTORY_MONTHS;
use super::figures::{Amount, MonthFigures};
use super::measures::Measure;
use super::queries;
use super::ranking::year_began;
use super::rows::BackgroundFigure;
use crate::clock::Month;
use crate::db::Connection;
use crate::error::{Error, Result};

/// The months before `month` that its report shows and that are open.
pub(super) async fn open_before(connection: &mut Connection, month: Month) -> Result<Vec<Month>> {
    let mut shown = month.back(HISTORY_MONTHS);
    shown.pop();
    if !shown.contains(&year_began(month)) {
        shown.push(year_began(month));
    }
    let closed = queries::closed(connection, &shown).await?;
    shown.retain(|month| !closed.iter().any(|closed| closed.month() == *month));
    Ok(shown)
}

/// Keeps what those months look like as `month` is closed.
pub(super) async fn keep(
    connection: &mut Connection,
    closed_month: Month,
    months: &BTreeMap<Month, MonthFigures>,
) -> Result<()> {
    let mut rows = Vec::new();
    for (month, figures) in months {
        for (branch_id, measure, amount) in figures.each() {
            if measure == Measure::Population || amount != Amount::nothing(measure) {
                rows.push(BackgroundFigure {
                    closed_month: closed_month.first_day(),
                    month: month.first_day(),
                    branch_id,
                    measure: measure.as_str().to_owned(),
                    amount: amount.amount,
                    late: amount.late,
                });
            }
        }
    }
    queries::insert_background(connection, &rows).await
}

/// What was kept when `closed_month` was closed.
pub(super) async fn load(connection: &mut Connection, closed_month: Month) -> Result<BTreeMap<Month, MonthFigures>> {
    let rows = queries::background(connection, closed_month).await?;
    let mut months: BTreeMap<Month, MonthFigures> = BTreeMap::new();
    for row in &rows {
        let figures = months.entry(Month::of(row.month)).or_insert_with(MonthFigures::kept);
        figures.know(row.branch_id);
    }
    for row in rows {
        let measure = Measure::from_name(&row.measure)
            .ok_or_else(|| Error::internal(format!("a closed month has an unknown measure {}", row.measure)))?;
        if let Some(figures) = months.get_mut(&Month::of(row.month)) {
            figures.put(row.branch_id, measure, Amount { amount: row.amount, late: row.late });
        }
    }
    Ok(months)
}
