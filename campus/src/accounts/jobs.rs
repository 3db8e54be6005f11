//! Jobs of the accounts.

use async_trait::async_trait;
use serde_json::Value;
use time::Duration;

use super::password_reset::MailResetLink;
use super::{device_queries, password_reset_queries, queries, second_factor_queries};
use crate::Campus;
use crate::error::Result;
use crate::jobs::{Handler, Recurrence, Schedule};

/// How long a session is kept after it has expired: long enough to look into a complaint.
const KEPT: Duration = Duration::days(7);

/// How many devices of one account are remembered.
const MOST_DEVICES: i64 = 50;

/// Deletes sessions that expired more than a week ago, with their refresh tokens, log-ins that
/// nobody finished, links that nobody followed, and devices that are remembered no longer.
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
        let devices = device_queries::forget(connection, campus.clock.now() - KEPT).await?;
        let links = password_reset_queries::forget(connection, campus.clock.now() - KEPT).await?;
        let since = campus.clock.now() - KEPT;
        let surplus = device_queries::forget_surplus(connection, MOST_DEVICES, since).await?;
        tracing::debug!(sessions, challenges, links, devices, surplus, "forgotten");
        Ok(())
    }
}

/// What this room has run.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(ForgetSessions), Box::new(MailResetLink)]
}

/// When it comes due.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: ForgetSessions.kind(), recurs: Recurrence::Every(Duration::hours(1)), queue: "default" }]
}
