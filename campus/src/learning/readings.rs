//! Reading an article, and finishing it.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::completion::{LessonEarned, complete_within};
use super::queries;
use crate::Campus;
use crate::access::Actor;
use crate::courses::{self, Article};
use crate::db::Connection;
use crate::db::schema::readings;
use crate::error::{Code, Error, Result};
use crate::residents;

/// Signs that nobody reads faster than, in a second: three times the pace at which grown-ups
/// read Chinese (some 260 signs a minute are understood well, the quickest reach 900).
const SIGNS_PER_SECOND: usize = 15;
/// Opened for less than this, an article has not been read, however short, in seconds.
const SHORTEST: usize = 5;
/// More is asked of nobody, in seconds: part of it may be known.
const LONGEST: usize = 300;

/// How far somebody is with an article.
#[derive(Debug, Clone)]
pub struct Reading {
    /// How long it must have been open before it can be finished, in seconds.
    pub required_seconds: u32,
    /// How much of that is left, in seconds.
    pub remaining_seconds: u32,
    /// Whether it is finished.
    pub completed: bool,
    /// What that has earned just now.
    pub earned: Vec<LessonEarned>,
}

/// How long an article must have been open, in seconds.
#[must_use]
pub fn reading_seconds(article: &Article) -> u32 {
    let signs = article.text.chars().filter(|sign| !sign.is_whitespace()).count();
    u32::try_from((signs / SIGNS_PER_SECOND).clamp(SHORTEST, LONGEST)).unwrap_or(u32::MAX)
}

/// Opens an article, or finishes it: from then on it is finished, and earns what it earns, once.
///
/// # Errors
/// [`Code::NotFound`] for what is no article that residents may read; [`Code::NotEnrolled`];
/// [`Code::ReadTooFast`] when it has not been open for long enough.
pub async fn read(campus: &Campus, actor: &Actor, lesson_id: Uuid, finished: bool) -> Result<Reading> {
    let resident_id = actor.resident()?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let lesson = courses::studyable(connection, lesson_id).await?;
            let article = lesson.object().article()?;
            let records = residents::records(connection, resident_id).await?;
            // Held: whoever has begun is not moved to another version.
            let course_id = lesson.object().course_id;
            if queries::lock_enrollment(connection, &records, course_id, lesson_id).await?.is_none() {
                return Err(Error::code(Code::NotEnrolled));
            }
            let opened_at = open(connection, resident_id, &records, lesson_id, now).await?;
            let required_seconds = reading_seconds(&article);
            // Rounded up: what is left of a second is still to be waited for.
            let left = Duration::seconds(required_seconds.into()) - (now - opened_at) + Duration::milliseconds(999);
            let remaining_seconds = u32::try_from(left.whole_seconds().max(0)).unwrap_or(u32::MAX);
            let known = queries::progress(connection, &records, &[lesson_id]).await?;
            let completed = known.get(&lesson_id).is_some_and(|row| row.completed_at.is_some());
            if completed || !finished {
                return Ok(Reading { required_seconds, remaining_seconds, completed, earned: Vec::new() });
            }
            if remaining_seconds > 0 {
                return Err(Error::code(Code::ReadTooFast));
            }
            queries::open_progress(connection, resident_id, lesson_id, now).await?;
            let earned = complete_within(connection, campus, resident_id, lesson_id).await?;
            Ok(Reading { required_seconds, remaining_seconds, completed: true, earned })
        })
        .await
}

/// When the article was first opened under any of these records: now, unless it was.
async fn open(
    connection: &mut Connection,
    resident_id: Uuid,
    records: &[Uuid],
    lesson_id: Uuid,
    now: OffsetDateTime,
) -> Result<OffsetDateTime> {
    diesel::insert_into(readings::table)
        .values((readings::resident_id.eq(resident_id), readings::lesson_id.eq(lesson_id), readings::opened_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    let first: Option<OffsetDateTime> = readings::table
        .filter(readings::resident_id.eq_any(records).and(readings::lesson_id.eq(lesson_id)))
        .select(diesel::dsl::min(readings::opened_at))
        .first(connection)
        .await?;
    Ok(first.unwrap_or(now))
}

#[cfg(test)]
mod tests {
    use super::{Article, reading_seconds};

    #[test]
    fn long_articles_take_longer_but_nobody_waits_for_ever() {
        let of = |signs: usize| reading_seconds(&Article { text: "读 ".repeat(signs) });
        assert_eq!([of(1), of(150), of(1500), of(40_000)], [5, 10, 100, 300]);
    }
}
