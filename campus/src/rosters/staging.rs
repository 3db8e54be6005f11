//! From a file that has been read to its staged rows.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::intake::{Reading, StagedRow};
use super::queries::{self, Content};
use crate::Campus;
use crate::db::Connection;
use crate::error::{Error, Result};
use crate::residents;

/// Who is told how far the staging has come.
pub(super) trait Listener: Send {
    /// Takes the share, in percent.
    fn tell(&mut self, percent: i16) -> impl Future<Output = ()> + Send;
}

/// For files that are read while somebody waits.
pub(super) struct Nobody;

impl Listener for Nobody {
    async fn tell(&mut self, _percent: i16) {}
}

/// Judges the rows, finds who is registered already, and writes them, inside the caller's
/// transaction. The import's own row is left to the caller.
pub(super) async fn stage(
    campus: &Campus,
    connection: &mut Connection,
    import_id: Uuid,
    reading: Reading,
    listener: &mut impl Listener,
) -> Result<Content> {
    let sheets = reading.sheets();
    let total = reading.row_count();
    let mut judging = reading.judge(campus.clock.today());
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::from([("ok", 0)]);
    let mut written = 0;
    while let Some(mut rows) = judging.next().await? {
        mark_known(connection, &mut rows).await?;
        for row in &rows {
            *counts.entry(row.verdict).or_default() += 1;
        }
        queries::insert_rows(connection, &campus.seal, import_id, &rows).await?;
        written += rows.len();
        let percent = written.saturating_mul(100) / total.max(1);
        listener.tell(i16::try_from(percent).unwrap_or(100)).await;
    }
    Ok(Content { rows: i32::try_from(written).map_err(Error::internal)?, counts: as_json(&counts), sheets })
}

/// Good rows whose people are on record are good for nothing more.
async fn mark_known(connection: &mut Connection, rows: &mut [StagedRow]) -> Result<()> {
    let good: Vec<usize> =
        rows.iter().enumerate().filter(|(_, row)| row.person().is_some()).map(|(place, _)| place).collect();
    let people: Vec<_> = rows.iter().filter_map(StagedRow::person).collect();
    let known = residents::known(connection, &people).await?;
    for place in known {
        if let Some(row) = good.get(place).and_then(|place| rows.get_mut(*place)) {
            row.verdict = "already_registered";
        }
    }
    Ok(())
}

fn as_json(counts: &BTreeMap<&'static str, u64>) -> Value {
    json!(counts)
}
