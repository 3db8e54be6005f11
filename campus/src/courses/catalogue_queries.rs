//! What is asked of the database for the catalogue.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::catalogue::CatalogueQuery;
use super::rows::Status;
use crate::db::Connection;
use crate::db::schema::{courses, lessons, videos};
use crate::error::{Code, Error, Result};

/// A course in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct CatalogueCourse {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// The branch that made it.
    #[diesel(sql_type = SqlUuid)]
    pub branch_id: Uuid,
    /// What it is called.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// What it is about.
    #[diesel(sql_type = Text)]
    pub summary: String,
    /// Its topic's code.
    #[diesel(sql_type = Text)]
    pub topic: String,
    /// The codes of the groups it is meant for.
    #[diesel(sql_type = Array<Text>)]
    pub groups: Vec<String>,
    /// What finishing all of it earns, in hundredths of a credit.
    #[diesel(sql_type = BigInt)]
    pub credits: i64,
    /// When it was published.
    #[diesel(sql_type = Timestamptz)]
    pub published_at: OffsetDateTime,
    /// How many lessons it has.
    #[diesel(sql_type = BigInt)]
    pub lesson_count: i64,
    /// How long its videos play together, in milliseconds.
    #[diesel(sql_type = BigInt)]
    pub duration_ms: i64,
    /// What its lessons earn together, in hundredths of a credit.
    #[diesel(sql_type = BigInt)]
    pub lesson_credits: i64,
}

impl CatalogueCourse {
    /// Where it stands in the catalogue: microseconds since 1970, and its id.
    pub(super) fn position(&self) -> (i64, Uuid) {
        let microseconds = self.published_at.unix_timestamp_nanos() / 1000;
        (i64::try_from(microseconds).unwrap_or(i64::MAX), self.id)
    }
}

/// A lesson of a course in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct CatalogueLesson {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// Its place in the course, from 1.
    pub position: i32,
    /// How long its video plays, in milliseconds.
    pub duration_ms: Option<i32>,
    /// What finishing it earns, in hundredths of a credit.
    pub credits: i64,
}

const COURSES: &str = "SELECT courses.id, courses.branch_id, title, summary, topic, groups, courses.credits, \
         published_at, lesson_count, duration_ms, lesson_credits \
     FROM courses CROSS JOIN LATERAL ( \
         SELECT count(*) AS lesson_count, coalesce(sum(videos.duration_ms), 0)::bigint AS duration_ms, \
             coalesce(sum(lessons.credits), 0)::bigint AS lesson_credits \
         FROM lessons LEFT JOIN videos ON videos.id = lessons.video_id WHERE lessons.course_id = courses.id) AS sums \
     WHERE courses.status = 'published' AND published_at IS NOT NULL";

/// Those after `after` (the place of the last one on the page before), at most `limit`.
pub(super) async fn published(
    connection: &mut Connection,
    query: &CatalogueQuery,
    after: Option<(i64, Uuid)>,
    limit: i64,
) -> Result<Vec<CatalogueCourse>> {
    let (after_time, after_id) = match after {
        Some((microseconds, id)) => {
            let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000)
                .map_err(|_| Error::field("cursor", Code::CursorInvalid))?;
            (Some(at), Some(id))
        }
        None => (None, None),
    };
    let statement = format!(
        "{COURSES} AND ($1 IS NULL OR title ILIKE $1 OR summary ILIKE $1) AND ($2 IS NULL OR topic = $2) \
         AND ($3 IS NULL OR $3 = ANY(groups)) AND ($4 IS NULL OR (published_at, courses.id) < ($4, $5)) \
         ORDER BY published_at DESC, courses.id DESC LIMIT $6"
    );
    Ok(diesel::sql_query(statement)
        .bind::<Nullable<Text>, _>(query.words.as_deref().map(pattern))
        .bind::<Nullable<Text>, _>(query.topic.as_deref())
        .bind::<Nullable<Text>, _>(query.group.as_deref())
        .bind::<Nullable<Timestamptz>, _>(after_time)
        .bind::<Nullable<SqlUuid>, _>(after_id)
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?)
}

/// A pattern that finds `words` anywhere, each of its signs meaning itself.
fn pattern(words: &str) -> String {
    let mut pattern = String::from("%");
    for sign in words.chars() {
        if matches!(sign, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}

pub(super) async fn one(connection: &mut Connection, id: Uuid) -> Result<Option<CatalogueCourse>> {
    Ok(diesel::sql_query(format!("{COURSES} AND courses.id = $1"))
        .bind::<SqlUuid, _>(id)
        .get_result(connection)
        .await
        .optional()?)
}

pub(super) async fn lessons(connection: &mut Connection, course: Uuid) -> Result<Vec<CatalogueLesson>> {
    Ok(lessons::table
        .left_join(videos::table.on(lessons::video_id.eq(videos::id.nullable())))
        .filter(lessons::course_id.eq(course))
        .order(lessons::position)
        .select((lessons::id, lessons::title, lessons::position, videos::duration_ms.nullable(), lessons::credits))
        .load(connection)
        .await?)
}

/// Whether a published course shows this video.
pub(super) async fn is_shown(connection: &mut Connection, video: Uuid) -> Result<bool> {
    let showing = lessons::table
        .inner_join(courses::table.on(courses::id.eq(lessons::course_id)))
        .filter(lessons::video_id.eq(video).and(courses::status.eq(Status::Published)));
    Ok(diesel::select(diesel::dsl::exists(showing)).get_result(connection).await?)
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn signs_of_the_pattern_language_mean_themselves() {
        assert_eq!(pattern("地震"), "%地震%");
        assert_eq!(pattern("100%_\\"), "%100\\%\\_\\\\%");
    }
}
