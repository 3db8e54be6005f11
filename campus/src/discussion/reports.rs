//! Reporting: a question that somebody reports is hidden until staff have looked at it.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{Question, ReportRow};
use super::{MOST_A_DAY, REASONS, note, queries};
use crate::Campus;
use crate::access::Actor;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::learning::{self, Attended};
use crate::residents;

/// What somebody has reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The question.
    pub question_id: Uuid,
    /// Why: one of [`REASONS`].
    pub reason: String,
    /// When.
    pub reported_at: OffsetDateTime,
}

impl From<ReportRow> for Report {
    fn from(row: ReportRow) -> Self {
        Self { question_id: row.question_id, reason: row.reason, reported_at: row.reported_at }
    }
}

/// Reports what somebody else asks. Once each: who reports the same again changes nothing, whatever
/// staff have decided since. Answers whether it is new.
///
/// # Errors
/// [`Code::ValueInvalid`] on the field `reason`; [`Code::NotFound`] for what one does not see;
/// [`Code::OwnQuestion`], [`Code::ReportsToday`].
pub async fn report(campus: &Campus, actor: &Actor, id: Uuid, reason: &str) -> Result<(Report, bool)> {
    if !REASONS.contains(&reason) {
        return Err(Error::field("reason", Code::ValueInvalid));
    }
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let absent = || Error::code(Code::NotFound);
            // Reports of one person come one after another, so that none is over the day's number.
            residents::lock(connection, &[actor.resident()?]).await?;
            let question = queries::lock(connection, id).await?.ok_or_else(absent)?;
            let attended = match learning::attended(connection, actor, question.lesson_id).await {
                Err(error) if error.stable_code() == Code::NotEnrolled => return Err(absent()),
                other => other?.object().clone(),
            };
            if let Some(known) = queries::report_of(connection, id, &attended.records).await? {
                return Ok((known.into(), false));
            }
            if question.withdrawn_at.is_some() {
                return Err(absent());
            }
            if attended.records.contains(&question.resident_id) {
                return Err(Error::code(Code::OwnQuestion));
            }
            if question.hidden_at.is_some() {
                return Err(absent());
            }
            Ok((write(campus, connection, actor, &attended, question, reason).await?, true))
        })
        .await
}

async fn write(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    attended: &Attended,
    mut question: Question,
    reason: &str,
) -> Result<Report> {
    let now = campus.clock.now();
    let today = campus.clock.start_of(campus.clock.today());
    if queries::reported_since(connection, &attended.records, today).await? >= MOST_A_DAY {
        return Err(Error::code(Code::ReportsToday));
    }
    let row = ReportRow {
        question_id: question.id,
        resident_id: attended.resident_id,
        reason: reason.to_owned(),
        reported_at: now,
    };
    queries::insert_report(connection, &row).await?;
    question.reported_at = question.reported_at.or(Some(now));
    queries::update(connection, &question).await?;
    let detail = json!({"reason": reason});
    note(connection, now, actor, "question.reported", (question.id, attended.lesson.branch_id), detail).await?;
    Ok(row.into())
}
