//! Rankings of the branch schools, and one branch's report, worked out from the measures.

use std::collections::HashMap;

use time::OffsetDateTime;
use uuid::Uuid;

use super::asked::Asked;
use super::figures::{Figure, Figures, MonthFigures};
use super::metrics::Metric;
use super::standings::{Standing, standings};
use super::targets::{self, Progress};
use super::value::Hundredths;
use crate::branches::Branch;
use crate::clock::Month;
use crate::db::Connection;
use crate::error::Result;

/// Whether a month still takes facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Open,
    /// It does not: its figures are kept as they were.
    Closed {
        /// When it was closed.
        at: OffsetDateTime,
        /// SHA-256 over its figures, in hexadecimal.
        hash: String,
    },
}

impl Status {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed { .. } => "closed",
        }
    }

    pub(super) fn of(figures: &MonthFigures) -> Self {
        figures
            .closed
            .as_ref()
            .map_or(Self::Open, |closed| Self::Closed { at: closed.closed_at, hash: hex::encode(&closed.hash) })
    }
}

/// The branch schools by one metric in one month.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// The month.
    pub month: Month,
    /// Whether it is closed.
    pub status: Status,
    /// Whether what it says of the month before is never going to be other.
    pub previous_stands: bool,
    /// What they are compared by.
    pub metric: Metric,
    /// The metric with what of it was asked for.
    pub asked: Asked,
    /// The branch schools, best first; those without a value last.
    pub items: Vec<RankedBranch>,
    /// The whole street's figure, the centre included.
    pub street: Option<Figure>,
    /// The whole street's figure of the month before.
    pub previous_street: Option<Figure>,
}

impl Ranking {
    /// Whether it says the same for good: it is closed, and the month before it is too or was kept as it was then.
    #[must_use]
    pub const fn stands(&self) -> bool {
        matches!(self.status, Status::Closed { .. }) && self.previous_stands
    }
}

/// A branch school in a ranking. Nothing is known (`None`) where a population is missing
/// or the branch was not there yet.
#[derive(Debug, Clone)]
pub struct RankedBranch {
    /// The branch.
    pub branch: Branch,
    /// Its figure.
    pub figure: Option<Figure>,
    /// Where it stands.
    pub standing: Option<Standing>,
    /// Its figure in the month before.
    pub previous_value: Option<Hundredths>,
    /// Its rank in the month before.
    pub previous_rank: Option<u32>,
    /// The figure less that of the month before.
    pub delta: Option<Hundredths>,
    /// How far it is on the way to its target; `None` where it has none.
    pub progress: Option<Progress>,
}

struct Placed<'a> {
    branch: &'a Branch,
    figure: Option<Figure>,
    standing: Option<Standing>,
}

/// The branch schools of a month with their places. The street centre, which has no
/// parent, is not ranked, nor are teaching points, which count at their school; nor is in a
/// closed month what was set up after it.
fn place<'a>(all: &'a Figures, figures: &MonthFigures, asked: Asked) -> Vec<Placed<'a>> {
    let schools: Vec<&Branch> =
        all.branches.iter().filter(|branch| all.is_school(branch.id) && figures.knows(branch.id)).collect();
    let read: Vec<Option<Figure>> = schools.iter().map(|branch| all.figure(figures, asked, branch.id)).collect();
    let values: Vec<Option<Hundredths>> = read.iter().map(|figure| figure.map(|it| it.value)).collect();
    schools
        .into_iter()
        .zip(read)
        .zip(standings(&values))
        .map(|((branch, figure), standing)| Placed { branch, figure, standing })
        .collect()
}

/// The ranking of `month`, beside the month before; both must have been loaded.
pub(super) fn ranking(figures: &Figures, month: Month, asked: impl Into<Asked>) -> Result<Ranking> {
    let asked = asked.into();
    let (current, previous) = (figures.month(month)?, figures.month(month.previous())?);
    let before: HashMap<Uuid, Placed<'_>> =
        place(figures, previous, asked).into_iter().map(|placed| (placed.branch.id, placed)).collect();
    let mut items: Vec<RankedBranch> = place(figures, current, asked)
        .into_iter()
        .map(|Placed { branch, figure, standing }| {
            let before = before.get(&branch.id);
            let previous_value = before.and_then(|placed| placed.figure).map(|it| it.value);
            RankedBranch {
                branch: current.named(branch),
                figure,
                standing,
                previous_value,
                previous_rank: before.and_then(|placed| placed.standing).map(|it| it.rank),
                delta: figure.zip(previous_value).map(|(figure, previous)| figure.value - previous),
                progress: None,
            }
        })
        .collect();
    // Stable: equals stay in the order of the branches.
    items.sort_by_key(|item| item.standing.map_or(u32::MAX, |standing| standing.rank));
    Ok(Ranking {
        month,
        status: Status::of(current),
        previous_stands: previous.stands(),
        metric: asked.metric,
        asked,
        items,
        street: current.street(asked, &figures.branches),
        previous_street: previous.street(asked, &figures.branches),
    })
}

