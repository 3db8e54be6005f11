//! What is asked of the database about learning.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::enrollment::Enrollment;
use crate::db::Connection;
use crate::db::schema::{enrollments as enrollment_table, lesson_progress, version_lessons, viewings};
use crate::error::Result;

/// How far somebody has come in one lesson.
#[derive(Debug, Clone, Queryable, QueryableByName)]
pub(super) struct ProgressRow {
    #[diesel(sql_type = sql_types::Uuid)]
    pub(super) lesson_id: Uuid,
    #[diesel(sql_type = sql_types::Integer)]
    pub(super) watched_ms: i32,
    #[diesel(sql_type = sql_types::Integer)]
    pub(super) position_ms: i32,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub(super) completed_at: Option<OffsetDateTime>,
}

impl ProgressRow {
    /// Where to go on: from the start again once the end has been reached.
    pub(super) const fn resume_at(&self, duration_ms: i32) -> i32 {
        if self.position_ms >= duration_ms - 2000 { 0 } else { self.position_ms }
    }
}

/// Enrols in the version that is offered at this moment: the course is held, so that a next version
/// is not published in between. `false`: enrolled already, or no longer offered.
pub(super) async fn insert_enrollment(
    connection: &mut Connection,
    resident_id: Uuid,
    course_id: Uuid,
    helped_by: Option<Uuid>,
    at: OffsetDateTime,
) -> Result<bool> {
    let written = diesel::sql_query(
        "INSERT INTO enrollments (resident_id, course_id, version, enrolled_at, helped_by) \
         SELECT $1, id, version, $3, $4 FROM courses WHERE id = $2 AND status = 'published' FOR KEY SHARE \
         ON CONFLICT DO NOTHING",
    )
    .bind::<sql_types::Uuid, _>(resident_id)
    .bind::<sql_types::Uuid, _>(course_id)
    .bind::<sql_types::Timestamptz, _>(at)
    .bind::<sql_types::Nullable<sql_types::Uuid>, _>(helped_by)
    .execute(connection)
    .await?;
    Ok(written == 1)
}

/// Since when, and until when, somebody has been in a course under any of these records.
pub(super) async fn enrollment(
    connection: &mut Connection,
    records: &[Uuid],
    course_id: Uuid,
) -> Result<Option<Enrollment>> {
    let rows: Vec<(OffsetDateTime, Option<OffsetDateTime>, i32)> = enrollment_table::table
        .filter(enrollment_table::resident_id.eq_any(records).and(enrollment_table::course_id.eq(course_id)))
        .select((enrollment_table::enrolled_at, enrollment_table::completed_at, enrollment_table::version))
        .load(connection)
        .await?;
    let completed_at = rows.iter().filter_map(|(_, completed_at, _)| *completed_at).min();
    // Of two records' the finished one, then the one begun first: the person goes on with that.
    let kept = rows.into_iter().min_by_key(|(enrolled_at, completed_at, _)| (completed_at.is_none(), *enrolled_at));
    Ok(kept.map(|(enrolled_at, _, version)| Enrollment { course_id, version, enrolled_at, completed_at }))
}

/// What lessons of one course finish one after another by.
pub(super) struct LockedEnrollment {
    /// The versions in which it is learned.
    pub(super) versions: Vec<i32>,
    /// Whether the course is finished.
    pub(super) finished: bool,
}

/// The enrolment with its row locked. `None`: under none of these records enrolled in a version
/// that has the lesson.
pub(super) async fn lock_enrollment(
    connection: &mut Connection,
    records: &[Uuid],
    course_id: Uuid,
    lesson_id: Uuid,
) -> Result<Option<LockedEnrollment>> {
    let LockedEnrollment { versions, finished } = lock_enrollments(connection, records, course_id).await?;
    let with_lesson: Vec<i32> = version_lessons::table
        .filter(version_lessons::course_id.eq(course_id).and(version_lessons::lesson_id.eq(lesson_id)))
        .select(version_lessons::number)
        .load(connection)
        .await?;
    let versions: Vec<i32> = versions.into_iter().filter(|version| with_lesson.contains(version)).collect();
    Ok((!versions.is_empty()).then_some(LockedEnrollment { versions, finished }))
}

