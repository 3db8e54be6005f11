//! Jobs of the accounts.

use async_trait::async_trait;
use serde_json::Value;
use time::Duration;

use super::{queries, second_factor_queries};
use crate::Campus;
use crate::error::Result;
use crate::jobs::{Handler, Schedule};

/// How long a session is kept after it has expired: long enough to look into a complaint.
const KEPT: Duration = Duration::days(7);

/// Deletes sessions that expired more than a week ago, with their refresh tokens, and log-ins
/// that nobody finished.
#[derive(Debug, Clone, Copy)]
pub struct ForgetSessions;

#[async_trait]
impl Handler for ForgetSessions {
    fn kind(&self) -> &'static str {
        "forget_sessions"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        let connection = &mut *campus.database.connection().await?;
        let sessions = queries::forget_families(connection, campus.clock.now() - KEPT).await?;
        let challenges = second_factor_queries::forget_challenges(connection, campus.clock.now() - KEPT).await?;
        tracing::debug!(sessions, challenges, "forgotten");
        Ok(())
    }
}

/// What this room has run.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(ForgetSessions)]
}

/// When it comes due.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: ForgetSessions.kind(), every: Duration::hours(1), queue: "default" }]
}
