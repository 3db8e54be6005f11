//! The scheduled work of statements.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;
use time::Duration;
use uuid::Uuid;

use super::delivery::{self, REFUSED};
use crate::Campus;
use crate::config::Config;
use crate::error::Result;
use crate::jobs::{Handler, Recurrence, Schedule};

/// A queue of their own: a store that is slow holds up nothing else.
pub(super) const QUEUE: &str = "statements";

/// Hands over what waits. What was written in the meantime, what a worker that died held and what a
/// pause held back is all in the next run's.
struct DeliverStatements;

#[async_trait]
impl Handler for DeliverStatements {
    fn kind(&self) -> &'static str {
        "deliver_statements"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        delivery::deliver(campus).await
    }
}

/// Tries again what the store refused, when an admin says so.
struct DeliverRefusedStatements;

#[async_trait]
impl Handler for DeliverRefusedStatements {
    fn kind(&self) -> &'static str {
        REFUSED
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        #[derive(Deserialize)]
        struct Payload {
            statements: Vec<Uuid>,
        }
        let Payload { statements } = Payload::deserialize(payload)?;
        delivery::deliver_refused(campus, &statements).await
    }
}

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(DeliverStatements), Box::new(DeliverRefusedStatements)]
}

/// When: never, without a learning record store.
#[must_use]
pub fn schedules(config: &Config) -> Vec<Schedule> {
    let delivery =
        Schedule { kind: DeliverStatements.kind(), recurs: Recurrence::Every(Duration::minutes(1)), queue: QUEUE };
    config.lrs.iter().map(|_| delivery).collect()
}
