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

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    /// Five points each time, under these caps.
    fn rule(day_cap: Option<i64>, month_cap: Option<i64>, year_cap: Option<i64>) -> Rule {
        Rule {
            id: Uuid::nil(),
            code: "log_in".to_owned(),
            version: 1,
            name_zh: String::new(),
            name_en: String::new(),
            earns: "daily_log_in".to_owned(),
            unit: "point".to_owned(),
            amount: Some(5),
            per_minutes: None,
            multiplier: 100,
            day_cap,
            month_cap,
            year_cap,
            source_cap: None,
            target_group: None,
            branch_id: None,
            valid_from: date!(2026 - 01 - 01),
            valid_to: None,
        }
    }

    fn fact(person: u128, branch: u128, day: Date, times: i64) -> Fact {
        Fact { person_id: Uuid::from_u128(person), branch_id: Uuid::from_u128(branch), day, worth: 0, times }
    }

    fn of_branch(rule: &Rule, facts: &[Fact], branch: u128) -> (i64, i64) {
        let given = simulate(rule, facts).remove(&Uuid::from_u128(branch)).unwrap_or_default();
        (given.amount, given.capped)
    }

    #[test]
    fn a_day_is_full_for_one_person_and_the_next_is_empty() {
        let (monday, tuesday) = (date!(2026 - 11 - 02), date!(2026 - 11 - 03));
        let facts = [fact(1, 9, monday, 1), fact(1, 9, monday, 1), fact(1, 9, monday, 1), fact(1, 9, tuesday, 1)];
        assert_eq!(of_branch(&rule(Some(8), None, None), &facts, 9), (5 + 3 + 5, 2 + 5));
        let others = [fact(1, 9, monday, 1), fact(2, 9, monday, 1), fact(3, 8, monday, 2)];
        assert_eq!(of_branch(&rule(Some(8), None, None), &others, 9), (10, 0));
        assert_eq!(of_branch(&rule(Some(8), None, None), &others, 8), (8, 2));
        assert_eq!(of_branch(&rule(None, None, None), &facts, 9), (20, 0));
    }

    #[test]
    fn a_month_and_a_year_go_on_over_their_days() {
        let facts = [
            fact(1, 9, date!(2026 - 11 - 02), 1),
            fact(1, 9, date!(2026 - 11 - 30), 1),
            fact(1, 9, date!(2026 - 12 - 01), 1),
            fact(1, 9, date!(2027 - 01 - 01), 1),
        ];
        assert_eq!(of_branch(&rule(None, Some(7), None), &facts, 9), (5 + 2 + 5 + 5, 3));
        assert_eq!(of_branch(&rule(None, None, Some(11)), &facts, 9), (5 + 5 + 1 + 5, 4));
        assert_eq!(of_branch(&rule(Some(4), Some(7), Some(9)), &facts, 9), (4 + 3 + 2 + 4, 1 + 2 + 3 + 1));
    }
}
