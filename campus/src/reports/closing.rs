//! Closing a month: its figures are written down for good, with a hash over them.

use std::collections::BTreeMap;

use diesel_async::AsyncConnection;
use serde_json::json;
use sha2::{Digest, Sha256};
use time::{Date, OffsetDateTime};

use super::background;
use super::figures::{self, MonthFigures, Wanted};
use super::letters;
use super::measures::Measure;
use super::pace::Pace;
use super::queries;
use super::rows::{ClosedMonth, MonthFigure};
use super::scope::Scope;
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::branches;
use crate::clock::{Clock, Month};
use crate::db::Connection;
use crate::error::{Code, Error, Result};

/// A month that is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The month.
    pub month: Month,
    /// When it was closed.
    pub closed_at: OffsetDateTime,
    /// SHA-256 over its figures, in hexadecimal.
    pub hash: String,
    /// Whether this call closed it; otherwise it was closed before.
    pub newly: bool,
}

impl Closing {
    fn of(closed: &ClosedMonth, newly: bool) -> Self {
        Self { month: closed.month(), closed_at: closed.closed_at, hash: hex::encode(&closed.hash), newly }
    }
}

/// Closes `month`: writes down its figures and their hash, and queues a mail to each
/// branch's staff. `actor` is `None` where the calendar closes it. A month that is closed
/// already is answered as it was.
///
/// # Errors
/// [`Code::MonthNotOver`] before its last day is past.
pub async fn close(campus: &Campus, actor: Option<&Actor>, month: Month) -> Result<Closing> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::hold(connection, month).await?;
            if let Some(closed) = queries::closed(connection, &[month]).await?.first() {
                return Ok(Closing::of(closed, false));
            }
            // Asked after the wait for the month, which may have been long.
            let now = campus.clock.now();
            if campus.clock.date_of(now) <= month.last_day() {
                return Err(Error::code(Code::MonthNotOver));
            }
            write_down(campus, connection, actor, month, now).await
        })
        .await
}

async fn write_down(
    campus: &Campus,
    connection: &mut Connection,
    actor: Option<&Actor>,
    month: Month,
    now: OffsetDateTime,
) -> Result<Closing> {
    let branches = branches::list(connection).await?;
    let mut months = background::open_before(connection, month).await?;
    months.push(month);
    let (scope, mut pace) = (Scope::All, Pace::giving_way());
    let mut measured =
        figures::measure_open(connection, &campus.clock, &branches, &months, Measure::ALL, scope, &mut pace).await?;
    let rows = measured.remove(&month).map(|figures| snapshot(month, &figures)).unwrap_or_default();
    let closed = ClosedMonth {
        month: month.first_day(),
        closed_at: now,
        closed_by: actor.map(|actor| actor.account_id),
        hash: Sha256::digest(canonical(month, &rows)).to_vec(),
    };
    queries::insert_closed(connection, &closed, &rows).await?;
    queries::keep_names(connection, month).await?;
    background::keep(connection, month, &measured).await?;
    let closing = Closing::of(&closed, true);
    let entry = audit::Entry {
        action: "month.closed",
        object_kind: "month",
        object_id: None,
        branch_id: None,
        detail: json!({"month": month.to_string(), "hash": closing.hash}),
        actor,
    };
    audit::record(connection, now, &entry).await?;
    // Read back from what was just written: the mails say what the snapshot says.
    let months = [month.previous(), month];
    let wanted = Wanted { months: &months, measures: Measure::ALL, reported: Some(month) };
    let mut kept = figures::load(connection, &campus.clock, branches, &wanted, BTreeMap::new()).await?;
    figures::with_december(connection, &campus.clock, &mut kept, month).await?;
    letters::queue(connection, &kept, month, |_| true, now).await?;
    Ok(closing)
}

fn snapshot(month: Month, figures: &MonthFigures) -> Vec<MonthFigure> {
    figures
        .all()
        .into_iter()
        .map(|((branch_id, measure), amount)| MonthFigure {
            month: month.first_day(),
            branch_id,
            measure: measure.to_owned(),
            amount: amount.amount,
            late: amount.late,
        })
        .collect()
}

/// What the hash is taken over: a line for the month, then one a figure,
/// `branch|measure|amount|late`, by branch and measure; `-` where nothing is known.
fn canonical(month: Month, rows: &[MonthFigure]) -> String {
    let mut text = format!("changqing month 1|{month}\n");
    for row in rows {
        let amount = row.amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string());
        text.push_str(&format!("{}|{}|{amount}|{}\n", row.branch_id, row.measure, row.late));
    }
    text
}

/// The moment at which `month` closes by itself: the closing day of the next month, 00:00.
/// A closing day that the month has not got is its last.
#[must_use]
pub fn closing_moment(clock: &Clock, closing_day: u8, month: Month) -> OffsetDateTime {
    let next = month.next();
    let day: Date = next.first_day().replace_day(closing_day.max(1)).unwrap_or_else(|_| next.last_day());
    clock.start_of(day)
}

/// Closes every month that reporting covers, whose days of grace are over and which is
/// still open, oldest first. Answers those it closed.
///
/// # Errors
/// What the database says; the months closed before the failure stay closed.
pub async fn close_due(campus: &Campus) -> Result<Vec<Month>> {
    let (first, done) = {
        let connection = &mut *campus.database.connection().await?;
        let Some(first) = queries::reporting_since(connection).await? else { return Ok(Vec::new()) };
        (first, queries::closed_since(connection, first).await?)
    };
    let now = campus.clock.now();
    let due: Vec<Month> = std::iter::successors(Some(first), |month| Some(month.next()))
        .take_while(|month| closing_moment(&campus.clock, campus.config.closing_day, *month) <= now)
        .filter(|month| !done.contains(&month.first_day()))
        .collect();
    let mut closed = Vec::new();
    for month in due {
        if close(campus, None, month).await?.newly {
            tracing::info!(%month, "a month was closed");
            closed.push(month);
        }
    }
    Ok(closed)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use time::macros::datetime;
    use uuid::Uuid;

    #[test]
    fn the_canonical_form_is_fixed() {
        let month: Month = "2026-11".parse().unwrap();
        let row = |measure: &str, amount, late| MonthFigure {
            month: month.first_day(),
            branch_id: Uuid::from_u128(7),
            measure: measure.to_owned(),
            amount,
            late,
        };
        assert_eq!(
            canonical(month, &[row("credits", Some(-250), -50), row("population", None, 0)]),
            "changqing month 1|2026-11\n\
             00000000-0000-0000-0000-000000000007|credits|-250|-50\n\
             00000000-0000-0000-0000-000000000007|population|-|0\n"
        );
    }

    #[test]
    fn a_month_closes_at_midnight_of_the_zone() {
        let clock = Clock::manual("Asia/Shanghai", datetime!(2026-11-02 00:00 UTC)).unwrap();
        let month = |text: &str| text.parse::<Month>().unwrap();
        assert_eq!(closing_moment(&clock, 6, month("2026-11")), datetime!(2026-12-05 16:00 UTC));
        assert_eq!(closing_moment(&clock, 6, month("2026-12")), datetime!(2027-01-05 16:00 UTC));
        assert_eq!(closing_moment(&clock, 31, month("2027-01")), datetime!(2027-02-27 16:00 UTC));
    }
}
