//! Learning: enrolling, watching, finishing, and what that earns.

mod attendance;
mod catching_up;
mod completion;
mod enrollment;
mod enrollment_queries;
mod jobs;
mod minutes;
mod progress_statements;
mod queries;
mod quiz_queries;
mod quizzes;
mod readings;
mod recorder;
mod saving;
mod sheet;
mod sheets;
mod stretches;
mod telling;
mod trace;
mod watching;

pub use attendance::{Attended, Finished, attended, finished};
pub use completion::{CERTIFICATES_DUE, LessonEarned};
pub use enrollment::{
    CourseProgress, Enrollment, EnrollmentItem, LessonState, course_progress, enroll, enroll_helped, enrollments,
    enrollments_helped,
};
pub use jobs::{handlers, schedules};
pub use quizzes::{Answer, AskedQuestion, Attempt, answer, attempt, attempts};
pub use readings::{Reading, read, reading_seconds};
pub use watching::{Viewing, WatchRecorder, WatchReport, Watched, start_viewing};

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::Connection;
use crate::error::Result;

/// Makes what processes keep of the watching of these records be read anew: whose they are changes
/// in this transaction. What they have finished between them is finished after it.
///
/// # Errors
/// What the database says.
pub async fn join(connection: &mut Connection, kept_id: Uuid, records: &[Uuid], now: OffsetDateTime) -> Result<()> {
    queries::join_budgets(connection, kept_id, records).await?;
    jobs::finish_courses(connection, kept_id, now).await
}

/// The watched time that finishes a lesson, in milliseconds: `percent` of the duration,
/// rounded up to a whole second, but never more than there is.
#[must_use]
pub fn required_ms(duration_ms: i32, percent: i16) -> i32 {
    let share = i64::from(duration_ms) * i64::from(percent);
    let seconds = (share + 99_999) / 100_000;
    i32::try_from(seconds * 1000).unwrap_or(duration_ms).min(duration_ms)
}

#[cfg(test)]
mod tests {
    use super::required_ms;

    #[test]
    fn ninety_percent_are_rounded_up_to_a_second() {
        assert_eq!(required_ms(60_000, 90), 54_000);
        assert_eq!(required_ms(60_001, 90), 55_000);
        assert_eq!(required_ms(64_043, 90), 58_000);
        assert_eq!(required_ms(900, 90), 900);
    }
}
