//! Checks of the whole ledger: asked for, run by the worker, and kept with what they found.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::findings::{Finding, Halt};
use super::queries::{self, Ending};
use super::signing::{ledger_day, signed_state};
use super::verification::{Verified, verify_snapshot};
use super::{alarm, jobs};
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::{Error, Result};
use crate::ids::new_id;

/// Has the ledger checked now rather than tonight. While one check runs, that one is answered.
///
/// # Errors
/// What the database says.
pub async fn request(campus: &Campus, actor: &Actor) -> Result<Uuid> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    let id = connection
        .transaction(async |connection| {
            let Some(id) = begin(connection, Some(actor), now).await? else {
                let running = queries::last_audit(connection, "full").await?;
                return running.map(|audit| audit.id).ok_or_else(|| Error::internal("the running check is gone"));
            };
            let entry = audit::Entry {
                action: "ledger.audit_requested",
                object_kind: "ledger_audit",
                object_id: Some(id),
                branch_id: None,
                detail: json!({}),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await?;
            Ok(id)
        })
        .await?;
    campus.signals.wake_workers().await;
    Ok(id)
}

/// Begins a check and writes its job; `None`: one is under way.
async fn begin(connection: &mut Connection, actor: Option<&Actor>, now: OffsetDateTime) -> Result<Option<Uuid>> {
    let id = new_id();
    if !queries::begin_audit(connection, id, actor.map(|actor| actor.account_id), now).await? {
        return Ok(None);
    }
    jobs::enqueue_audit(connection, id, now).await?;
    Ok(Some(id))
}

/// Begins tonight's check, once something has been signed and none has begun since the night came.
pub(super) async fn begin_nightly(campus: &Campus) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    if queries::newest_root(connection).await?.is_none() {
        return Ok(());
    }
    let last = queries::last_audit(connection, "full").await?;
    if last.is_some_and(|last| ledger_day(campus, last.started_at) >= ledger_day(campus, now)) {
        return Ok(());
    }
    let begun = connection.transaction(async |connection| begin(connection, None, now).await).await?;
    if begun.is_some() {
        campus.signals.wake_workers().await;
    }
    Ok(())
}

/// How far a check is: transfers to look at, and looked at.
#[derive(Default)]
struct Meter {
    expected: AtomicI64,
    checked: AtomicI64,
    over: AtomicBool,
}

impl Meter {
    fn read(&self) -> (i64, i64) {
        (self.expected.load(Ordering::Relaxed), self.checked.load(Ordering::Relaxed))
    }
}

/// Notes each second how far it is, until it is over.
async fn show(campus: Campus, id: Uuid, meter: Arc<Meter>) {
    let mut shown = (0, 0);
    while !meter.over.load(Ordering::Relaxed) {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let figures = meter.read();
        if std::mem::replace(&mut shown, figures) == figures || meter.over.load(Ordering::Relaxed) {
            continue;
        }
        let noted = async { queries::note_progress(&mut *campus.database.connection().await?, id, figures).await };
        if let Err(error) = noted.await {
            tracing::warn!(%error, "how far the check of the ledger is could not be noted");
        }
    }
}

/// Runs a check that was begun, and keeps what it found.
pub(super) async fn run(campus: &Campus, id: Uuid) -> Result<()> {
    let meter = Arc::new(Meter::default());
    let shown = tokio::spawn(show(campus.clone(), id, Arc::clone(&meter)));
    let checked = check(campus, &meter).await;
    meter.over.store(true, Ordering::Relaxed);
    shown.abort();
    match checked {
        Ok(verified) => end(campus, id, &meter, Ok(verified)).await,
        Err(Halt::Finding(finding)) => end(campus, id, &meter, Err(finding)).await,
        Err(Halt::Error(error)) => Err(error),
    }
}

async fn check(campus: &Campus, meter: &Meter) -> Result<Verified, Halt> {
    let signed = signed_state(campus).await?;
    let mut progress = |expected, checked| {
        meter.expected.store(expected, Ordering::Relaxed);
        meter.checked.store(checked, Ordering::Relaxed);
    };
    verify_snapshot(&campus.database, &signed, &mut progress).await
}

async fn end(campus: &Campus, id: Uuid, meter: &Meter, found: Result<Verified, Finding>) -> Result<()> {
    let now = campus.clock.now();
    let (expected, checked) = meter.read();
    let verified = found.as_ref().copied().unwrap_or(Verified { transfers: checked, ..Verified::default() });
    let finding = found.err();
    let ending = Ending {
        status: if finding.is_some() { "failed" } else { "passed" },
        finished_at: now,
        expected,
        checked: verified.transfers,
        accounts: verified.accounts,
        root_sequence: verified.root.or(finding.as_ref().and_then(|finding| finding.root)),
        finding: finding.as_ref().map(serde_json::to_value).transpose()?,
    };
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::end_audit(connection, id, &ending).await?
                && let Some(finding) = &finding
            {
                alarm::raise(campus, connection, id, finding).await?;
            }
            Ok(())
        })
        .await
}

/// The job of a check was given up: then nobody knows, which everybody is told.
pub(super) async fn give_up(campus: &Campus, id: Uuid) -> Result<()> {
    let ending = Ending {
        status: "given_up",
        finished_at: campus.clock.now(),
        expected: 0,
        checked: 0,
        accounts: 0,
        root_sequence: None,
        finding: None,
    };
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::end_audit(connection, id, &ending).await? {
                alarm::tell_given_up(campus, connection).await?;
            }
            Ok(())
        })
        .await
}
