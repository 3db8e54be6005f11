//! The job that closes months.

use async_trait::async_trait;
use serde_json::Value;
use time::Duration;

use super::close_due;
use crate::Campus;
use crate::error::Result;
use crate::jobs::{Handler, Schedule};

/// Closes every month that is due. A missed run, or two at once, change nothing.
#[derive(Debug, Clone, Copy)]
pub struct CloseMonths;

#[async_trait]
impl Handler for CloseMonths {
    fn kind(&self) -> &'static str {
        "close_months"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        close_due(campus).await.map(drop)
    }
}

/// What this room has run.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(CloseMonths)]
}

/// When it comes due.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: CloseMonths.kind(), every: Duration::MINUTE, queue: "default" }]
}
