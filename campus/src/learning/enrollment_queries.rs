//! What is asked of the database about enrolments: their list, and their version.

use diesel::prelude::*;
use diesel::sql_types;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::enrollment::EnrollmentItem;
use crate::courses::Offered;
use crate::db::Connection;
use crate::db::schema::enrollments as enrollment_table;
use crate::error::Result;

/// The record under which somebody enrolled in a course first, and in which version of it: that stays
/// the same whatever is enrolled in later.
pub(super) async fn first(
    connection: &mut Connection,
    records: &[Uuid],
    course_id: Uuid,
) -> Result<Option<(Uuid, i32)>> {
    Ok(enrollment_table::table
        .filter(enrollment_table::resident_id.eq_any(records).and(enrollment_table::course_id.eq(course_id)))
        .order((enrollment_table::enrolled_at, enrollment_table::resident_id))
        .select((enrollment_table::resident_id, enrollment_table::version))
        .first(connection)
        .await
        .optional()?)
}

/// What was done in lessons under the records `$1`, and when.
const ACTS: &str = "SELECT lesson_id, updated_at AS at FROM lesson_progress WHERE resident_id = ANY($1) \
     UNION ALL SELECT lesson_id, opened_at FROM readings WHERE resident_id = ANY($1) \
     UNION ALL SELECT lesson_id, started_at FROM quiz_attempts WHERE resident_id = ANY($1)";

#[derive(QueryableByName)]
struct EnrollmentRow {
    #[diesel(sql_type = sql_types::Uuid)]
    course_id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    title: String,
    #[diesel(sql_type = sql_types::Timestamptz)]
    enrolled_at: OffsetDateTime,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    completed_at: Option<OffsetDateTime>,
    #[diesel(sql_type = sql_types::BigInt)]
    completed_lessons: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    lesson_count: i64,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
    next_lesson_id: Option<Uuid>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    next_lesson_kind: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    helped_by: Option<String>,
}

/// The courses that somebody is in under any of these records, the newest first.
pub(super) async fn enrollments(
    connection: &mut Connection,
    records: &[Uuid],
    before: Option<(i64, Uuid)>,
    limit: i64,
) -> Result<Vec<EnrollmentItem>> {
    let (before_at, before_id) = match before {
        Some((microseconds, id)) => {
            (OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000).ok(), Some(id))
        }
        None => (None, None),
    };
    let rows: Vec<EnrollmentRow> = diesel::sql_query(format!(
        "WITH own AS ( \
             SELECT course_id, min(enrolled_at) AS enrolled_at, min(completed_at) AS completed_at, \
                 (array_agg(version ORDER BY completed_at IS NULL, enrolled_at))[1] AS version, \
                 (array_agg(helped_by ORDER BY enrolled_at))[1] AS helped_by FROM enrollments \
             WHERE resident_id = ANY($1) GROUP BY course_id), \
         done AS ( \
             SELECT DISTINCT lesson_id FROM lesson_progress WHERE resident_id = ANY($1) AND completed_at IS NOT NULL), \
         begun AS (SELECT lesson_id, max(at) AS at FROM ({ACTS}) AS acts GROUP BY lesson_id) \
         SELECT courses.id AS course_id, courses.title, own.enrolled_at, own.completed_at, \
             count(done.lesson_id) AS completed_lessons, count(part.lesson_id) AS lesson_count, \
             (array_agg(part.lesson_id ORDER BY begun.at DESC NULLS LAST, part.position) \
                 FILTER (WHERE part.lesson_id IS NOT NULL AND done.lesson_id IS NULL))[1] AS next_lesson_id, \
             (array_agg(lessons.kind ORDER BY begun.at DESC NULLS LAST, part.position) \
                 FILTER (WHERE part.lesson_id IS NOT NULL AND done.lesson_id IS NULL))[1] AS next_lesson_kind, \
             (SELECT accounts.name FROM accounts WHERE accounts.id = own.helped_by) AS helped_by \
         FROM own JOIN courses ON courses.id = own.course_id \
         LEFT JOIN version_lessons AS part ON part.course_id = courses.id AND part.number = own.version \
         LEFT JOIN lessons ON lessons.id = part.lesson_id \
         LEFT JOIN done ON done.lesson_id = part.lesson_id LEFT JOIN begun ON begun.lesson_id = part.lesson_id \
         WHERE $2::timestamptz IS NULL OR (own.enrolled_at, courses.id) < ($2, $3) \
         GROUP BY courses.id, own.enrolled_at, own.completed_at, own.helped_by \
         ORDER BY own.enrolled_at DESC, courses.id DESC LIMIT $4",
    ))
    .bind::<sql_types::Array<sql_types::Uuid>, _>(records)
    .bind::<sql_types::Nullable<sql_types::Timestamptz>, _>(before_at)
    .bind::<sql_types::Nullable<sql_types::Uuid>, _>(before_id)
    .bind::<sql_types::BigInt, _>(limit)
    .load(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| EnrollmentItem {
            course_id: row.course_id,
            title: row.title,
            enrolled_at: row.enrolled_at,
            completed_at: row.completed_at,
            completed_lessons: row.completed_lessons,
            lesson_count: row.lesson_count,
            next_lesson_id: row.next_lesson_id,
            next_lesson_kind: row.next_lesson_kind,
            helped_by: row.helped_by,
        })
        .collect())
}

