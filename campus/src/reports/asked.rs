//! What is asked for: a metric, narrowed down to some grades of evidence or to a target group.

use super::measures::{Group, Measure};
use super::metrics::{Definition, Metric};
use crate::credits::Evidence;
use crate::error::{Code, Error, Result};

/// Grades, strongest first.
const GRADES: [Evidence; 5] =
    [Evidence::System, Evidence::Scanned, Evidence::CheckedIn, Evidence::Listed, Evidence::Declared];

/// A metric, and what of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Asked {
    /// The metric.
    pub metric: Metric,
    /// Credits with this evidence or a stronger one alone.
    pub evidence: Option<Evidence>,
    /// People of this group alone.
    pub group: Option<Group>,
}

impl From<Metric> for Asked {
    fn from(metric: Metric) -> Self {
        Self { metric, evidence: None, group: None }
    }
}

impl Asked {
    /// What a request names.
    ///
    /// # Errors
    /// [`Code::MetricUnknown`], [`Code::ValueInvalid`] on `evidence` and [`Code::GroupUnknown`] on `group`;
    /// [`Code::MetricHasNoPart`] on the one that this metric is not counted by.
    pub fn parse(metric: &str, evidence: Option<&str>, group: Option<&str>) -> Result<Self> {
        let metric = Metric::parse(metric)?;
        let evidence = evidence.map(grade).transpose()?;
        let group = group.map(Group::parse).transpose()?;
        if evidence.is_some() && !metric.has_grades() {
            return Err(Error::field("evidence", Code::MetricHasNoPart));
        }
        if group.is_some() && !metric.has_groups() {
            return Err(Error::field("group", Code::MetricHasNoPart));
        }
        Ok(Self { metric, evidence, group })
    }

    /// How it is worked out.
    #[must_use]
    pub const fn definition(self) -> Definition {
        self.metric.definition()
    }

    /// What is added up.
    pub(super) fn measures(self) -> Vec<Measure> {
        match (self.evidence, self.group) {
            (Some(least), _) => {
                let weakest = GRADES.iter().position(|grade| *grade == least).unwrap_or(0);
                GRADES.iter().take(weakest + 1).map(|grade| Measure::credits(*grade)).collect()
            }
            (None, Some(group)) => vec![Measure::trained(group)],
            (None, None) => vec![self.definition().measure],
        }
    }

    /// Of how many people, where it is for so many.
    pub(super) const fn population(self) -> Measure {
        match self.group {
            Some(group) => Measure::population(group),
            None => Measure::Population,
        }
    }

    /// Everything it takes.
    pub(super) fn needed(self) -> Vec<Measure> {
        let mut needed = self.measures();
        if self.group.is_some() {
            needed.push(self.population());
        }
        needed
    }
}

fn grade(name: &str) -> Result<Evidence> {
    let found = GRADES.iter().find(|grade| grade.as_str() == name);
    found.copied().ok_or_else(|| Error::field("evidence", Code::ValueInvalid))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_grade_takes_the_stronger_ones_along() {
        let asked = Asked::parse("credits", Some("checked_in"), None).unwrap();
        assert_eq!(asked.measures(), [Measure::CreditsSystem, Measure::CreditsScanned, Measure::CreditsCheckedIn]);
        let all = Asked::parse("credits_per_1000", None, None).unwrap();
        assert_eq!(all.measures(), [Measure::Credits]);
    }

    #[test]
    fn a_group_is_measured_against_its_own_people() {
        let asked = Asked::parse("training_rate", None, Some("elderly")).unwrap();
        assert_eq!(asked.needed(), [Measure::TrainedElderly, Measure::PopulationElderly]);
    }

    #[test]
    fn what_a_metric_is_not_counted_by_is_refused() {
        for (metric, evidence, group) in [
            ("learning_hours", Some("system"), None),
            ("credits", None, Some("elderly")),
            ("credits", Some("hearsay"), None),
            ("trained", None, Some("giants")),
            ("shoe_size", None, None),
        ] {
            assert!(Asked::parse(metric, evidence, group).is_err(), "{metric} {evidence:?} {group:?}");
        }
    }
}
