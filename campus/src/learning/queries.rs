//! What is asked of the database about learning.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::enrollment::{Enrollment, EnrollmentItem};
use crate::db::Connection;
use crate::db::schema::{enrollments as enrollment_table, lesson_progress, viewings};
use crate::error::Result;

/// How far somebody has come in one lesson.
#[derive(Debug, Clone, Queryable)]
pub(super) struct ProgressRow {
    pub(super) lesson_id: Uuid,
    pub(super) watched_ms: i32,
    pub(super) position_ms: i32,
    pub(super) completed_at: Option<OffsetDateTime>,
}

impl ProgressRow {
    /// Where to go on: from the start again once the end has been reached.
    pub(super) const fn resume_at(&self, duration_ms: i32) -> i32 {
        if self.position_ms >= duration_ms - 2000 { 0 } else { self.position_ms }
    }
}

/// `false`: enrolled already.
pub(super) async fn insert_enrollment(
    connection: &mut Connection,
    resident_id: Uuid,
    course_id: Uuid,
    helped_by: Option<Uuid>,
    at: OffsetDateTime,
) -> Result<bool> {
    let written = diesel::insert_into(enrollment_table::table)
        .values((
            enrollment_table::resident_id.eq(resident_id),
            enrollment_table::course_id.eq(course_id),
            enrollment_table::enrolled_at.eq(at),
            enrollment_table::helped_by.eq(helped_by),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(written == 1)
}

pub(super) async fn enrollment(
    connection: &mut Connection,
    resident_id: Uuid,
    course_id: Uuid,
) -> Result<Option<Enrollment>> {
    let row: Option<(OffsetDateTime, Option<OffsetDateTime>)> = enrollment_table::table
        .find((resident_id, course_id))
        .select((enrollment_table::enrolled_at, enrollment_table::completed_at))
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(|(enrolled_at, completed_at)| Enrollment { course_id, enrolled_at, completed_at }))
}

/// The enrolment with its row locked: lessons of one course finish one after another.
/// `None`: not enrolled. Else whether the course is finished.
pub(super) async fn lock_enrollment(
    connection: &mut Connection,
    resident_id: Uuid,
    course_id: Uuid,
) -> Result<Option<bool>> {
    let row: Option<Option<OffsetDateTime>> = enrollment_table::table
        .find((resident_id, course_id))
        .select(enrollment_table::completed_at)
        .for_update()
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(|completed_at| completed_at.is_some()))
}

pub(super) async fn complete_enrollment(
    connection: &mut Connection,
    resident_id: Uuid,
    course_id: Uuid,
    at: OffsetDateTime,
) -> Result<()> {
    diesel::update(enrollment_table::table.find((resident_id, course_id)))
        .set(enrollment_table::completed_at.eq(at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks a lesson as finished. `false`: it was.
pub(super) async fn complete_lesson(
    connection: &mut Connection,
    resident_id: Uuid,
    lesson_id: Uuid,
    at: OffsetDateTime,
) -> Result<bool> {
    let marked = diesel::update(
        lesson_progress::table.find((resident_id, lesson_id)).filter(lesson_progress::completed_at.is_null()),
    )
    .set(lesson_progress::completed_at.eq(at))
    .execute(connection)
    .await?;
    Ok(marked == 1)
}

pub(super) async fn progress(
    connection: &mut Connection,
    resident_id: Uuid,
    lessons: &[Uuid],
) -> Result<HashMap<Uuid, ProgressRow>> {
    let rows: Vec<ProgressRow> = lesson_progress::table
        .filter(lesson_progress::resident_id.eq(resident_id).and(lesson_progress::lesson_id.eq_any(lessons)))
        .select((
            lesson_progress::lesson_id,
            lesson_progress::watched_ms,
            lesson_progress::position_ms,
            lesson_progress::completed_at,
        ))
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.lesson_id, row)).collect())
}

