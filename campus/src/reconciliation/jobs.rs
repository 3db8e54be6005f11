//! When database and store are compared.

use async_trait::async_trait;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::comparison;
use crate::Campus;
use crate::db::Connection;
use crate::error::Result;
use crate::jobs::{Handler, NewJob, Recurrence, Schedule, enqueue};

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(ReconcileStorage)]
}

/// What comes round by the clock.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: ReconcileStorage.kind(), recurs: Recurrence::Nightly, queue: "default" }]
}

pub(super) async fn enqueue_comparison(connection: &mut Connection, now: OffsetDateTime) -> Result<()> {
    // The same key as the schedule's: one that waits is enough.
    let job = NewJob::new(ReconcileStorage.kind(), json!({}), now).unique(ReconcileStorage.kind());
    enqueue(connection, &job).await?;
    Ok(())
}

/// Compares what rows name with what the store holds.
#[derive(Debug, Clone, Copy)]
struct ReconcileStorage;

#[async_trait]
impl Handler for ReconcileStorage {
    fn kind(&self) -> &'static str {
        "reconcile_storage"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        comparison::compare(campus).await
    }
}
