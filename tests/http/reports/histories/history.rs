//! One history: its people, what they do, and the same done in the model.

use campus::clock::Month;
use campus::residents::{self, NewResident};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use tests::database::execute;
use tests::{Client, Person, TestApp};
use time::{Date, Duration, OffsetDateTime, Time};
use uuid::Uuid;

use super::model::{Finished, Given, Learned, Model, Record};

/// Of each history: two schools, and a teaching point of the first.
pub const PLACES: usize = 3;

#[derive(Debug, Clone)]
pub enum Step {
    Register { place: usize, days_back: i64, elderly: bool },
    Learn { who: Index, days_back: i64, milliseconds: i64 },
    Finish { who: Index, course: usize, when: When },
    Award { who: Index, amount: i64, days_back: i64, evidence: &'static str },
    Reverse { which: Index },
    Move { who: Index, to: usize, days_back: i64 },
    Merge { kept: Index, other: Index },
    Undo,
    Leave { who: Index },
}

/// The server notes what is finished when it happens, so only in a month that runs or ran lately.
#[derive(Debug, Clone, Copy)]
pub enum When {
    Now,
    /// The first second of this month in the deployment's zone.
    MonthBegins,
    /// The last second of the month before.
    MonthEnds,
}

pub fn step() -> impl Strategy<Value = Step> {
    let days_back = || prop_oneof![3 => Just(0_i64), 3 => 0..25_i64, 2 => 20..75_i64];
    let who = any::<Index>;
    let evidence = proptest::sample::select(vec!["scanned", "listed", "declared"]);
    prop_oneof![
        3 => (0..PLACES, days_back(), any::<bool>())
            .prop_map(|(place, days_back, elderly)| Step::Register { place, days_back, elderly }),
        5 => (who(), days_back(), prop_oneof![Just(0_i64), 1..9_000_000_i64])
            .prop_map(|(who, days_back, milliseconds)| Step::Learn { who, days_back, milliseconds }),
        3 => (who(), 0..3_usize, proptest::sample::select(vec![When::Now, When::MonthBegins, When::MonthEnds]))
            .prop_map(|(who, course, when)| Step::Finish { who, course, when }),
        4 => (who(), 1..900_i64, days_back(), evidence)
            .prop_map(|(who, amount, days_back, evidence)| Step::Award { who, amount, days_back, evidence }),
        2 => who().prop_map(|which| Step::Reverse { which }),
        4 => (who(), 0..PLACES, days_back()).prop_map(|(who, to, days_back)| Step::Move { who, to, days_back }),
        2 => (who(), who()).prop_map(|(kept, other)| Step::Merge { kept, other }),
        1 => Just(Step::Undo),
        1 => who().prop_map(|who| Step::Leave { who }),
    ]
}

/// What all histories of a street share.
pub struct Street<'a> {
    pub app: &'a TestApp,
    pub admin: &'a Client,
    pub courses: Vec<Uuid>,
    /// The oldest month that is open.
    pub open_since: Month,
}

impl Street<'_> {
    /// Where a fact of `day` is counted.
    fn counted(&self, day: Date) -> Month {
        let month = Month::of(day);
        if self.is_open(month) { month } else { Month::of(self.app.clock.today()) }
    }

    /// Those before reporting began are never closed.
    fn is_open(&self, month: Month) -> bool {
        month >= self.open_since || month < super::first_month()
    }
}

/// A few branches with their people, beside the model of them.
pub struct History {
    pub places: [Uuid; PLACES],
    pub model: Model,
    ids: Vec<Uuid>,
    batches: Vec<String>,
    /// Standing merges, and whom each record belonged to before.
    merges: Vec<(String, Vec<Option<usize>>)>,
}

impl History {
    pub fn of(places: [Uuid; PLACES]) -> Self {
        Self { places, model: Model::default(), ids: Vec::new(), batches: Vec::new(), merges: Vec::new() }
    }

