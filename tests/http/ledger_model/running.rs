//! Many cases, several at a time: each lane has an application and a database of its own, which it empties
//! behind each case, so that the last takes no longer than the first.

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tests::database::connect;
use tests::{Person, TestApp};
use time::macros::datetime;

use super::{AWARD_DAY_CAP, AWARD_MONTH_CAP, CAPPED_SINCE, Model, Run, Step, step};
use crate::books::Books;
use crate::spending::Spending;
use campus::Campus;
use campus::access::Actor;

const CASES: u64 = 500;
const STEPS: usize = 50;
const LANES: u64 = 4;

/// What a case leaves behind.
const LEFT: &str = "SET session_replication_role = replica; DELETE FROM credit_transfers; DELETE FROM credit_accounts;
    DELETE FROM credit_cap_counters; DELETE FROM credit_notes; DELETE FROM idempotency_keys; DELETE FROM resident_merges;
    DELETE FROM award_proposals; DELETE FROM audit_entries; DELETE FROM jobs; DELETE FROM residents";

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

struct Lane {
    app: TestApp,
    /// The same deployment, where one admin awards as much as they like.
    generous: Campus,
    admin: Actor,
    books: Books,
    spending: Spending,
    sweeper: AsyncPgConnection,
}

impl Lane {
    async fn new() -> Self {
        let app = TestApp::street().await;
        let admin = app.actor_of(&app.admin().await).await;
        let award_second_person_above = campus::config::NO_AWARD_LIMIT;
        let config = campus::config::Config { award_second_person_above, ..app.config() };
        let generous = Campus::new(config, app.clock.clone()).unwrap();
        let mut books = Books::of(&app).await;
        books
            .execute(&format!(
                "INSERT INTO credit_rules (id, code, version, name_zh, name_en, earns, unit, day_cap, month_cap, valid_from) \
                 VALUES (gen_random_uuid(), 'award', 2, '授予', 'Award', 'award', 'credit', {AWARD_DAY_CAP}, {AWARD_MONTH_CAP}, \
                     '{CAPPED_SINCE}')"
            ))
            .await;
        let (spending, sweeper) = (Spending::of(&app), connect(&app.owner_url()).await);
        Self { app, generous, admin, books, spending, sweeper }
    }

    async fn run(&mut self, steps: &[Step]) {
        self.sweeper.batch_execute(LEFT).await.unwrap();
        let Self { app, generous, admin, books, spending, .. } = self;
        app.clock.set(datetime!(2026-11-22 10:00 +8));
        let mut people = Vec::new();
        for branch in ["CX", "WT", "CX"] {
            let person = app.on_record(branch, &Person::default()).await;
            people.push((person.id, person.branch_id));
        }
        let mut run = Run { app, generous, admin, books, spending, people, model: Model::default() };
        for step in steps {
            run.take(step).await;
        }
        run.compare().await;
    }
}

/// Runs so many cases, drawn from this seed.
fn run_lane(seed: u64, cases: u64) {
    let runtime = tokio::runtime::Handle::current();
    let lane = std::cell::RefCell::new(runtime.block_on(Lane::new()));
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let cases = u32::try_from(cases).unwrap();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 100, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let found = runner.run(&prop::collection::vec(step(), STEPS), |steps| {
        runtime.block_on(lane.borrow_mut().run(&steps));
        Ok(())
    });
    found.unwrap_or_else(|error| panic!("CHANGQING_SEED={seed}: {error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_agrees_with_a_model() {
    let cases = setting("CHANGQING_CASES").unwrap_or(CASES);
    let lanes: Vec<(u64, u64)> = match setting("CHANGQING_SEED") {
        Some(seed) => vec![(seed, cases)],
        None => (0..LANES).map(|lane| (rand::random(), (cases + lane) / LANES)).collect(),
    };
    let running: Vec<_> =
        lanes.into_iter().map(|(seed, cases)| tokio::task::spawn_blocking(move || run_lane(seed, cases))).collect();
    for lane in running {
        lane.await.unwrap();
    }
}
