//! What a rule would have given for facts that are past: the same arithmetic without the ledger.

use std::collections::HashMap;

use time::Date;
use uuid::Uuid;

use super::rows::Rule;
use crate::clock::Month;

/// A fact that earns under a rule, in the order in which facts happened.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Who.
    pub person_id: Uuid,
    /// Their branch.
    pub branch_id: Uuid,
    /// On which civil day.
    pub day: Date,
    /// What the source itself is worth: hundredths of a credit.
    pub worth: i64,
    /// How often it counts: of a day's minutes, how many times the rule's.
    pub times: i64,
}

/// What a branch's people would have been given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Simulated {
    /// Hundredths of a credit, or points.
    pub amount: i64,
    /// What caps would have taken off.
    pub capped: i64,
}

/// What these facts would have given under the rule, by branch.
#[must_use]
pub fn simulate(rule: &Rule, facts: &[Fact]) -> HashMap<Uuid, Simulated> {
    let mut used: HashMap<(Uuid, &str, Date), i64> = HashMap::new();
    let mut given: HashMap<Uuid, Simulated> = HashMap::new();
    for fact in facts {
        let month = Month::of(fact.day).first_day();
        let year = month.replace_month(time::Month::January).unwrap_or(month);
        let caps = [("day", fact.day, rule.day_cap), ("month", month, rule.month_cap), ("year", year, rule.year_cap)];
        for _ in 0..fact.times {
            let worth = rule.worth(fact.worth);
            let room = caps.iter().filter_map(|(period, start, cap)| {
                let used = used.get(&(fact.person_id, *period, *start)).copied().unwrap_or(0);
                cap.map(|cap| (cap - used).max(0))
            });
            let amount = room.min().map_or(worth, |room| worth.min(room));
            for (period, start, _) in caps {
                *used.entry((fact.person_id, period, start)).or_default() += amount;
            }
            let branch = given.entry(fact.branch_id).or_default();
            branch.amount += amount;
            branch.capped += worth - amount;
        }
    }
    given
}
