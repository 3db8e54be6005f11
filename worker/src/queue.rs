//! One queue: claim, run, claim again.

use std::sync::Arc;

use campus::error::Result;
use campus::jobs::{self, Claimed};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::{Queue, Shared, execution};

/// Serves a queue until the worker stops, and returns when its jobs have ended or been
/// given back.
pub(crate) async fn serve(shared: Arc<Shared>, queue: Queue, mut wakes: watch::Receiver<()>) {
    let mut running = JoinSet::new();
    while !shared.stopping.is_cancelled() {
        let free = queue.concurrency.saturating_sub(running.len());
        if free > 0 {
            wakes.mark_unchanged();
            match claim(&shared, queue.name, free).await {
                Ok(claimed) => {
                    shared.outage.over();
                    let found = !claimed.is_empty();
                    for job in claimed {
                        running.spawn(execution::run(Arc::clone(&shared), job));
                    }
                    if found {
                        continue;
                    }
                }
                Err(error) => {
                    let pause = shared.outage.failed(&error);
                    // Only the wait is cut short by a stop, never the claim.
                    drop(tokio::time::timeout(pause, shared.stopping.cancelled()).await);
                    continue;
                }
            }
        }
        tokio::select! {
            () = shared.stopping.cancelled() => {}
            // A slot that comes free is filled at once; a wake counts only where one is free.
            Some(_) = running.join_next() => {}
            woken = wakes.changed(), if free > 0 => if woken.is_err() { break },
        }
    }
    while running.join_next().await.is_some() {}
}

async fn claim(shared: &Shared, queue: &str, limit: usize) -> Result<Vec<Claimed>> {
    let campus = &shared.campus;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    jobs::claim(&mut *campus.database.connection().await?, &[queue], limit, campus.clock.now()).await
}
