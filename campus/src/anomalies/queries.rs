//! What is asked of the database about what was found.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::detectors::Candidate;
use super::rows::{Kind, Lesson, Row};
use crate::db::Connection;
use crate::db::schema::{accounts, anomalies, anomaly_searches, lessons};
use crate::error::Result;

/// Notes that a search begins, and answers when the last one did; others wait until the transaction ends.
pub(super) async fn begin_search(connection: &mut Connection, now: OffsetDateTime) -> Result<Option<OffsetDateTime>> {
    let last = anomaly_searches::table
        .select(anomaly_searches::searched_at)
        .for_update()
        .first(connection)
        .await
        .optional()?;
    diesel::insert_into(anomaly_searches::table)
        .values(anomaly_searches::searched_at.eq(now))
        .on_conflict(anomaly_searches::one)
        .do_update()
        .set(anomaly_searches::searched_at.eq(now))
        .execute(connection)
        .await?;
    Ok(last)
}

/// When things were last looked at.
pub(super) async fn searched_at(connection: &mut Connection) -> Result<Option<OffsetDateTime>> {
    Ok(anomaly_searches::table.select(anomaly_searches::searched_at).first(connection).await.optional()?)
}

/// Findings that this one belongs to: of the same subject, or sharing some of its evidence where the
/// subject has changed meanwhile (the first of some people has left).
pub(super) async fn about(connection: &mut Connection, kind: Kind, candidate: &Candidate) -> Result<Vec<Row>> {
    let same = anomalies::subject.eq(candidate.subject);
    Ok(anomalies::table
        .filter(anomalies::kind.eq(kind.as_str()))
        .filter(anomalies::mark.eq(&candidate.mark).and(anomalies::period.is_not_distinct_from(candidate.period)))
        .filter(same.or(anomalies::evidence.overlaps_with(&candidate.evidence)))
        .order(anomalies::id)
        .select(Row::as_select())
        .load(connection)
        .await?)
}

pub(super) async fn insert(connection: &mut Connection, row: &Row) -> Result<()> {
    diesel::insert_into(anomalies::table).values(row).execute(connection).await?;
    Ok(())
}

pub(super) async fn widen(connection: &mut Connection, id: Uuid, evidence: &[Uuid], figures: &Value) -> Result<()> {
    diesel::update(anomalies::table.find(id))
        .set((anomalies::evidence.eq(evidence), anomalies::figures.eq(figures)))
        .execute(connection)
        .await?;
    Ok(())
}

/// The newest first.
pub(super) async fn list(
    connection: &mut Connection,
    settled: bool,
    kind: Option<Kind>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Row>> {
    let mut query = anomalies::table.order(anomalies::id.desc()).limit(limit).select(Row::as_select()).into_boxed();
    query = if settled {
        query.filter(anomalies::settled_at.is_not_null())
    } else {
        query.filter(anomalies::settled_at.is_null())
    };
    if let Some(kind) = kind {
        query = query.filter(anomalies::kind.eq(kind.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(anomalies::id.lt(before));
    }
    Ok(query.load(connection).await?)
}

/// How many are open.
pub(super) async fn open(connection: &mut Connection) -> Result<i64> {
    Ok(anomalies::table.filter(anomalies::settled_at.is_null()).count().get_result(connection).await?)
}

/// The row, nobody else changing it until the transaction ends.
pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Row>> {
    Ok(anomalies::table.find(id).select(Row::as_select()).for_update().first(connection).await.optional()?)
}

/// Writes down what has been made of it; `None` opens it again.
pub(super) async fn set_settlement(
    connection: &mut Connection,
    id: Uuid,
    settlement: Option<(OffsetDateTime, Uuid, &str)>,
) -> Result<()> {
    diesel::update(anomalies::table.find(id))
        .set((
            anomalies::settled_at.eq(settlement.map(|(at, _, _)| at)),
            anomalies::settled_by.eq(settlement.map(|(_, by, _)| by)),
            anomalies::note.eq(settlement.map(|(_, _, note)| note)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// What these accounts are called.
pub(super) async fn account_names(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows: Vec<(Uuid, String)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((accounts::id, accounts::name))
        .load(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// These lessons.
pub(super) async fn lessons(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Lesson>> {
    let rows: Vec<(Uuid, Uuid, String)> = lessons::table
        .filter(lessons::id.eq_any(ids))
        .select((lessons::id, lessons::course_id, lessons::title))
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|(id, course_id, title)| (id, Lesson { id, course_id, title })).collect())
}