    pub async fn take(&mut self, street: &Street<'_>, step: &Step) {
        let today = street.app.clock.today();
        match step {
            Step::Register { place, days_back, elderly } => {
                self.register(street, *place, today - Duration::days(*days_back), *elderly).await;
            }
            Step::Learn { who, days_back, milliseconds } => {
                let Some(who) = self.present(who) else { return };
                self.learn(street, who, today - Duration::days(*days_back), *milliseconds).await;
            }
            Step::Finish { who, course, when } => {
                let Some(who) = self.present(who) else { return };
                self.finish(street, who, *course, *when).await;
            }
            Step::Award { who, amount, days_back, evidence } => {
                let Some(who) = self.present(who) else { return };
                self.award(street, who, *amount, today - Duration::days(*days_back), evidence).await;
            }
            Step::Reverse { which } => self.reverse(street, which).await,
            Step::Move { who, to, days_back } => {
                let Some(who) = self.present(who) else { return };
                self.move_to(street, who, *to, today - Duration::days(*days_back)).await;
            }
            Step::Merge { kept, other } => {
                let (Some(kept), Some(other)) = (self.present(kept), self.present(other)) else { return };
                self.merge(street, kept, other).await;
            }
            Step::Undo => self.undo(street).await,
            Step::Leave { who } => {
                let Some(who) = self.present(who) else { return };
                self.leave(street, who).await;
            }
        }
    }

    /// One of the persons who have not left.
    fn present(&self, who: &Index) -> Option<usize> {
        let present: Vec<usize> = (0..self.ids.len())
            .map(|each| self.model.person(each))
            .filter(|each| !self.model.records[*each].left)
            .collect();
        (!present.is_empty()).then(|| *who.get(&present))
    }

    async fn register(&mut self, street: &Street<'_>, place: usize, registered_on: Date, elderly: bool) {
        let person = Person::default();
        let new = NewResident {
            id: campus::ids::new_id(),
            name: person.name,
            birth_date: person.birth_date,
            gender: None,
            phone: None,
            id_number: None,
            groups: if elderly { vec!["elderly".to_owned()] } else { Vec::new() },
            branch_id: self.places[place],
            registered_on,
            origin: "roster",
        };
        let connection = &mut *street.app.campus.database.connection().await.unwrap();
        let recorded = residents::record(&street.app.campus, connection, std::slice::from_ref(&new)).await.unwrap();
        assert_eq!(recorded.len(), 1);
        self.ids.push(new.id);
        self.model.records.push(Record {
            place,
            registered_place: place,
            registered_on,
            counted: street.counted(registered_on),
            moves: Vec::new(),
            kept: None,
            elderly,
            left: false,
        });
    }

    async fn learn(&mut self, street: &Street<'_>, record: usize, day: Date, milliseconds: i64) {
        let (id, place) = (self.ids[record], self.model.records[record].place);
        if self.model.learned.iter().any(|each| (each.record, each.day) == (record, day)) {
            return;
        }
        let branch = self.places[place];
        let today = street.app.clock.today();
        let sql = format!(
            "INSERT INTO learning_days (resident_id, day, branch_id, counted_month, watched_ms) \
             VALUES ('{id}', '{day}', '{branch}', counted_month('{day}', '{today}'), {milliseconds})"
        );
        execute(&street.app.config().database_url, &sql).await;
        self.model.learned.push(Learned { record, place, day, counted: street.counted(day), milliseconds });
    }

    async fn finish(&mut self, street: &Street<'_>, record: usize, course: usize, when: When) {
        let clock = &street.app.clock;
        let begins = clock.start_of(clock.today().replace_day(1).unwrap());
        let at: OffsetDateTime = match when {
            When::Now => clock.now(),
            When::MonthBegins => begins,
            When::MonthEnds => begins - Duration::SECOND,
        };
        // The day is worked out here by hand, from the hours between the zone and UTC.
        let day = (at.to_offset(time::UtcOffset::UTC) + super::ahead_of_utc(street.app, at)).date();
        let known = self.model.finished.iter().any(|each| (each.record, each.course) == (record, course));
        if known || !street.is_open(Month::of(day)) {
            return;
        }
        let (id, course_id) = (self.ids[record], street.courses[course]);
        let seconds = at.unix_timestamp();
        let sql = format!(
            "INSERT INTO enrollments (course_id, resident_id, enrolled_at, completed_at) \
             VALUES ('{course_id}', '{id}', to_timestamp({seconds}), to_timestamp({seconds}))"
        );
        execute(&street.app.config().database_url, &sql).await;
        self.model.finished.push(Finished { record, course, at: at.replace_time(whole_second(at)), day });
    }

