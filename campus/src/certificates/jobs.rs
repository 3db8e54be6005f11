//! The scheduled work of certificates.

use async_trait::async_trait;
use serde_json::Value;
use time::Duration;

use super::issue_due;
use crate::Campus;
use crate::error::Result;
use crate::jobs::{Handler, Recurrence, Schedule};
use crate::learning::CERTIFICATES_DUE;

/// Issues certificates: at once when a course is finished, and whatever a crash may have left.
struct IssueCertificates;

#[async_trait]
impl Handler for IssueCertificates {
    fn kind(&self) -> &'static str {
        CERTIFICATES_DUE
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        while issue_due(campus).await? > 0 {}
        Ok(())
    }
}

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(IssueCertificates)]
}

/// When.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: IssueCertificates.kind(), recurs: Recurrence::Every(Duration::minutes(5)), queue: "default" }]
}
