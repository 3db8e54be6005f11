//! The lessons of a course, as the people who make it add and change them.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::fields::Fields;
use super::rows::{Course, LessonRow, ManagedLesson, Status};
use super::{lock_for_change, manageable, note, queries, texts};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::videos;

/// A lesson to be added at the end.
#[derive(Debug, Clone)]
pub struct NewLesson {
    /// What it is called, at most 80 characters.
    pub title: String,
    /// A video that the actor may run, in whatever state.
    pub video_id: Uuid,
    /// What finishing it earns: `0.50`.
    pub credits: Option<String>,
}

/// What to change about a lesson; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct LessonChange {
    /// A new title.
    pub title: Option<String>,
    /// Another video that the actor may run.
    pub video_id: Option<Uuid>,
    /// Another worth.
    pub credits: Option<String>,
}

/// Proof that the actor may run the course this lesson belongs to.
///
/// # Errors
/// [`Code::NotFound`] for a lesson that is absent or not theirs.
pub async fn manageable_by_lesson(
    connection: &mut Connection,
    actor: &Actor,
    lesson: Uuid,
) -> Result<CanManage<Course>> {
    let course = queries::course_of(connection, lesson).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    manageable(connection, actor, course).await
}

/// Adds a lesson at the end of a course that may be changed.
///
/// # Errors
/// The fields that are wrong, [`Code::VideoUnknown`] among them; [`Code::CourseLocked`];
/// [`Code::CourseNotReady`] when residents can see the course and the video is not ready.
pub async fn add_lesson(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Course>,
    new: &NewLesson,
) -> Result<ManagedLesson> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut course = lock_for_change(connection, actor, proof).await?;
            let mut fields = Fields::default();
            let ready = check_video(connection, actor, new.video_id, &mut fields).await?;
            let lesson = LessonRow {
                id: new_id(),
                course_id: course.id,
                position: queries::next_position(connection, course.id).await?,
                title: fields.title(&new.title),
                video_id: new.video_id,
                credits: fields.credits(new.credits.as_deref()),
                created_at: now,
            };
            fields.finish()?;
            check_ready(&course, ready)?;
            queries::insert_lesson(connection, &lesson).await?;
            course.updated_at = now;
            queries::update(connection, &course).await?;
            texts::refresh(connection, course.id).await?;
            note(connection, now, actor, "course.lesson_added", &course).await?;
            queries::managed_lesson(connection, course.id, lesson.id).await
        })
        .await
}

/// Changes a lesson of a course that may be changed.
///
/// # Errors
/// As [`add_lesson`]; [`Code::NotFound`] for a lesson of another course.
pub async fn change_lesson(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Course>,
    lesson: Uuid,
    change: &LessonChange,
) -> Result<ManagedLesson> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut course = lock_for_change(connection, actor, proof).await?;
            let known = queries::managed_lesson(connection, course.id, lesson).await?;
            let mut fields = Fields::default();
            let title = change.title.as_deref().map_or(known.title, |title| fields.title(title));
            let mut video = known.video_id;
            if let Some(other) = change.video_id {
                let ready = check_video(connection, actor, other, &mut fields).await?;
                video = Some(other);
                check_ready(&course, ready)?;
            }
            let credits =
                if change.credits.is_some() { fields.credits(change.credits.as_deref()) } else { known.credits };
            fields.finish()?;
            queries::update_lesson(connection, lesson, &title, video, credits).await?;
            course.updated_at = now;
            queries::update(connection, &course).await?;
            texts::refresh(connection, course.id).await?;
            note(connection, now, actor, "course.lesson_changed", &course).await?;
            queries::managed_lesson(connection, course.id, lesson).await
        })
        .await
}

/// Whether the video is ready; one that the actor may not run is a field at fault.
async fn check_video(connection: &mut Connection, actor: &Actor, video: Uuid, fields: &mut Fields) -> Result<bool> {
    match videos::manageable(connection, actor, video).await {
        Ok(video) => Ok(video.object().status == videos::Status::Ready),
        Err(Error::Refused { code: Code::NotFound, .. }) => {
            fields.refuse("video_id", Code::VideoUnknown);
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// Residents are offered nothing that does not play.
fn check_ready(course: &Course, ready: bool) -> Result<()> {
    if course.status == Status::Published && !ready { Err(Error::code(Code::CourseNotReady)) } else { Ok(()) }
}
