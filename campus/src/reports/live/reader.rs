//! Reads the boards, and measures what has changed since they were posted.

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

use super::board;
use super::changed;
use crate::Campus;
use crate::branches::Branch;
use crate::clock::Month;
use crate::db::Connection;
use crate::error::Result;
use crate::reports::figures::{self, MonthFigures};
use crate::reports::measures::Measure;
use crate::reports::pace::Pace;
use crate::reports::scope::Scope;

/// What was written this long ago at most may not be on the board yet.
const NOT_POSTED_YET: Duration = Duration::from_secs(3);
/// So many branches are measured at once for somebody who waits for an answer …
const FEW: usize = 3;
/// … or all of them, where that takes no longer than this.
const SOON: Duration = Duration::from_millis(60);

/// The figures of an open month that stand on a board.
#[derive(Debug, Clone)]
pub(in crate::reports) struct Standing {
    pub(in crate::reports) month: Month,
    about: board::About,
    figures: MonthFigures,
}

/// The boards of these months, as far as they are kept.
pub(in crate::reports) async fn standing(campus: &Campus, months: &[Month]) -> Vec<Standing> {
    let mut found = Vec::new();
    // No board goes further back: one round trip, not twelve.
    let current = Month::of(campus.clock.today());
    for month in months.iter().copied().filter(|month| *month == current || *month == current.previous()) {
        let Some(board) = campus.signals.board(&board::name(month)).await else { continue };
        if let Some((about, figures)) = board::read(&board) {
            found.push(Standing { month, about, figures });
        }
    }
    found
}

/// The revision under which the figures of `month` stand on the board; `None` where nobody keeps it.
pub async fn revision(campus: &Campus, month: Month) -> Option<String> {
    campus.signals.board_revision(&board::name(month)).await
}

/// What the boards of open months say, with what has changed since: a month is left out where it has to
/// be measured from the beginning.
pub(in crate::reports) async fn brought_up_to_date(
    campus: &Campus,
    connection: &mut Connection,
    branches: &[Branch],
    measures: &[Measure],
    standing: Vec<Standing>,
) -> Result<BTreeMap<Month, MonthFigures>> {
    let mut current = BTreeMap::new();
    if standing.is_empty() {
        return Ok(current);
    }
    let structure = changed::structure(connection).await?;
    let mut news = changed::branches(&changed::lately(connection, campus.clock.now(), NOT_POSTED_YET).await?);
    news.extend(campus.signals.changes().await);
    let news: Vec<Uuid> = branches.iter().map(|branch| branch.id).filter(|id| news.contains(id)).collect();
    for mut each in standing {
        if each.about.structure != structure {
            continue;
        }
        if news.len() > FEW {
            // Many have changed: all are measured where that is soon done, else the board is at most as
            // old as its keeper's pace.
            if each.about.whole_takes() > SOON {
                current.insert(each.month, each.figures);
            }
            continue;
        }
        if !news.is_empty() {
            let scope = Scope::Only(&news);
            let measured = figures::measure_open(
                connection,
                &campus.clock,
                branches,
                &[each.month],
                measures,
                scope,
                &mut Pace::Full,
            )
            .await?;
            for figures in measured.values() {
                each.figures.take_over(figures);
            }
        }
        current.insert(each.month, each.figures);
    }
    Ok(current)
}