    async fn award(&mut self, street: &Street<'_>, record: usize, amount: i64, day: Date, evidence: &'static str) {
        let body = json!({
            "residents": [{"id": self.ids[record]}], "unit": "credit", "amount": format!("{}.{:02}", amount / 100, amount % 100),
            "reason": format!("第 {} 次讲座", self.batches.len()), "earned_on": day.to_string(), "evidence": evidence,
            "dry_run": false,
        });
        let awarded = street.admin.post("/credit-awards", &body).await.expect(201);
        self.batches.push(awarded["batch_id"].as_str().unwrap().to_owned());
        let place = self.model.place_on(record, day);
        let counted = street.counted(day);
        self.model.given.push(Given { place, day, counted, amount, evidence, reversed: false });
    }

    async fn reverse(&mut self, street: &Street<'_>, which: &Index) {
        let standing: Vec<usize> = (0..self.batches.len()).filter(|each| !self.given(*each).reversed).collect();
        if standing.is_empty() {
            return;
        }
        let which = *which.get(&standing);
        let path = format!("/credit-awards/{}/reversal", self.batches[which]);
        let _ = street.admin.post(&path, &json!({"reason": "登记有误"})).await.expect(201);
        let today = street.app.clock.today();
        let given = self.given(which).clone();
        let position = self.model.given.iter().enumerate().filter(|(_, each)| each.amount > 0).nth(which).unwrap().0;
        self.model.given[position].reversed = true;
        let counted = street.counted(today);
        self.model.given.push(Given { day: today, counted, amount: -given.amount, ..given });
    }

    /// What was given in the batch of this number.
    fn given(&self, batch: usize) -> &Given {
        self.model.given.iter().filter(|each| each.amount > 0).nth(batch).unwrap()
    }

    async fn move_to(&mut self, street: &Street<'_>, record: usize, to: usize, day: Date) {
        let body = json!({"branch_id": self.places[to], "moved_on": day.to_string()});
        let answer = street.admin.post(&format!("/residents/{}/moves", self.ids[record]), &body).await;
        let model = &mut self.model.records[record];
        let last = model.moves.last().map(|(day, _)| *day);
        let again = model.place == to && last == Some(day);
        let months_open = {
            let mut month = Month::of(day);
            let mut open = true;
            while month <= Month::of(street.app.clock.today()) {
                open &= street.is_open(month);
                month = month.next();
            }
            open
        };
        let refused = if again {
            None
        } else if model.place == to {
            Some("already_there")
        } else if day < model.registered_on {
            Some("moved_before_registration")
        } else if last.is_some_and(|last| day < last) {
            Some("moved_before_last_move")
        } else if !months_open {
            Some("month_closed")
        } else {
            None
        };
        match refused {
            Some(code) => assert_eq!(answer.expect_fields()[0].1, code),
            None if again => assert_eq!(answer.status, 200, "{}", answer.body),
            None => {
                assert_eq!(answer.status, 201, "{}", answer.body);
                model.moves.push((day, model.place));
                model.place = to;
            }
        }
    }

    async fn merge(&mut self, street: &Street<'_>, kept: usize, other: usize) {
        if kept == other {
            return;
        }
        let path = format!("/residents/{}/merges", self.ids[kept]);
        let merge = street.admin.post(&path, &json!({"other_id": self.ids[other], "dry_run": false})).await.expect(201);
        let before = self.model.records.iter().map(|record| record.kept).collect();
        self.merges.push((merge["id"].as_str().unwrap().to_owned(), before));
        for record in self.model.records_of(other) {
            self.model.records[record].kept = Some(kept);
        }
    }

    /// Takes back the last merge, unless one of those it joined has left.
    async fn undo(&mut self, street: &Street<'_>) {
        let Some((id, before)) = self.merges.pop() else { return };
        let joined = (0..before.len()).filter(|record| self.model.records[*record].kept != before[*record]);
        if joined.into_iter().any(|record| self.model.records[self.model.person(record)].left) {
            return;
        }
        let undone = street.admin.delete(&format!("/resident-merges/{id}")).await;
        assert!(matches!(undone.status, 200 | 204), "{}", undone.body);
        for (record, kept) in before.into_iter().enumerate() {
            self.model.records[record].kept = kept;
        }
    }

    async fn leave(&mut self, street: &Street<'_>, record: usize) {
        let path = format!("/residents/{}/departure", self.ids[record]);
        let _ = street.admin.post(&path, &json!({"reason": "asked"})).await.expect(201);
        for record in self.model.records_of(record) {
            // Nobody knows any longer to which groups they belonged.
            self.model.records[record].elderly = false;
            self.model.records[record].left = true;
        }
    }
}

fn whole_second(at: OffsetDateTime) -> Time {
    at.time().replace_nanosecond(0).unwrap()
}
