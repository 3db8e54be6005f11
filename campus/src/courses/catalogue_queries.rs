//! What is asked of the database for the catalogue.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::catalogue::{CatalogueQuery, Length};
use super::rows::Status;
use super::search_terms::wanted;
use crate::db::Connection;
use crate::db::schema::{course_versions, courses, lessons, version_lessons};
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
    /// See [`FoundIn`].
    #[diesel(sql_type = SmallInt)]
    place: i16,
}

/// Where in a course all that was looked for has been found, at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundIn {
    /// In its title.
    Title,
    /// In how its title or those of its lessons are read.
    Reading,
    /// In the titles of its lessons, or the summary.
    Contents,
    /// In what is said in its videos.
    Transcript,
}

impl CatalogueCourse {
    /// Where it stands in the catalogue: where it was found, microseconds since 1970, and its id.
    pub(super) fn position(&self) -> (i16, i64, Uuid) {
        let microseconds = self.published_at.unix_timestamp_nanos() / 1000;
        (self.place, i64::try_from(microseconds).unwrap_or(i64::MAX), self.id)
    }

    /// Where what was looked for has been found; `None` where no words were.
    #[must_use]
    pub const fn found_in(&self) -> Option<FoundIn> {
        match self.place {
            1 => Some(FoundIn::Title),
            2 => Some(FoundIn::Reading),
            3 => Some(FoundIn::Contents),
            4 => Some(FoundIn::Transcript),
            _ => None,
        }
    }
}

const COLUMNS: &str = "courses.id, courses.branch_id, courses.title, summary, topic, groups, courses.credits, \
     courses.published_at, sums.lesson_count, sums.duration_ms, sums.lesson_credits";

const SUMS: &str = "CROSS JOIN LATERAL ( \
     SELECT count(*) AS lesson_count, coalesce(sum(videos.duration_ms), 0)::bigint AS duration_ms, \
         coalesce(sum(lessons.credits), 0)::bigint AS lesson_credits \
     FROM version_lessons AS part JOIN lessons ON lessons.id = part.lesson_id \
     LEFT JOIN videos ON videos.id = lessons.video_id \
     WHERE part.course_id = courses.id AND part.number = courses.version) AS sums";

/// What every course that is shown must be.
const FITTING: &str = "courses.status = 'published' AND courses.published_at IS NOT NULL \
     AND ($1 IS NULL OR topic = $1) AND ($2 IS NULL OR $2 = ANY(groups)) AND ($3 IS NULL OR branch_id = $3) \
     AND ($4 IS NULL OR (texts.duration_ms >= $4 AND texts.duration_ms < $5))";

/// All of them, in the order of their index.
const ALL: &str = "SELECT courses.id, courses.published_at, 0::smallint AS place \
     FROM courses LEFT JOIN course_texts AS texts ON texts.course_id = courses.id \
     WHERE {fitting} AND ($6 IS NULL OR (courses.published_at, courses.id) < ($7, $8)) \
     ORDER BY courses.published_at DESC, courses.id DESC LIMIT $9";

/// Those in which all words are found. The index knows the terms; the words themselves are looked for in what it
/// finds, `{place}` being where. What is said in videos is long: it is read last, of the newest courses first, and
/// of no more than the page has room for.
const FOUND: &str = "WITH held AS MATERIALIZED ( \
         SELECT courses.id, courses.published_at, found.place \
         FROM course_texts AS texts JOIN courses ON courses.id = texts.course_id \
         CROSS JOIN LATERAL (SELECT {place}::smallint AS place OFFSET 0) AS found \
         WHERE {fitting} AND terms @> $10 AND found.place < 9 \
     ) SELECT id, published_at, place FROM ( \
         (SELECT id, published_at, place FROM held WHERE place < 4 AND ($6 IS NULL OR place > $6 \
             OR (place = $6 AND (published_at, id) < ($7, $8))) ORDER BY place, published_at DESC, id DESC LIMIT $9) \
         UNION ALL \
         (SELECT id, published_at, 4::smallint FROM ( \
             SELECT * FROM held WHERE place >= 4 AND ($6 IS NULL OR $6 < 4 OR (published_at, id) < ($7, $8)) \
             ORDER BY published_at DESC, id DESC OFFSET 0) AS later \
         WHERE place = 4 OR (SELECT {said} FROM course_texts AS texts WHERE texts.course_id = later.id) LIMIT $9) \
     ) AS either ORDER BY place, published_at DESC, id DESC LIMIT $9";

