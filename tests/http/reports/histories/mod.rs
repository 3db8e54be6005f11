//! Random histories: people who register, learn, are awarded, move, are joined and taken apart, and leave, late and
//! over the end of months. What the reports say of each is what [`model`] counts by going through all that happened.
//!
//! `CHANGQING_SEED` repeats a run that failed, `CHANGQING_HISTORIES` makes more of them.

mod history;
mod model;

use std::collections::BTreeSet;

use campus::clock::Month;
use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Client, TestApp};
use time::macros::{date, datetime};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use self::history::{History, PLACES, Step, Street, step};
use self::model::Count;
use super::{METRICS, of, ranking};

const HISTORIES: u64 = 1_000;
/// Those that share a street: each has branches of its own.
const TOGETHER: u64 = 50;
const LANES: u64 = 2;
/// On its twentieth, and on the second of the next, when it is over and still open.
const MONTHS: usize = 3;
const STEPS: usize = 3;
const POPULATION: i64 = 37;

/// The month of the first start, in which reporting begins.
pub fn first_month() -> Month {
    Month::of(date!(2026 - 10 - 01))
}

/// What the steps of a history are in each month: those while it runs, and those of the days of grace.
type Told = Vec<[Vec<Step>; 2]>;

/// How far the zone of the deployment is ahead of UTC: New York leaves its summer time on 1 November at 02:00.
pub fn ahead_of_utc(app: &TestApp, at: OffsetDateTime) -> Duration {
    match app.clock.zone_name() {
        "America/New_York" if at < datetime!(2026-11-01 06:00 UTC) => Duration::hours(-4),
        "America/New_York" => Duration::hours(-5),
        _ => Duration::hours(8),
    }
}

fn told() -> impl Strategy<Value = Told> {
    let steps = || prop::collection::vec(step(), 0..=STEPS);
    prop::collection::vec([steps(), steps()], MONTHS..=MONTHS)
}

struct Lane {
    app: TestApp,
    admin: Client,
    histories: Vec<History>,
    courses: Vec<Uuid>,
}

impl Lane {
    async fn new(zone: &str, count: usize) -> Self {
        let mut app = TestApp::start_in(zone, datetime!(2026-10-20 16:00 UTC)).await;
        app.make_street().await;
        let admin = app.admin().await;
        let centre = app.branch("CQJD").id;
        let mut histories = Vec::new();
        for number in 0..count {
            let mut places = [Uuid::nil(); PLACES];
            let first = branch(&admin, &format!("A{number:03}"), centre, Some(POPULATION)).await;
            places[0] = first;
            places[1] = branch(&admin, &format!("B{number:03}"), centre, Some(POPULATION)).await;
            places[2] = branch(&admin, &format!("C{number:03}"), first, None).await;
            histories.push(History::of(places));
        }
        let courses: Vec<Uuid> = (0..3).map(|_| Uuid::new_v4()).collect();
        for course in &courses {
            let sql = format!(
                "INSERT INTO courses (id, branch_id, title, summary, topic, status, created_at, updated_at) \
                     VALUES ('{course}', '{centre}', '地震演练', '', 'earthquake_drill', 'published', now(), now()); \
                 INSERT INTO course_versions (course_id, number, status, title, summary, topic, created_at, updated_at) \
                     SELECT id, 1, status, title, summary, topic, now(), now() FROM courses WHERE id = '{course}'"
            );
            execute(&app.config().database_url, &sql).await;
        }
        Self { app, admin, histories, courses }
    }

    async fn run(&mut self, told: &[Told]) {
        let mut month = first_month();
        let mut closed: Vec<(Month, Vec<u8>)> = Vec::new();
        for number in 0..MONTHS {
            self.take_all(month, told.iter().map(|each| &each[number][0])).await;
            self.compare(month).await;
            let next = month.next().first_day();
            self.app.clock.set(self.app.clock.start_of(next) + Duration::hours(34));
            self.take_all(month, told.iter().map(|each| &each[number][1])).await;
            self.app.clock.set(self.app.clock.start_of(next.replace_day(6).unwrap()));
            assert_eq!(campus::reports::close_due(&self.app.campus).await.unwrap(), [month]);
            self.compare(month).await;
            closed.push((month, self.exported(month).await));
            month = month.next();
            self.app.clock.set(self.app.clock.start_of(month.first_day().replace_day(20).unwrap()));
        }
        for (month, bytes) in closed {
            assert!(self.exported(month).await == bytes, "{month} is closed and has changed");
        }
    }

