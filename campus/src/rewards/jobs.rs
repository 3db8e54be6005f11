//! The scheduled work of rewards.

use async_trait::async_trait;
use serde_json::Value;
use time::Duration;

use super::settling;
use crate::Campus;
use crate::error::Result;
use crate::jobs::{Handler, Recurrence, Schedule};

/// Gives back what nobody has picked up in time.
struct GiveUpRedemptions;

#[async_trait]
impl Handler for GiveUpRedemptions {
    fn kind(&self) -> &'static str {
        "give_up_redemptions"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        settling::give_up(campus).await
    }
}

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(GiveUpRedemptions)]
}

/// When.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: GiveUpRedemptions.kind(), recurs: Recurrence::Every(Duration::hours(1)), queue: "default" }]
}
