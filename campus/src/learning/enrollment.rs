//! Enrolling, and how far one has come.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{queries, required_ms};
use crate::Campus;
use crate::access::{Actor, CanHelp};
use crate::audit;
use crate::courses::{self, Offered};
use crate::db::Connection;
use crate::error::{Error, Result};
use crate::paging::{Page, PageRequest, page};
use crate::residents::Resident;

/// A resident in a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrollment {
    /// The course.
    pub course_id: Uuid,
    /// Since when.
    pub enrolled_at: OffsetDateTime,
    /// When every lesson was finished.
    pub completed_at: Option<OffsetDateTime>,
}

/// How far a resident has come in a course.
#[derive(Debug, Clone)]
pub struct CourseProgress {
    /// `None`: not enrolled.
    pub enrollment: Option<Enrollment>,
    /// Every lesson, in order.
    pub lessons: Vec<LessonState>,
}

/// How far a resident has come in a lesson. All in milliseconds.
#[derive(Debug, Clone)]
pub struct LessonState {
    /// The lesson.
    pub id: Uuid,
    /// Watched, each stretch counted once.
    pub watched_ms: i32,
    /// What finishes it.
    pub required_ms: i32,
    /// Where to go on.
    pub resume_at_ms: i32,
    /// Whether it is finished.
    pub completed: bool,
}

/// A course in the list of one's own.
#[derive(Debug, Clone)]
pub struct EnrollmentItem {
    /// The course.
    pub course_id: Uuid,
    /// What it is called.
    pub title: String,
    /// Since when.
    pub enrolled_at: OffsetDateTime,
    /// When every lesson was finished.
    pub completed_at: Option<OffsetDateTime>,
    /// How many lessons are finished.
    pub completed_lessons: i64,
    /// Of how many.
    pub lesson_count: i64,
    /// The first that is not.
    pub next_lesson_id: Option<Uuid>,
    /// The name of the helper who enrolled the resident, where it was one.
    pub helped_by: Option<String>,
}

/// Enrols a resident. Answers whether that is new.
///
/// # Errors
/// [`crate::error::Code::NotFound`] when the course is not offered.
pub async fn enroll(campus: &Campus, actor: &Actor, course_id: Uuid) -> Result<(Enrollment, bool)> {
    let resident_id = actor.resident()?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let (enrollment, new, course) = insert(campus, connection, resident_id, None, course_id).await?;
            if new {
                let entry = audit::Entry {
                    action: "course.enrolled",
                    object_kind: "course",
                    object_id: Some(course_id),
                    branch_id: Some(course.branch_id),
                    detail: json!({}),
                    actor: Some(actor),
                };
                audit::record(connection, campus.clock.now(), &entry).await?;
            }
            Ok((enrollment, new))
        })
        .await
}

/// Enrols the resident whom the actor helps, and marks it as helped. Answers whether that is new.
///
/// # Errors
/// [`crate::error::Code::NotFound`] when the course is not offered.
pub async fn enroll_helped(
    campus: &Campus,
    actor: &Actor,
    proof: &CanHelp<Resident>,
    course_id: Uuid,
) -> Result<(Enrollment, bool)> {
    let resident = proof.object();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let helper = Some(actor.account_id);
            let (enrollment, new, course) = insert(campus, connection, resident.id, helper, course_id).await?;
            if new {
                let entry = audit::Entry {
                    action: "help.enrolled",
                    object_kind: "resident",
                    object_id: Some(resident.id),
                    branch_id: Some(resident.branch_id),
                    detail: json!({"course_id": course_id, "title": course.title}),
                    actor: Some(actor),
                };
                audit::record(connection, campus.clock.now(), &entry).await?;
            }
            Ok((enrollment, new))
        })
        .await
}

async fn insert(
    campus: &Campus,
    connection: &mut Connection,
    resident_id: Uuid,
    helped_by: Option<Uuid>,
    course_id: Uuid,
) -> Result<(Enrollment, bool, Offered)> {
    let proof = courses::offered(connection, course_id).await?;
    let now = campus.clock.now();
    let new = queries::insert_enrollment(connection, resident_id, course_id, helped_by, now).await?;
    let enrollment = queries::enrollment(connection, resident_id, course_id).await?;
    let enrollment = enrollment.ok_or_else(|| Error::internal("not enrolled"))?;
    Ok((enrollment, new, proof.object().clone()))
}

/// How far a resident has come in a course.
///
/// # Errors
/// [`crate::error::Code::NotFound`] when the course is not offered.
pub async fn course_progress(campus: &Campus, actor: &Actor, course_id: Uuid) -> Result<CourseProgress> {
    let resident_id = actor.resident()?;
    let connection = &mut *campus.database.connection().await?;
    courses::offered(connection, course_id).await?;
    let enrollment = queries::enrollment(connection, resident_id, course_id).await?;
    let lessons = courses::lessons_of(connection, course_id).await?;
    let ids: Vec<Uuid> = lessons.iter().map(|lesson| lesson.id).collect();
    let progress = queries::progress(connection, resident_id, &ids).await?;
    let lessons = lessons
        .into_iter()
        .map(|lesson| {
            let known = progress.get(&lesson.id);
            LessonState {
                id: lesson.id,
                watched_ms: known.map_or(0, |row| row.watched_ms),
                required_ms: required_ms(lesson.duration_ms, lesson.completion_percent),
                resume_at_ms: known.map_or(0, |row| row.resume_at(lesson.duration_ms)),
                completed: known.is_some_and(|row| row.completed_at.is_some()),
            }
        })
        .collect();
    Ok(CourseProgress { enrollment, lessons })
}

/// A resident's courses, the newest first.
///
/// # Errors
/// A bad page; what the database says.
pub async fn enrollments(campus: &Campus, actor: &Actor, request: &PageRequest) -> Result<Page<EnrollmentItem>> {
    enrollments_of(campus, actor.resident()?, request).await
}

/// The courses of a resident whom somebody helps, the newest first.
///
/// # Errors
/// A bad page; what the database says.
pub async fn enrollments_helped(
    campus: &Campus,
    proof: &CanHelp<Resident>,
    request: &PageRequest,
) -> Result<Page<EnrollmentItem>> {
    enrollments_of(campus, proof.object().id, request).await
}

async fn enrollments_of(campus: &Campus, resident_id: Uuid, request: &PageRequest) -> Result<Page<EnrollmentItem>> {
    let limit = request.limit()?;
    let connection = &mut *campus.database.connection().await?;
    let items = queries::enrollments(connection, resident_id, request.position()?, limit + 1).await?;
    page(items, limit, |item| (item.enrolled_at.unix_timestamp_nanos() / 1000, item.course_id))
}
