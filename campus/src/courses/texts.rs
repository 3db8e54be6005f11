//! What courses are found by: kept beside them, made anew with every change.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::rows::Status;
use super::search_terms::{normalised, readings, terms};
use crate::db::Connection;
use crate::db::schema::{course_texts, courses, lessons, videos};
use crate::error::Result;
use crate::videos::transcripts;

/// The longest transcript that is searched, in characters: some ten hours of speech.
const LONGEST_TRANSCRIPT: usize = 150_000;

/// Makes the texts of a course anew, where residents can see it.
pub(super) async fn refresh(connection: &mut Connection, course: Uuid) -> Result<()> {
    let found: Option<(String, String)> = courses::table
        .find(course)
        .filter(courses::status.eq(Status::Published))
        .select((courses::title, courses::summary))
        .first(connection)
        .await
        .optional()?;
    let Some((title, summary)) = found else {
        diesel::delete(course_texts::table.find(course)).execute(connection).await?;
        return Ok(());
    };
    let taught: Vec<(String, Option<Uuid>, Option<i32>)> = lessons::table
        .left_join(videos::table.on(lessons::video_id.eq(videos::id.nullable())))
        .filter(lessons::course_id.eq(course))
        .order(lessons::position)
        .select((lessons::title, lessons::video_id, videos::duration_ms.nullable()))
        .load(connection)
        .await?;
    let lesson_titles: Vec<&str> = taught.iter().map(|(title, ..)| title.as_str()).collect();
    let shown: Vec<Uuid> = taught.iter().filter_map(|(_, video, _)| *video).collect();
    let said = transcripts(connection, &shown).await?.join(" ");
    let transcript: String = normalised(&said).chars().take(LONGEST_TRANSCRIPT).collect();
    let lesson_titles = lesson_titles.join(" ");
    let readings = readings(&format!("{title} {lesson_titles}"));
    let (title, contents) = (normalised(&title), normalised(&format!("{lesson_titles} {summary}")));
    let values = (
        course_texts::terms.eq(terms(&[&title, &contents, &transcript, &readings])),
        course_texts::title.eq(title),
        course_texts::readings.eq(readings),
        course_texts::contents.eq(contents),
        course_texts::transcript.eq(transcript),
        course_texts::duration_ms.eq(taught.iter().filter_map(|(.., length)| length.map(i64::from)).sum::<i64>()),
        course_texts::stale.eq(false),
    );
    diesel::insert_into(course_texts::table)
        .values((course_texts::course_id.eq(course), values.clone()))
        .on_conflict(course_texts::course_id)
        .do_update()
        .set(values)
        .execute(connection)
        .await?;
    Ok(())
}

/// Courses whose texts are not those they have now, at most `limit`.
pub(super) async fn outdated(connection: &mut Connection, limit: i64) -> Result<Vec<Uuid>> {
    let missing = courses::status.eq(Status::Published).and(course_texts::course_id.nullable().is_null());
    let shown_no_more = courses::status.ne(Status::Published).and(course_texts::course_id.nullable().is_not_null());
    Ok(courses::table
        .left_join(course_texts::table.on(course_texts::course_id.eq(courses::id)))
        .filter(missing.or(shown_no_more).or(course_texts::stale.nullable().is_not_distinct_from(true)))
        .order(courses::id)
        .limit(limit)
        .select(courses::id)
        .load(connection)
        .await?)
}