/// All enrolments of these records in a course, with their rows locked.
pub(super) async fn lock_enrollments(
    connection: &mut Connection,
    records: &[Uuid],
    course_id: Uuid,
) -> Result<LockedEnrollment> {
    let rows: Vec<(Option<OffsetDateTime>, i32)> = enrollment_table::table
        .filter(enrollment_table::resident_id.eq_any(records).and(enrollment_table::course_id.eq(course_id)))
        .order(enrollment_table::resident_id)
        .select((enrollment_table::completed_at, enrollment_table::version))
        .for_update()
        .load(connection)
        .await?;
    let finished = rows.iter().any(|(completed_at, _)| completed_at.is_some());
    Ok(LockedEnrollment { versions: rows.into_iter().map(|(_, version)| version).collect(), finished })
}

/// The courses that somebody is enrolled in under one of these records and has finished under none.
pub(super) async fn unfinished_courses(connection: &mut Connection, records: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(enrollment_table::table
        .filter(enrollment_table::resident_id.eq_any(records))
        .group_by(enrollment_table::course_id)
        .having(diesel::dsl::max(enrollment_table::completed_at).is_null())
        .order(enrollment_table::course_id)
        .select(enrollment_table::course_id)
        .load(connection)
        .await?)
}

/// Whether somebody learns this lesson: is enrolled in a version that has it.
pub(super) async fn learns(connection: &mut Connection, records: &[Uuid], lesson_id: Uuid) -> Result<bool> {
    let learning = enrollment_table::table
        .inner_join(
            version_lessons::table.on(version_lessons::course_id
                .eq(enrollment_table::course_id)
                .and(version_lessons::number.eq(enrollment_table::version))),
        )
        .filter(version_lessons::lesson_id.eq(lesson_id).and(enrollment_table::resident_id.eq_any(records)));
    Ok(diesel::select(diesel::dsl::exists(learning)).get_result(connection).await?)
}

/// Which of these courses somebody has finished under any of these records.
pub(super) async fn finished_courses(
    connection: &mut Connection,
    records: &[Uuid],
    courses: &[Uuid],
) -> Result<Vec<Uuid>> {
    Ok(enrollment_table::table
        .filter(enrollment_table::resident_id.eq_any(records).and(enrollment_table::course_id.eq_any(courses)))
        .filter(enrollment_table::completed_at.is_not_null())
        .select(enrollment_table::course_id)
        .load(connection)
        .await?)
}

