//! The ledger against a model: whatever is earned, awarded and taken back, in whatever
//! order, and whichever records are joined and taken apart meanwhile, the database ends where a
//! few lines of plain arithmetic end.
//!
//! `CHANGQING_SEED` repeats a run that failed, `CHANGQING_CASES` makes more of them.

mod model;
mod running;

use std::collections::HashSet;

use campus::Campus;
use campus::access::Actor;
use campus::credits::{self, Award, Earns, Evidence, Named, Outcome, PostingKind, Source};
use campus::error::{Code, Error};
use campus::idempotency::Request;
use campus::stewardship;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use tests::TestApp;
use time::{Date, Duration};
use uuid::Uuid;

use self::model::{Entry, Kind, Model};
use crate::books::Books;
use crate::spending::Spending;

const PEOPLE: usize = 3;
const REASONS: [&str; 2] = ["志愿服务", "敬老节讲座|合唱\\团"];
const LESSON_DAY_CAP: i64 = 600;
/// From this day on awards of credits have caps; before it they have none.
const CAPPED_SINCE: Date = time::macros::date!(2026 - 11 - 20);
const AWARD_DAY_CAP: i64 = 1000;
const AWARD_MONTH_CAP: i64 = 1500;

#[derive(Debug, Clone)]
enum Step {
    Lesson { who: usize, source: usize, worth: i64 },
    Course { who: usize, source: usize, worth: i64 },
    Award { who: Vec<usize>, points: bool, amount: i64, reason: usize, days_back: i64 },
    ReverseBatch(Index),
    ReverseTransfer(Index),
    Merge { kept: usize, other: usize },
    Undo(Index),
    Hold { who: usize, amount: i64 },
    Settle { which: Index, handed_over: bool },
    Expire,
    NextDay,
    NextMonth,
}

fn step() -> impl Strategy<Value = Step> {
    let people = proptest::sample::subsequence((0..PEOPLE).collect::<Vec<_>>(), 1..=PEOPLE).prop_shuffle();
    prop_oneof![
        6 => (0..PEOPLE, 0..12_usize, 1..=250_i64).prop_map(|(who, source, worth)| Step::Lesson { who, source, worth }),
        2 => (0..PEOPLE, 0..4_usize, 0..=900_i64).prop_map(|(who, source, worth)| Step::Course { who, source, worth }),
        6 => (people, prop::bool::weighted(0.4), 1..=700_i64, 0..REASONS.len(), 0..5_i64).prop_map(
            |(who, points, amount, reason, days_back)| {
                Step::Award { who, points, amount, reason, days_back }
            }
        ),
        2 => any::<Index>().prop_map(Step::ReverseBatch),
        4 => any::<Index>().prop_map(Step::ReverseTransfer),
        2 => (0..PEOPLE, 0..PEOPLE).prop_map(|(kept, other)| Step::Merge { kept, other }),
        1 => any::<Index>().prop_map(Step::Undo),
        4 => (0..PEOPLE, 1..=500_i64).prop_map(|(who, amount)| Step::Hold { who, amount }),
        4 => (any::<Index>(), any::<bool>()).prop_map(|(which, handed_over)| Step::Settle { which, handed_over }),
        2 => Just(Step::Expire),
        1 => Just(Step::NextDay),
        1 => Just(Step::NextMonth),
    ]
}

/// The application beside the model.
struct Run<'a> {
    app: &'a TestApp,
    /// The same deployment, where one admin awards as much as they like.
    generous: &'a Campus,
    admin: &'a Actor,
    books: &'a mut Books,
    spending: &'a Spending,
    people: Vec<(Uuid, Uuid)>,
    model: Model,
}

