//! What the database names and what the store holds, compared: what is at odds is listed, and mended a
//! day later if it is still so, so that nothing under way is touched.

mod comparison;
mod jobs;
mod mending;
mod queries;
mod rows;

use diesel_async::AsyncConnection;
use serde_json::json;

pub use jobs::{handlers, schedules};
pub use rows::{Counts, Finding, FindingKind, Outcome, StorageReport};

use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::Result;
use crate::paging::{Page, PageRequest, page};

/// The reports, newest first.
///
/// # Errors
/// When the page is none.
pub async fn reports(connection: &mut Connection, request: &PageRequest) -> Result<Page<StorageReport>> {
    let limit = request.limit()?;
    let reports = queries::reports(connection, request.position()?, limit + 1).await?;
    page(reports, limit, |report| (report.started_at, report.id))
}

/// Has database and store compared now rather than tonight; once, however often it is asked for while
/// that waits.
///
/// # Errors
/// What the database says.
pub async fn request(campus: &Campus, actor: &Actor) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            jobs::enqueue_comparison(connection, now).await?;
            let entry = audit::Entry {
                action: "storage.report_requested",
                object_kind: "storage_report",
                object_id: None,
                branch_id: None,
                detail: json!({}),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await
        })
        .await?;
    campus.signals.wake_workers().await;
    Ok(())
}
