//! What stands on the board of a month: a field for each branch, and what the keeper says of itself.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Month;
use crate::reports::figures::{Amount, MonthFigures};
use crate::reports::measures::Measure;
use crate::signals::Board;

/// The field in which the keeper says how it stands; branches' are their ids.
const ABOUT: &str = "about";

/// What the keeper says of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    /// See [`super::changed::structure`].
    pub(super) structure: String,
    /// How many measures there are: another version of the program may know others.
    pub(super) measures: usize,
    /// What measuring all branches took, in microseconds.
    pub(super) whole_takes: u64,
}

impl About {
    pub(super) fn whole_takes(&self) -> Duration {
        Duration::from_micros(self.whole_takes)
    }
}

/// The figures of a month by branch: a measure's amount (`None`: not known) and what of it is late. What is
/// nothing is left out.
pub(super) type Branches = BTreeMap<Uuid, BTreeMap<String, (Option<i64>, i64)>>;

/// What a board is called.
pub(super) fn name(month: Month) -> String {
    month.to_string()
}

/// What was measured, branch by branch.
pub(super) fn branches(figures: &MonthFigures) -> Branches {
    let mut branches = Branches::new();
    for ((branch, name), amount) in figures.all() {
        let measures = branches.entry(branch).or_default();
        if Measure::from_name(name).map(Amount::nothing) != Some(amount) {
            measures.insert(name.to_owned(), (amount.amount, amount.late));
        }
    }
    branches
}

/// The fields that say so.
pub(super) fn fields(branches: &Branches, about: &About) -> serde_json::Result<Vec<(String, String)>> {
    let mut fields = vec![(ABOUT.to_owned(), serde_json::to_string(about)?)];
    for (branch, amounts) in branches {
        fields.push((branch.to_string(), serde_json::to_string(amounts)?));
    }
    Ok(fields)
}

/// What a board says; `None` where it was written by a program of another version.
pub(super) fn read(board: &Board) -> Option<(About, MonthFigures)> {
    let about: About = serde_json::from_str(board.fields.get(ABOUT)?).ok()?;
    if about.measures != Measure::ALL.len() {
        return None;
    }
    let mut figures = MonthFigures::default();
    for (branch, text) in board.fields.iter().filter(|(field, _)| *field != ABOUT) {
        let branch = Uuid::try_parse(branch).ok()?;
        let mut amounts: HashMap<String, (Option<i64>, i64)> = serde_json::from_str(text).ok()?;
        for measure in Measure::ALL {
            let amount = match amounts.remove(measure.as_str()) {
                Some((amount, late)) => Amount { amount, late },
                None => Amount::nothing(*measure),
            };
            figures.put(branch, *measure, amount);
        }
        if !amounts.is_empty() {
            return None;
        }
    }
    Some((about, figures))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn about() -> About {
        About { structure: "a|b".to_owned(), measures: Measure::ALL.len(), whole_takes: 1200 }
    }

    fn posted(branches: &Branches) -> Board {
        Board { revision: "1".to_owned(), fields: fields(branches, &about()).unwrap().into_iter().collect() }
    }

    #[test]
    fn a_board_says_what_was_measured() {
        let branch = Uuid::from_u128(7);
        let mut figures = MonthFigures::default();
        for (number, measure) in (0..).zip(Measure::ALL) {
            figures.put(branch, *measure, Amount { amount: (number > 0).then_some(number), late: -number });
        }
        let (said, read) = read(&posted(&branches(&figures))).unwrap();
        assert_eq!(said, about());
        assert_eq!(read.all(), figures.all());
    }

    #[test]
    fn a_board_of_another_version_says_nothing() {
        let mut other = Branches::new();
        other.insert(Uuid::from_u128(7), [("shoe_size".to_owned(), (Some(41), 0))].into());
        assert!(read(&posted(&other)).is_none());
        assert!(read(&Board { revision: "1".to_owned(), fields: HashMap::new() }).is_none());
    }
}
