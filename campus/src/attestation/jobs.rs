//! When roots are signed and the ledger is checked.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{alarm, audits, signing};
use crate::Campus;
use crate::db::Connection;
use crate::error::Result;
use crate::jobs::{Handler, NewJob, Recurrence, Schedule, enqueue};

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(SignLedger), Box::new(AuditLedger)]
}

/// What comes round by the clock.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule { kind: SignLedger.kind(), recurs: Recurrence::Every(Duration::hours(1)), queue: "default" }]
}

pub(super) async fn enqueue_audit(connection: &mut Connection, id: Uuid, now: OffsetDateTime) -> Result<()> {
    enqueue(connection, &NewJob::new(AuditLedger.kind(), json!({"audit_id": id}), now)).await?;
    Ok(())
}

/// Signs the next root, minds that there is a young one, and begins the night's check.
#[derive(Debug, Clone, Copy)]
struct SignLedger;

#[async_trait]
impl Handler for SignLedger {
    fn kind(&self) -> &'static str {
        "sign_ledger"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        let signing = signing::sign_next(campus).await;
        // Whatever kept it from being signed, the age of the last is minded and the night's check begins.
        alarm::mind_age(campus).await?;
        audits::begin_nightly(campus).await?;
        signing.map(drop)
    }
}

/// Checks the whole ledger.
#[derive(Debug, Clone, Copy)]
struct AuditLedger;

#[derive(Deserialize)]
struct Payload {
    audit_id: Uuid,
}

#[async_trait]
impl Handler for AuditLedger {
    fn kind(&self) -> &'static str {
        "audit_ledger"
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        audits::run(campus, Payload::deserialize(payload)?.audit_id).await
    }

    async fn gave_up(&self, campus: &Campus, payload: &Value) -> Result<()> {
        audits::give_up(campus, Payload::deserialize(payload)?.audit_id).await
    }
}
