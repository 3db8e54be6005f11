//! What is measured and what is reported. A metric is data: a measure, and how its
//! figure is worked out from it.

use super::measures::{Measure, named};
use super::scope::Scope;
use super::statements::Statement;
use super::value::Hundredths;
use crate::error::{Code, Error, Result};
use crate::language::Language;

named! {
    /// What branches are compared by.
    Metric {
        /// New registrations.
        NewRegistrations "new_registrations",
        /// Registrations so far.
        TotalRegistrations "total_registrations",
        /// Registrations so far for every 1,000 people.
        RegistrationsPer1000 "registrations_per_1000",
        /// People who watched something.
        ActiveLearners "active_learners",
        /// Hours watched.
        LearningHours "learning_hours",
        /// Courses finished.
        Completions "completions",
        /// Credits given.
        Credits "credits",
        /// Credits given for every 1,000 people.
        CreditsPer1000 "credits_per_1000",
        /// Who attended activities.
        Attendances "attendances",
        /// People taught in the year so far.
        Trained "trained",
        /// Those of a hundred people who were.
        TrainingRate "training_rate",
    }
}

/// A metric in words and figures: `measure` × `times` ÷ `by` (÷ the population) hundredths.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// What it rests on.
    pub measure: Measure,
    /// The measure is multiplied by this …
    pub times: i64,
    /// … and divided by this, which makes hundredths of the figure.
    pub by: i64,
    /// Whether it is divided by the branch's population besides.
    pub for_population: bool,
    /// Whether the figure is always whole.
    pub whole: bool,
    chinese: Words,
    english: Words,
}

/// What a metric's figures of the months come to over a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverYear {
    /// Their sum.
    Added,
    /// The last of them.
    Last,
    /// Nothing: somebody who learned in two months would count twice. Who was taught is counted for the year.
    Nothing,
}

/// What a metric is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// Its title.
    pub name: &'static str,
    /// What one of it is.
    pub unit: &'static str,
    /// What it counts, in a sentence.
    pub meaning: &'static str,
}

impl Definition {
    /// Its words in `language`.
    #[must_use]
    pub const fn words(&self, language: Language) -> Words {
        language.pick(self.chinese, self.english)
    }

    /// The figure of `amount`; `None` where it takes a population and there is none.
    #[must_use]
    pub fn figure(&self, amount: i64, population: Option<i64>) -> Option<Hundredths> {
        let by = if self.for_population { self.by.checked_mul(population?)? } else { self.by };
        Hundredths::ratio(amount, self.times, by)
    }
}

const fn words(name: &'static str, unit: &'static str, meaning: &'static str) -> Words {
    Words { name, unit, meaning }
}

impl Metric {
    /// The metric of this name, as a request gives it.
    ///
    /// # Errors
    /// [`Code::MetricUnknown`] on the field `metric`.
    pub fn parse(name: &str) -> Result<Self> {
        Self::from_name(name).ok_or_else(|| Error::field("metric", Code::MetricUnknown))
    }

    /// Whether it is counted by evidence.
    #[must_use]
    pub const fn has_grades(self) -> bool {
        matches!(self, Self::Credits | Self::CreditsPer1000)
    }

    /// Whether it is counted by target group.
    #[must_use]
    pub const fn has_groups(self) -> bool {
        matches!(self, Self::Trained | Self::TrainingRate)
    }

    /// What a year's figure comes from.
    #[must_use]
    pub const fn over_year(self) -> OverYear {
        match self {
            Self::NewRegistrations
            | Self::LearningHours
            | Self::Completions
            | Self::Credits
            | Self::CreditsPer1000
            | Self::Attendances => OverYear::Added,
            Self::TotalRegistrations | Self::RegistrationsPer1000 | Self::Trained | Self::TrainingRate => {
                OverYear::Last
            }
            Self::ActiveLearners => OverYear::Nothing,
        }
    }

    /// The statement that counts it, as it runs; `None` where nothing is counted yet.
    #[must_use]
    pub fn statement(self) -> Option<String> {
        Statement::of(self.definition().measure).map(|statement| statement.text(Scope::All))
    }

