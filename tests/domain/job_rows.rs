//! The rows of jobs, moved by hand: claims, leases, attempts.

use campus::db::Connection;
use campus::error::{Code, Error};
use campus::jobs::{self, Claimed, NewJob, Recurrence, Schedule};
use diesel_async::AsyncConnection;
use serde_json::json;
use tests::TestApp;
use time::Duration;

const SCHEDULES: [Schedule; 1] =
    [Schedule { kind: "hourly", recurs: Recurrence::Every(Duration::HOUR), queue: "default" }];

async fn enqueue(app: &TestApp, connection: &mut Connection, kind: &'static str) {
    let job = NewJob::new(kind, json!({}), app.clock.now());
    assert!(jobs::enqueue(connection, &job).await.unwrap().is_some());
}

async fn claim(app: &TestApp, connection: &mut Connection) -> Vec<Claimed> {
    jobs::claim(connection, &["default"], 100, app.clock.now()).await.unwrap()
}

async fn claim_one(app: &TestApp, connection: &mut Connection) -> Claimed {
    let mut claimed = claim(app, connection).await;
    assert_eq!(claimed.len(), 1);
    claimed.remove(0)
}

#[tokio::test]
async fn a_claimed_job_is_nobody_elses() {
    let app = TestApp::start().await;
    let connection = &mut *app.campus.database.connection().await.unwrap();
    enqueue(&app, connection, "one").await;
    let job = claim_one(&app, connection).await;
    assert_eq!((job.attempt, job.max_attempts), (1, 5));
    assert!(claim(&app, connection).await.is_empty());
    assert!(jobs::finish(connection, &job, app.clock.now()).await.unwrap());
    assert!(!jobs::finish(connection, &job, app.clock.now()).await.unwrap(), "it was finished already");
    app.clock.advance(Duration::HOUR);
    assert!(claim(&app, connection).await.is_empty());
}

#[tokio::test]
async fn a_job_whose_worker_died_is_taken_over_and_the_dead_hand_writes_nothing() {
    let app = TestApp::start().await;
    let connection = &mut *app.campus.database.connection().await.unwrap();
    enqueue(&app, connection, "one").await;
    let lost = claim_one(&app, connection).await;
    app.clock.advance(jobs::LEASE);
    assert!(jobs::rescue(connection, app.clock.now()).await.unwrap().is_empty());
    assert!(claim(&app, connection).await.is_empty(), "a lease holds to its last moment");
    app.clock.advance(Duration::MILLISECOND);
    assert!(jobs::rescue(connection, app.clock.now()).await.unwrap().is_empty(), "it has attempts left");
    let taken = claim_one(&app, connection).await;
    assert_eq!((taken.id, taken.attempt), (lost.id, 2));
    let now = app.clock.now();
    assert!(!jobs::renew(connection, &lost, now).await.unwrap());
    assert!(!jobs::finish(connection, &lost, now).await.unwrap());
    assert!(!jobs::fail(connection, &lost, "too late", now).await.unwrap());
    jobs::give_back(connection, &lost, now).await.unwrap();
    assert!(claim(&app, connection).await.is_empty(), "the living worker still has it");
    assert!(jobs::finish(connection, &taken, now).await.unwrap());
}

#[tokio::test]
async fn a_renewed_lease_holds_on() {
    let app = TestApp::start().await;
    let connection = &mut *app.campus.database.connection().await.unwrap();
    enqueue(&app, connection, "one").await;
    let job = claim_one(&app, connection).await;
    for _ in 0..10 {
        app.clock.advance(Duration::seconds(50));
        assert!(jobs::renew(connection, &job, app.clock.now()).await.unwrap());
        assert!(jobs::rescue(connection, app.clock.now()).await.unwrap().is_empty());
        assert!(claim(&app, connection).await.is_empty());
    }
    assert!(jobs::finish(connection, &job, app.clock.now()).await.unwrap());
}

#[tokio::test]
async fn a_job_that_kills_its_worker_each_time_dies() {
    let app = TestApp::start().await;
    app.allow_dead_jobs();
    let connection = &mut *app.campus.database.connection().await.unwrap();
    enqueue(&app, connection, "poison").await;
    for attempt in 1..=5 {
        let job = claim_one(&app, connection).await;
        assert_eq!(job.attempt, attempt);
        app.clock.advance(jobs::LEASE + Duration::SECOND);
        let dead = jobs::rescue(connection, app.clock.now()).await.unwrap();
        assert_eq!(dead.len(), usize::from(attempt == 5));
    }
    assert!(claim(&app, connection).await.is_empty());
    let dead = jobs::dead(connection).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].errors.as_array().unwrap().len(), 5, "{}", dead[0].errors);
}

