//! Runs the jobs that campus defines: claims them, holds them while they run, and notes how
//! they ended. It holds no rule.

pub mod acknowledge_ledger;
pub mod audit_ledger;
mod execution;
mod housekeeping;
mod outage;
pub mod process;
mod queue;
pub mod registry;

use std::sync::Arc;
use std::time::Duration;

use campus::Campus;
use campus::config::Config;
use campus::jobs::Schedule;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use execution::{Outcome, Ran, run_available};
pub use registry::{Registry, handlers, schedules};

/// How long workers sleep between two looks at the queues when nothing wakes them.
const POLL: Duration = Duration::from_secs(1);

/// One queue and how many of its jobs run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// The queue's name, as it stands in the rows.
    pub name: &'static str,
    /// How many jobs at once, in this process.
    pub concurrency: usize,
}

/// How a worker works.
#[derive(Clone)]
pub struct WorkerConfig {
    /// The queues it serves.
    pub queues: Vec<Queue>,
    /// How long running jobs may go on after [`Running::stop`], before they are given back.
    pub grace: Duration,
    /// What it can run.
    pub handlers: Registry,
    /// What comes due by the clock.
    pub schedules: Vec<Schedule>,
}

/// Every queue there is.
const QUEUES: [Queue; 4] = [
    Queue { name: "default", concurrency: 4 },
    Queue { name: "mail", concurrency: 2 },
    Queue { name: "media", concurrency: 1 },
    Queue { name: "statements", concurrency: 1 },
];

impl WorkerConfig {
    /// All of the work of a deployment that is configured like this.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            queues: QUEUES.to_vec(),
            grace: Duration::from_secs(25),
            handlers: handlers(),
            schedules: schedules(config),
        }
    }
}

/// What every part of a worker reaches.
struct Shared {
    campus: Campus,
    handlers: Registry,
    /// No more jobs are to be claimed.
    stopping: CancellationToken,
    /// Jobs still running are to be given back.
    giving_up: CancellationToken,
    outage: outage::Outage,
}

/// A worker that is running.
#[must_use = "a worker runs until it is stopped"]
pub struct Running {
    shared: Arc<Shared>,
    grace: Duration,
    loops: Vec<JoinHandle<()>>,
}

impl Running {
    /// Stops claiming, lets running jobs go on for the grace, gives the rest back so that
    /// another worker has them at once, and ends.
    ///
    /// # Errors
    /// When a part of the worker ended by a defect.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.shared.stopping.cancel();
        let giving_up = self.shared.giving_up.clone();
        let grace = self.grace;
        let timer = tokio::spawn(async move {
            tokio::time::sleep(grace).await;
            giving_up.cancel();
        });
        let mut ended = Ok(());
        for each in self.loops {
            if let Err(error) = each.await {
                ended = Err(error.into());
            }
        }
        timer.abort();
        ended
    }
}

/// What a worker that was killed has left on this machine.
fn remove_leftovers() {
    if let Err(error) = campus::videos::remove_leftovers() {
        tracing::warn!(%error, "temporary folders of earlier workers could not be looked through");
    }
}

/// Starts to work in the background.
pub fn start(campus: &Campus, config: WorkerConfig) -> Running {
    let shared = Arc::new(Shared {
        campus: campus.clone(),
        handlers: config.handlers,
        stopping: CancellationToken::new(),
        giving_up: CancellationToken::new(),
        outage: outage::Outage::default(),
    });
    let (waker, wakes) = watch::channel(());
    let mut loops = vec![
        tokio::task::spawn_blocking(remove_leftovers),
        tokio::spawn(listen_for_wakes(Arc::clone(&shared), waker)),
        tokio::spawn(housekeeping::rescue(Arc::clone(&shared))),
        tokio::spawn(housekeeping::tick(Arc::clone(&shared), config.schedules)),
        tokio::spawn(housekeeping::keep_boards(Arc::clone(&shared))),
    ];
    for queue in config.queues {
        loops.push(tokio::spawn(queue::serve(Arc::clone(&shared), queue, wakes.clone())));
    }
    Running { shared, grace: config.grace, loops }
}

/// One line to Redis wakes every queue; without Redis this is the polling interval.
async fn listen_for_wakes(shared: Arc<Shared>, waker: watch::Sender<()>) {
    loop {
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = shared.campus.signals.wait_for_wake(POLL) => waker.send_replace(()),
        }
    }
}
