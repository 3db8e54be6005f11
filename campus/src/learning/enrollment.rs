//! Enrolling, and how far one has come.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::queries::{self, ProgressRow};
use super::{enrollment_queries, required_ms, telling};
use crate::Campus;
use crate::access::{Actor, CanHelp};
use crate::audit;
use crate::courses::{self, CourseLesson, Offered, Prerequisite};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, PageRequest, page};
use crate::residents::{self, Resident};

/// A resident in a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrollment {
    /// The course.
    pub course_id: Uuid,
    /// The version of it that they learn, whatever is offered by now.
    pub version: i32,
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
    /// The version that is learned, or that one would enrol in.
    pub version: i32,
    /// Courses to be finished before one may enrol, and not finished yet.
    pub missing: Vec<Prerequisite>,
    /// Every lesson of that version, in order.
    pub lessons: Vec<LessonState>,
    /// Where to go on, as in [`EnrollmentItem`].
    pub next_lesson_id: Option<Uuid>,
}

/// How far a resident has come in a lesson. All in milliseconds.
#[derive(Debug, Clone)]
pub struct LessonState {
    /// The lesson.
    pub lesson: CourseLesson,
    /// Watched, each stretch counted once.
    pub watched_ms: i32,
    /// What finishes it; nothing for what is not watched.
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
    /// Where to go on: of those that are not finished the one begun last, else the first.
    pub next_lesson_id: Option<Uuid>,
    /// What that is: `video`, `article`, `quiz`.
    pub next_lesson_kind: Option<String>,
    /// The name of the helper who enrolled the resident, where it was one.
    pub helped_by: Option<String>,
}

/// Enrols a resident. Answers whether that is new.
///
/// # Errors
/// [`Code::NotFound`] when the course is not offered; [`Code::PrerequisiteMissing`].
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
/// [`Code::NotFound`] when the course is not offered; [`Code::PrerequisiteMissing`].
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
    let course = proof.object();
    let now = campus.clock.now();
    let records = residents::records(connection, resident_id).await?;
    let known = queries::enrollment(connection, &records, course_id).await?;
    if known.is_none() && !missing(connection, course, &records).await?.is_empty() {
        return Err(Error::code(Code::PrerequisiteMissing));
    }
    let new = known.is_none() && queries::insert_enrollment(connection, resident_id, course_id, helped_by, now).await?;
    if new {
        telling::enrolled(connection, campus, resident_id, course, now).await?;
    }
    let enrollment = queries::enrollment(connection, &records, course_id).await?;
    // Taken away while it was being asked for.
    let enrollment = enrollment.ok_or_else(|| Error::code(Code::NotFound))?;
    Ok((enrollment, new, course.clone()))
}

/// The courses that come first and are not finished under any of these records.
async fn missing(connection: &mut Connection, course: &Offered, records: &[Uuid]) -> Result<Vec<Prerequisite>> {
    let mut first = courses::prerequisites(connection, course).await?;
    let ids: Vec<Uuid> = first.iter().map(|course| course.id).collect();
    let finished = queries::finished_courses(connection, records, &ids).await?;
    first.retain(|course| !finished.contains(&course.id));
    Ok(first)
}

/// How far a resident has come in a course.
///
/// # Errors
/// [`Code::NotFound`] when the course is not offered.
pub async fn course_progress(campus: &Campus, actor: &Actor, course_id: Uuid) -> Result<CourseProgress> {
    let resident_id = actor.resident()?;
    let connection = &mut *campus.database.connection().await?;
    let proof = courses::offered(connection, course_id).await?;
    let course = proof.object();
    let records = residents::records(connection, resident_id).await?;
    let enrollment = queries::enrollment(connection, &records, course_id).await?;
    let version = enrollment.as_ref().map_or(course.version, |known| known.version);
    let missing = if enrollment.is_none() { missing(connection, course, &records).await? } else { Vec::new() };
    let lessons = courses::lessons_of(connection, course_id, version).await?;
    let ids: Vec<Uuid> = lessons.iter().map(|lesson| lesson.id).collect();
    let progress = queries::progress(connection, &records, &ids).await?;
    let lessons: Vec<LessonState> = lessons.into_iter().map(|lesson| state(progress.get(&lesson.id), lesson)).collect();
    let open: Vec<Uuid> = lessons.iter().filter(|state| !state.completed).map(|state| state.lesson.id).collect();
    let begun_last =
        if enrollment.is_some() { enrollment_queries::begun_last(connection, &records, &open).await? } else { None };
    let next_lesson_id = begun_last.or_else(|| open.first().copied());
    Ok(CourseProgress { enrollment, version, missing, lessons, next_lesson_id })
}

fn state(known: Option<&ProgressRow>, lesson: CourseLesson) -> LessonState {
    let duration_ms = lesson.duration_ms.unwrap_or(0);
    LessonState {
        watched_ms: known.map_or(0, |row| row.watched_ms),
        required_ms: required_ms(duration_ms, lesson.completion_percent),
        resume_at_ms: known.map_or(0, |row| row.resume_at(duration_ms)),
        completed: known.is_some_and(|row| row.completed_at.is_some()),
        lesson,
    }
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
    let records = residents::records(connection, resident_id).await?;
    let items = enrollment_queries::enrollments(connection, &records, request.position()?, limit + 1).await?;
    page(items, limit, |item| (item.enrolled_at.unix_timestamp_nanos() / 1000, item.course_id))
}
