//! What is asked of the database about questions and reports.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{OwnQuestion, Question, ReportRow, ShownQuestion};
use crate::db::Connection;
use crate::db::schema::{courses, lesson_questions, question_reports};
use crate::error::Result;

pub(super) async fn insert(connection: &mut Connection, question: &Question) -> Result<()> {
    diesel::insert_into(lesson_questions::table).values(question).execute(connection).await?;
    Ok(())
}

pub(super) async fn update(connection: &mut Connection, question: &Question) -> Result<()> {
    diesel::update(lesson_questions::table.find(question.id)).set(question).execute(connection).await?;
    Ok(())
}

pub(super) async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Question>> {
    Ok(lesson_questions::table.find(id).select(Question::as_select()).first(connection).await.optional()?)
}

pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Question>> {
    Ok(lesson_questions::table
        .find(id)
        .select(Question::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()?)
}

/// The branch that made a course.
pub(super) async fn branch_of(connection: &mut Connection, course_id: Uuid) -> Result<Uuid> {
    Ok(courses::table.find(course_id).select(courses::branch_id).first(connection).await?)
}

/// How many were asked under these records, those taken back among them.
pub(super) async fn asked_since(connection: &mut Connection, records: &[Uuid], from: OffsetDateTime) -> Result<i64> {
    Ok(lesson_questions::table
        .filter(lesson_questions::resident_id.eq_any(records).and(lesson_questions::asked_at.ge(from)))
        .select(count_star())
        .first(connection)
        .await?)
}

/// Those about one lesson that whoever has these records sees. `after` is where the page before
/// ended: since when that one was pinned, in microseconds, and its id.
pub(super) async fn shown(
    connection: &mut Connection,
    origin_id: Uuid,
    records: &[Uuid],
    after: Option<(Option<i64>, Uuid)>,
    limit: i64,
) -> Result<Vec<ShownQuestion>> {
    let pinned_at = after
        .and_then(|(microseconds, _)| microseconds)
        .and_then(|microseconds| OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000).ok());
    Ok(diesel::sql_query(
        "SELECT question.*, residents.name AS asker \
         FROM lesson_questions AS question JOIN residents ON residents.id = question.resident_id \
         WHERE question.origin_id = $1 AND question.withdrawn_at IS NULL \
             AND (question.resident_id = ANY ($2) OR question.hidden_at IS NULL AND question.reported_at IS NULL) \
             AND ($3::uuid IS NULL OR \
                 (coalesce(question.pinned_at, '-infinity'), question.id) < (coalesce($4, '-infinity'), $3)) \
         ORDER BY coalesce(question.pinned_at, '-infinity') DESC, question.id DESC LIMIT $5",
    )
    .bind::<SqlUuid, _>(origin_id)
    .bind::<Array<SqlUuid>, _>(records)
    .bind::<Nullable<SqlUuid>, _>(after.map(|(_, id)| id))
    .bind::<Nullable<Timestamptz>, _>(pinned_at)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?)
}

pub(super) async fn own(
    connection: &mut Connection,
    records: &[Uuid],
    answered: bool,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<OwnQuestion>> {
    Ok(diesel::sql_query(
        "SELECT question.*, lessons.title AS lesson_title, lessons.kind AS lesson_kind, courses.title AS course_title \
         FROM lesson_questions AS question JOIN lessons ON lessons.id = question.lesson_id \
         JOIN courses ON courses.id = question.course_id \
         WHERE question.resident_id = ANY ($1) AND question.withdrawn_at IS NULL \
             AND (NOT $2 OR question.answer IS NOT NULL) AND ($3::uuid IS NULL OR question.id < $3) \
         ORDER BY question.id DESC LIMIT $4",
    )
    .bind::<Array<SqlUuid>, _>(records)
    .bind::<Bool, _>(answered)
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?)
}

pub(super) async fn insert_report(connection: &mut Connection, report: &ReportRow) -> Result<()> {
    diesel::insert_into(question_reports::table).values(report).execute(connection).await?;
    Ok(())
}

/// The report of a question under any of these records.
pub(super) async fn report_of(
    connection: &mut Connection,
    question_id: Uuid,
    records: &[Uuid],
) -> Result<Option<ReportRow>> {
    Ok(question_reports::table
        .filter(question_reports::question_id.eq(question_id).and(question_reports::resident_id.eq_any(records)))
        .order(question_reports::reported_at)
        .select(ReportRow::as_select())
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn reported_since(connection: &mut Connection, records: &[Uuid], from: OffsetDateTime) -> Result<i64> {
    Ok(question_reports::table
        .filter(question_reports::resident_id.eq_any(records).and(question_reports::reported_at.ge(from)))
        .select(count_star())
        .first(connection)
        .await?)
}
