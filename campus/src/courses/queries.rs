//! What is asked of the database about courses by the people who make them.

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::ManagedItem;
use super::content::LessonKind;
use super::rows::{Course, CourseVersion, LessonRow, ManagedLesson, Status, StepTaken};
use crate::db::Connection;
use crate::db::schema::{accounts, course_steps, course_versions, courses, lessons, version_lessons, videos};
use crate::error::Result;
use crate::ids::new_id;

/// The course, if it belongs to one of `branches` (`None`: to any).
pub(super) async fn within(connection: &mut Connection, branches: Option<&[Uuid]>, id: Uuid) -> Result<Option<Course>> {
    let mut query = courses::table.find(id).select(Course::as_select()).into_boxed();
    if let Some(branches) = branches {
        query = query.filter(courses::branch_id.eq_any(branches));
    }
    Ok(query.first(connection).await.optional()?)
}

pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<Course> {
    Ok(courses::table.find(id).select(Course::as_select()).for_update().first(connection).await?)
}

/// The newest first: ids are ordered by time.
pub(super) async fn managed(
    connection: &mut Connection,
    branches: Option<&[Uuid]>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ManagedItem>> {
    let newest = course_versions::course_id.eq(courses::id).and(course_versions::number.eq(courses::latest_version));
    let mut query = courses::table
        .inner_join(course_versions::table.on(newest))
        .select((Course::as_select(), CourseVersion::as_select()))
        .into_boxed();
    if let Some(branches) = branches {
        query = query.filter(courses::branch_id.eq_any(branches));
    }
    if let Some(before) = before {
        query = query.filter(courses::id.lt(before));
    }
    let found: Vec<(Course, CourseVersion)> = query.order(courses::id.desc()).limit(limit).load(connection).await?;
    let ids: Vec<Uuid> = found.iter().map(|(course, _)| course.id).collect();
    let counts: Vec<(Uuid, i32, i64)> = version_lessons::table
        .filter(version_lessons::course_id.eq_any(&ids))
        .group_by((version_lessons::course_id, version_lessons::number))
        .select((version_lessons::course_id, version_lessons::number, count_star()))
        .load(connection)
        .await?;
    let count_of = |version: &CourseVersion| {
        let counted =
            counts.iter().find(|(course, number, _)| (*course, *number) == (version.course_id, version.number));
        counted.map_or(0, |(.., count)| *count)
    };
    Ok(found
        .into_iter()
        .map(|(course, version)| ManagedItem { lesson_count: count_of(&version), course, version })
        .collect())
}

pub(super) async fn insert(connection: &mut Connection, course: &Course) -> Result<()> {
    diesel::insert_into(courses::table).values(course).execute(connection).await?;
    Ok(())
}

/// Moves a course on.
pub(super) async fn move_on(
    connection: &mut Connection,
    course: &Course,
    to: Status,
    at: OffsetDateTime,
) -> Result<()> {
    let published_at = if to == Status::Published { course.published_at.or(Some(at)) } else { course.published_at };
    diesel::update(courses::table.find(course.id))
        .set((courses::status.eq(to), courses::updated_at.eq(at), courses::published_at.eq(published_at)))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn insert_step(
    connection: &mut Connection,
    version: &CourseVersion,
    step: &str,
    account: Uuid,
    reason: Option<&str>,
    at: OffsetDateTime,
) -> Result<()> {
    diesel::insert_into(course_steps::table)
        .values((
            course_steps::id.eq(new_id()),
            course_steps::course_id.eq(version.course_id),
            course_steps::version.eq(version.number),
            course_steps::step.eq(step),
            course_steps::account_id.eq(account),
            course_steps::reason.eq(reason),
            course_steps::at.eq(at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn steps(connection: &mut Connection, course: Uuid) -> Result<Vec<StepTaken>> {
    Ok(course_steps::table
        .inner_join(accounts::table.on(accounts::id.eq(course_steps::account_id)))
        .filter(course_steps::course_id.eq(course))
        .order((course_steps::at, course_steps::id))
        .select((course_steps::step, course_steps::at, accounts::name, course_steps::reason, course_steps::version))
        .load(connection)
        .await?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn placed_lessons() -> _ {
    version_lessons::table
        .inner_join(lessons::table.on(lessons::id.eq(version_lessons::lesson_id)))
        .left_join(videos::table.on(lessons::video_id.eq(videos::id.nullable())))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn managed_columns() -> _ {
    (
        lessons::id,
        lessons::title,
        version_lessons::position,
        lessons::credits,
        lessons::kind,
        lessons::content,
        lessons::completion_percent,
        lessons::video_id,
        videos::status.nullable(),
        videos::progress.nullable(),
        videos::failure.nullable(),
        videos::duration_ms.nullable(),
    )
}

pub(super) async fn managed_lessons(
    connection: &mut Connection,
    course: Uuid,
    number: i32,
) -> Result<Vec<ManagedLesson>> {
    Ok(placed_lessons()
        .filter(version_lessons::course_id.eq(course).and(version_lessons::number.eq(number)))
        .order(version_lessons::position)
        .select(managed_columns())
        .load(connection)
        .await?)
}

/// A lesson, if this version has it.
pub(super) async fn managed_lesson(
    connection: &mut Connection,
    version: &CourseVersion,
    lesson: Uuid,
) -> Result<Option<ManagedLesson>> {
    Ok(placed_lessons()
        .filter(version_lessons::course_id.eq(version.course_id).and(version_lessons::number.eq(version.number)))
        .filter(lessons::id.eq(lesson))
        .select(managed_columns())
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn lesson(connection: &mut Connection, lesson: Uuid) -> Result<LessonRow> {
    Ok(lessons::table.find(lesson).select(LessonRow::as_select()).first(connection).await?)
}

pub(super) async fn course_of(connection: &mut Connection, lesson: Uuid) -> Result<Option<Uuid>> {
    Ok(lessons::table.find(lesson).select(lessons::course_id).first(connection).await.optional()?)
}

pub(super) async fn update_lesson(connection: &mut Connection, lesson: &LessonRow) -> Result<()> {
    diesel::update(lessons::table.find(lesson.id)).set(lesson).execute(connection).await?;
    Ok(())
}

pub(super) async fn has_lessons(connection: &mut Connection, version: &CourseVersion) -> Result<bool> {
    let placed = version_lessons::table
        .filter(version_lessons::course_id.eq(version.course_id).and(version_lessons::number.eq(version.number)));
    Ok(diesel::select(exists(placed)).get_result(connection).await?)
}

/// Whether every video lesson has a video that can be played.
pub(super) async fn is_playable(connection: &mut Connection, version: &CourseVersion) -> Result<bool> {
    let ready = videos::table.filter(videos::status.eq(crate::videos::Status::Ready)).select(videos::id.nullable());
    let unready = version_lessons::table
        .inner_join(lessons::table.on(lessons::id.eq(version_lessons::lesson_id)))
        .filter(version_lessons::course_id.eq(version.course_id).and(version_lessons::number.eq(version.number)))
        .filter(lessons::kind.eq(LessonKind::Video))
        .filter(lessons::video_id.is_null().or(not(lessons::video_id.eq_any(ready))));
    Ok(diesel::select(not(exists(unready))).get_result(connection).await?)
}
