//! What a history comes to, counted by going through everything that happened, one thing after another.

use std::collections::{BTreeMap, BTreeSet};

use campus::clock::Month;
use time::{Date, OffsetDateTime};

/// A record of somebody, with where they belonged when.
#[derive(Debug, Clone)]
pub struct Record {
    pub place: usize,
    pub registered_place: usize,
    pub registered_on: Date,
    pub counted: Month,
    /// The days of moving, and from where.
    pub moves: Vec<(Date, usize)>,
    /// The record that stays, where this one was merged away.
    pub kept: Option<usize>,
    pub elderly: bool,
    pub left: bool,
}

impl Record {
    fn place_on(&self, day: Date) -> usize {
        self.moves.iter().find(|(moved_on, _)| *moved_on > day).map_or(self.place, |(_, from)| *from)
    }
}

#[derive(Debug, Clone)]
pub struct Learned {
    pub record: usize,
    pub place: usize,
    pub day: Date,
    pub counted: Month,
    pub milliseconds: i64,
}

#[derive(Debug, Clone)]
pub struct Finished {
    pub record: usize,
    pub course: usize,
    pub at: OffsetDateTime,
    /// In the zone of the deployment.
    pub day: Date,
}

#[derive(Debug, Clone)]
pub struct Given {
    pub place: usize,
    pub day: Date,
    pub counted: Month,
    /// Hundredths; negative for a reversal.
    pub amount: i64,
    pub evidence: &'static str,
    pub reversed: bool,
}

/// A count and the part of it that came late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub amount: i64,
    pub late: i64,
}

impl Count {
    fn add(&mut self, amount: i64, late: bool) {
        self.amount += amount;
        self.late += if late { amount } else { 0 };
    }
}

/// The people of a few branches, and what they did.
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub records: Vec<Record>,
    pub learned: Vec<Learned>,
    pub finished: Vec<Finished>,
    pub given: Vec<Given>,
}

impl Model {
    /// The record that stands for this one.
    pub fn person(&self, record: usize) -> usize {
        self.records[record].kept.unwrap_or(record)
    }

    pub fn place_on(&self, record: usize, day: Date) -> usize {
        self.records[self.person(record)].place_on(day)
    }

    /// All records of a person.
    pub fn records_of(&self, person: usize) -> Vec<usize> {
        (0..self.records.len()).filter(|record| self.person(*record) == person).collect()
    }

    fn persons(&self) -> Vec<usize> {
        (0..self.records.len()).filter(|record| self.records[*record].kept.is_none()).collect()
    }

    /// Persons with the first of their registrations, by the month it counts in.
    fn registrations(&self) -> Vec<(usize, &Record)> {
        let first = |person: usize| {
            let records = self.records_of(person).into_iter().map(|record| (&self.records[record], record));
            records.min_by_key(|(record, number)| (record.counted, record.registered_on, *number)).map(|found| found.0)
        };
        self.persons().into_iter().filter_map(|person| Some((person, first(person)?))).collect()
    }

    /// What these places have in `month` under this name; a person at two of them counts once.
    pub fn count(&self, metric: &str, month: Month, places: &BTreeSet<usize>) -> Count {
        let mut count = Count::default();
        match metric {
            "new_registrations" => self.new_registrations(month, places, &mut count),
            "total_registrations" | "registrations_per_1000" => self.total_registrations(month, places, &mut count),
            "active_learners" => self.active_learners(month, places, &mut count),
            "learning_hours" => {
                let days = self.learned.iter().filter(|day| day.counted == month && places.contains(&day.place));
                days.for_each(|each| count.add(each.milliseconds, each.day < month.first_day()));
            }
            "completions" => self.completions(month, places, &mut count),
            "credits" | "credits_per_1000" => self.credits(month, places, |_| true, &mut count),
            "credits&evidence=listed" => {
                let graded = |evidence: &str| matches!(evidence, "scanned" | "listed");
                self.credits(month, places, graded, &mut count);
            }
            "trained" | "training_rate" => self.trained(month, places, |_| true, &mut count),
            "trained&group=elderly" => self.trained(month, places, |person| person.elderly, &mut count),
            unknown => panic!("the model knows no {unknown}"),
        }
        count
    }

    fn new_registrations(&self, month: Month, places: &BTreeSet<usize>, count: &mut Count) {
        for (_, first) in self.registrations() {
            if first.counted == month && places.contains(&first.registered_place) {
                count.add(1, first.registered_on < month.first_day());
            }
        }
    }

    fn total_registrations(&self, month: Month, places: &BTreeSet<usize>, count: &mut Count) {
        for (person, first) in self.registrations() {
            if first.counted <= month && places.contains(&self.records[person].place_on(month.last_day())) {
                count.add(1, first.registered_on < first.counted.first_day());
            }
        }
    }

    fn active_learners(&self, month: Month, places: &BTreeSet<usize>, count: &mut Count) {
        let mut persons: BTreeMap<usize, bool> = BTreeMap::new();
        for each in self.learned.iter().filter(|each| each.counted == month && each.milliseconds > 0) {
            if places.contains(&each.place) {
                *persons.entry(self.person(each.record)).or_default() |= each.day >= month.first_day();
            }
        }
        persons.values().for_each(|in_time| count.add(1, !in_time));
    }

    fn completions(&self, month: Month, places: &BTreeSet<usize>, count: &mut Count) {
        for each in self.finished.iter().filter(|each| Month::of(each.day) == month) {
            let again = self.finished.iter().any(|other| {
                (other.course, self.person(other.record)) == (each.course, self.person(each.record))
                    && (other.at, other.record) < (each.at, each.record)
            });
            if !again && places.contains(&self.records[each.record].place_on(each.day)) {
                count.add(1, false);
            }
        }
    }

    fn credits(&self, month: Month, places: &BTreeSet<usize>, graded: impl Fn(&str) -> bool, count: &mut Count) {
        for each in self.given.iter().filter(|each| each.counted == month && places.contains(&each.place)) {
            if graded(each.evidence) {
                count.add(each.amount, each.day < month.first_day());
            }
        }
    }

    fn trained(&self, month: Month, places: &BTreeSet<usize>, among: impl Fn(&Record) -> bool, count: &mut Count) {
        let taught = self.learned.iter().filter(|each| {
            each.milliseconds > 0
                && each.counted <= month
                && each.counted.first_day().year() == month.first_day().year()
        });
        let persons: BTreeSet<usize> = taught.map(|each| self.person(each.record)).collect();
        for person in persons.into_iter().map(|person| &self.records[person]) {
            if among(person) && places.contains(&person.place_on(month.last_day())) {
                count.add(1, false);
            }
        }
    }
}
