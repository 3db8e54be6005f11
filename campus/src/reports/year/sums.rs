//! What the months of a year come to.

use uuid::Uuid;

use crate::branches::Branch;
use crate::clock::Month;
use crate::error::Result;
use crate::reports::asked::Asked;
use crate::reports::figures::{Figure, Figures, MonthFigures};
use crate::reports::metrics::{Metric, OverYear};
use crate::reports::standings::standings;
use crate::reports::value::Hundredths;

/// One metric over a year.
#[derive(Debug, Clone)]
pub struct YearMetric {
    /// Which one.
    pub metric: Metric,
    /// Its figure in each month of the report.
    pub months: Vec<Option<Hundredths>>,
    /// What they come to; `None` where that would count somebody several times, or nothing is known.
    pub value: Option<Hundredths>,
    /// What the same months of the year before came to.
    pub previous: Option<Hundredths>,
    /// The year less the year before.
    pub delta: Option<Hundredths>,
}

/// A school beside the others.
#[derive(Debug, Clone)]
pub struct YearSchool {
    /// The school.
    pub branch: Branch,
    /// By each metric that a year has a figure of.
    pub ranks: Vec<YearRank>,
}

/// Where a school stands by one metric.
#[derive(Debug, Clone, Copy)]
pub struct YearRank {
    /// Which one.
    pub metric: Metric,
    /// What its months come to.
    pub value: Option<Hundredths>,
    /// 1 for the best; equals share a rank.
    pub rank: Option<u32>,
}

/// Whose figures are read: a branch's, or the whole street's.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) figures: &'a Figures,
    pub(super) branch: Option<Uuid>,
}

impl<'a> Of<'a> {
    pub(super) const fn new(figures: &'a Figures, branch: Option<Uuid>) -> Self {
        Self { figures, branch }
    }

    /// The figure of a month.
    pub(super) fn month(self, month: Month, asked: Asked) -> Result<Option<Figure>> {
        Ok(self.read(self.figures.month(month)?, asked))
    }

    fn read(self, month: &MonthFigures, asked: Asked) -> Option<Figure> {
        match self.branch {
            Some(branch) => self.figures.figure(month, asked, branch),
            None => month.street(asked, &self.figures.branches),
        }
    }

    /// What `months` come to. What is added up is what was counted, not its figures, which are rounded.
    fn year(self, months: &[Month], metric: Metric) -> Result<Option<Hundredths>> {
        let mut read = Vec::with_capacity(months.len());
        for month in months {
            read.push(self.month(*month, metric.into())?);
        }
        let last = read.last().copied().flatten();
        Ok(match metric.over_year() {
            OverYear::Last => last.map(|figure| figure.value),
            OverYear::Added => {
                let known: Vec<i64> = read.iter().flatten().map(|figure| figure.amount).collect();
                let population = last.and_then(|figure| figure.population);
                if known.is_empty() { None } else { metric.definition().figure(known.iter().sum(), population) }
            }
            OverYear::Nothing => None,
        })
    }
}

pub(super) fn metrics(of: Of<'_>, months: &[Month], before: &[Month]) -> Result<Vec<YearMetric>> {
    let mut metrics = Vec::with_capacity(Metric::ALL.len());
    for metric in Metric::ALL.iter().copied() {
        let mut points = Vec::with_capacity(months.len());
        for month in months {
            points.push(of.month(*month, metric.into())?.map(|figure| figure.value));
        }
        let (value, previous) = (of.year(months, metric)?, of.year(before, metric)?);
        let delta = value.zip(previous).map(|(value, previous)| value - previous);
        metrics.push(YearMetric { metric, months: points, value, previous, delta });
    }
    Ok(metrics)
}

/// The schools by what their months come to, in the order of branches; a school that was not there in the last
/// month is left out, as in that month's ranking.
pub(super) fn schools(figures: &Figures, months: &[Month]) -> Result<Vec<YearSchool>> {
    let Some(last) = months.last() else { return Ok(Vec::new()) };
    let last = figures.month(*last)?;
    let branches: Vec<&Branch> =
        figures.branches.iter().filter(|branch| figures.is_school(branch.id) && last.knows(branch.id)).collect();
    let mut schools: Vec<YearSchool> =
        branches.iter().map(|branch| YearSchool { branch: last.named(branch), ranks: Vec::new() }).collect();
    for metric in Metric::ALL.iter().copied().filter(|metric| metric.over_year() != OverYear::Nothing) {
        let values = branches
            .iter()
            .map(|branch| Of::new(figures, Some(branch.id)).year(months, metric))
            .collect::<Result<Vec<_>>>()?;
        for ((school, value), standing) in schools.iter_mut().zip(&values).zip(standings(&values)) {
            school.ranks.push(YearRank { metric, value: *value, rank: standing.map(|it| it.rank) });
        }
    }
    Ok(schools)
}
