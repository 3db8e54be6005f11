//! How far a branch is on the way to its target.

use crate::clock::Month;
use crate::reports::asked::Asked;
use crate::reports::figures::Figure;
use crate::reports::metrics::Metric;
use crate::reports::value::Hundredths;

const MONTHS: i64 = 12;

/// Where a branch stands on its way to the end of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is to reach by the end of the year.
    pub target: Hundredths,
    /// What is missing; 0 where it is reached.
    pub gap: Hundredths,
    /// How many more people that takes.
    pub people: i64,
    /// What it has by the end of this month on the straight line from where the year began.
    pub expected: Hundredths,
    /// What it has at the end of the year if it goes on as it has so far.
    pub forecast: Hundredths,
}

/// The progress of a figure in `month`. What is counted from January begins at 0; other figures begin the year
/// with `before`, that of the last December, or 0 where nothing is known of it.
pub(in crate::reports) fn progress(
    asked: Asked,
    month: Month,
    target: Hundredths,
    figure: &Figure,
    before: Option<Hundredths>,
) -> Progress {
    let start = match asked.metric {
        Metric::Trained | Metric::TrainingRate => 0,
        _ => before.unwrap_or_default().hundredths(),
    };
    let passed = i64::from(u8::from(month.first_day().month()));
    let (goal, value) = (target.hundredths(), figure.value.hundredths());
    Progress {
        target,
        gap: Hundredths::new((goal - value).max(0)),
        people: missing_people(asked, goal, figure),
        expected: along(start, goal, passed, MONTHS),
        forecast: along(start, value, MONTHS, passed),
    }
}

/// `start` + (`to` − `start`) × `times` ÷ `by`, half up.
fn along(start: i64, to: i64, times: i64, by: i64) -> Hundredths {
    let way = Hundredths::ratio(to.saturating_sub(start), times, by).unwrap_or_default();
    Hundredths::new(start.saturating_add(way.hundredths()))
}

/// The fewest people more with whom the figure is at the goal.
fn missing_people(asked: Asked, goal: i64, figure: &Figure) -> i64 {
    let definition = asked.definition();
    let by = if definition.for_population { figure.population.unwrap_or(0) } else { 1 };
    let needed = i128::from(goal) * i128::from(definition.by) * i128::from(by);
    let times = i128::from(definition.times);
    let people = (needed + times - 1).div_euclid(times);
    i64::try_from(people).unwrap_or(i64::MAX).saturating_sub(figure.amount).max(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn figure(metric: Metric, amount: i64, population: Option<i64>) -> Figure {
        let value = metric.definition().figure(amount, population).unwrap();
        Figure { value, late: Hundredths::ZERO, amount, population }
    }

    fn progress_of(metric: Metric, month: &str, target: i64, figure: &Figure, before: Option<i64>) -> Progress {
        progress(metric.into(), month.parse().unwrap(), Hundredths::new(target), figure, before.map(Hundredths::new))
    }

    #[test]
    fn a_rate_says_how_many_people_are_missing() {
        // 263 people, 139 taught: 52.85 %; 67 % are 176.21, hence 177.
        let figure = figure(Metric::TrainingRate, 139, Some(263));
        let progress = progress_of(Metric::TrainingRate, "2026-09", 6700, &figure, None);
        assert_eq!((progress.people, progress.gap.to_string()), (38, "14.15".to_owned()));
        assert_eq!(progress.expected.to_string(), "50.25");
        assert_eq!(progress.forecast.to_string(), "70.47");
    }

    #[test]
    fn registrations_go_on_from_the_last_december() {
        let figure = figure(Metric::TotalRegistrations, 130, None);
        let progress = progress_of(Metric::TotalRegistrations, "2026-03", 16_000, &figure, Some(10_000));
        assert_eq!((progress.people, progress.gap.to_string()), (30, "30.00".to_owned()));
        assert_eq!(progress.expected.to_string(), "115.00");
        assert_eq!(progress.forecast.to_string(), "220.00");
    }

    #[test]
    fn what_is_reached_lacks_nobody() {
        let figure = figure(Metric::Trained, 200, None);
        let progress = progress_of(Metric::Trained, "2026-12", 20_000, &figure, None);
        assert_eq!((progress.people, progress.gap), (0, Hundredths::ZERO));
        assert_eq!((progress.expected, progress.forecast), (Hundredths::new(20_000), Hundredths::new(20_000)));
    }
}
