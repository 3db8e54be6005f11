//! What learning tells a learning record store (see [`crate::statements`]).

use time::OffsetDateTime;
use uuid::Uuid;

use super::quiz_queries::AttemptRow;
use super::{enrollment_queries, queries};
use crate::Campus;
use crate::courses::{LessonKind, Offered, StudiedLesson};
use crate::db::Connection;
use crate::error::Result;
use crate::statements::{self, Activity, ActivityKind, Fact, Learner, Outcome, Verb, Within};

/// A person with all their records.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub(super) person_id: Uuid,
    pub(super) records: &'a [Uuid],
}

impl Who<'_> {
    /// What they did within a course in which they are enrolled.
    async fn tell(self, connection: &mut Connection, campus: &Campus, mut fact: Fact<'_>) -> Result<()> {
        let Some(within) = fact.within.as_mut().filter(|_| campus.lrs.is_some()) else { return Ok(()) };
        let enrolled = enrollment_queries::first(connection, self.records, within.id).await?;
        let Some((record_id, version)) = enrolled else { return Ok(()) };
        within.version = version;
        statements::state(connection, campus, Learner { person_id: self.person_id, record_id }, &[fact]).await
    }
}

pub(super) async fn enrolled(
    connection: &mut Connection,
    campus: &Campus,
    resident_id: Uuid,
    course: &Offered,
    at: OffsetDateTime,
) -> Result<()> {
    let who = Learner { person_id: resident_id, record_id: resident_id };
    let fact = Fact { verb: Verb::Registered, ..of_course(course, at) };
    statements::state(connection, campus, who, &[fact]).await
}

pub(super) async fn lesson_finished(
    connection: &mut Connection,
    campus: &Campus,
    who: Who<'_>,
    lesson: &StudiedLesson,
    at: OffsetDateTime,
) -> Result<()> {
    let mut outcome = Outcome { finished: Some(true), ..Outcome::default() };
    if lesson.kind == LessonKind::Video && campus.lrs.is_some() {
        let progress = queries::progress(connection, who.records, &[lesson.id]).await?;
        outcome.duration_ms = progress.get(&lesson.id).map(|row| row.watched_ms.into());
    }
    let fact = Fact { outcome, ..of_lesson(lesson, Verb::Completed, at) };
    who.tell(connection, campus, fact).await
}

pub(super) async fn course_finished(
    connection: &mut Connection,
    campus: &Campus,
    who: Who<'_>,
    course: &Offered,
    watched_ms: i64,
    at: OffsetDateTime,
) -> Result<()> {
    let outcome = Outcome { finished: Some(true), duration_ms: Some(watched_ms), ..Outcome::default() };
    who.tell(connection, campus, Fact { outcome, ..of_course(course, at) }).await
}

pub(super) async fn attempt_scored(
    connection: &mut Connection,
    campus: &Campus,
    who: Who<'_>,
    lesson: &StudiedLesson,
    attempt: &AttemptRow,
) -> Result<()> {
    let (Some(passed), Some(at)) = (attempt.passed, attempt.finished_at) else { return Ok(()) };
    let outcome = Outcome {
        finished: Some(true),
        passed: Some(passed),
        score: attempt.score,
        duration_ms: i64::try_from((at - attempt.started_at).whole_milliseconds()).ok(),
        ..Outcome::default()
    };
    let verb = if passed { Verb::Passed } else { Verb::Failed };
    let occasion = attempt.id.to_string();
    let fact = Fact { outcome, occasion: Some(&occasion), ..of_lesson(lesson, verb, at) };
    who.tell(connection, campus, fact).await
}

const fn of_course(course: &Offered, at: OffsetDateTime) -> Fact<'_> {
    Fact {
        verb: Verb::Completed,
        activity: Activity { kind: ActivityKind::Course, id: course.id, title: course.title.as_str() },
        within: Some(Within { id: course.id, title: course.title.as_str(), version: course.version }),
        outcome: Outcome { finished: None, passed: None, score: None, progress: None, duration_ms: None },
        at,
        occasion: None,
    }
}

fn of_lesson(lesson: &StudiedLesson, verb: Verb, at: OffsetDateTime) -> Fact<'_> {
    let kind = match lesson.kind {
        LessonKind::Video | LessonKind::Article => ActivityKind::Lesson,
        LessonKind::Quiz => ActivityKind::Assessment,
    };
    Fact {
        verb,
        activity: Activity { kind, id: lesson.id, title: &lesson.title },
        within: Some(Within { id: lesson.course_id, title: &lesson.course_title, version: 0 }),
        outcome: Outcome::default(),
        at,
        occasion: None,
    }
}
