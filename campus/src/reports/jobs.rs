//! The job that closes months.

use async_trait::async_trait;
use serde_json::Value;
use time::Duration;

use super::close_due;
use crate::Campus;
use crate::error::Result;
use crate::jobs::{Handler, Recurrence, Schedule};

/// Closes every month that is due. A missed run, or two at once, change nothing.
#[derive(Debug, Clone, Copy)]
pub struct CloseMonths;

impl CloseMonths {
    /// When it comes round.
    pub const SCHEDULE: Schedule =
        Schedule { kind: "close_months", recurs: Recurrence::Every(Duration::MINUTE), queue: "default" };
}

#[async_trait]
impl Handler for CloseMonths {
    fn kind(&self) -> &'static str {
        Self::SCHEDULE.kind
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        close_due(campus).await.map(drop)
    }
}

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(CloseMonths)]
}

/// When.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![CloseMonths::SCHEDULE]
}
