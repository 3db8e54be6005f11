//! What happens in the histories, told to the program and kept on paper beside.

use std::collections::{BTreeMap, BTreeSet};

use campus::Campus;
use campus::access::Actor;
use campus::clock::Month;
use campus::credits::{self, Posting, PostingKind, Rule};
use campus::reports::{self, Asked};
use campus::residents::{self, NewResident};
use proptest::prelude::*;
use tests::database::execute;
use time::macros::date;
use time::{Date, Duration};
use uuid::Uuid;

pub const HISTORIES: usize = 1_000;
/// Days of the story, from the first on.
pub const DAYS: i64 = 100;
pub const FIRST: Date = date!(2026 - 10 - 25);
pub const GRADES: [&str; 5] = ["system", "scanned", "checked_in", "listed", "declared"];

#[derive(Debug, Clone)]
pub enum Event {
    /// At one of the two schools, so many days ago.
    Register { school: usize, days_ago: i64 },
    /// Seconds of video.
    Learn { seconds: i64 },
    /// Hundredths of a credit for what was so many days ago.
    Award { amount: i64, days_ago: i64, grade: usize },
    /// Takes the last award back.
    Reverse,
    /// To the other school, from today on.
    Move,
}

/// Whose, on which day of the story, and whether in its first second, at noon, or in its last.
pub type Told = (usize, i64, usize, Event);

pub fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (0_usize..2, 0_i64..45).prop_map(|(school, days_ago)| Event::Register { school, days_ago }),
        4 => (1_i64..4_000).prop_map(|seconds| Event::Learn { seconds }),
        4 => (1_i64..900, 0_i64..45, 0_usize..5)
            .prop_map(|(amount, days_ago, grade)| Event::Award { amount, days_ago, grade }),
        1 => Just(Event::Reverse),
        1 => Just(Event::Move),
    ]
}

pub fn history() -> impl Strategy<Value = Vec<Told>> {
    proptest::collection::vec((0_usize..3, 0..DAYS, 0_usize..3, event()), 2..9)
}

/// Somebody as one would keep them on paper.
#[derive(Debug, Clone)]
pub struct Somebody {
    pub id: Uuid,
    /// The school from each day on.
    pub schools: Vec<(Date, usize)>,
    pub registered: (usize, Date, Month),
    pub awards: Vec<(Uuid, i64, usize, usize)>,
}

impl Somebody {
    fn school_on(&self, day: Date) -> usize {
        self.schools.iter().rev().find(|(from, _)| *from <= day).map_or(self.schools[0].1, |(_, school)| *school)
    }

    fn school(&self) -> usize {
        self.schools.last().unwrap().1
    }
}

/// What happened in one history, as one would keep it on paper.
#[derive(Debug, Default)]
pub struct Paper {
    pub people: BTreeMap<usize, Somebody>,
    /// Month, day, school, person, milliseconds.
    pub learned: Vec<(Month, Date, usize, usize, i64)>,
    /// Month, day, school, hundredths, grade.
    pub credits: Vec<(Month, Date, usize, i64, usize)>,
}

pub struct Story {
    pub campus: Campus,
    pub url: String,
    pub actor: Actor,
    pub rule: Rule,
    pub schools: Vec<[Uuid; 2]>,
    pub papers: Vec<Paper>,
    pub closed: BTreeSet<Month>,
    /// What was counted for a closed month.
    pub kept: BTreeMap<(Month, &'static str), Vec<[i64; 2]>>,
}

pub const MEASURED: [&str; 7] = [
    "new_registrations",
    "total_registrations",
    "active_learners",
    "learning_hours",
    "credits",
    "credits&evidence=listed",
    "trained",
];

impl Story {
    pub fn today(&self) -> Date {
        self.campus.clock.today()
    }

    /// The month in which something counts that is written today.
    pub fn counted(&self, happened: Date) -> Month {
        let month = Month::of(happened);
        if self.closed.contains(&month) { Month::of(self.today()) } else { month }
    }

