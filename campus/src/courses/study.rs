//! What the learning room asks about courses and lessons.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::content::{Article, Content, LessonKind};
use super::rows::Status;
use crate::access::{Actor, CanStudy, CanView, Proof, Role};
use crate::branches;
use crate::db::Connection;
use crate::db::schema::{course_versions, courses, lessons, version_lessons, videos};
use crate::error::{Code, Error, Result};

/// A lesson whose video can be played.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Lesson {
    /// Its id.
    pub id: Uuid,
    /// Its video.
    pub video_id: Uuid,
    /// How long the video plays, in milliseconds.
    pub duration_ms: i32,
    /// The share of the video that must have been watched, 1 to 100.
    pub completion_percent: i16,
}

/// A lesson that residents can learn from, whatever it is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct StudiedLesson {
    /// Its id.
    pub id: Uuid,
    /// The course it belongs to.
    pub course_id: Uuid,
    /// What that course is called.
    pub course_title: String,
    /// What it is called.
    pub title: String,
    /// What it is.
    pub kind: LessonKind,
    /// What finishing it earns, in hundredths of a credit.
    pub credits: i64,
    /// The share of a video or of the questions that finishes it, 1 to 100.
    pub completion_percent: i16,
    content: Option<serde_json::Value>,
    origin_id: Option<Uuid>,
    /// The branch that made the course.
    pub branch_id: Uuid,
}

impl StudiedLesson {
    /// What all forms of this lesson stem from, over the versions of its course: this one, unless it
    /// is a changed copy.
    #[must_use]
    pub fn origin(&self) -> Uuid {
        self.origin_id.unwrap_or(self.id)
    }

    /// What an article says or a quiz asks; `None` for a video.
    ///
    /// # Errors
    /// An internal one when it cannot be read.
    pub fn content(&self) -> Result<Option<Content>> {
        Content::read(self.kind, self.content.as_ref())
    }

    /// What an article says.
    ///
    /// # Errors
    /// [`Code::NotFound`] when it is none.
    pub fn article(&self) -> Result<Article> {
        match self.content()? {
            Some(Content::Article(article)) => Ok(article),
            Some(Content::Quiz(_)) | None => Err(Error::code(Code::NotFound)),
        }
    }
}

/// A lesson in a version of a course.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct CourseLesson {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// Its place, from 1.
    pub position: i32,
    /// What it is.
    pub kind: LessonKind,
    /// What finishing it earns, in hundredths of a credit.
    pub credits: i64,
    /// The share of a video or of the questions that finishes it, 1 to 100.
    pub completion_percent: i16,
    /// How long its video plays, in milliseconds.
    pub duration_ms: Option<i32>,
}

/// A course that residents can learn from, as the version that is offered says.
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
    /// The version that is offered.
    pub version: i32,
    prerequisites: Vec<Uuid>,
    pub(super) cover_id: Option<Uuid>,
    pub(super) handouts: Vec<Uuid>,
}

/// A course to be finished before another.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Prerequisite {
    /// The course.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn lessons_with_video() -> _ {
    lessons::table.inner_join(videos::table.on(lessons::video_id.eq(videos::id.nullable())))
}

/// Proof that residents may learn from this course.
///
/// # Errors
/// [`Code::NotFound`] when it is absent or not published.
pub async fn offered(connection: &mut Connection, course: Uuid) -> Result<CanStudy<Offered>> {
    let found: Option<Offered> = courses::table
        .find(course)
        .filter(courses::status.eq(Status::Published))
        .select((
            courses::id,
            courses::branch_id,
            courses::title,
            courses::credits,
            courses::version,
            courses::prerequisites,
            courses::cover_id,
            courses::handouts,
        ))
        .first(connection)
        .await
        .optional()?;
    found.map(Proof::issue).ok_or_else(|| Error::code(Code::NotFound))
}

/// What finishing all of a version of a course earns, in hundredths of a credit.
///
/// # Errors
/// What the database says.
pub async fn worth(connection: &mut Connection, course: Uuid, version: i32) -> Result<i64> {
    Ok(course_versions::table.find((course, version)).select(course_versions::credits).first(connection).await?)
}

/// The courses to be finished before this one, of those that are still offered.
///
/// # Errors
/// What the database says.
pub async fn prerequisites(connection: &mut Connection, course: &Offered) -> Result<Vec<Prerequisite>> {
    if course.prerequisites.is_empty() {
        return Ok(Vec::new());
    }
    Ok(courses::table
        .filter(courses::id.eq_any(&course.prerequisites).and(courses::status.eq(Status::Published)))
        .order(courses::id)
        .select((courses::id, courses::title))
        .load(connection)
        .await?)
}

/// Proof that residents may learn from this lesson: one of a version that is offered or was.
///
/// # Errors
/// [`Code::NotFound`] when it is absent or its course is not published.
pub async fn studyable(connection: &mut Connection, lesson: Uuid) -> Result<CanStudy<StudiedLesson>> {
    if !is_offered(connection, lesson).await? {
        return Err(Error::code(Code::NotFound));
    }
    studied(connection, lesson).await.map(Proof::issue)
}