/// Makes sure that there is a row on which the lesson can be marked as finished.
pub(super) async fn open_progress(
    connection: &mut Connection,
    resident_id: Uuid,
    lesson_id: Uuid,
    at: OffsetDateTime,
) -> Result<()> {
    diesel::insert_into(lesson_progress::table)
        .values((
            lesson_progress::resident_id.eq(resident_id),
            lesson_progress::lesson_id.eq(lesson_id),
            lesson_progress::updated_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes it on one enrolment in this version: that of the first of these records which has one.
pub(super) async fn complete_enrollment(
    connection: &mut Connection,
    records: &[Uuid],
    course_id: Uuid,
    version: i32,
    at: OffsetDateTime,
) -> Result<()> {
    diesel::sql_query(
        "UPDATE enrollments SET completed_at = $4 WHERE course_id = $2 AND resident_id = ( \
             SELECT resident_id FROM enrollments WHERE course_id = $2 AND version = $3 AND resident_id = ANY($1) \
             ORDER BY array_position($1, resident_id) LIMIT 1)",
    )
    .bind::<sql_types::Array<sql_types::Uuid>, _>(records)
    .bind::<sql_types::Uuid, _>(course_id)
    .bind::<sql_types::Integer, _>(version)
    .bind::<sql_types::Timestamptz, _>(at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks a lesson as finished. `false`: it was, under one of these records.
pub(super) async fn complete_lesson(
    connection: &mut Connection,
    records: &[Uuid],
    lesson_id: Uuid,
    at: OffsetDateTime,
) -> Result<bool> {
    let marked = diesel::sql_query(
        "UPDATE lesson_progress SET completed_at = $3 \
         WHERE lesson_id = $2 AND completed_at IS NULL AND resident_id = ( \
             SELECT resident_id FROM lesson_progress WHERE lesson_id = $2 AND resident_id = ANY($1) \
             ORDER BY array_position($1, resident_id) LIMIT 1) \
         AND NOT EXISTS (SELECT FROM lesson_progress AS other \
             WHERE other.lesson_id = $2 AND other.resident_id = ANY($1) AND other.completed_at IS NOT NULL)",
    )
    .bind::<sql_types::Array<sql_types::Uuid>, _>(records)
    .bind::<sql_types::Uuid, _>(lesson_id)
    .bind::<sql_types::Timestamptz, _>(at)
    .execute(connection)
    .await?;
    Ok(marked == 1)
}

/// By lesson, over all of these records: each stretch counted once, where they stood last.
pub(super) async fn progress(
    connection: &mut Connection,
    records: &[Uuid],
    lessons: &[Uuid],
) -> Result<HashMap<Uuid, ProgressRow>> {
    if records.len() > 1 {
        return joined_progress(connection, records, lessons).await;
    }
    let rows: Vec<ProgressRow> = lesson_progress::table
        .filter(lesson_progress::resident_id.eq_any(records).and(lesson_progress::lesson_id.eq_any(lessons)))
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

async fn joined_progress(
    connection: &mut Connection,
    records: &[Uuid],
    lessons: &[Uuid],
) -> Result<HashMap<Uuid, ProgressRow>> {
    let rows: Vec<ProgressRow> = diesel::sql_query(
        "SELECT progress.lesson_id, min(progress.completed_at) AS completed_at, \
             (array_agg(progress.position_ms ORDER BY progress.updated_at DESC))[1] AS position_ms, \
             (SELECT coalesce(sum(upper(range) - lower(range)), 0)::integer \
              FROM unnest((SELECT range_agg(piece) FROM lesson_progress AS each, unnest(each.watched) AS piece \
                  WHERE each.lesson_id = progress.lesson_id AND each.resident_id = ANY($1))) AS range) AS watched_ms \
         FROM lesson_progress AS progress \
         WHERE progress.resident_id = ANY($1) AND progress.lesson_id = ANY($2) GROUP BY progress.lesson_id",
    )
    .bind::<sql_types::Array<sql_types::Uuid>, _>(records)
    .bind::<sql_types::Array<sql_types::Uuid>, _>(lessons)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.lesson_id, row)).collect())
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
             AND NOT EXISTS (SELECT FROM joined_records AS own JOIN joined_records AS other USING (person_id) \
                 JOIN lesson_progress AS done ON done.resident_id = other.id AND done.lesson_id = progress.lesson_id \
                 WHERE own.id = progress.resident_id AND done.completed_at IS NOT NULL) \
         ORDER BY progress.reached_at DESC LIMIT 500",
    )
    .bind::<sql_types::Timestamptz, _>(before)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.resident_id, row.lesson_id)).collect())
}

/// Whoever watches under the record that stays goes on with one budget: it has one from now on if
/// any of the records had, and no process's sheets hold any more.
pub(super) async fn join_budgets(connection: &mut Connection, kept_id: Uuid, records: &[Uuid]) -> Result<()> {
    diesel::sql_query(
        "INSERT INTO watch_budgets (resident_id, anchored_at, contacted_at, spent_ms) \
         SELECT $1, anchored_at, contacted_at, spent_ms FROM watch_budgets WHERE resident_id = ANY($2) \
         ORDER BY contacted_at DESC LIMIT 1 ON CONFLICT DO NOTHING",
    )
    .bind::<sql_types::Uuid, _>(kept_id)
    .bind::<sql_types::Array<sql_types::Uuid>, _>(records)
    .execute(connection)
    .await?;
    diesel::sql_query(
        "UPDATE watch_budgets SET revision = revision + 1 WHERE resident_id = $1 OR resident_id = ANY($2)",
    )
    .bind::<sql_types::Uuid, _>(kept_id)
    .bind::<sql_types::Array<sql_types::Uuid>, _>(records)
    .execute(connection)
    .await?;
    Ok(())
}
