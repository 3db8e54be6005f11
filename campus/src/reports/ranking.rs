//! Rankings of the branch schools, and one branch's report, worked out from the measures.

use std::collections::HashMap;

use time::OffsetDateTime;
use uuid::Uuid;

use super::figures::{Figure, Figures, MonthFigures};
use super::metrics::Metric;
use super::standings::{Standing, standings};
use super::value::Hundredths;
use crate::branches::Branch;
use crate::clock::Month;
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
    /// Whether the month before it is closed.
    pub previous_status: Status,
    /// What they are compared by.
    pub metric: Metric,
    /// The branch schools, best first; those without a value last.
    pub items: Vec<RankedBranch>,
    /// The whole street's figure, the centre included.
    pub street: Option<Figure>,
    /// The whole street's figure of the month before.
    pub previous_street: Option<Figure>,
}

impl Ranking {
    /// Whether it says the same for good, but for what branches are called: it and the month before it are
    /// closed.
    #[must_use]
    pub const fn stands(&self) -> bool {
        matches!(self.status, Status::Closed { .. }) && matches!(self.previous_status, Status::Closed { .. })
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
}

struct Placed<'a> {
    branch: &'a Branch,
    figure: Option<Figure>,
    standing: Option<Standing>,
}

/// The branch schools of a month with their places. The street centre, which has no
/// parent, is not ranked; nor is in a closed month what was set up after it.
fn place<'a>(figures: &MonthFigures, branches: &'a [Branch], metric: Metric) -> Vec<Placed<'a>> {
    let schools: Vec<&Branch> =
        branches.iter().filter(|branch| branch.parent_id.is_some() && figures.knows(branch.id)).collect();
    let read: Vec<Option<Figure>> = schools.iter().map(|branch| figures.figure(metric, branch.id)).collect();
    let values: Vec<Option<Hundredths>> = read.iter().map(|figure| figure.map(|it| it.value)).collect();
    schools
        .into_iter()
        .zip(read)
        .zip(standings(&values))
        .map(|((branch, figure), standing)| Placed { branch, figure, standing })
        .collect()
}

/// The ranking of `month`, beside the month before; both must have been loaded.
pub(super) fn ranking(figures: &Figures, month: Month, metric: Metric) -> Result<Ranking> {
    let (current, previous) = (figures.month(month)?, figures.month(month.previous())?);
    let before: HashMap<Uuid, Placed<'_>> =
        place(previous, &figures.branches, metric).into_iter().map(|placed| (placed.branch.id, placed)).collect();
    let mut items: Vec<RankedBranch> = place(current, &figures.branches, metric)
        .into_iter()
        .map(|Placed { branch, figure, standing }| {
            let before = before.get(&branch.id);
            let previous_value = before.and_then(|placed| placed.figure).map(|it| it.value);
            RankedBranch {
                branch: branch.clone(),
                figure,
                standing,
                previous_value,
                previous_rank: before.and_then(|placed| placed.standing).map(|it| it.rank),
                delta: figure.zip(previous_value).map(|(figure, previous)| figure.value - previous),
            }
        })
        .collect();
    // Stable: equals stay in the order of the branches.
    items.sort_by_key(|item| item.standing.map_or(u32::MAX, |standing| standing.rank));
    Ok(Ranking {
        month,
        status: Status::of(current),
        previous_status: Status::of(previous),
        metric,
        items,
        street: current.street(metric, &figures.branches),
        previous_street: previous.street(metric, &figures.branches),
    })
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
            points.push((*month, point(figures.month(*month)?, &figures.branches, metric, branch)));
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
    Ok(BranchReport { month, status: Status::of(figures.month(month)?), branch: branch.clone(), metrics })
}

fn point(
    figures: &MonthFigures,
    branches: &[Branch],
    metric: Metric,
    branch: &Branch,
) -> (Option<Figure>, Option<Standing>) {
    place(figures, branches, metric)
        .into_iter()
        .find(|placed| placed.branch.id == branch.id)
        .map_or_else(|| (figures.figure(metric, branch.id), None), |placed| (placed.figure, placed.standing))
}