pub(super) async fn enrollments(
    connection: &mut Connection,
    resident_id: Uuid,
    before: Option<(i64, Uuid)>,
    limit: i64,
) -> Result<Vec<EnrollmentItem>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql_types::Uuid)]
        course_id: Uuid,
        #[diesel(sql_type = sql_types::Text)]
        title: String,
        #[diesel(sql_type = sql_types::Timestamptz)]
        enrolled_at: OffsetDateTime,
        #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
        completed_at: Option<OffsetDateTime>,
        #[diesel(sql_type = sql_types::BigInt)]
        completed_lessons: i64,
        #[diesel(sql_type = sql_types::BigInt)]
        lesson_count: i64,
        #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
        next_lesson_id: Option<Uuid>,
        #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
        helped_by: Option<String>,
    }
    let (before_at, before_id) = match before {
        Some((microseconds, id)) => {
            (OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000).ok(), Some(id))
        }
        None => (None, None),
    };
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT courses.id AS course_id, courses.title, enrollments.enrolled_at, enrollments.completed_at, \
             count(progress.completed_at) AS completed_lessons, count(lessons.id) AS lesson_count, \
             (array_agg(lessons.id ORDER BY lessons.position) \
                 FILTER (WHERE lessons.id IS NOT NULL AND progress.completed_at IS NULL))[1] AS next_lesson_id, \
             (SELECT accounts.name FROM accounts WHERE accounts.id = enrollments.helped_by) AS helped_by \
         FROM enrollments JOIN courses ON courses.id = enrollments.course_id \
         LEFT JOIN lessons ON lessons.course_id = courses.id \
         LEFT JOIN lesson_progress AS progress ON progress.lesson_id = lessons.id AND progress.resident_id = $1 \
         WHERE enrollments.resident_id = $1 \
             AND ($2::timestamptz IS NULL OR (enrollments.enrolled_at, courses.id) < ($2, $3)) \
         GROUP BY courses.id, enrollments.resident_id, enrollments.course_id \
         ORDER BY enrollments.enrolled_at DESC, courses.id DESC LIMIT $4",
    )
    .bind::<sql_types::Uuid, _>(resident_id)
    .bind::<sql_types::Nullable<sql_types::Timestamptz>, _>(before_at)
    .bind::<sql_types::Nullable<sql_types::Uuid>, _>(before_id)
    .bind::<sql_types::BigInt, _>(limit)
    .load(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| EnrollmentItem {
            course_id: row.course_id,
            title: row.title,
            enrolled_at: row.enrolled_at,
            completed_at: row.completed_at,
            completed_lessons: row.completed_lessons,
            lesson_count: row.lesson_count,
            next_lesson_id: row.next_lesson_id,
            helped_by: row.helped_by,
        })
        .collect())
}

/// Opens a viewing, and the resident's budget with it. A budget that nobody has drawn on
/// for half an hour starts anew, so that idle hours do not add up to watching time.
pub(super) async fn insert_viewing(
    connection: &mut Connection,
    id: Uuid,
    resident_id: Uuid,
    lesson_id: Uuid,
    duration_ms: i32,
    required_ms: i32,
    at: OffsetDateTime,
) -> Result<()> {
    diesel::insert_into(viewings::table)
        .values((
            viewings::id.eq(id),
            viewings::resident_id.eq(resident_id),
            viewings::lesson_id.eq(lesson_id),
            viewings::duration_ms.eq(duration_ms),
            viewings::required_ms.eq(required_ms),
            viewings::started_at.eq(at),
        ))
        .execute(connection)
        .await?;
    diesel::sql_query(
        "INSERT INTO watch_budgets AS budget (resident_id, anchored_at, contacted_at) VALUES ($1, $2, $2) \
         ON CONFLICT (resident_id) DO UPDATE SET contacted_at = $2, revision = budget.revision + 1, \
             anchored_at = CASE WHEN budget.contacted_at < $2 - interval '30 minutes' THEN $2 ELSE budget.anchored_at END, \
             spent_ms = CASE WHEN budget.contacted_at < $2 - interval '30 minutes' THEN 0 ELSE budget.spent_ms END",
    )
    .bind::<sql_types::Uuid, _>(resident_id)
    .bind::<sql_types::Timestamptz, _>(at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Lessons that are finished by their figures but not marked: what a crash may leave.
/// Those of courses no longer offered are left alone: nobody can finish them.
pub(super) async fn unmarked(connection: &mut Connection, before: OffsetDateTime) -> Result<Vec<(Uuid, Uuid)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql_types::Uuid)]
        resident_id: Uuid,
        #[diesel(sql_type = sql_types::Uuid)]
        lesson_id: Uuid,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT progress.resident_id, progress.lesson_id FROM lesson_progress AS progress \
         JOIN lessons ON lessons.id = progress.lesson_id \
         JOIN courses ON courses.id = lessons.course_id AND courses.status = 'published' \
         WHERE progress.completed_at IS NULL AND progress.reached_at < $1 \
         ORDER BY progress.reached_at DESC LIMIT 500",
    )
    .bind::<sql_types::Timestamptz, _>(before)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.resident_id, row.lesson_id)).collect())
}
