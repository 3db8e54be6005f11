//! Finishing a lesson, and with the last one the course: marked and rewarded in one transaction.

use diesel_async::AsyncConnection;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::queries;
use super::telling::{self, Who};
use crate::Campus;
use crate::courses::{self, Content};
use crate::credits::{self, Earned, Earns, Source, Unit};
use crate::db::Connection;
use crate::error::{Code, Result};
use crate::jobs::{self, NewJob};
use crate::language::Language;
use crate::residents::{self, Resident};

/// The job that is written when a course is finished: certificates stand on learning, which knows
/// nothing of them but this name.
pub const CERTIFICATES_DUE: &str = "issue_certificates";

/// What finishing has earned.
#[derive(Debug, Clone)]
pub struct LessonEarned {
    /// Of what.
    pub unit: Unit,
    /// How much.
    pub amount: i64,
    earns: Earns,
    label: String,
}

impl LessonEarned {
    fn new(earned: &Earned, earns: Earns, label: &str) -> Self {
        Self { unit: earned.unit, amount: earned.amount, earns, label: label.to_owned() }
    }

    /// What for, in the reader's language.
    #[must_use]
    pub fn reason(&self, language: Language) -> String {
        let label = &self.label;
        match (self.earns, language) {
            (Earns::LessonCompleted, Language::Chinese) => format!("学完一课《{label}》"),
            (Earns::LessonCompleted, Language::English) => format!("Finished the lesson “{label}”"),
            (Earns::CourseCompleted, Language::Chinese) => format!("学完课程《{label}》"),
            (Earns::CourseCompleted, Language::English) => format!("Finished the course “{label}”"),
            (Earns::QuizPassed, Language::Chinese) => format!("通过测验《{label}》"),
            (Earns::QuizPassed, Language::English) => format!("Passed the quiz “{label}”"),
            (Earns::Minutes | Earns::Attendance | Earns::DailyLogIn, _) => label.clone(),
        }
    }
}

/// Marks a lesson as finished and gives what it earns; when it was the last one, the
/// course too. Done before: nothing happens and nothing is earned.
///
/// # Errors
/// What the database says; then nothing is marked and nothing earned.
pub(super) async fn complete(campus: &Campus, resident_id: Uuid, lesson_id: Uuid) -> Result<Vec<LessonEarned>> {
    let connection = &mut *campus.database.connection().await?;
    connection.transaction(async |connection| complete_within(connection, campus, resident_id, lesson_id).await).await
}

/// The same inside the caller's transaction.
pub(super) async fn complete_within(
    connection: &mut Connection,
    campus: &Campus,
    resident_id: Uuid,
    lesson_id: Uuid,
) -> Result<Vec<LessonEarned>> {
    let now = campus.clock.now();
    let lesson = courses::studyable(connection, lesson_id).await?;
    let lesson = lesson.object();
    let Some(resident) = who_stays(connection, resident_id).await? else { return Ok(Vec::new()) };
    let records = residents::records(connection, resident.id).await?;
    let Some(enrollment) = queries::lock_enrollment(connection, &records, lesson.course_id, lesson_id).await? else {
        return Ok(Vec::new());
    };
    if !queries::complete_lesson(connection, &records, lesson_id, now).await? {
        return Ok(Vec::new());
    }
    let learner = Learner { campus, resident: &resident, records: &records };
    let source =
        Source { earns: Earns::LessonCompleted, id: lesson_id, label: &lesson.title, worth: lesson.credits, at: now };
    let mut earned = learner.earn(connection, &source).await?;
    if matches!(lesson.content()?, Some(Content::Quiz(_))) {
        earned.extend(learner.earn(connection, &Source { earns: Earns::QuizPassed, ..source }).await?);
    }
    telling::lesson_finished(connection, campus, learner.who(), lesson, now).await?;
    if !enrollment.finished {
        earned.extend(learner.complete_course(connection, lesson.course_id, &enrollment.versions, now).await?);
    }
    Ok(earned)
}

