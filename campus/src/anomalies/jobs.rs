//! When things are looked at.

use async_trait::async_trait;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::keeping;
use crate::Campus;
use crate::db::Connection;
use crate::error::Result;
use crate::jobs::{Handler, NewJob, Recurrence, Schedule, enqueue, under_way};

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(SearchAnomalies)]
}

/// What comes round by the clock.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: SearchAnomalies.kind(), recurs: Recurrence::Nightly, queue: "default" }]
}

pub(super) async fn enqueue_search(connection: &mut Connection, now: OffsetDateTime) -> Result<()> {
    // The same key as the schedule's: one that waits is enough.
    let job = NewJob::new(SearchAnomalies.kind(), json!({}), now).unique(SearchAnomalies.kind());
    enqueue(connection, &job).await?;
    Ok(())
}

/// Whether things are being looked at, or will be as soon as a worker is free.
pub(super) async fn searching(connection: &mut Connection) -> Result<bool> {
    under_way(connection, SearchAnomalies.kind()).await
}

/// Looks for what is out of the ordinary.
#[derive(Debug, Clone, Copy)]
struct SearchAnomalies;

#[async_trait]
impl Handler for SearchAnomalies {
    fn kind(&self) -> &'static str {
        "search_anomalies"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        keeping::search(campus).await
    }
}
