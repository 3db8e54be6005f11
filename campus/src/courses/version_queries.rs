//! What is asked of the database about the versions of a course and the lessons in them.

use diesel::dsl::{count_star, exists, max};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::rows::{CourseVersion, LessonRow, Status};
use crate::db::Connection;
use crate::db::schema::{course_versions, courses, lessons, version_lessons};
use crate::error::Result;

pub(super) async fn one(connection: &mut Connection, course: Uuid, number: i32) -> Result<CourseVersion> {
    Ok(course_versions::table.find((course, number)).select(CourseVersion::as_select()).first(connection).await?)
}

pub(super) async fn insert(connection: &mut Connection, version: &CourseVersion) -> Result<()> {
    diesel::insert_into(course_versions::table).values(version).execute(connection).await?;
    Ok(())
}

/// Writes the next version of a course, with the lessons of the one before.
pub(super) async fn begin(connection: &mut Connection, version: &CourseVersion) -> Result<()> {
    insert(connection, version).await?;
    diesel::sql_query(
        "INSERT INTO version_lessons (course_id, number, lesson_id, position) \
         SELECT course_id, number + 1, lesson_id, position FROM version_lessons WHERE course_id = $1 AND number = $2 - 1",
    )
    .bind::<SqlUuid, _>(version.course_id)
    .bind::<Integer, _>(version.number)
    .execute(connection)
    .await?;
    diesel::update(courses::table.find(version.course_id))
        .set(courses::latest_version.eq(version.number))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn update(connection: &mut Connection, version: &CourseVersion) -> Result<()> {
    diesel::update(course_versions::table.find((version.course_id, version.number)))
        .set(version)
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes the course show what this version says.
pub(super) async fn show(connection: &mut Connection, version: &CourseVersion) -> Result<()> {
    diesel::update(courses::table.find(version.course_id))
        .set((
            courses::version.eq(version.number),
            courses::title.eq(&version.title),
            courses::summary.eq(&version.summary),
            courses::topic.eq(&version.topic),
            courses::groups.eq(&version.groups),
            courses::credits.eq(version.credits),
            courses::prerequisites.eq(&version.prerequisites),
            courses::cover_id.eq(version.cover_id),
            courses::handouts.eq(&version.handouts),
            courses::updated_at.eq(version.updated_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks the versions offered before `number` as replaced.
pub(super) async fn supersede_before(connection: &mut Connection, course: Uuid, number: i32) -> Result<()> {
    diesel::update(course_versions::table)
        .filter(course_versions::course_id.eq(course).and(course_versions::number.lt(number)))
        .filter(course_versions::status.eq(Status::Published))
        .set(course_versions::status.eq(Status::Superseded))
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a version away that nobody has learned from, and the lessons that it alone has.
pub(super) async fn discard(connection: &mut Connection, course: Uuid, number: i32) -> Result<()> {
    diesel::sql_query(
        "DELETE FROM lessons USING version_lessons AS part \
         WHERE part.lesson_id = lessons.id AND (part.course_id, part.number) = ($1, $2) \
             AND NOT EXISTS (SELECT FROM version_lessons AS other \
                 WHERE other.lesson_id = lessons.id AND other.number <> $2)",
    )
    .bind::<SqlUuid, _>(course)
    .bind::<Integer, _>(number)
    .execute(connection)
    .await?;
    diesel::delete(course_versions::table.find((course, number))).execute(connection).await?;
    diesel::update(courses::table.find(course))
        .set(courses::latest_version.eq(courses::version))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether a version that residents learn or have learned from has this lesson.
pub(super) async fn is_shared(connection: &mut Connection, lesson: Uuid) -> Result<bool> {
    let offered = version_lessons::table
        .inner_join(
            course_versions::table.on((course_versions::course_id.eq(version_lessons::course_id))
                .and(course_versions::number.eq(version_lessons::number))),
        )
        .filter(version_lessons::lesson_id.eq(lesson))
        .filter(course_versions::status.eq_any([Status::Published, Status::Superseded]));
    Ok(diesel::select(exists(offered)).get_result(connection).await?)
}

/// Puts another lesson in the place of one.
pub(super) async fn replace_lesson(
    connection: &mut Connection,
    version: &CourseVersion,
    lesson: Uuid,
    by: &LessonRow,
) -> Result<()> {
    diesel::insert_into(lessons::table).values(by).execute(connection).await?;
    diesel::update(version_lessons::table.find((version.course_id, version.number, lesson)))
        .set(version_lessons::lesson_id.eq(by.id))
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds a lesson at the end of a version.
pub(super) async fn add_lesson(connection: &mut Connection, version: &CourseVersion, lesson: &LessonRow) -> Result<()> {
    let of_version = version_lessons::table
        .filter(version_lessons::course_id.eq(version.course_id).and(version_lessons::number.eq(version.number)));
    let last: Option<i32> = of_version.select(max(version_lessons::position)).first(connection).await?;
    diesel::insert_into(lessons::table).values(lesson).execute(connection).await?;
    diesel::insert_into(version_lessons::table)
        .values((
            version_lessons::course_id.eq(version.course_id),
            version_lessons::number.eq(version.number),
            version_lessons::lesson_id.eq(lesson.id),
            version_lessons::position.eq(last.unwrap_or(0) + 1),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a lesson out of a version; the places behind it move up. `false`: it has none such.
pub(super) async fn remove_lesson(connection: &mut Connection, version: &CourseVersion, lesson: Uuid) -> Result<bool> {
    let place: Option<i32> = diesel::delete(version_lessons::table.find((version.course_id, version.number, lesson)))
        .returning(version_lessons::position)
        .get_result(connection)
        .await
        .optional()?;
    let Some(place) = place else { return Ok(false) };
    diesel::update(version_lessons::table)
        .filter(version_lessons::course_id.eq(version.course_id).and(version_lessons::number.eq(version.number)))
        .filter(version_lessons::position.gt(place))
        .set(version_lessons::position.eq(version_lessons::position - 1))
        .execute(connection)
        .await?;
    diesel::sql_query(
        "DELETE FROM lessons WHERE id = $1 AND NOT EXISTS (SELECT FROM version_lessons WHERE lesson_id = $1)",
    )
    .bind::<SqlUuid, _>(lesson)
    .execute(connection)
    .await?;
    Ok(true)
}

/// Puts the lessons of a version in this order. `false`: these are not its lessons.
pub(super) async fn order_lessons(
    connection: &mut Connection,
    version: &CourseVersion,
    order: &[Uuid],
) -> Result<bool> {
    let moved = diesel::sql_query(
        "UPDATE version_lessons AS part SET position = wanted.place \
         FROM unnest($3) WITH ORDINALITY AS wanted(lesson_id, place) \
         WHERE part.course_id = $1 AND part.number = $2 AND part.lesson_id = wanted.lesson_id",
    )
    .bind::<SqlUuid, _>(version.course_id)
    .bind::<Integer, _>(version.number)
    .bind::<Array<SqlUuid>, _>(order)
    .execute(connection)
    .await?;
    let count: i64 = version_lessons::table
        .filter(version_lessons::course_id.eq(version.course_id).and(version_lessons::number.eq(version.number)))
        .select(count_star())
        .first(connection)
        .await?;
    let named = i64::try_from(order.len()).unwrap_or(i64::MAX);
    Ok(named == count && i64::try_from(moved).unwrap_or(i64::MAX) == count)
}

/// Whether these are published courses and none of them waits, directly or through others, for `course`.
pub(super) async fn may_come_first(connection: &mut Connection, course: Uuid, prerequisites: &[Uuid]) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        fits: bool,
    }
    let row: Row = diesel::sql_query(
        "WITH RECURSIVE before (id) AS ( \
             SELECT unnest($2) UNION \
             SELECT unnest(courses.prerequisites) FROM before JOIN courses ON courses.id = before.id) \
         SELECT NOT EXISTS (SELECT FROM before WHERE id = $1) AND \
             NOT EXISTS (SELECT FROM unnest($2) AS wanted (id) WHERE NOT EXISTS ( \
                 SELECT FROM courses WHERE courses.id = wanted.id AND courses.published_at IS NOT NULL)) AS fits",
    )
    .bind::<SqlUuid, _>(course)
    .bind::<Array<SqlUuid>, _>(prerequisites)
    .get_result(connection)
    .await?;
    Ok(row.fits)
}
