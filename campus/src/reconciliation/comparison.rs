//! Two lists in the same order, the store's and the database's, read side by side a page at a time, so
//! that a million objects take no more memory than a thousand.

use std::cmp::Ordering;
use std::collections::VecDeque;

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::mending;
use super::queries::{self, Named};
use super::rows::{Counts, Finding, FindingKind, Outcome, StorageReport};
use crate::Campus;
use crate::audit;
use crate::error::Result;
use crate::ids::new_id;
use crate::storage::StoredObject;

/// How many rows are read at once.
const PAGE: i64 = 1000;
/// The most findings that a report lists; all are counted.
const LISTED: usize = 100;

/// A comparison under way.
pub(super) struct Comparison<'a> {
    pub(super) campus: &'a Campus,
    pub(super) report: Uuid,
    pub(super) now: OffsetDateTime,
    pub(super) counts: Counts,
    findings: Vec<Finding>,
}

impl Comparison<'_> {
    pub(super) fn note(&mut self, kind: FindingKind, object_key: &str, outcome: Outcome) {
        let count = match outcome {
            Outcome::Listed => None,
            Outcome::Removed => Some(&mut self.counts.removed_objects),
            Outcome::Aborted => Some(&mut self.counts.aborted_uploads),
            Outcome::Remade => Some(&mut self.counts.remade_videos),
            Outcome::Lost => Some(&mut self.counts.lost_videos),
        };
        if let Some(count) = count {
            *count += 1;
        }
        if self.findings.len() < LISTED {
            self.findings.push(Finding { kind, object_key: object_key.to_owned(), outcome });
        }
    }
}

/// The objects of the store, in order.
struct Stored {
    page: VecDeque<StoredObject>,
    after: Option<String>,
    more: bool,
}

impl Stored {
    async fn next(&mut self, campus: &Campus) -> Result<Option<StoredObject>> {
        while self.page.is_empty() && self.more {
            let (page, more) = campus.storage.objects("", self.after.as_deref()).await?;
            self.more = more && !page.is_empty();
            self.after = page.last().map(|object| object.key.clone());
            self.page = page.into();
        }
        Ok(self.page.pop_front())
    }
}

/// The objects that rows name, in order.
struct Rows {
    page: VecDeque<Named>,
    after: String,
    more: bool,
}

impl Rows {
    async fn next(&mut self, campus: &Campus) -> Result<Option<Named>> {
        if self.page.is_empty() && self.more {
            let page = queries::named(&mut *campus.database.connection().await?, &self.after, PAGE).await?;
            self.more = i64::try_from(page.len()).is_ok_and(|length| length == PAGE);
            if let Some(last) = page.last() {
                self.after.clone_from(&last.object_key);
            }
            self.page = page.into();
        }
        Ok(self.page.pop_front())
    }
}

/// Compares, mends, and writes the report.
pub(super) async fn compare(campus: &Campus) -> Result<()> {
    let now = campus.clock.now();
    let mut comparison = Comparison { campus, report: new_id(), now, counts: Counts::default(), findings: Vec::new() };
    side_by_side(&mut comparison).await?;
    mending::uploads(&mut comparison).await?;
    let report = StorageReport {
        id: comparison.report,
        started_at: now,
        finished_at: campus.clock.now(),
        counts: serde_json::to_value(comparison.counts)?,
        findings: serde_json::to_value(&comparison.findings)?,
    };
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::insert(connection, &report).await?;
            queries::forget_suspects_but(connection, report.id).await?;
            let entry = audit::Entry {
                action: "storage.compared",
                object_kind: "storage_report",
                object_id: Some(report.id),
                branch_id: None,
                detail: json!({"counts": report.counts}),
                actor: None,
            };
            audit::record(connection, now, &entry).await
        })
        .await?;
    campus.signals.wake_workers().await;
    Ok(())
}

async fn side_by_side(comparison: &mut Comparison<'_>) -> Result<()> {
    let campus = comparison.campus;
    let mut stored = Stored { page: VecDeque::new(), after: None, more: true };
    let mut rows = Rows { page: VecDeque::new(), after: String::new(), more: true };
    let (mut object, mut row) = (stored.next(campus).await?, rows.next(campus).await?);
    loop {
        let order = match (&object, &row) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(object), Some(row)) => object.key.as_bytes().cmp(row.object_key.as_bytes()),
        };
        if order.is_le()
            && let Some(found) = object.take()
        {
            comparison.counts.objects += 1;
            comparison.counts.bytes += found.size;
            if order.is_lt() {
                mending::unnamed(comparison, &found).await?;
            }
            object = stored.next(campus).await?;
        }
        if order.is_ge()
            && let Some(named) = row.take()
        {
            if order.is_gt() && named.required {
                mending::missing(comparison, &named).await?;
            }
            row = rows.next(campus).await?;
        }
    }
}
