//! The API and the worker as processes: several at once on one database, and killed without
//! warning, at random points, under load. Whatever was acknowledged is there afterwards, once;
//! whatever is there was asked for; and the ledger adds up.
//!
//! `FAULTS_SEED` repeats the points in time of an earlier run as far as the machine allows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)]

mod batches;
mod checks;
mod load;
mod sharing;
mod stand;
mod videos;

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::load::{Load, Patience};
use crate::stand::Stand;

/// How often each process is killed.
const KILLS: u32 = 20;

/// Random points in time, from a seed that is printed.
struct Dice(StdRng);

impl Dice {
    fn new() -> Self {
        let seed = std::env::var("FAULTS_SEED").ok().map_or_else(rand::random, |text| text.parse().unwrap());
        println!("FAULTS_SEED={seed}");
        Self(StdRng::seed_from_u64(seed))
    }

    /// Lets the load run for a while.
    async fn pause(&mut self) {
        tokio::time::sleep(Duration::from_millis(self.0.random_range(20..600))).await;
    }

    fn coin(&mut self) -> bool {
        self.0.random()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_is_killed() {
    let (stand, mut dice) = (Stand::new().await, Dice::new());
    let mut api = stand.start_api().await;
    let load = Load::start(&stand, &stand.sites[..1], Patience::Anything).await;
    for _ in 0..KILLS {
        dice.pause().await;
        api.kill();
        api = stand.start_api().await;
    }
    let written = load.stop().await;
    checks::everything_adds_up(&stand, &written).await;
    api.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_killed() {
    let (stand, mut dice) = (Stand::new().await, Dice::new());
    let api = stand.start_api().await;
    let load = Load::start(&stand, &stand.sites[..1], Patience::Unavailable).await;
    for _ in 0..KILLS {
        dice.pause().await;
        if dice.coin() {
            let earlier = stand.postgres.pid();
            stand.postgres.kill();
            stand.postgres.restarted(earlier).await;
        } else {
            stand.kill_a_backend().await;
        }
        stand.until_ready(&stand.sites[0]).await;
    }
    let written = load.stop().await;
    checks::everything_adds_up(&stand, &written).await;
    api.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_killed_and_nobody_notices() {
    let (stand, mut dice) = (Stand::new().await, Dice::new());
    let api = stand.start_api().await;
    let load = Load::start(&stand, &stand.sites[..1], Patience::None).await;
    for _ in 0..KILLS {
        dice.pause().await;
        let earlier = stand.redis.pid();
        stand.redis.kill();
        if dice.coin() {
            stand.redis.restarted(earlier).await;
        } else {
            // The next kill hits it while it starts, or finds it gone.
            dice.pause().await;
        }
    }
    let written = load.stop().await;
    checks::everything_adds_up(&stand, &written).await;
    api.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worker_is_killed() {
    let (stand, mut dice) = (Stand::new().await, Dice::new());
    let mut mails = Vec::new();
    let mut life = 0;
    let mut worker = stand.start_worker(life);
    for _ in 0..KILLS {
        mails.extend(stand.queue_mails(15).await);
        stand.until_some_are_sent(mails.len() / 2).await;
        dice.pause().await;
        worker.kill();
        life += 1;
        worker = stand.start_worker(life);
    }
    checks::every_mail_arrives(&stand, &mails).await;
    worker.end();
}

/// How many mails two workers share.
const SHARED_MAILS: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_apis_and_two_workers_share_one_database() {
    let stand = Stand::new().await;
    let apis = [stand.start_api_at(&stand.sites[0]).await, stand.start_api_at(&stand.sites[1]).await];
    let workers = [stand.start_worker(0), stand.start_worker(0)];
    let load = Load::start(&stand, &stand.sites, Patience::None).await;
    let mails = stand.queue_mails(SHARED_MAILS).await;
    let twice = checks::every_mail_arrives(&stand, &mails).await;
    assert_eq!(twice, 0, "nothing was killed, and yet mails were sent twice");
    let written = load.stop().await;
    checks::everything_adds_up(&stand, &written).await;
    sharing::one_deployment(&stand).await;
    apis.into_iter().chain(workers).for_each(stand::Process::end);
}
