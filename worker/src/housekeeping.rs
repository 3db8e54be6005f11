//! What a worker does beside its jobs: takes over those whose worker died, enqueues what has
//! come due, and keeps the boards of the open months.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use campus::error::Result;
use campus::jobs::{self, Schedule};
use campus::reports::Keeper;
use time::OffsetDateTime;

use crate::{Shared, execution};

/// How often leases are looked through.
const RESCUE: Duration = Duration::from_secs(10);
/// How often schedules are looked at.
const TICK: Duration = Duration::from_secs(1);

/// Takes back jobs whose lease ran out, for ever.
pub(crate) async fn rescue(shared: Arc<Shared>) {
    loop {
        let pause = match rescue_once(&shared).await {
            Ok(()) => RESCUE,
            Err(error) => shared.outage.failed(&error),
        };
        if stopped_within(&shared, pause).await {
            return;
        }
    }
}

async fn rescue_once(shared: &Shared) -> Result<()> {
    let campus = &shared.campus;
    let dead = jobs::rescue(&mut *campus.database.connection().await?, campus.clock.now()).await?;
    for job in dead {
        tracing::error!(job = %job.id, kind = job.kind, "given up: its worker died at the last attempt");
        execution::gave_up(campus, &shared.handlers, &job).await;
    }
    Ok(())
}

/// Enqueues what has come due, for ever. A due time that this worker has seen enqueued is
/// not asked about again, so that an idle worker writes nothing.
pub(crate) async fn tick(shared: Arc<Shared>, schedules: Vec<Schedule>) {
    let mut seen: HashMap<&'static str, OffsetDateTime> = HashMap::new();
    loop {
        let clock = &shared.campus.clock;
        let now = clock.now();
        let due: Vec<Schedule> =
            schedules.iter().filter(|each| seen.get(each.kind) != Some(&each.due(clock, now))).copied().collect();
        let pause = match enqueue(&shared, &due, now).await {
            Ok(()) => {
                seen.extend(due.iter().map(|each| (each.kind, each.due(clock, now))));
                TICK
            }
            Err(error) => shared.outage.failed(&error),
        };
        if stopped_within(&shared, pause).await {
            return;
        }
    }
}

/// Keeps the figures of the open months on their boards, for ever.
pub(crate) async fn keep_boards(shared: Arc<Shared>) {
    let mut keeper = Keeper::default();
    loop {
        let pause = match keeper.look_after(&shared.campus).await {
            Ok(pause) => pause,
            Err(error) => shared.outage.failed(&error),
        };
        if stopped_within(&shared, pause).await {
            return;
        }
    }
}

async fn enqueue(shared: &Shared, due: &[Schedule], now: OffsetDateTime) -> Result<()> {
    if due.is_empty() {
        return Ok(());
    }
    if jobs::tick(&shared.campus, due, now).await? > 0 {
        shared.campus.signals.wake_workers().await;
    }
    Ok(())
}

async fn stopped_within(shared: &Shared, pause: Duration) -> bool {
    tokio::time::timeout(pause, shared.stopping.cancelled()).await.is_ok()
}
