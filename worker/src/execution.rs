//! One job: run with its lease renewed, and noted as done, failed, dead or given back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use campus::Campus;
use campus::error::{Error, Kind, Result};
use campus::jobs::{self, Claimed, Handler, LEASE};
use tokio::task::{JoinError, JoinHandle};

use crate::registry::Registry;
use crate::{QUEUES, Shared};

/// How long a job waits when what it depends on is away.
const SNOOZE: time::Duration = time::Duration::seconds(15);
/// How long an aborted job may take to let go.
const LET_GO: Duration = Duration::from_secs(3);

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its work is done.
    Done,
    /// It will be tried again.
    Failed,
    /// What it depends on is away; it waits, and the attempt is not counted.
    Snoozed,
    /// Out of attempts.
    Dead,
    /// Put back, because the worker is stopping.
    GivenBack,
    /// Its lease ran out and another worker has it.
    Lost,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Snoozed => "snoozed",
            Self::Dead => "dead",
            Self::GivenBack => "given_back",
            Self::Lost => "lost",
        }
    }
}

/// A job that has been run.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its kind.
    pub kind: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What went wrong.
    pub error: Option<String>,
}

/// How the work itself ended.
enum Work {
    Ended(Result<()>),
    Aborted,
}

type Task = JoinHandle<Result<()>>;

/// Runs one claimed job to its end.
pub(crate) async fn run(shared: Arc<Shared>, job: Claimed) {
    let began = Instant::now();
    let mut task = launch(&shared.campus, &shared.handlers, &job);
    let work = hold(&shared, &job, &mut task).await;
    let outcome = note_until_held(&shared, &job, &work).await;
    measure(&shared.handlers, &job, outcome, began);
    if outcome == Outcome::Dead {
        gave_up(&shared.campus, &shared.handlers, &job).await;
    }
}

/// A task of its own: a panic ends the job, not the worker, and nothing drops its
/// transactions halfway.
fn launch(campus: &Campus, handlers: &Registry, job: &Claimed) -> Task {
    let (campus, handler, job) = (campus.clone(), handlers.find(&job.kind), job.clone());
    tokio::spawn(async move {
        let Some(handler) = handler else {
            return Err(Error::internal(format!("this worker knows no job of the kind {}", job.kind)));
        };
        tracing::debug!(job = %job.id, kind = job.kind, attempt = job.attempt, "started");
        handler.run(&campus, &job.payload).await
    })
}

/// Waits for the work and renews its lease meanwhile; at the end of the grace it is aborted.
async fn hold(shared: &Shared, job: &Claimed, task: &mut Task) -> Work {
    let third = Duration::try_from(LEASE / 3).unwrap_or(Duration::from_secs(20));
    loop {
        tokio::select! {
            ended = &mut *task => return Work::Ended(flatten(ended)),
            () = tokio::time::sleep(third) => renew(&shared.campus, job).await,
            () = shared.giving_up.cancelled() => break,
        }
    }
    task.abort();
    match tokio::time::timeout(LET_GO, task).await {
        // It was quicker than the abort.
        Ok(Ok(ended)) => Work::Ended(ended),
        Ok(Err(error)) if error.is_panic() => Work::Ended(flatten(Err(error))),
        _ => Work::Aborted,
    }
}

fn flatten(ended: Result<Result<()>, JoinError>) -> Result<()> {
    ended.unwrap_or_else(|error| Err(Error::internal(format!("the handler panicked: {error}"))))
}

async fn renew(campus: &Campus, job: &Claimed) {
    let renewed = async { jobs::renew(&mut *campus.database.connection().await?, job, campus.clock.now()).await };
    match renewed.await {
        Ok(true) => {}
        Ok(false) => tracing::warn!(job = %job.id, kind = job.kind, "its lease ran out; another worker has it"),
        // The lease lasts for two more tries.
        Err(error) => tracing::warn!(job = %job.id, kind = job.kind, %error, "its lease could not be renewed"),
    }
}

/// Notes the outcome, again and again while the database is away, as long as the lease
/// can hold; after that the job is rescued and run again.
async fn note_until_held(shared: &Shared, job: &Claimed, work: &Work) -> Outcome {
    let lease = Duration::try_from(LEASE).unwrap_or(Duration::from_secs(60));
    let deadline = Instant::now() + lease;
    loop {
        match note(&shared.campus, job, work).await {
            Ok(outcome) => {
                log(job, outcome, work);
                return outcome;
            }
            Err(error) => {
                let pause = shared.outage.failed(&error);
                if shared.giving_up.is_cancelled() || Instant::now() + pause > deadline {
                    tracing::error!(job = %job.id, kind = job.kind, %error, "its end could not be noted");
                    return Outcome::Lost;
                }
                tokio::time::sleep(pause).await;
            }
        }
    }
}