#[tokio::test]
async fn pauses_grow_between_attempts_and_the_dead_can_be_replayed() {
    let app = TestApp::start().await;
    app.allow_dead_jobs();
    let connection = &mut *app.campus.database.connection().await.unwrap();
    enqueue(&app, connection, "failing").await;
    for (attempt, pause) in (1..=5).zip([2, 4, 8, 16, 0]) {
        let job = claim_one(&app, connection).await;
        let dead = jobs::fail(connection, &job, &format!("reason {attempt}"), app.clock.now()).await.unwrap();
        assert_eq!(dead, attempt == 5);
        app.clock.advance(Duration::seconds(pause) - Duration::MILLISECOND);
        assert!(claim(&app, connection).await.is_empty(), "too early after attempt {attempt}");
        app.clock.advance(Duration::MILLISECOND);
    }
    app.clock.advance(Duration::days(30));
    assert!(claim(&app, connection).await.is_empty());
    let dead = jobs::dead(connection).await.unwrap();
    assert_eq!(dead[0].errors[4]["error"], "reason 5");

    let id = dead[0].id;
    jobs::replay(connection, id, app.clock.now()).await.unwrap();
    let again = jobs::replay(connection, id, app.clock.now()).await.unwrap_err();
    assert!(matches!(again, Error::Refused { code: Code::NotFound, .. }), "{again}");
    let job = claim_one(&app, connection).await;
    assert_eq!((job.id, job.attempt), (id, 1));
    assert!(jobs::finish(connection, &job, app.clock.now()).await.unwrap());
    assert!(jobs::dead(connection).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_job_given_back_has_not_been_tried() {
    let app = TestApp::start().await;
    let connection = &mut *app.campus.database.connection().await.unwrap();
    enqueue(&app, connection, "one").await;
    for _ in 0..10 {
        let job = claim_one(&app, connection).await;
        assert_eq!(job.attempt, 1);
        jobs::give_back(connection, &job, app.clock.now()).await.unwrap();
    }
    let job = claim_one(&app, connection).await;
    assert!(jobs::finish(connection, &job, app.clock.now()).await.unwrap());
}

#[tokio::test]
async fn the_urgent_goes_first_then_the_one_that_waits_longest() {
    let app = TestApp::start().await;
    let connection = &mut *app.campus.database.connection().await.unwrap();
    let now = app.clock.now();
    for (kind, priority, wait) in [("later", 9, 60), ("third", 0, -1), ("second", 0, -5), ("first", 5, 0)] {
        let mut job = NewJob::new(kind, json!({}), now + Duration::seconds(wait));
        job.priority = priority;
        jobs::enqueue(connection, &job).await.unwrap();
    }
    let mut order = Vec::new();
    while let Some(job) = jobs::claim(connection, &["default"], 1, now).await.unwrap().pop() {
        assert!(jobs::finish(connection, &job, now).await.unwrap());
        order.push(job.kind);
    }
    assert_eq!(order, ["first", "second", "third"]);
    assert!(jobs::claim(connection, &["mail"], 1, now + Duration::HOUR).await.unwrap().is_empty());
    let job = jobs::claim(connection, &["default"], 1, now + Duration::MINUTE).await.unwrap().remove(0);
    assert!(jobs::finish(connection, &job, now).await.unwrap());
}

#[tokio::test]
async fn a_unique_job_is_written_once_while_it_waits() {
    let app = TestApp::start().await;
    let connection = &mut *app.campus.database.connection().await.unwrap();
    let job = NewJob::new("one", json!({}), app.clock.now()).unique("only");
    assert!(jobs::enqueue(connection, &job).await.unwrap().is_some());
    assert!(jobs::enqueue(connection, &job).await.unwrap().is_none());
    let running = claim_one(&app, connection).await;
    // What is asked for while it runs may have come too late for it.
    assert!(jobs::enqueue(connection, &job).await.unwrap().is_some());
    assert!(jobs::enqueue(connection, &job).await.unwrap().is_none());
    let next = claim_one(&app, connection).await;
    for job in [running, next] {
        assert!(jobs::finish(connection, &job, app.clock.now()).await.unwrap());
    }
}

#[tokio::test]
async fn a_unique_job_waits_for_all_who_ask_for_it() {
    let app = TestApp::start().await;
    let (first, second, worker) = (
        &mut *app.campus.database.connection().await.unwrap(),
        &mut *app.campus.database.connection().await.unwrap(),
        &mut *app.campus.database.connection().await.unwrap(),
    );
    let job = NewJob::new("one", json!({}), app.clock.now()).unique("only");
    jobs::enqueue(worker, &job).await.unwrap();
    first
        .transaction(async |first| {
            assert_eq!(jobs::enqueue(first, &job).await?, None);
            second.transaction(async |second| jobs::enqueue(second, &job).await).await?;
            let claimed = claim(&app, worker).await;
            assert!(claimed.is_empty(), "it would not see what the first is about to commit");
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    claim_one(&app, worker).await;
}

#[tokio::test]
async fn a_schedule_fires_once_however_many_look_and_catches_up_once() {
    let app = TestApp::start().await;
    let other = app.another();
    let tick = async |app: &TestApp| jobs::tick(&app.campus, &SCHEDULES, app.clock.now()).await.unwrap();
    let (here, there) = tokio::join!(tick(&app), tick(&other));
    assert_eq!(here + there, 1);
    assert_eq!(tick(&app).await, 0);
    let connection = &mut *app.campus.database.connection().await.unwrap();
    let job = claim_one(&app, connection).await;
    assert!(jobs::finish(connection, &job, app.clock.now()).await.unwrap());

    app.clock.advance(Duration::minutes(59));
    assert_eq!(tick(&app).await, 0);
    app.clock.advance(Duration::minutes(1));
    assert_eq!(tick(&app).await, 1);
    // A day without a worker is made up for by one.
    app.clock.advance(Duration::days(1));
    assert_eq!(tick(&other).await, 1);
    assert_eq!(tick(&app).await, 0);
    let job = claim_one(&app, connection).await;
    assert!(jobs::finish(connection, &job, app.clock.now()).await.unwrap());
}