    pub async fn register(&mut self, batch: &[(usize, usize, usize, i64)]) {
        let today = self.today();
        let people: Vec<NewResident> = batch
            .iter()
            .map(|(history, person, school, days_ago)| NewResident {
                id: campus::ids::new_id(),
                name: format!("第{history}家第{person}人"),
                birth_date: date!(1956 - 03 - 02),
                gender: None,
                phone: None,
                id_number: None,
                groups: Vec::new(),
                branch_id: self.schools[*history][*school],
                registered_on: today - Duration::days(*days_ago),
                origin: "roster",
            })
            .collect();
        let connection = &mut *self.campus.database.connection().await.unwrap();
        residents::record(&self.campus, connection, &people).await.unwrap();
        for ((history, person, school, _), new) in batch.iter().zip(people) {
            let registered = (*school, new.registered_on, self.counted(new.registered_on));
            let somebody = Somebody { id: new.id, schools: vec![(Date::MIN, *school)], registered, awards: Vec::new() };
            self.papers[*history].people.insert(*person, somebody);
        }
    }

    pub async fn learn(&mut self, batch: &[(usize, usize, i64)]) {
        let today = self.today();
        let mut sql = String::from(
            "INSERT INTO learning_days SELECT resident_id::uuid, day, branch_id::uuid, counted_month(day, day), ms FROM (VALUES ",
        );
        for (place, (history, person, seconds)) in batch.iter().enumerate() {
            let somebody = &self.papers[*history].people[person];
            let school = somebody.school();
            let branch = self.schools[*history][school];
            let comma = if place == 0 { "" } else { ", " };
            sql += &format!("{comma}('{}', date '{today}', '{branch}', {}::bigint)", somebody.id, seconds * 1000);
            let month = self.counted(today);
            self.papers[*history].learned.push((month, today, school, *person, seconds * 1000));
        }
        sql += ") AS new (resident_id, day, branch_id, ms) ON CONFLICT (resident_id, day, branch_id, counted_month) \
            DO UPDATE SET watched_ms = learning_days.watched_ms + EXCLUDED.watched_ms";
        execute(&self.url, &sql).await;
    }

    pub async fn post(&mut self, batch: &[(usize, usize, PostingKind, i64, i64, usize)]) {
        let now = self.campus.clock.now();
        let today = self.today();
        let mut postings = Vec::new();
        for (history, person, kind, amount, days_ago, grade) in batch {
            let somebody = &self.papers[*history].people[person];
            let earned_on = today - Duration::days(*days_ago);
            let school = somebody.school_on(earned_on);
            postings.push(Posting {
                resident_id: somebody.id,
                branch_id: self.schools[*history][school],
                amount: *amount,
                kind: *kind,
                source_kind: "course".to_owned(),
                source_id: Uuid::new_v4(),
                source_label: "课程".to_owned(),
                rule: self.rule.clone(),
                evidence: GRADES[*grade].to_owned(),
                actor_id: None,
                earned_at: now - Duration::days(*days_ago),
                earned_on,
            });
        }
        let connection = &mut *self.campus.database.connection().await.unwrap();
        let posted = credits::post(connection, &self.campus.clock, &postings).await.unwrap();
        for ((history, person, kind, amount, days_ago, grade), posted) in batch.iter().zip(posted) {
            let earned_on = today - Duration::days(*days_ago);
            let month = self.counted(earned_on);
            let paper = &mut self.papers[*history];
            let somebody = paper.people.get_mut(person).unwrap();
            let school = somebody.school_on(earned_on);
            let signed = if matches!(kind, PostingKind::Reversal(_)) { -amount } else { *amount };
            if signed > 0 {
                somebody.awards.push((posted.id, *amount, *grade, school));
            }
            paper.credits.push((month, earned_on, school, signed, *grade));
        }
    }

    pub async fn move_on(&mut self, batch: &[(usize, usize)]) {
        let today = self.today();
        for (history, person) in batch {
            let somebody = &self.papers[*history].people[person];
            // Two moves on one day, or on the day of registering, are not what this is about.
            if somebody.schools.last().unwrap().0 == today || somebody.registered.1 == today {
                continue;
            }
            let (id, to) = (somebody.id, 1 - somebody.school());
            let branch = self.schools[*history][to];
            residents::move_to(&self.campus, &self.actor, id, branch, today).await.unwrap();
            self.papers[*history].people.get_mut(person).unwrap().schools.push((today, to));
        }
    }

