//! The lessons of a course, as the people who make it add, change, order and remove them.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::content::{Content, LessonKind};
use super::fields::Fields;
use super::rows::{Course, LessonRow, ManagedLesson};
use super::versions::{Working, lock_for_change, own_lesson};
use super::{ManagedCourse, manageable, managed_by_id, queries, version_queries};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::videos;

/// The share that is asked for where nobody says: of a video nine tenths, of the questions of a quiz three fifths.
const fn usual_percent(kind: LessonKind) -> i16 {
    match kind {
        LessonKind::Video => 90,
        LessonKind::Article => 100,
        LessonKind::Quiz => 60,
    }
}

/// What a lesson is made of.
#[derive(Debug, Clone)]
pub enum LessonContent {
    /// A video that the actor may run, in whatever state.
    Video(Uuid),
    /// An article or a quiz.
    Written(Content),
}

impl LessonContent {
    const fn kind(&self) -> LessonKind {
        match self {
            Self::Video(_) => LessonKind::Video,
            Self::Written(content) => content.kind(),
        }
    }
}

/// A lesson to be added at the end.
#[derive(Debug, Clone)]
pub struct NewLesson {
    /// What it is called, at most 80 characters.
    pub title: String,
    /// What it is made of.
    pub content: LessonContent,
    /// What finishing it earns: `0.50`.
    pub credits: Option<String>,
    /// The share of a video or of the questions that finishes it, 1 to 100.
    pub completion_percent: Option<i16>,
}

/// What to change about a lesson; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct LessonChange {
    /// A new title.
    pub title: Option<String>,
    /// Another content, of the same kind.
    pub content: Option<LessonContent>,
    /// Another worth.
    pub credits: Option<String>,
    /// Another share that finishes it.
    pub completion_percent: Option<i16>,
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
/// The fields that are wrong, [`Code::VideoUnknown`] among them; [`Code::CourseLocked`].
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
            let mut working = lock_for_change(connection, actor, proof, now).await?;
            let mut fields = Fields::default();
            let kind = new.content.kind();
            let mut lesson = LessonRow {
                id: new_id(),
                course_id: working.course.id,
                title: fields.title(&new.title),
                video_id: None,
                credits: fields.credits(new.credits.as_deref()),
                completion_percent: fields.percent(new.completion_percent.unwrap_or(usual_percent(kind))),
                created_at: now,
                kind,
                content: None,
                origin_id: None,
            };
            fill(connection, actor, &mut lesson, &new.content, &mut fields).await?;
            fields.finish()?;
            version_queries::add_lesson(connection, &working.version, &lesson).await?;
            working.save(connection, actor, "course.lesson_added", now).await?;
            found(connection, &working, lesson.id).await
        })
        .await
}

/// Changes a lesson of a course that may be changed. A lesson that residents have learned from
/// stays as it is in the versions they began, and a copy in the next version is changed: the
/// answer has its id.
///
/// # Errors
/// As [`add_lesson`]; [`Code::NotFound`] for a lesson that the version does not have;
/// [`Code::LessonKindInvalid`] for a content of another kind.
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
            let mut working = lock_for_change(connection, actor, proof, now).await?;
            found(connection, &working, lesson).await?;
            let mut row = own_lesson(connection, &working.version, lesson, now).await?;
            let mut fields = Fields::default();
            if let Some(title) = &change.title {
                row.title = fields.title(title);
            }
            if let Some(content) = &change.content {
                if content.kind() == row.kind {
                    fill(connection, actor, &mut row, content, &mut fields).await?;
                } else {
                    fields.refuse("kind", Code::LessonKindInvalid);
                }
            }
            if change.credits.is_some() {
                row.credits = fields.credits(change.credits.as_deref());
            }
            if let Some(percent) = change.completion_percent {
                row.completion_percent = fields.percent(percent);
            }
            fields.finish()?;
            queries::update_lesson(connection, &row).await?;
            working.save(connection, actor, "course.lesson_changed", now).await?;
            found(connection, &working, row.id).await
        })
        .await
}

/// Takes a lesson out of a course that may be changed.
///
/// # Errors
/// [`Code::NotFound`] for a lesson that the version does not have; [`Code::CourseLocked`].
pub async fn remove_lesson(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Course>,
    lesson: Uuid,
) -> Result<ManagedCourse> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut working = lock_for_change(connection, actor, proof, now).await?;
            if !version_queries::remove_lesson(connection, &working.version, lesson).await? {
                return Err(Error::code(Code::NotFound));
            }
            working.save(connection, actor, "course.lesson_removed", now).await?;
            managed_by_id(connection, working.course.id).await
        })
        .await
}

/// Puts the lessons of a course that may be changed into this order.
///
/// # Errors
/// [`Code::LessonOrderInvalid`] unless each of its lessons is named once; [`Code::CourseLocked`].
pub async fn order_lessons(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Course>,
    order: &[Uuid],
) -> Result<ManagedCourse> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut working = lock_for_change(connection, actor, proof, now).await?;
            if !version_queries::order_lessons(connection, &working.version, order).await? {
                return Err(Error::field("lessons", Code::LessonOrderInvalid));
            }
            working.save(connection, actor, "course.lessons_ordered", now).await?;
            managed_by_id(connection, working.course.id).await
        })
        .await
}

async fn found(connection: &mut Connection, working: &Working, lesson: Uuid) -> Result<ManagedLesson> {
    let lesson = queries::managed_lesson(connection, &working.version, lesson).await?;
    lesson.ok_or_else(|| Error::code(Code::NotFound))
}

/// Puts a content into a lesson; a video that the actor may not run is a field at fault.
async fn fill(
    connection: &mut Connection,
    actor: &Actor,
    lesson: &mut LessonRow,
    content: &LessonContent,
    fields: &mut Fields,
) -> Result<()> {
    match content {
        LessonContent::Video(video) => match videos::manageable(connection, actor, *video).await {
            Ok(_) if videos::hold(connection, *video).await? => lesson.video_id = Some(*video),
            Ok(_) => fields.refuse("video_id", Code::VideoUnknown),
            Err(Error::Refused { code: Code::NotFound, .. }) => fields.refuse("video_id", Code::VideoUnknown),
            Err(error) => return Err(error),
        },
        LessonContent::Written(content) => lesson.content = Some(content.clone().checked(fields).to_value()?),
    }
    Ok(())
}
