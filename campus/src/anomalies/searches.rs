//! Reading what was found, and having it looked for.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;

use super::rows::{Anomaly, Kind};
use super::{jobs, naming, queries};
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::error::Result;
use crate::paging::{Page, PageRequest, page};

/// How things stand.
#[derive(Debug, Clone, Copy)]
pub struct Overview {
    /// How many wait to be settled.
    pub open: i64,
    /// When things were last looked at; `None`: never yet.
    pub searched_at: Option<OffsetDateTime>,
    /// Whether they are being looked at, or will be as soon as a worker is free.
    pub searching: bool,
}

/// How things stand.
///
/// # Errors
/// What the database says.
pub async fn overview(campus: &Campus) -> Result<Overview> {
    let connection = &mut *campus.database.connection().await?;
    // Asked first: a search that ends in between has its findings and its time told.
    let searching = jobs::searching(connection).await?;
    Ok(Overview {
        open: queries::open(connection).await?,
        searched_at: queries::searched_at(connection).await?,
        searching,
    })
}

/// What is open, or was settled, the newest first; of one kind, where one is named.
///
/// # Errors
/// A bad page; what the database says.
pub async fn list(
    campus: &Campus,
    actor: &Actor,
    settled: bool,
    kind: Option<Kind>,
    request: &PageRequest,
) -> Result<Page<Anomaly>> {
    let limit = request.limit()?;
    let connection = &mut *campus.database.connection().await?;
    let found = queries::list(connection, settled, kind, request.position()?, limit + 1).await?;
    let Page { items, next_cursor } = page(found, limit, |row| row.id)?;
    Ok(Page { items: naming::shown(campus, connection, actor, items).await?, next_cursor })
}

/// Has things looked at now rather than tonight; once, however often it is asked for while that waits.
///
/// # Errors
/// What the database says.
pub async fn request(campus: &Campus, actor: &Actor) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            jobs::enqueue_search(connection, now).await?;
            let entry = audit::Entry {
                action: "anomaly.search_requested",
                object_kind: "anomaly",
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