    /// What a month has by the papers, as it would be if it were closed now.
    pub fn on_paper(&self, month: Month, measured: &str) -> Vec<[i64; 2]> {
        let last = month.last_day();
        let count = |paper: &Paper, school: usize| -> i64 {
            let people = paper.people.values();
            let learned = paper.learned.iter().filter(|(counted, _, at, ..)| *counted == month && *at == school);
            match measured {
                "new_registrations" => {
                    people.filter(|one| (one.registered.0, one.registered.2) == (school, month)).count() as i64
                }
                "total_registrations" => {
                    people.filter(|one| one.registered.2 <= month && one.school_on(last) == school).count() as i64
                }
                "active_learners" => learned.map(|(_, _, _, person, _)| person).collect::<BTreeSet<_>>().len() as i64,
                "learning_hours" => learned.map(|(.., milliseconds)| milliseconds).sum(),
                "trained" => {
                    let year = month.first_day().year();
                    let taught = |person: &usize| {
                        let mut all = paper.learned.iter();
                        all.any(|(counted, _, _, who, _)| {
                            who == person && counted.first_day().year() == year && *counted <= month
                        })
                    };
                    let at = |one: &Somebody| one.school_on(last) == school;
                    paper.people.iter().filter(|(person, one)| taught(person) && at(one)).count() as i64
                }
                _ => {
                    let weakest = if measured == "credits" { 4 } else { 3 };
                    let counted = |(counted, _, at, _, grade): &&(Month, Date, usize, i64, usize)| {
                        *counted == month && *at == school && *grade <= weakest
                    };
                    paper.credits.iter().filter(counted).map(|(.., amount, _)| amount).sum()
                }
            }
        };
        self.papers.iter().map(|paper| [count(paper, 0), count(paper, 1)]).collect()
    }

    /// What the program says of it, in the same units.
    pub async fn reported(&self, month: Month, measured: &str) -> Vec<[i64; 2]> {
        let (metric, evidence) =
            measured.split_once("&evidence=").map_or((measured, None), |(one, two)| (one, Some(two)));
        let asked = Asked::parse(metric, evidence, None).unwrap();
        let ranking = reports::ranking(&self.campus, month, asked).await.unwrap();
        let amounts: BTreeMap<Uuid, i64> =
            ranking.items.iter().map(|item| (item.branch.id, item.figure.map_or(0, |figure| figure.amount))).collect();
        let street = ranking.street.map_or(0, |figure| figure.amount);
        let of = |id: &Uuid| amounts.get(id).copied().unwrap_or(0);
        let found: Vec<[i64; 2]> = self.schools.iter().map(|[one, other]| [of(one), of(other)]).collect();
        // Who learned at both schools is one person for the street.
        if measured != "active_learners" {
            assert_eq!(found.iter().flatten().sum::<i64>(), street, "{month} {measured}: the sum is the street's");
        }
        found
    }

    pub async fn compare(&self, month: Month) {
        for measured in MEASURED {
            let expected = match self.kept.get(&(month, measured)) {
                Some(kept) => kept.clone(),
                None => self.on_paper(month, measured),
            };
            let found = self.reported(month, measured).await;
            let wrong = (0..HISTORIES).find(|history| found[*history] != expected[*history]);
            assert!(
                wrong.is_none(),
                "{month} {measured}: {:?} instead of {:?}: {:#?}",
                wrong.map(|history| found[history]),
                wrong.map(|history| expected[history]),
                wrong.map(|history| &self.papers[history])
            );
        }
    }

    pub async fn close_due(&mut self) {
        for month in reports::close_due(&self.campus).await.unwrap() {
            for measured in MEASURED {
                self.kept.insert((month, measured), self.on_paper(month, measured));
            }
            self.closed.insert(month);
        }
    }
}