impl Run<'_> {
    fn request(&self) -> Request {
        Request::new(self.admin.account_id, "credit_award", Uuid::new_v4(), &"").unwrap()
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Lesson { who, source, worth } => self.earn(*who, Earns::LessonCompleted, *source, *worth).await,
            Step::Course { who, source, worth } => self.earn(*who, Earns::CourseCompleted, *source, *worth).await,
            Step::Award { who, points, amount, reason, days_back } => {
                let day = self.app.clock.today() - Duration::days(*days_back);
                self.award(who, *points, *amount, REASONS[*reason], day).await;
            }
            Step::ReverseBatch(index) => self.reverse_batch(*index).await,
            Step::ReverseTransfer(index) => self.reverse_transfer(*index).await,
            Step::Merge { kept, other } => self.merge(*kept, *other).await,
            Step::Undo(index) => self.undo(*index).await,
            Step::Hold { who, amount } => self.hold(*who, *amount).await,
            Step::Settle { which, handed_over } => self.settle(*which, *handed_over).await,
            Step::Expire => {
                self.spending.expire().await;
                self.model.expire(self.app.clock.today());
            }
            Step::NextDay => self.app.clock.advance(Duration::days(1)),
            Step::NextMonth => self.app.clock.advance(Duration::days(30)),
        }
    }

    async fn earn(&mut self, who: usize, earns: Earns, source: usize, worth: i64) {
        let (code, caps) = match earns {
            Earns::LessonCompleted => ("lesson", vec![("day", LESSON_DAY_CAP)]),
            _ => ("course", Vec::new()),
        };
        let (resident, branch) = self.people[who];
        let id = Uuid::from_u128(source as u128 + 1);
        let label = "写意|花鸟\\画";
        let fact = Source { earns, id, label, worth, at: self.app.clock.now() };
        let connection = &mut *self.app.campus.database.connection().await.unwrap();
        let earned = credits::earn(connection, &self.app.clock, resident, branch, &fact).await.unwrap();
        let entry = Entry {
            amount: worth,
            code,
            day: self.app.clock.today(),
            about: format!("{code} {source}"),
            caps,
            kind: Kind::In,
            reversed: false,
            written: self.app.clock.today(),
        };
        let expected = self.model.earn((self.model.person(who), false), entry);
        let answered: Vec<(i64, i64)> = earned.iter().map(|earned| (earned.amount, earned.capped)).collect();
        assert_eq!(answered, expected.into_iter().collect::<Vec<_>>());
    }

    async fn award(&mut self, who: &[usize], points: bool, amount: i64, reason: &str, day: Date) {
        let caps = if points || day < CAPPED_SINCE {
            Vec::new()
        } else {
            vec![("day", AWARD_DAY_CAP), ("month", AWARD_MONTH_CAP)]
        };
        let entry = Entry {
            amount,
            code: if points { "award_points" } else { "award" },
            day,
            about: format!("award {reason}"),
            caps,
            kind: Kind::In,
            reversed: false,
            written: self.app.clock.today(),
        };
        let unit = if points { credits::Unit::Point } else { credits::Unit::Credit };
        let award = Award {
            residents: who.iter().map(|who| Named { id: Some(self.people[*who].0), ..Named::default() }).collect(),
            unit: unit.as_str().to_owned(),
            amount: unit.write(amount),
            reason: reason.to_owned(),
            earned_on: day,
            evidence: Evidence::Listed,
            venue_id: None,
        };
        let persons: Vec<usize> = who.iter().map(|who| self.model.person(*who)).collect();
        let mut seen = HashSet::new();
        let expected: Vec<&str> = persons
            .iter()
            .map(|who| match (*who, points) {
                account if self.model.stands(account, &entry) || !seen.insert(account) => "already_awarded",
                account if self.model.room(account, &entry) < amount => "over_cap",
                _ => "found",
            })
            .collect();
        let answer = credits::award(self.generous, self.admin, Some(&self.request()), &award).await;
        let (rows, batch) = match answer {
            Ok(answer) => (serde_json::to_value(&answer.rows).unwrap(), answer.batch_id),
            Err(Error::Refused { code: Code::AwardRowsRefused, extra: Some(extra), .. }) => {
                (extra["rows"].clone(), None)
            }
            Err(error) => panic!("{error:?}"),
        };
        let statuses: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, expected);
        assert_eq!(batch.is_some(), expected.iter().all(|status| *status == "found"));
        if let Some(batch) = batch {
            let keys = persons.iter().map(|who| self.model.post((*who, points), entry.clone())).collect();
            self.model.batches.push((batch, keys));
        }
    }

    async fn reverse_batch(&mut self, index: Index) {
        if self.model.batches.is_empty() {
            return;
        }
        let (batch, keys) = self.model.batches[index.index(self.model.batches.len())].clone();
        let left: Vec<_> = keys.into_iter().filter(|key| !self.model.entries(key.0)[key.1].reversed).collect();
        let request = self.request();
        let answer = credits::reverse_batch(&self.app.campus, self.admin, &request, batch, Some("名单有误")).await;
        match answer {
            Ok(reversed) => assert_eq!(reversed.reversed, left.len()),
            Err(Error::Refused { code: Code::AlreadyReversed, .. }) => assert!(left.is_empty()),
            Err(error) => panic!("{error:?}"),
        }
        for key in left {
            self.model.reverse(key, self.app.clock.today());
        }
    }

    async fn reverse_transfer(&mut self, index: Index) {
        if self.model.order.is_empty() {
            return;
        }
        let key = self.model.order[index.index(self.model.order.len())];
        let entry = &self.model.entries(key.0)[key.1];
        let expected = match (entry.kind, entry.reversed) {
            (Kind::Reversal, _) => Err(Code::CannotReverseReversal),
            (Kind::In, true) => Err(Code::AlreadyReversed),
            (Kind::In, false) => Ok(1),
            _ => Err(Code::CannotReverseSpending),
        };
        let unit = if key.0.1 { "point" } else { "credit" };
        let row = self.books.row_at(self.people[key.0.0].0, unit, key.1 + 1).await;
        let answer = credits::reverse_transfer(&self.app.campus, self.admin, &self.request(), row.id, "登记错误").await;
        let answer = match answer {
            Ok(reversed) => Ok(reversed.reversed),
            Err(Error::Refused { code, .. }) => Err(code),
            Err(error) => panic!("{error:?}"),
        };
        assert_eq!(answer, expected);
        if expected.is_ok() {
            self.model.reverse(key, self.app.clock.today());
        }
    }

    async fn hold(&mut self, who: usize, amount: i64) {
        let (resident, branch) = self.people[who];
        let outcome = self.spending.post(resident, branch, amount, PostingKind::Hold).await;
        let held = self.model.hold(self.model.person(who), amount, self.app.clock.today());
        assert_eq!(outcome, if held { Outcome::Posted } else { Outcome::Insufficient });
    }

    async fn settle(&mut self, which: Index, handed_over: bool) {
        if self.model.holds.is_empty() {
            return;
        }
        let key = self.model.holds[which.index(self.model.holds.len())];
        let hold = self.books.row_at(self.people[key.0.0].0, "point", key.1 + 1).await;
        let (kind, posting) = if handed_over {
            (Kind::Redemption, PostingKind::Redemption(hold.id))
        } else {
            (Kind::Release, PostingKind::Release(hold.id))
        };
        let outcome = self.spending.post(hold.resident_id, hold.branch_id, hold.amount, posting).await;
        let settled = self.model.settle(key, kind, self.app.clock.today());
        assert_eq!(outcome, if settled { Outcome::Posted } else { Outcome::AlreadyReversed });
    }

    async fn merge(&mut self, kept: usize, other: usize) {
        let (kept_id, other_id) = (self.people[kept].0, self.people[other].0);
        let answer = stewardship::merge(&self.app.campus, self.admin, kept_id, other_id).await;
        let (person, merged) = (self.model.person(kept), self.model.person(other));
        let known = self.model.merges.iter().find(|(_, kept, merged)| (*kept, *merged) == (person, other));
        match answer {
            Ok((item, true)) => {
                assert_ne!(person, merged);
                self.model.merges.push((item.merge.id, person, merged));
            }
            Ok((item, false)) => assert_eq!(Some(item.merge.id), known.map(|(id, _, _)| *id)),
            Err(Error::Refused { code: Code::SamePerson, .. }) => assert!(person == merged && known.is_none()),
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn undo(&mut self, index: Index) {
        if self.model.merges.is_empty() {
            return;
        }
        let (id, ..) = self.model.merges.remove(index.index(self.model.merges.len()));
        stewardship::undo(&self.app.campus, self.admin, id).await.unwrap();
    }

    /// What a person is told they have is what stands under all their records.
    async fn compare_statement(&self, who: usize) {
        let person = self.model.person(who);
        let statement = credits::statement(&self.app.campus, self.people[person].0).await.unwrap();
        let held =
            |points| self.model.records(person).into_iter().map(|record| self.model.balance((record, points))).sum();
        assert_eq!((statement.credits, statement.points), (held(false), held(true)), "person {who}");
    }

    /// Everything that the database holds of these people is what the model holds.
    async fn compare(&mut self) {
        for (who, (resident, _)) in self.people.clone().into_iter().enumerate() {
            let rows = self.books.rows_of(resident).await;
            for points in [false, true] {
                let unit = if points { "point" } else { "credit" };
                let found: Vec<(i64, bool)> = rows
                    .iter()
                    .filter(|row| row.unit == unit)
                    .map(|row| (row.amount, row.reverses.is_some()))
                    .collect();
                let entries = self.model.entries((who, points));
                let expected: Vec<(i64, bool)> = entries.iter().map(|entry| (entry.amount, entry.settles())).collect();
                assert_eq!(found, expected, "the {unit}s of person {who}");
            }
            self.compare_counters(who, resident).await;
            self.compare_statement(who).await;
        }
        self.books.prove().await;
    }

    async fn compare_counters(&mut self, who: usize, resident: Uuid) {
        let counters = self
            .books
            .ask(&format!(
                "SELECT jsonb_build_array(rule_code, period, period_start, used) FROM credit_cap_counters \
                 JOIN credit_accounts ON credit_accounts.id = account_id WHERE resident_id = '{resident}'"
            ))
            .await;
        for counter in counters {
            let counter: Value = serde_json::from_str(&counter).unwrap();
            let format = time::macros::format_description!("[year]-[month]-[day]");
            let start = Date::parse(counter[2].as_str().unwrap(), format).unwrap();
            let (code, period) = (counter[0].as_str().unwrap(), counter[1].as_str().unwrap());
            let used = self.model.used_under((who, false), code, period, start);
            assert_eq!(counter[3], used, "person {who}: {counter}");
            let limit = match (code, period) {
                ("lesson", _) => LESSON_DAY_CAP,
                (_, "day") => AWARD_DAY_CAP,
                _ => AWARD_MONTH_CAP,
            };
            assert!((0..=limit).contains(&used), "person {who}: {counter}");
        }
    }
}
