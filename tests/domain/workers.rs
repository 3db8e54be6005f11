//! Workers at work: several at once, failing handlers, stops.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use campus::Campus;
use campus::error::{Code, Error, Result};
use campus::jobs::{self, Handler, NewJob};
use serde_json::{Value, json};
use tests::TestApp;
use tokio::sync::{Notify, mpsc};
use worker::{Outcome, Queue, Registry, Running, WorkerConfig};

/// How long a test waits for what must come, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Does what its payload says and tells of it.
#[derive(Clone)]
struct Scripted {
    told: mpsc::UnboundedSender<(&'static str, u64)>,
    proceed: Arc<Notify>,
}

#[async_trait]
impl Handler for Scripted {
    fn kind(&self) -> &'static str {
        "scripted"
    }

    async fn run(&self, _campus: &Campus, payload: &Value) -> Result<()> {
        let number = payload["number"].as_u64().unwrap();
        self.told.send(("started", number)).unwrap();
        match payload["does"].as_str() {
            Some("fail") => return Err(Error::internal("as it was told")),
            Some("panic") => panic!("as it was told"),
            Some("miss_storage") => return Err(Error::code(Code::StorageUnavailable)),
            Some("wait") => self.proceed.notified().await,
            _ => {}
        }
        self.told.send(("done", number)).unwrap();
        Ok(())
    }

    async fn gave_up(&self, _campus: &Campus, payload: &Value) -> Result<()> {
        self.told.send(("gave_up", payload["number"].as_u64().unwrap())).unwrap();
        Ok(())
    }
}

struct Stage {
    app: TestApp,
    handler: Scripted,
    told: mpsc::UnboundedReceiver<(&'static str, u64)>,
}

impl Stage {
    async fn new() -> Self {
        let (sender, told) = mpsc::unbounded_channel();
        let handler = Scripted { told: sender, proceed: Arc::new(Notify::new()) };
        Self { app: TestApp::start().await, handler, told }
    }

    fn handlers(&self) -> Registry {
        let handler: Box<dyn Handler> = Box::new(self.handler.clone());
        Registry::new([handler])
    }

    fn worker(&self, campus: &Campus, grace: Duration) -> Running {
        let queues = vec![Queue { name: "default", concurrency: 4 }];
        worker::start(campus, WorkerConfig { queues, grace, handlers: self.handlers(), schedules: Vec::new() })
    }

    async fn enqueue(&self, number: u64, does: &str) {
        let connection = &mut *self.app.campus.database.connection().await.unwrap();
        let job = NewJob::new("scripted", json!({"number": number, "does": does}), self.app.clock.now());
        jobs::enqueue(connection, &job).await.unwrap();
    }

    async fn hear(&mut self) -> (&'static str, u64) {
        tokio::time::timeout(PATIENCE, self.told.recv()).await.expect("something happens in time").unwrap()
    }