    /// All histories at once: each has people of its own.
    async fn take_all<'a>(&mut self, open_since: Month, told: impl Iterator<Item = &'a Vec<Step>>) {
        let Self { app, admin, histories, courses } = self;
        let street = Street { app, admin, courses: courses.clone(), open_since };
        let street = &street;
        join_all(histories.iter_mut().zip(told).map(|(history, steps)| async move {
            for step in steps {
                history.take(street, step).await;
            }
        }))
        .await;
    }

    async fn exported(&self, month: Month) -> Vec<u8> {
        self.admin.get(&format!("/reports/months/{month}/export?format=csv")).await.bytes
    }

    async fn compare(&self, month: Month) {
        let whole = METRICS.into_iter().filter(|metric| *metric != "attendances");
        let asked = whole.chain(["credits&evidence=listed", "trained&group=elderly"]);
        for metric in asked {
            let found = ranking(&self.admin, &month.to_string(), metric).await;
            let mut street = Count::default();
            for (number, history) in self.histories.iter().enumerate() {
                let schools =
                    [(format!("A{number:03}"), BTreeSet::from([0, 2])), (format!("B{number:03}"), BTreeSet::from([1]))];
                for (code, places) in schools {
                    let item = of(&found, &code);
                    let expected = figures(metric, history.model.count(metric, month, &places));
                    assert_eq!(
                        [&item["value"], &item["late"]],
                        [&expected.0, &expected.1],
                        "{month} {metric} {code}: {history:?}",
                        history = history.model
                    );
                }
                let everywhere = history.model.count(metric, month, &(0..PLACES).collect());
                street.amount += everywhere.amount;
            }
            if !metric.contains("per_1000") && !metric.contains("rate") {
                assert_eq!(found["street"]["value"], figures(metric, street).0, "{month} {metric} of the street");
            }
        }
    }
}

/// The figure as it is written, and its late part.
fn figures(metric: &str, count: Count) -> (Value, Value) {
    let (times, by) = match metric {
        "registrations_per_1000" => (100_000, POPULATION),
        "credits_per_1000" => (1_000, POPULATION),
        "training_rate" => (10_000, POPULATION),
        "learning_hours" => (1, 36_000),
        _ if metric.starts_with("credits") => (1, 1),
        _ => (100, 1),
    };
    let written = |amount: i64| {
        // Half a hundredth is one, away from zero.
        let hundredths = (2 * amount.abs() * times + by) / (2 * by) * amount.signum();
        if hundredths % 100 == 0 {
            json!(hundredths / 100)
        } else {
            format!("{}{}.{:02}", if hundredths < 0 { "-" } else { "" }, hundredths.abs() / 100, hundredths.abs() % 100)
                .parse::<f64>()
                .map(Value::from)
                .unwrap()
        }
    };
    (written(count.amount), written(count.late))
}

async fn branch(admin: &Client, code: &str, parent: Uuid, population: Option<i64>) -> Uuid {
    let body = json!({"code": code, "name": format!("{code} 学校"), "parent_id": parent, "population": population});
    tests::id_of(&admin.post("/branches", &body).await.expect(201))
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Runs so many streets of histories, drawn from this seed.
fn run_lane(seed: u64, zone: &str, streets: u64) {
    let runtime = tokio::runtime::Handle::current();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let count = usize::try_from(TOGETHER).unwrap();
    let strategy = prop::collection::vec(told(), count..=count);
    for _ in 0..streets {
        // Not through the runner: a street of them that fails could not be shrunk in bearable time.
        let told = strategy.new_tree(&mut runner).unwrap().current();
        runtime.block_on(async { Lane::new(zone, told.len()).await.run(&told).await });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_agree_with_a_model_of_random_histories() {
    let streets = setting("CHANGQING_HISTORIES").unwrap_or(HISTORIES).div_ceil(TOGETHER);
    let lanes = (0..LANES).map(|lane| {
        let zone = if lane % 2 == 0 { "Asia/Shanghai" } else { "America/New_York" };
        let seed = setting("CHANGQING_SEED").unwrap_or_else(rand::random);
        println!("CHANGQING_SEED={seed} in {zone}");
        tokio::task::spawn_blocking(move || run_lane(seed, zone, (streets + lane) / LANES))
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
}
