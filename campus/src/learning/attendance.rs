//! Proof that somebody learns, or has learned, for the rooms that stand on learning.

use uuid::Uuid;

use super::queries;
use crate::access::{Actor, CanStudy, Proof};
use crate::courses::{self, StudiedLesson};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::residents;

/// A lesson of a course that somebody is enrolled in, and who that is.
#[derive(Debug, Clone)]
pub struct Attended {
    /// The lesson.
    pub lesson: StudiedLesson,
    /// The record that is written to.
    pub resident_id: Uuid,
    /// Every record of the person.
    pub records: Vec<Uuid>,
}

/// A course that somebody has finished, and who that is.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The course.
    pub course_id: Uuid,
    /// The branch that made it.
    pub branch_id: Uuid,
    /// The version that was finished.
    pub version: i32,
    /// The record that is written to.
    pub resident_id: Uuid,
    /// Every record of the person.
    pub records: Vec<Uuid>,
}

/// Proof that the actor is enrolled in the course of this lesson.
///
/// # Errors
/// [`Code::NotFound`] for a lesson that residents cannot learn from; [`Code::NotEnrolled`].
pub async fn attended(connection: &mut Connection, actor: &Actor, lesson_id: Uuid) -> Result<CanStudy<Attended>> {
    let resident_id = actor.resident()?;
    let lesson = courses::studyable(connection, lesson_id).await?.object().clone();
    let records = residents::records(connection, resident_id).await?;
    if queries::enrollment(connection, &records, lesson.course_id).await?.is_none() {
        return Err(Error::code(Code::NotEnrolled));
    }
    Ok(Proof::issue(Attended { lesson, resident_id, records }))
}

/// Proof that the actor has finished this course.
///
/// # Errors
/// [`Code::NotFound`] for a course that is not offered; [`Code::NotEnrolled`];
/// [`Code::CourseNotFinished`].
pub async fn finished(connection: &mut Connection, actor: &Actor, course_id: Uuid) -> Result<CanStudy<Finished>> {
    let resident_id = actor.resident()?;
    let branch_id = courses::offered(connection, course_id).await?.object().branch_id;
    let records = residents::records(connection, resident_id).await?;
    let enrollment = queries::enrollment(connection, &records, course_id).await?;
    let enrollment = enrollment.ok_or_else(|| Error::code(Code::NotEnrolled))?;
    if enrollment.completed_at.is_none() {
        return Err(Error::code(Code::CourseNotFinished));
    }
    Ok(Proof::issue(Finished { course_id, branch_id, version: enrollment.version, resident_id, records }))
}