/// Where a word is found, in the order of the places' worth: 4 is what is said, where the terms say that it is;
/// 5 where they say that it may be.
const PLACE: &str = "CASE WHEN position($11[{n}] IN texts.title) > 0 THEN 1 WHEN position($11[{n}] IN readings) > 0 THEN 2 \
     WHEN position($11[{n}] IN contents) > 0 THEN 3 WHEN $12[{n}] THEN 4 WHEN $12[{n}] IS NULL THEN 5 ELSE 9 END";

/// Whether a word is found anywhere.
const SAID: &str = "(position($11[{n}] IN texts.title) > 0 OR position($11[{n}] IN readings) > 0 \
     OR position($11[{n}] IN contents) > 0 OR coalesce($12[{n}], position($11[{n}] IN transcript) > 0))";

/// The statement for so many words.
fn statement(words: usize) -> String {
    let chosen = if words == 0 {
        ALL.to_owned()
    } else {
        let each = |text: &str, between: &str| {
            let texts: Vec<String> = (1..=words).map(|number| text.replace("{n}", &number.to_string())).collect();
            texts.join(between)
        };
        let place = format!("greatest({})", each(PLACE, ", "));
        FOUND.replace("{place}", &place).replace("{said}", &each(SAID, " AND "))
    };
    let chosen = chosen.replace("{fitting}", FITTING);
    format!(
        "SELECT {COLUMNS}, page.place FROM ({chosen}) AS page JOIN courses ON courses.id = page.id {SUMS} \
         ORDER BY page.place, page.published_at DESC, page.id DESC"
    )
}

/// Those after `after` (the place of the last one on the page before), at most `limit`.
pub(super) async fn published(
    connection: &mut Connection,
    query: &CatalogueQuery,
    after: Option<(i16, i64, Uuid)>,
    limit: i64,
) -> Result<Vec<CatalogueCourse>> {
    let after_time = match after {
        Some((_, microseconds, _)) => Some(
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000)
                .map_err(|_| Error::field("cursor", Code::CursorInvalid))?,
        ),
        None => None,
    };
    let (words, terms) = wanted(query.words.as_deref().unwrap_or_default());
    let bounds = query.length.map(Length::bounds);
    let statement = diesel::sql_query(statement(words.len()))
        .bind::<Nullable<Text>, _>(query.topic.as_deref())
        .bind::<Nullable<Text>, _>(query.group.as_deref())
        .bind::<Nullable<SqlUuid>, _>(query.branch_id)
        .bind::<Nullable<BigInt>, _>(bounds.map(|(from, _)| from))
        .bind::<Nullable<BigInt>, _>(bounds.map(|(_, below)| below))
        .bind::<Nullable<SmallInt>, _>(after.map(|(place, ..)| place))
        .bind::<Nullable<Timestamptz>, _>(after_time)
        .bind::<Nullable<SqlUuid>, _>(after.map(|(.., id)| id))
        .bind::<BigInt, _>(limit);
    if words.is_empty() {
        return Ok(statement.load(connection).await?);
    }
    let (words, is_said): (Vec<String>, Vec<Option<bool>>) =
        words.into_iter().map(|wanted| (wanted.word, wanted.is_said)).unzip();
    Ok(statement
        .bind::<Array<Text>, _>(terms)
        .bind::<Array<Text>, _>(words)
        .bind::<Array<Nullable<Bool>>, _>(is_said)
        .load(connection)
        .await?)
}

pub(super) async fn one(connection: &mut Connection, id: Uuid) -> Result<Option<CatalogueCourse>> {
    let statement = format!(
        "SELECT {COLUMNS}, 0::smallint AS place FROM courses {SUMS} \
         WHERE courses.status = 'published' AND courses.published_at IS NOT NULL AND courses.id = $1"
    );
    Ok(diesel::sql_query(statement).bind::<SqlUuid, _>(id).get_result(connection).await.optional()?)
}

/// Whether a published course shows this video, in a version that is offered or was.
pub(super) async fn is_shown(connection: &mut Connection, video: Uuid) -> Result<bool> {
    let of_version = course_versions::course_id
        .eq(version_lessons::course_id)
        .and(course_versions::number.eq(version_lessons::number));
    let showing = lessons::table
        .inner_join(version_lessons::table.on(version_lessons::lesson_id.eq(lessons::id)))
        .inner_join(course_versions::table.on(of_version))
        .inner_join(courses::table.on(courses::id.eq(lessons::course_id)))
        .filter(course_versions::status.eq_any([Status::Published, Status::Superseded]))
        .filter(lessons::video_id.eq(video).and(courses::status.eq(Status::Published)));
    Ok(diesel::select(diesel::dsl::exists(showing)).get_result(connection).await?)
}