async fn note(campus: &Campus, job: &Claimed, work: &Work) -> Result<Outcome> {
    let connection = &mut *campus.database.connection().await?;
    let now = campus.clock.now();
    match work {
        Work::Aborted => jobs::give_back(connection, job, now).await.map(|()| Outcome::GivenBack),
        Work::Ended(Ok(())) => {
            jobs::finish(connection, job, now).await.map(|held| if held { Outcome::Done } else { Outcome::Lost })
        }
        // An outage is not the job's fault and must not use up its attempts.
        Work::Ended(Err(error)) if error.kind() == Kind::Unavailable => {
            jobs::give_back(connection, job, now + SNOOZE).await.map(|()| Outcome::Snoozed)
        }
        Work::Ended(Err(error)) => {
            let dead = jobs::fail(connection, job, &describe(error), now).await?;
            Ok(if dead { Outcome::Dead } else { Outcome::Failed })
        }
    }
}

/// The whole chain of causes: the row is read by whoever has to find out.
fn describe(error: &Error) -> String {
    match error {
        Error::Internal(cause) => format!("{cause:#}"),
        other => other.to_string(),
    }
}

fn log(job: &Claimed, outcome: Outcome, work: &Work) {
    let error = match work {
        Work::Ended(Err(error)) => describe(error),
        _ => String::new(),
    };
    let (id, kind, attempt, outcome_name) = (job.id, job.kind.as_str(), job.attempt, outcome.as_str());
    match outcome {
        Outcome::Done => tracing::debug!(job = %id, kind, attempt, "done"),
        Outcome::GivenBack => tracing::info!(job = %id, kind, attempt, "given back"),
        Outcome::Dead => tracing::error!(job = %id, kind, attempt, error, "given up: out of attempts"),
        Outcome::Failed | Outcome::Snoozed | Outcome::Lost => {
            tracing::warn!(job = %id, kind, attempt, error, outcome = outcome_name, "to be tried again");
        }
    }
}

fn measure(handlers: &Registry, job: &Claimed, outcome: Outcome, began: Instant) {
    let kind = handlers.find(&job.kind).map_or("unknown", |handler| handler.kind());
    metrics::counter!("jobs_finished_total", "kind" => kind, "outcome" => outcome.as_str()).increment(1);
    metrics::histogram!("job_seconds", "kind" => kind).record(began.elapsed().as_secs_f64());
}

/// Tells the handler of a dead job, so that what waits for it is not left in limbo.
pub(crate) async fn gave_up(campus: &Campus, handlers: &Registry, job: &Claimed) {
    let Some(handler) = handlers.find(&job.kind) else { return };
    let (campus, payload) = (campus.clone(), job.payload.clone());
    let told: Task = tokio::spawn(async move { Handler::gave_up(&*handler, &campus, &payload).await });
    if let Err(error) = flatten(told.await) {
        tracing::error!(job = %job.id, kind = job.kind, %error, "what waits for this dead job was not told");
    }
}

/// Runs every job that can run now, one after the other in the order in which they would be
/// claimed, until none is left; for tests and for tools.
///
/// # Errors
/// What the database says; a job that fails is in the answer.
pub async fn run_available(campus: &Campus, handlers: &Registry) -> Result<Vec<Ran>> {
    let queues = QUEUES.map(|queue| queue.name);
    let mut ran = Vec::new();
    loop {
        let mut connection = campus.database.connection().await?;
        let claimed = jobs::claim(&mut connection, &queues, 1, campus.clock.now()).await?;
        drop(connection);
        let Some(job) = claimed.first() else { return Ok(ran) };
        let work = Work::Ended(flatten(launch(campus, handlers, job).await));
        let outcome = note(campus, job, &work).await?;
        if outcome == Outcome::Dead {
            gave_up(campus, handlers, job).await;
        }
        let error = match &work {
            Work::Ended(Err(error)) => Some(describe(error)),
            _ => None,
        };
        ran.push(Ran { kind: job.kind.clone(), outcome, error });
    }
}
