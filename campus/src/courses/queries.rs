//! What is asked of the database about courses by the people who make them.

use diesel::dsl::{count_star, exists, max, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::ManagedItem;
use super::rows::{Course, LessonRow, ManagedLesson, Status, StepTaken};
use crate::db::Connection;
use crate::db::schema::{accounts, course_steps, courses, lessons, videos};
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
    let mut query = courses::table.select(Course::as_select()).into_boxed();
    if let Some(branches) = branches {
        query = query.filter(courses::branch_id.eq_any(branches));
    }
    if let Some(before) = before {
        query = query.filter(courses::id.lt(before));
    }
    let found: Vec<Course> = query.order(courses::id.desc()).limit(limit).load(connection).await?;
    let ids: Vec<Uuid> = found.iter().map(|course| course.id).collect();
    let counts: Vec<(Uuid, i64)> = lessons::table
        .filter(lessons::course_id.eq_any(&ids))
        .group_by(lessons::course_id)
        .select((lessons::course_id, count_star()))
        .load(connection)
        .await?;
    let count_of = |id| counts.iter().find(|(course, _)| *course == id).map_or(0, |(_, count)| *count);
    Ok(found.into_iter().map(|course| ManagedItem { lesson_count: count_of(course.id), course }).collect())
}

pub(super) async fn insert(connection: &mut Connection, course: &Course) -> Result<()> {
    diesel::insert_into(courses::table).values(course).execute(connection).await?;
    Ok(())
}

/// Writes what may be changed about a course; the steps alone change its status.
pub(super) async fn update(connection: &mut Connection, course: &Course) -> Result<()> {
    diesel::update(courses::table.find(course.id))
        .set((
            courses::title.eq(&course.title),
            courses::summary.eq(&course.summary),
            courses::topic.eq(&course.topic),
            courses::groups.eq(&course.groups),
            courses::credits.eq(course.credits),
            courses::updated_at.eq(course.updated_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Moves a course on. `false`: it is no longer in `from`.
pub(super) async fn move_on(
    connection: &mut Connection,
    course: &Course,
    to: Status,
    at: OffsetDateTime,
) -> Result<bool> {
    let held = courses::table.filter(courses::id.eq(course.id).and(courses::status.eq(course.status)));
    let published_at = if to == Status::Published { Some(at) } else { course.published_at };
    let moved = diesel::update(held)
        .set((courses::status.eq(to), courses::updated_at.eq(at), courses::published_at.eq(published_at)))
        .execute(connection)
        .await?;
    Ok(moved == 1)
}

pub(super) async fn insert_step(
    connection: &mut Connection,
    course: Uuid,
    step: &str,
    account: Uuid,
    reason: Option<&str>,
    at: OffsetDateTime,
) -> Result<()> {
    diesel::insert_into(course_steps::table)
        .values((
            course_steps::id.eq(new_id()),
            course_steps::course_id.eq(course),
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
        .select((course_steps::step, course_steps::at, accounts::name, course_steps::reason))
        .load(connection)
        .await?)
}

pub(super) async fn next_position(connection: &mut Connection, course: Uuid) -> Result<i32> {
    let last: Option<i32> =
        lessons::table.filter(lessons::course_id.eq(course)).select(max(lessons::position)).first(connection).await?;
    Ok(last.unwrap_or(0) + 1)
}

pub(super) async fn insert_lesson(connection: &mut Connection, lesson: &LessonRow) -> Result<()> {
    diesel::insert_into(lessons::table).values(lesson).execute(connection).await?;
    Ok(())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn managed_columns() -> _ {
    (
        lessons::id,
        lessons::title,
        lessons::position,
        lessons::credits,
        lessons::video_id,
        videos::status.nullable(),
        videos::progress.nullable(),
        videos::failure.nullable(),
        videos::duration_ms.nullable(),
    )
}

pub(super) async fn managed_lessons(connection: &mut Connection, course: Uuid) -> Result<Vec<ManagedLesson>> {
    Ok(lessons::table
        .left_join(videos::table.on(lessons::video_id.eq(videos::id.nullable())))
        .filter(lessons::course_id.eq(course))
        .order(lessons::position)
        .select(managed_columns())
        .load(connection)
        .await?)
}

pub(super) async fn managed_lesson(connection: &mut Connection, course: Uuid, lesson: Uuid) -> Result<ManagedLesson> {
    Ok(lessons::table
        .left_join(videos::table.on(lessons::video_id.eq(videos::id.nullable())))
        .filter(lessons::id.eq(lesson).and(lessons::course_id.eq(course)))
        .select(managed_columns())
        .first(connection)
        .await?)
}

pub(super) async fn course_of(connection: &mut Connection, lesson: Uuid) -> Result<Option<Uuid>> {
    Ok(lessons::table.find(lesson).select(lessons::course_id).first(connection).await.optional()?)
}

pub(super) async fn update_lesson(
    connection: &mut Connection,
    lesson: Uuid,
    title: &str,
    video: Option<Uuid>,
    credits: i64,
) -> Result<()> {
    diesel::update(lessons::table.find(lesson))
        .set((lessons::title.eq(title), lessons::video_id.eq(video), lessons::credits.eq(credits)))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn has_lessons(connection: &mut Connection, course: Uuid) -> Result<bool> {
    Ok(diesel::select(exists(lessons::table.filter(lessons::course_id.eq(course)))).get_result(connection).await?)
}

/// Whether every lesson has a video that can be played.
pub(super) async fn is_playable(connection: &mut Connection, course: Uuid) -> Result<bool> {
    let ready = videos::table.filter(videos::status.eq(crate::videos::Status::Ready)).select(videos::id.nullable());
    let unready = lessons::table.filter(
        lessons::course_id.eq(course).and(lessons::video_id.is_null().or(not(lessons::video_id.eq_any(ready)))),
    );
    Ok(diesel::select(not(exists(unready))).get_result(connection).await?)
}
