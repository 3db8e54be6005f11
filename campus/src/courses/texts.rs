//! What courses are found by: kept beside them, made anew with every change.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::content::{Content, LessonKind};
use super::rows::Status;
use super::search_terms::{normalised, readings, terms};
use crate::db::Connection;
use crate::db::schema::{course_texts, courses, lessons, version_lessons, videos};
use crate::error::Result;
use crate::videos::transcripts;

/// The longest transcript that is searched, in characters: some ten hours of speech.
const LONGEST_TRANSCRIPT: usize = 150_000;

/// A lesson with what is found in it.
#[derive(Queryable)]
struct Taught {
    title: String,
    kind: LessonKind,
    content: Option<serde_json::Value>,
    video_id: Option<Uuid>,
    duration_ms: Option<i32>,
}

impl Taught {
    /// What an article says; what a quiz asks is not to be found beforehand.
    fn text(&self) -> Result<Option<String>> {
        Ok(match Content::read(self.kind, self.content.as_ref())? {
            Some(Content::Article(article)) => Some(article.text),
            Some(Content::Quiz(_)) | None => None,
        })
    }
}

async fn taught(connection: &mut Connection, course: Uuid, version: i32) -> Result<Vec<Taught>> {
    Ok(version_lessons::table
        .inner_join(lessons::table.on(lessons::id.eq(version_lessons::lesson_id)))
        .left_join(videos::table.on(lessons::video_id.eq(videos::id.nullable())))
        .filter(version_lessons::course_id.eq(course).and(version_lessons::number.eq(version)))
        .order(version_lessons::position)
        .select((lessons::title, lessons::kind, lessons::content, lessons::video_id, videos::duration_ms.nullable()))
        .load(connection)
        .await?)
}

/// Makes the texts of a course anew, where residents can see it.
pub(super) async fn refresh(connection: &mut Connection, course: Uuid) -> Result<()> {
    let found: Option<(String, String, i32)> = courses::table
        .find(course)
        .filter(courses::status.eq(Status::Published))
        .select((courses::title, courses::summary, courses::version))
        .first(connection)
        .await
        .optional()?;
    let Some((title, summary, version)) = found else {
        diesel::delete(course_texts::table.find(course)).execute(connection).await?;
        return Ok(());
    };
    let taught = taught(connection, course, version).await?;
    let lesson_titles: Vec<&str> = taught.iter().map(|lesson| lesson.title.as_str()).collect();
    let shown: Vec<Uuid> = taught.iter().filter_map(|lesson| lesson.video_id).collect();
    let mut said = transcripts(connection, &shown).await?;
    for lesson in &taught {
        said.extend(lesson.text()?);
    }
    let said = said.join(" ");
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
        course_texts::duration_ms.eq(taught.iter().filter_map(|lesson| lesson.duration_ms.map(i64::from)).sum::<i64>()),
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