/// Proof that the actor may see this article or quiz (see [`playable`]).
///
/// # Errors
/// [`Code::NotFound`] when it is absent or not theirs.
pub async fn viewable(connection: &mut Connection, actor: &Actor, lesson: Uuid) -> Result<CanView<StudiedLesson>> {
    check_sight(connection, actor, lesson).await?;
    studied(connection, lesson).await.map(Proof::issue)
}

async fn studied(connection: &mut Connection, lesson: Uuid) -> Result<StudiedLesson> {
    Ok(lessons::table
        .inner_join(courses::table.on(courses::id.eq(lessons::course_id)))
        .filter(lessons::id.eq(lesson))
        .select((
            lessons::id,
            lessons::course_id,
            courses::title,
            lessons::title,
            lessons::kind,
            lessons::credits,
            lessons::completion_percent,
            lessons::content,
            lessons::origin_id,
            courses::branch_id,
        ))
        .first(connection)
        .await?)
}

async fn is_offered(connection: &mut Connection, lesson: Uuid) -> Result<bool> {
    let of_version = course_versions::course_id
        .eq(version_lessons::course_id)
        .and(course_versions::number.eq(version_lessons::number));
    let offered = version_lessons::table
        .inner_join(course_versions::table.on(of_version))
        .inner_join(courses::table.on(courses::id.eq(version_lessons::course_id)))
        .filter(version_lessons::lesson_id.eq(lesson))
        .filter(courses::status.eq(Status::Published))
        .filter(course_versions::status.eq_any([Status::Published, Status::Superseded]));
    Ok(diesel::select(diesel::dsl::exists(offered)).get_result(connection).await?)
}

/// Residents see what is published, staff besides what their own branches are still making.
async fn check_sight(connection: &mut Connection, actor: &Actor, lesson: Uuid) -> Result<()> {
    let absent = || Error::code(Code::NotFound);
    if is_offered(connection, lesson).await? {
        return Ok(());
    }
    if actor.role == Role::Resident {
        return Err(absent());
    }
    let branch: Uuid = lessons::table
        .inner_join(courses::table.on(courses::id.eq(lessons::course_id)))
        .filter(lessons::id.eq(lesson))
        .select(courses::branch_id)
        .first(connection)
        .await
        .optional()?
        .ok_or_else(absent)?;
    branches::manageable(connection, actor, branch).await?;
    Ok(())
}

/// Proof that the actor may see this lesson played: residents what is published, staff
/// besides what their own branches are still making.
///
/// # Errors
/// [`Code::NotFound`] when it is absent or not theirs; [`Code::LessonNotReady`] when its
/// video cannot be played yet, or there is none.
pub async fn playable(connection: &mut Connection, actor: &Actor, lesson: Uuid) -> Result<CanView<Lesson>> {
    check_sight(connection, actor, lesson).await?;
    let found: Option<Lesson> = lessons_with_video()
        .filter(lessons::id.eq(lesson))
        .filter(videos::status.eq(crate::videos::Status::Ready))
        .filter(videos::duration_ms.is_not_null())
        .select((lessons::id, videos::id, videos::duration_ms.assume_not_null(), lessons::completion_percent))
        .first(connection)
        .await
        .optional()?;
    found.map(Proof::issue).ok_or_else(|| Error::code(Code::LessonNotReady))
}

/// The lessons of a version of a course, in their order.
///
/// # Errors
/// What the database says.
pub async fn lessons_of(connection: &mut Connection, course: Uuid, version: i32) -> Result<Vec<CourseLesson>> {
    Ok(version_lessons::table
        .inner_join(lessons::table.on(lessons::id.eq(version_lessons::lesson_id)))
        .left_join(videos::table.on(lessons::video_id.eq(videos::id.nullable())))
        .filter(version_lessons::course_id.eq(course).and(version_lessons::number.eq(version)))
        .order(version_lessons::position)
        .select((
            lessons::id,
            lessons::title,
            version_lessons::position,
            lessons::kind,
            lessons::credits,
            lessons::completion_percent,
            videos::duration_ms.nullable(),
        ))
        .load(connection)
        .await?)
}

/// The videos of a version of a course, in the order of its lessons.
///
/// # Errors
/// What the database says.
pub(super) async fn videos_of(connection: &mut Connection, course: Uuid, version: i32) -> Result<Vec<Uuid>> {
    Ok(version_lessons::table
        .inner_join(lessons::table.on(lessons::id.eq(version_lessons::lesson_id)))
        .filter(version_lessons::course_id.eq(course).and(version_lessons::number.eq(version)))
        .filter(lessons::video_id.is_not_null())
        .order(version_lessons::position)
        .select(lessons::video_id.assume_not_null())
        .load(connection)
        .await?)
}
