//! The scheduled work of the credit bank.

use async_trait::async_trait;
use serde_json::Value;
use time::Duration;

use super::{expiry, log_ins};
use crate::Campus;
use crate::error::Result;
use crate::jobs::{Handler, Schedule};

/// Takes points whose time has come.
struct ExpirePoints;

#[async_trait]
impl Handler for ExpirePoints {
    fn kind(&self) -> &'static str {
        "expire_points"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        expiry::expire(campus).await
    }
}

/// Gives those who have logged in what the first time of a day earns.
struct EarnLogIns;

#[async_trait]
impl Handler for EarnLogIns {
    fn kind(&self) -> &'static str {
        "earn_log_ins"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        log_ins::earn(campus).await
    }
}

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(ExpirePoints), Box::new(EarnLogIns)]
}

/// When.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    let every = |kind, every| Schedule { kind, every, queue: "default" };
    vec![every(ExpirePoints.kind(), Duration::hours(6)), every(EarnLogIns.kind(), Duration::minutes(1))]
}
