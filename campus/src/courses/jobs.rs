//! The scheduled work of courses.

use async_trait::async_trait;
use diesel_async::AsyncConnection;
use serde_json::Value;
use time::Duration;

use super::{queries, texts};
use crate::Campus;
use crate::error::Result;
use crate::jobs::{Handler, Recurrence, Schedule};

/// How many courses are brought up to date before the next turn.
const AT_ONCE: i64 = 500;

/// Makes anew what courses are found by, where something has changed that no verb of theirs saw:
/// the captions of a video.
struct RefreshCourseTexts;

#[async_trait]
impl Handler for RefreshCourseTexts {
    fn kind(&self) -> &'static str {
        "refresh_course_texts"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        let connection = &mut *campus.database.connection().await?;
        for course in texts::outdated(connection, AT_ONCE).await? {
            connection
                .transaction(async |connection| {
                    // Held: of two at once the second reads what the first has left.
                    queries::lock(connection, course).await?;
                    texts::refresh(connection, course).await
                })
                .await?;
        }
        Ok(())
    }
}

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(RefreshCourseTexts)]
}

/// When.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![Schedule {
        kind: RefreshCourseTexts.kind(),
        recurs: Recurrence::Every(Duration::minutes(1)),
        queue: "default",
    }]
}