    async fn run_available(&self) -> Vec<Outcome> {
        let ran = worker::run_available(&self.app.campus, &self.handlers()).await.unwrap();
        ran.into_iter().map(|job| job.outcome).collect()
    }
}

#[tokio::test]
async fn two_workers_run_each_job_once() {
    let mut stage = Stage::new().await;
    let other = stage.app.another();
    for number in 0..200 {
        stage.enqueue(number, "work").await;
    }
    let workers = [stage.worker(&stage.app.campus, PATIENCE), stage.worker(&other.campus, PATIENCE)];
    let counts: Arc<Mutex<HashMap<u64, u32>>> = Arc::default();
    let mut done = 0;
    while done < 200 {
        match stage.hear().await {
            ("started", number) => *counts.lock().unwrap().entry(number).or_default() += 1,
            _ => done += 1,
        }
    }
    for worker in workers {
        worker.stop().await.unwrap();
    }
    assert!(stage.told.try_recv().is_err(), "more was run than there was");
    {
        let counts = counts.lock().unwrap();
        assert_eq!(counts.len(), 200);
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    }
    assert!(stage.run_available().await.is_empty(), "all is noted as done");
}

#[tokio::test]
async fn a_stopping_worker_lets_running_jobs_finish() {
    let mut stage = Stage::new().await;
    stage.enqueue(1, "wait").await;
    let worker = stage.worker(&stage.app.campus, PATIENCE);
    assert_eq!(stage.hear().await, ("started", 1));
    let stopping = tokio::spawn(worker.stop());
    stage.handler.proceed.notify_one();
    assert_eq!(stage.hear().await, ("done", 1));
    stopping.await.unwrap().unwrap();
    assert!(stage.run_available().await.is_empty());
}

#[tokio::test]
async fn a_stopping_worker_gives_back_what_takes_too_long() {
    let mut stage = Stage::new().await;
    for number in 0..6 {
        stage.enqueue(number, "wait").await;
    }
    let worker = stage.worker(&stage.app.campus, Duration::from_millis(50));
    for _ in 0..4 {
        assert_eq!(stage.hear().await.0, "started");
    }
    worker.stop().await.unwrap();
    assert!(stage.told.try_recv().is_err(), "nothing is finished, and nothing more was begun");
    let connection = &mut *stage.app.campus.database.connection().await.unwrap();
    let claimed = jobs::claim(connection, &["default"], 10, stage.app.clock.now()).await.unwrap();
    assert_eq!(claimed.len(), 6, "all are there for the next worker at once");
    assert!(claimed.iter().all(|job| job.attempt == 1), "{claimed:?}");
    for job in &claimed {
        assert!(jobs::finish(connection, job, stage.app.clock.now()).await.unwrap());
    }
}

#[tokio::test]
async fn a_job_left_by_a_killed_worker_is_rescued_by_another() {
    let mut stage = Stage::new().await;
    stage.enqueue(1, "work").await;
    let connection = &mut *stage.app.campus.database.connection().await.unwrap();
    // Claimed by one that is never heard of again.
    let lost = jobs::claim(connection, &["default"], 1, stage.app.clock.now()).await.unwrap();
    assert_eq!(lost.len(), 1);
    stage.app.clock.advance(jobs::LEASE + time::Duration::SECOND);
    let worker = stage.worker(&stage.app.campus, PATIENCE);
    assert_eq!(stage.hear().await, ("started", 1));
    assert_eq!(stage.hear().await, ("done", 1));
    worker.stop().await.unwrap();
    assert!(stage.told.try_recv().is_err());
}

#[tokio::test]
async fn a_panicking_handler_takes_no_worker_with_it() {
    let mut stage = Stage::new().await;
    stage.enqueue(1, "panic").await;
    stage.enqueue(2, "work").await;
    let worker = stage.worker(&stage.app.campus, PATIENCE);
    let mut heard = vec![stage.hear().await, stage.hear().await, stage.hear().await];
    heard.sort_unstable();
    assert_eq!(heard, [("done", 2), ("started", 1), ("started", 2)]);
    worker.stop().await.unwrap();
    stage.app.clock.advance(time::Duration::seconds(2));
    assert_eq!(stage.run_available().await, [Outcome::Failed]);
    let connection = &mut *stage.app.campus.database.connection().await.unwrap();
    assert!(jobs::dead(connection).await.unwrap().is_empty());
}

#[tokio::test]
async fn out_of_attempts_it_is_given_up_once() {
    let mut stage = Stage::new().await;
    stage.app.allow_dead_jobs();
    stage.enqueue(7, "fail").await;
    let mut outcomes = Vec::new();
    for _ in 0..7 {
        outcomes.extend(stage.run_available().await);
        stage.app.clock.advance(time::Duration::HOUR);
    }
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Failed, Outcome::Failed, Outcome::Failed, Outcome::Dead]);
    let mut heard = Vec::new();
    while let Ok(word) = stage.told.try_recv() {
        heard.push(word.0);
    }
    assert_eq!(heard, ["started", "started", "started", "started", "started", "gave_up"]);
}

#[tokio::test]
async fn an_outage_uses_up_no_attempt() {
    let stage = Stage::new().await;
    stage.enqueue(1, "miss_storage").await;
    for _ in 0..20 {
        assert_eq!(stage.run_available().await, [Outcome::Snoozed]);
        assert!(stage.run_available().await.is_empty(), "it rests for a while");
        stage.app.clock.advance(time::Duration::seconds(15));
    }
}

#[tokio::test]
async fn a_kind_nobody_knows_is_not_lost() {
    let stage = Stage::new().await;
    let connection = &mut *stage.app.campus.database.connection().await.unwrap();
    jobs::enqueue(connection, &NewJob::new("of_a_newer_version", json!({}), stage.app.clock.now())).await.unwrap();
    assert_eq!(stage.run_available().await, [Outcome::Failed]);
    stage.app.clock.advance(time::Duration::seconds(2));
    let claimed = jobs::claim(connection, &["default"], 1, stage.app.clock.now()).await.unwrap();
    assert_eq!(claimed[0].attempt, 2);
}

#[tokio::test]
async fn every_schedule_has_its_handler() {
    let app = TestApp::start().await;
    let patience = campus::lrs::PATIENCE;
    let endpoint = "http://127.0.0.1:1/xapi".to_owned();
    let lrs = campus::lrs::LrsConfig { endpoint, username: "a".to_owned(), password: "b".to_owned(), patience };
    let config = campus::config::Config { lrs: Some(lrs), ..app.config() };
    let schedules = worker::schedules(&config);
    assert_eq!(schedules.len(), worker::schedules(&app.config()).len() + 2);
    for schedule in schedules {
        assert!(worker::handlers().find(schedule.kind).is_some(), "{} has no handler", schedule.kind);
        let queues = WorkerConfig::of(&config).queues;
        assert!(queues.iter().any(|queue| queue.name == schedule.queue), "nobody serves {}", schedule.queue);
    }
}