/// The lesson of these that was begun, or gone on with, last.
pub(super) async fn begun_last(
    connection: &mut Connection,
    records: &[Uuid],
    lessons: &[Uuid],
) -> Result<Option<Uuid>> {
    #[derive(QueryableByName)]
    struct Begun {
        #[diesel(sql_type = sql_types::Uuid)]
        lesson_id: Uuid,
    }
    let begun: Option<Begun> = diesel::sql_query(format!(
        "SELECT lesson_id FROM ({ACTS}) AS acts WHERE lesson_id = ANY($2) ORDER BY at DESC LIMIT 1"
    ))
    .bind::<sql_types::Array<sql_types::Uuid>, _>(records)
    .bind::<sql_types::Array<sql_types::Uuid>, _>(lessons)
    .get_result(connection)
    .await
    .optional()?;
    Ok(begun.map(|begun| begun.lesson_id))
}

/// Of an `enrollment` that is not finished: nobody whose record it is, whichever of their records it
/// was under, has begun or finished anything of the course.
const UNBEGUN: &str = "enrollment.course_id = $1 AND enrollment.version < $2 AND enrollment.completed_at IS NULL \
     AND NOT EXISTS (SELECT FROM (SELECT enrollment.resident_id AS id \
             UNION SELECT other.id FROM joined_records AS own JOIN joined_records AS other USING (person_id) \
             WHERE own.id = enrollment.resident_id) AS record \
         WHERE EXISTS (SELECT FROM enrollments AS done WHERE done.resident_id = record.id \
                 AND done.course_id = $1 AND done.completed_at IS NOT NULL) \
             OR EXISTS (SELECT FROM lessons WHERE lessons.course_id = $1 AND ( \
                 EXISTS (SELECT FROM lesson_progress AS begun \
                     WHERE (begun.resident_id, begun.lesson_id) = (record.id, lessons.id)) \
                 OR EXISTS (SELECT FROM readings AS begun \
                     WHERE (begun.resident_id, begun.lesson_id) = (record.id, lessons.id)) \
                 OR EXISTS (SELECT FROM quiz_attempts AS begun \
                     WHERE (begun.resident_id, begun.lesson_id) = (record.id, lessons.id)))))";

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = sql_types::Uuid)]
    resident_id: Uuid,
}

/// Locks enrolments in earlier versions under which nothing has been begun, in the order of their
/// residents. Answers whose they are.
pub(super) async fn hold_unbegun(connection: &mut Connection, course: &Offered, limit: i64) -> Result<Vec<Uuid>> {
    let held: Vec<Held> = diesel::sql_query(format!(
        "SELECT enrollment.resident_id FROM enrollments AS enrollment WHERE {UNBEGUN} \
         ORDER BY enrollment.resident_id LIMIT $3 FOR UPDATE OF enrollment"
    ))
    .bind::<sql_types::Uuid, _>(course.id)
    .bind::<sql_types::Integer, _>(course.version)
    .bind::<sql_types::BigInt, _>(limit)
    .load(connection)
    .await?;
    Ok(held.into_iter().map(|held| held.resident_id).collect())
}

/// Moves those of these enrolments under which nothing has been begun by now to the version that
/// is offered. Answers how many.
pub(super) async fn move_unbegun(connection: &mut Connection, course: &Offered, held: &[Uuid]) -> Result<usize> {
    Ok(diesel::sql_query(format!(
        "UPDATE enrollments AS enrollment SET version = $2 WHERE {UNBEGUN} AND enrollment.resident_id = ANY($3)"
    ))
    .bind::<sql_types::Uuid, _>(course.id)
    .bind::<sql_types::Integer, _>(course.version)
    .bind::<sql_types::Array<sql_types::Uuid>, _>(held)
    .execute(connection)
    .await?)
}