    /// What it means and how it is worked out.
    #[must_use]
    pub const fn definition(self) -> Definition {
        let (measure, times, by, for_population, whole) = match self {
            Self::NewRegistrations => (Measure::NewRegistrations, 100, 1, false, true),
            Self::TotalRegistrations => (Measure::TotalRegistrations, 100, 1, false, true),
            Self::RegistrationsPer1000 => (Measure::TotalRegistrations, 100 * 1000, 1, true, false),
            Self::ActiveLearners => (Measure::ActiveLearners, 100, 1, false, true),
            // 3,600,000 ms are one hour are 100 hundredths.
            Self::LearningHours => (Measure::WatchedMilliseconds, 1, 36_000, false, false),
            Self::Completions => (Measure::Completions, 100, 1, false, true),
            Self::Credits => (Measure::Credits, 1, 1, false, false),
            Self::CreditsPer1000 => (Measure::Credits, 1000, 1, true, false),
            Self::Attendances => (Measure::Attendances, 100, 1, false, true),
            Self::Trained => (Measure::Trained, 100, 1, false, true),
            // Of a hundred people: 100 × 100 hundredths.
            Self::TrainingRate => (Measure::Trained, 100 * 100, 1, true, false),
        };
        let (chinese, english) = self.both();
        Definition { measure, times, by, for_population, whole, chinese, english }
    }

    const fn both(self) -> (Words, Words) {
        match self {
            Self::NewRegistrations => (
                words("新增登记", "人", "本月新登记的学员人数，按登记的分校计算。"),
                words("New registrations", "people", "Residents registered this month, at the branch that did it."),
            ),
            Self::TotalRegistrations => (
                words("累计登记", "人", "截至本月登记在册的学员人数。"),
                words("Registrations so far", "people", "Residents on record up to this month."),
            ),
            Self::RegistrationsPer1000 => (
                words("每千人登记数", "人/千人", "累计登记人数 × 1000 ÷ 辖区人口。"),
                words(
                    "Registrations per 1,000",
                    "per 1,000 people",
                    "Registrations so far, times 1,000, by population.",
                ),
            ),
            Self::ActiveLearners => (
                words("活跃学员", "人", "本月看过课程的学员人数。"),
                words("Active learners", "people", "Residents who watched a lesson this month."),
            ),
            Self::LearningHours => (
                words("学习时长", "小时", "经系统核实的观看时间，重复观看不重复计算。"),
                words("Learning hours", "hours", "Verified watching; nothing counts twice."),
            ),
            Self::Completions => (
                words("学完课程", "门次", "本月学完的课程数，每人每门计一次。"),
                words("Completions", "courses", "Courses finished this month, once per resident and course."),
            ),
            Self::Credits => (
                words("学分", "学分", "本月授予的学分，减去冲正的学分。"),
                words("Credits", "credits", "Credits given this month, less those reversed."),
            ),
            Self::CreditsPer1000 => (
                words("每千人学分", "学分/千人", "本月学分 × 1000 ÷ 辖区人口。"),
                words("Credits per 1,000", "per 1,000 people", "Credits of this month, times 1,000, by population."),
            ),
            Self::Attendances => (
                words("活动签到", "人次", "参加线下活动的签到人次。有了活动才有数据。"),
                words("Attendances", "attendances", "Who attended activities. Nothing before there are any."),
            ),
            Self::Trained => (
                words(
                    "全年培训人数",
                    "人",
                    "从今年 1 月到本月，至少学过一次的学员人数，每人计一次，按月末所在分校计算。",
                ),
                words(
                    "People taught this year",
                    "people",
                    "Residents who learned at least once from January to this month, once each, where they belong at its end.",
                ),
            ),
            Self::TrainingRate => (
                words("全员培训率", "%", "全年培训人数 ÷ 辖区人口（或该人群人数）× 100。"),
                words(
                    "Training rate",
                    "%",
                    "People taught this year, times 100, by population (or that of the group).",
                ),
            ),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_defined_in_both_languages() {
        for metric in Metric::ALL {
            let definition = metric.definition();
            assert!(!definition.words(Language::Chinese).meaning.is_ascii(), "{metric:?}");
            assert!(definition.words(Language::English).meaning.is_ascii(), "{metric:?}");
            assert_eq!(Metric::parse(metric.as_str()).unwrap(), *metric);
        }
        assert!(Metric::parse("shoe_size").is_err());
    }

    #[test]
    fn figures_are_worked_out_from_the_measures() {
        let figure = |metric: Metric, amount, population| {
            metric.definition().figure(amount, population).map(|it| it.to_string())
        };
        assert_eq!(figure(Metric::NewRegistrations, 18, None).unwrap(), "18.00");
        assert_eq!(figure(Metric::RegistrationsPer1000, 24, Some(416)).unwrap(), "57.69");
        assert_eq!(figure(Metric::RegistrationsPer1000, 24, None), None);
        assert_eq!(figure(Metric::LearningHours, 5_400_000, None).unwrap(), "1.50");
        assert_eq!(figure(Metric::LearningHours, 17_999, None).unwrap(), "0.00");
        assert_eq!(figure(Metric::LearningHours, 18_000, None).unwrap(), "0.01");
        assert_eq!(figure(Metric::Credits, 250, None).unwrap(), "2.50");
        assert_eq!(figure(Metric::CreditsPer1000, 250, Some(300)).unwrap(), "8.33");
    }
}
