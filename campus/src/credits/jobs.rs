//! The scheduled work of the credit bank.

use async_trait::async_trait;
use serde_json::Value;
use time::Duration;

use super::giving::{LATELY, MISSED};
use super::{expiry, log_ins};
use crate::Campus;
use crate::error::Result;
use crate::jobs::{Handler, Recurrence, Schedule};

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

/// Gives those who have logged in lately what the first time of a day earns.
struct EarnLogIns;

#[async_trait]
impl Handler for EarnLogIns {
    fn kind(&self) -> &'static str {
        "earn_log_ins"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        log_ins::earn(campus, LATELY).await
    }
}

/// Gives the same for days on which no worker was there to give it.
struct EarnMissedLogIns;

#[async_trait]
impl Handler for EarnMissedLogIns {
    fn kind(&self) -> &'static str {
        "earn_missed_log_ins"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        log_ins::earn(campus, MISSED).await
    }
}

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(ExpirePoints), Box::new(EarnLogIns), Box::new(EarnMissedLogIns)]
}

/// When.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    let every = |kind, time| Schedule { kind, recurs: Recurrence::Every(time), queue: "default" };
    vec![
        // Points are good to the last hour of their month, and gone in the first of the next.
        every(ExpirePoints.kind(), Duration::HOUR),
        every(EarnLogIns.kind(), Duration::MINUTE),
        every(EarnMissedLogIns.kind(), Duration::HOUR),
    ]
}
