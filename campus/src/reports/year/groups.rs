//! Who was taught in a year, by target group.

use crate::clock::Month;
use crate::db::Connection;
use crate::error::Result;
use crate::reports::asked::Asked;
use crate::reports::measures::Group;
use crate::reports::metrics::Metric;
use crate::reports::ranking::Status;
use crate::reports::targets::{self, Progress};
use crate::reports::value::Hundredths;

use super::sums::Of;

/// How many of some people were taught at least once in a year.
#[derive(Debug, Clone, Copy)]
pub struct YearGroup {
    /// Who; `None`: everybody.
    pub group: Option<Group>,
    /// How many of them live there; `None` where nobody has entered it.
    pub population: Option<i64>,
    /// How many were taught.
    pub trained: i64,
    /// Those of a hundred who were.
    pub rate: Option<Hundredths>,
    /// How many had been by the same month of the year before.
    pub previous: i64,
    /// How far the branch is on the way to the rate that is its target; `None` where it has none.
    pub progress: Option<Progress>,
}

pub(super) async fn groups(
    connection: &mut Connection,
    of: Of<'_>,
    last: Month,
    before: Option<Month>,
) -> Result<Vec<YearGroup>> {
    let at = match Status::of(of.figures.month(last)?) {
        Status::Closed { at, .. } => Some(at),
        Status::Open => None,
    };
    let mut groups = Vec::with_capacity(Group::ALL.len() + 1);
    for group in std::iter::once(None).chain(Group::ALL.iter().copied().map(Some)) {
        let asked = |metric| Asked { metric, evidence: None, group };
        let rate = of.month(last, asked(Metric::TrainingRate))?;
        let trained = of.month(last, asked(Metric::Trained))?;
        let previous = before.map(|month| of.month(month, asked(Metric::Trained))).transpose()?.flatten();
        let progress = match (of.branch, rate) {
            (Some(branch), Some(rate)) => {
                let asked = asked(Metric::TrainingRate);
                let targets = targets::standing(connection, last.first_day().year(), asked, at).await?;
                targets.get(&branch).map(|target| targets::progress(asked, last, *target, &rate, None))
            }
            _ => None,
        };
        groups.push(YearGroup {
            group,
            population: rate.and_then(|figure| figure.population),
            trained: trained.map_or(0, |figure| figure.amount),
            rate: rate.map(|figure| figure.value),
            previous: previous.map_or(0, |figure| figure.amount),
            progress,
        });
    }
    Ok(groups)
}
