//! Forgets what nobody will ask for again, so that the busiest tables stay small.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use time::Duration;

use super::{Handler, Recurrence, Schedule};
use crate::Campus;
use crate::db::schema::jobs;
use crate::error::Result;
use crate::idempotency;

/// How long finished jobs and used idempotency keys are kept.
const KEPT: Duration = Duration::days(7);

/// Deletes idempotency keys and finished jobs older than a week. Dead jobs stay: they wait
/// for somebody to look.
#[derive(Debug, Clone, Copy)]
pub struct ForgetFinished;

#[async_trait]
impl Handler for ForgetFinished {
    fn kind(&self) -> &'static str {
        "forget_finished"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        let before = campus.clock.now() - KEPT;
        let connection = &mut *campus.database.connection().await?;
        let keys = idempotency::forget(connection, before).await?;
        let jobs = diesel::delete(jobs::table.filter(jobs::state.eq("done").and(jobs::finished_at.lt(before))))
            .execute(connection)
            .await?;
        tracing::debug!(keys, jobs, "forgotten");
        Ok(())
    }
}

/// What this room has run.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(ForgetFinished)]
}

/// When it comes due.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: ForgetFinished.kind(), recurs: Recurrence::Every(Duration::hours(1)), queue: "default" }]
}