/// Finishes the courses all of whose lessons somebody has finished, under one of their records or another:
/// after records have been joined, for each by itself had a part of them.
pub(super) async fn complete_courses(campus: &Campus, resident_id: Uuid) -> Result<()> {
    let connection = &mut *campus.database.connection().await?;
    let Some(resident) = who_stays(connection, resident_id).await? else { return Ok(()) };
    let records = residents::records(connection, resident.id).await?;
    for course_id in queries::unfinished_courses(connection, &records).await? {
        connection
            .transaction(async |connection| complete_if_due(connection, campus, resident.id, course_id).await)
            .await?;
    }
    Ok(())
}

/// Finishes one of these courses, if it is still theirs to finish.
async fn complete_if_due(
    connection: &mut Connection,
    campus: &Campus,
    resident_id: Uuid,
    course_id: Uuid,
) -> Result<()> {
    let Some(resident) = who_stays(connection, resident_id).await? else { return Ok(()) };
    match courses::offered(connection, course_id).await {
        Err(error) if error.stable_code() == Code::NotFound => return Ok(()),
        offered => drop(offered?),
    }
    let records = residents::records(connection, resident.id).await?;
    let enrollment = queries::lock_enrollments(connection, &records, course_id).await?;
    if enrollment.finished {
        return Ok(());
    }
    let learner = Learner { campus, resident: &resident, records: &records };
    learner.complete_course(connection, course_id, &enrollment.versions, campus.clock.now()).await.map(drop)
}

/// The resident; `None` of somebody who has left, and earns and finishes nothing more.
async fn who_stays(connection: &mut Connection, resident_id: Uuid) -> Result<Option<Resident>> {
    match residents::find(connection, resident_id).await {
        Err(error) if error.stable_code() == Code::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// Who finishes something.
struct Learner<'a> {
    campus: &'a Campus,
    resident: &'a Resident,
    records: &'a [Uuid],
}

impl Learner<'_> {
    const fn who(&self) -> Who<'_> {
        Who { person_id: self.resident.id, records: self.records }
    }

    async fn earn(&self, connection: &mut Connection, source: &Source<'_>) -> Result<Vec<LessonEarned>> {
        let (clock, resident) = (&self.campus.clock, self.resident);
        let rewards = credits::earn(connection, clock, resident.id, resident.branch_id, source).await?;
        Ok(rewards.iter().map(|each| LessonEarned::new(each, source.earns, source.label)).collect())
    }

    /// Finishes the course if every lesson of one of these versions is finished.
    async fn complete_course(
        &self,
        connection: &mut Connection,
        course_id: Uuid,
        versions: &[i32],
        now: OffsetDateTime,
    ) -> Result<Vec<LessonEarned>> {
        for version in versions {
            let lessons = courses::lessons_of(connection, course_id, *version).await?;
            let ids: Vec<Uuid> = lessons.iter().map(|lesson| lesson.id).collect();
            let progress = queries::progress(connection, self.records, &ids).await?;
            if !ids.iter().all(|id| progress.get(id).is_some_and(|row| row.completed_at.is_some())) {
                continue;
            }
            queries::complete_enrollment(connection, self.records, course_id, *version, now).await?;
            let due = NewJob::new(CERTIFICATES_DUE, Value::Null, now).unique(CERTIFICATES_DUE);
            jobs::enqueue(connection, &due).await?;
            let course = courses::offered(connection, course_id).await?;
            let course = course.object();
            let watched_ms = progress.values().map(|row| i64::from(row.watched_ms)).sum();
            telling::course_finished(connection, self.campus, self.who(), course, watched_ms, now).await?;
            let source = Source {
                earns: Earns::CourseCompleted,
                id: course.id,
                label: &course.title,
                worth: courses::worth(connection, course_id, *version).await?,
                at: now,
            };
            return self.earn(connection, &source).await;
        }
        Ok(Vec::new())
    }
}
