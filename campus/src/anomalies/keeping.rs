//! Keeping what was found: once, and once more only where something is new.

use serde_json::json;
use time::OffsetDateTime;

use super::detectors::{self, Candidate};
use super::queries;
use super::rows::{Figures, Kind, Row};
use super::rules::{FIRST_SEARCH, OVERLAP};
use crate::Campus;
use crate::audit;
use crate::db::Connection;
use crate::error::{Error, Result};
use crate::ids::new_id;

/// Looks at what has happened since the last search.
pub(super) async fn search(campus: &Campus) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .build_transaction()
        .run(async |connection| {
            // Of two searches at once the second looks at what the first has kept.
            let last = queries::begin_search(connection, now).await?;
            let since = last.map_or(now - FIRST_SEARCH, |last| last - OVERLAP);
            let mut found = 0;
            for kind in Kind::ALL {
                for candidate in detectors::find(connection, &campus.clock, kind, since).await? {
                    found += usize::from(keep(connection, kind, candidate, now).await?);
                }
            }
            let entry = audit::Entry {
                action: "anomaly.searched",
                object_kind: "anomaly",
                object_id: None,
                branch_id: None,
                detail: json!({"found": found}),
                actor: None,
            };
            audit::record(connection, now, &entry).await
        })
        .await
}

/// What is open and belongs together is one finding, which grows. What was settled stays settled while
/// there is nothing that it did not know. `true`: there is a finding more.
async fn keep(connection: &mut Connection, kind: Kind, candidate: Candidate, now: OffsetDateTime) -> Result<bool> {
    let known = queries::about(connection, kind, &candidate).await?;
    let knows = |row: &Row| candidate.evidence.iter().all(|id| row.evidence.contains(id));
    let figures: Figures = serde_json::from_value(candidate.figures.clone())?;
    if let Some(open) = known.iter().find(|row| row.settled_at.is_none()) {
        if !knows(open) {
            let new = candidate.evidence.iter().filter(|id| !open.evidence.contains(id));
            let evidence: Vec<_> = open.evidence.iter().chain(new).copied().collect();
            let figures = serde_json::to_value(figures.with_evidence(evidence.len()))?;
            queries::widen(connection, open.id, &evidence, &figures).await?;
        }
        return Ok(false);
    }
    if known.iter().any(knows) {
        return Ok(false);
    }
    if figures.kind() != kind {
        return Err(Error::internal("a detector's figures are of another kind"));
    }
    let row = Row {
        id: new_id(),
        kind: kind.as_str().to_owned(),
        subject: candidate.subject,
        mark: candidate.mark,
        period: candidate.period,
        evidence: candidate.evidence,
        figures: candidate.figures,
        found_at: now,
        settled_at: None,
        settled_by: None,
        note: None,
    };
    queries::insert(connection, &row).await?;
    Ok(true)
}
