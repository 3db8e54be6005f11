//! Keeps an engine running: when its process ends unasked it is started again, with growing
//! pauses so that a broken engine does not spin.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::error::EngineError;
use super::process::RunningChild;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// An engine that ran this long was healthy; its next fall starts with a short pause again.
const HEALTHY_AFTER: Duration = Duration::from_secs(30);

/// What is supervised: something that can be started until it is ready for work.
pub(crate) trait Engine: Send + Sync + 'static {
    /// Name for the log.
    const NAME: &'static str;
    /// Signals that stop it, each with the time it is given.
    const STOP: &'static [(Signal, Duration)];

    /// Clears what an earlier run left, starts the program and waits until it answers.
    fn launch(&self) -> impl Future<Output = Result<RunningChild, EngineError>> + Send;
}

/// A running engine and the task that keeps it so. Dropping it stops the engine without waiting.
#[derive(Debug)]
pub(crate) struct Supervisor {
    pid: watch::Receiver<Option<Pid>>,
    stopping: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Supervisor {
    /// Starts the engine; returns once it answers.
    pub(crate) async fn start<E: Engine>(engine: Arc<E>) -> Result<Self, EngineError> {
        let child = engine.launch().await?;
        let (sender, pid) = watch::channel(Some(child.pid()));
        let stopping = CancellationToken::new();
        let task = tokio::spawn(supervise(engine, child, sender, stopping.clone()));
        Ok(Self { pid, stopping, task: Some(task) })
    }

    /// The engine's process, `None` while it is down.
    pub(crate) fn pid(&self) -> Option<u32> {
        (*self.pid.borrow()).and_then(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok())
    }

    /// Kills the process without warning; supervision starts it again.
    pub(crate) fn kill(&self) {
        if let Some(pid) = *self.pid.borrow()
            && let Err(error) = rustix::process::kill_process(pid, Signal::KILL)
        {
            tracing::debug!(%error, "already gone");
        }
    }

    /// Waits until another process than `earlier` is up and answers.
    pub(crate) async fn restarted(&self, earlier: Option<u32>) {
        let mut pid = self.pid.clone();
        let another =
            |pid: &Option<Pid>| pid.is_some_and(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok() != earlier);
        // The channel closes when the engine was stopped for good: nothing left to wait for.
        let _ = pid.wait_for(another).await;
    }

    /// Stops the engine and waits until its process is gone.
    pub(crate) async fn stop(mut self) {
        self.stopping.cancel();
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the supervising task ended badly");
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

async fn supervise<E: Engine>(
    engine: Arc<E>,
    mut child: RunningChild,
    pid: watch::Sender<Option<Pid>>,
    stopping: CancellationToken,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        let started = Instant::now();
        tokio::select! {
            () = stopping.cancelled() => {
                if !child.stop(E::STOP).await {
                    tracing::error!(engine = E::NAME, pid = child.pid().as_raw_nonzero(), "does not end");
                }
                return;
            }
            exit = child.wait() => {
                pid.send_replace(None);
                tracing::error!(engine = E::NAME, exit = exit.description, "ended unasked, starting it again");
            }
        }
        if started.elapsed() >= HEALTHY_AFTER {
            pause = FIRST_PAUSE;
        }
        let Some(next) = start_again(&*engine, &mut pause, &stopping).await else {
            return;
        };
        pid.send_replace(Some(next.pid()));
        tracing::info!(engine = E::NAME, "runs again");
        child = next;
    }
}

/// Tries until the engine runs; `None` when it is to stop meanwhile.
async fn start_again<E: Engine>(
    engine: &E,
    pause: &mut Duration,
    stopping: &CancellationToken,
) -> Option<RunningChild> {
    loop {
        tokio::select! {
            () = stopping.cancelled() => return None,
            () = tokio::time::sleep(*pause) => {}
        }
        *pause = (*pause * 2).min(LONGEST_PAUSE);
        let launched = tokio::select! {
            () = stopping.cancelled() => return None,
            launched = engine.launch() => launched,
        };
        match launched {
            Ok(child) => return Some(child),
            Err(error) => {
                tracing::error!(engine = E::NAME, %error, "did not start, trying again");
            }
        }
    }
}
