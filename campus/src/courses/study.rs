//! What the learning room asks about courses and lessons.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::rows::Status;
use crate::access::{Actor, CanStudy, CanView, Proof, Role};
use crate::branches;
use crate::db::Connection;
use crate::db::schema::{courses, lessons, videos};
use crate::error::{Code, Error, Result};

/// A lesson that can be learned from.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Lesson {
    /// Its id.
    pub id: Uuid,
    /// The course it belongs to.
    pub course_id: Uuid,
    /// What that course is called.
    pub course_title: String,
    /// Its place in the course, from 1.
    pub position: i32,
    /// What it is called.
    pub title: String,
    /// Its video.
    pub video_id: Uuid,
    /// How long the video plays, in milliseconds.
    pub duration_ms: i32,
    /// What finishing it earns, in hundredths of a credit.
    pub credits: i64,
    /// The share of the video that must have been watched, 1 to 100.
    pub completion_percent: i16,
}

/// A course that residents can learn from.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Offered {
    /// Its id.
    pub id: Uuid,
    /// The branch that made it.
    pub branch_id: Uuid,
    /// What it is called.
    pub title: String,
    /// What finishing all of it earns, in hundredths of a credit.
    pub credits: i64,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn playable_lessons() -> _ {
    lessons::table
        .inner_join(courses::table.on(courses::id.eq(lessons::course_id)))
        .inner_join(videos::table.on(lessons::video_id.eq(videos::id.nullable())))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn lesson_columns() -> _ {
    (
        lessons::id,
        lessons::course_id,
        courses::title,
        lessons::position,
        lessons::title,
        videos::id,
        videos::duration_ms.assume_not_null(),
        lessons::credits,
        lessons::completion_percent,
    )
}

/// Proof that residents may learn from this course.
///
/// # Errors
/// [`Code::NotFound`] when it is absent or not published.
pub async fn offered(connection: &mut Connection, course: Uuid) -> Result<CanStudy<Offered>> {
    let found: Option<Offered> = courses::table
        .find(course)
        .filter(courses::status.eq(Status::Published))
        .select((courses::id, courses::branch_id, courses::title, courses::credits))
        .first(connection)
        .await
        .optional()?;
    found.map(Proof::issue).ok_or_else(|| Error::code(Code::NotFound))
}

/// Proof that residents may learn from this lesson.
///
/// # Errors
/// [`Code::NotFound`] when it is absent or its course is not published.
pub async fn studyable(connection: &mut Connection, lesson: Uuid) -> Result<CanStudy<Lesson>> {
    let found: Option<Lesson> = playable_lessons()
        .filter(lessons::id.eq(lesson))
        .filter(courses::status.eq(Status::Published))
        .filter(videos::duration_ms.is_not_null())
        .select(lesson_columns())
        .first(connection)
        .await
        .optional()?;
    found.map(Proof::issue).ok_or_else(|| Error::code(Code::NotFound))
}

/// Proof that the actor may see this lesson played: residents what is published, staff
/// besides what their own branches are still making.
///
/// # Errors
/// [`Code::NotFound`] when it is absent or not theirs; [`Code::LessonNotReady`] when its
/// video cannot be played yet.
pub async fn playable(connection: &mut Connection, actor: &Actor, lesson: Uuid) -> Result<CanView<Lesson>> {
    let absent = || Error::code(Code::NotFound);
    let (status, branch, video): (Status, Uuid, Option<Uuid>) = lessons::table
        .inner_join(courses::table.on(courses::id.eq(lessons::course_id)))
        .filter(lessons::id.eq(lesson))
        .select((courses::status, courses::branch_id, lessons::video_id))
        .first(connection)
        .await
        .optional()?
        .ok_or_else(absent)?;
    if status != Status::Published {
        if actor.role == Role::Resident {
            return Err(absent());
        }
        branches::manageable(connection, actor, branch).await?;
    }
    let found: Option<Lesson> = playable_lessons()
        .filter(lessons::id.eq(lesson))
        .filter(videos::id.nullable().eq(video))
        .filter(videos::status.eq(crate::videos::Status::Ready))
        .filter(videos::duration_ms.is_not_null())
        .select(lesson_columns())
        .first(connection)
        .await
        .optional()?;
    found.map(Proof::issue).ok_or_else(|| Error::code(Code::LessonNotReady))
}

/// The lessons of a course that can be played, in their order.
///
/// # Errors
/// What the database says.
pub async fn lessons_of(connection: &mut Connection, course: Uuid) -> Result<Vec<Lesson>> {
    Ok(playable_lessons()
        .filter(lessons::course_id.eq(course))
        .filter(videos::duration_ms.is_not_null())
        .order(lessons::position)
        .select(lesson_columns())
        .load(connection)
        .await?)
}
