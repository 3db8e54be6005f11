//! Finishing a lesson, and with the last one the course: marked and rewarded in one transaction.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::queries;
use crate::Campus;
use crate::courses;
use crate::credits::{self, Earned, Earns, Source, Unit};
use crate::error::{Code, Result};
use crate::language::Language;
use crate::residents;

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
        }
    }
}

/// Marks a lesson as finished and gives what it earns; when it was the last one, the
/// course too. Done before: nothing happens and nothing is earned.
///
/// # Errors
/// What the database says; then nothing is marked and nothing earned.
pub(super) async fn complete(campus: &Campus, resident_id: Uuid, lesson_id: Uuid) -> Result<Vec<LessonEarned>> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut earned = Vec::new();
            let lesson = courses::studyable(connection, lesson_id).await?;
            let lesson = lesson.object();
            let resident = match residents::find(connection, resident_id).await {
                // Who has left earns nothing more.
                Err(error) if error.stable_code() == Code::NotFound => return Ok(earned),
                found => found?,
            };
            let records = residents::records(connection, resident.id).await?;
            let Some(course_was_finished) = queries::lock_enrollment(connection, &records, lesson.course_id).await?
            else {
                return Ok(earned);
            };
            if !queries::complete_lesson(connection, &records, lesson_id, now).await? {
                return Ok(earned);
            }
            let source = Source {
                earns: Earns::LessonCompleted,
                id: lesson_id,
                label: &lesson.title,
                worth: lesson.credits,
                at: now,
            };
            let rewards = credits::earn(connection, &campus.clock, resident.id, resident.branch_id, &source).await?;
            earned.extend(rewards.iter().map(|each| LessonEarned::new(each, source.earns, source.label)));

            let ids: Vec<Uuid> =
                courses::lessons_of(connection, lesson.course_id).await?.iter().map(|each| each.id).collect();
            let progress = queries::progress(connection, &records, &ids).await?;
            let all = ids.iter().all(|id| progress.get(id).is_some_and(|row| row.completed_at.is_some()));
            if all && !course_was_finished {
                queries::complete_enrollment(connection, &records, lesson.course_id, now).await?;
                let course = courses::offered(connection, lesson.course_id).await?;
                let course = course.object();
                let source = Source {
                    earns: Earns::CourseCompleted,
                    id: course.id,
                    label: &course.title,
                    worth: course.credits,
                    at: now,
                };
                let rewards =
                    credits::earn(connection, &campus.clock, resident.id, resident.branch_id, &source).await?;
                earned.extend(rewards.iter().map(|each| LessonEarned::new(each, source.earns, source.label)));
            }
            Ok(earned)
        })
        .await
}