/// The ranking of `month` with its targets: of a closed month those that stood when it was closed. The last
/// December must have been loaded where the metric goes on from it ([`year_began`]).
pub(super) async fn with_targets(
    connection: &mut Connection,
    figures: &Figures,
    month: Month,
    asked: Asked,
) -> Result<Ranking> {
    let mut ranking = ranking(figures, month, asked)?;
    let at = match &ranking.status {
        Status::Closed { at, .. } => Some(*at),
        Status::Open => None,
    };
    let targets = targets::standing(connection, month.first_day().year(), asked, at).await?;
    let december = figures.month(year_began(month)).ok();
    for item in &mut ranking.items {
        let before = december.and_then(|december| figures.figure(december, asked, item.branch.id)).map(|it| it.value);
        let target = targets.get(&item.branch.id).copied();
        item.progress =
            target.zip(item.figure).map(|(target, figure)| targets::progress(asked, month, target, &figure, before));
    }
    Ok(ranking)
}

/// The December before the year of `month`.
pub(super) fn year_began(month: Month) -> Month {
    let passed = usize::from(u8::from(month.first_day().month()));
    month.back(passed + 1).first().copied().unwrap_or(month)
}

/// Every metric of one branch.
#[derive(Debug, Clone)]
pub struct BranchReport {
    /// The month.
    pub month: Month,
    /// Whether it is closed.
    pub status: Status,
    /// The branch.
    pub branch: Branch,
    /// Its metrics, in the order of reports.
    pub metrics: Vec<BranchMetric>,
}

/// One metric of one branch.
#[derive(Debug, Clone)]
pub struct BranchMetric {
    /// Which one.
    pub metric: Metric,
    /// The figure.
    pub figure: Option<Figure>,
    /// Where it stands; `None` for the street centre, which is not ranked.
    pub standing: Option<Standing>,
    /// The figure of the month before.
    pub previous_value: Option<Hundredths>,
    /// The figure less that of the month before.
    pub delta: Option<Hundredths>,
    /// Twelve months, oldest first, this one last.
    pub history: Vec<HistoryPoint>,
}

/// A metric's figure in an earlier month.
#[derive(Debug, Clone)]
pub struct HistoryPoint {
    /// The month.
    pub month: Month,
    /// The figure.
    pub value: Option<Hundredths>,
    /// Where it stood.
    pub rank: Option<u32>,
}

/// The report of one branch over `months`, oldest first; the last is the one reported.
pub(super) fn branch_report(
    figures: &Figures,
    months: &[Month],
    month: Month,
    branch: &Branch,
) -> Result<BranchReport> {
    let mut metrics = Vec::with_capacity(Metric::ALL.len());
    for metric in Metric::ALL.iter().copied() {
        let mut points = Vec::with_capacity(months.len());
        for month in months {
            points.push((*month, point(figures, figures.month(*month)?, metric.into(), branch)));
        }
        let (figure, standing) = points.last().map_or((None, None), |(_, point)| *point);
        let previous_value = points.iter().rev().nth(1).and_then(|(_, (figure, _))| *figure).map(|it| it.value);
        metrics.push(BranchMetric {
            metric,
            figure,
            standing,
            previous_value,
            delta: figure.zip(previous_value).map(|(figure, previous)| figure.value - previous),
            history: points
                .into_iter()
                .map(|(month, (figure, standing))| HistoryPoint {
                    month,
                    value: figure.map(|it| it.value),
                    rank: standing.map(|it| it.rank),
                })
                .collect(),
        });
    }
    Ok(BranchReport {
        month,
        status: Status::of(figures.month(month)?),
        branch: figures.month(month)?.named(branch),
        metrics,
    })
}

fn point(all: &Figures, figures: &MonthFigures, asked: Asked, branch: &Branch) -> (Option<Figure>, Option<Standing>) {
    place(all, figures, asked)
        .into_iter()
        .find(|placed| placed.branch.id == branch.id)
        .map_or_else(|| (all.figure(figures, asked, branch.id), None), |placed| (placed.figure, placed.standing))
}
