//! Learning's scheduled work.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::catching_up::catch_up;
use super::completion::{complete, complete_courses};
use super::{minutes, progress_statements, queries};
use crate::Campus;
use crate::config::Config;
use crate::courses::ENROLLMENTS_BEHIND;
use crate::credits;
use crate::db::Connection;
use crate::error::Result;
use crate::jobs::{self, Handler, NewJob, Recurrence, Schedule};

/// Finishes lessons whose figures say so and whose mark a crash has swallowed.
struct FinishLessons;

#[async_trait]
impl Handler for FinishLessons {
    fn kind(&self) -> &'static str {
        "finish_lessons"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        let before = campus.clock.now() - Duration::minutes(1);
        let unmarked = queries::unmarked(&mut *campus.database.connection().await?, before).await?;
        for (resident_id, lesson_id) in unmarked {
            complete(campus, resident_id, lesson_id).await?;
        }
        Ok(())
    }
}

/// Finishes what somebody has finished under one of their records and another.
struct FinishCourses;

#[derive(Deserialize, Serialize)]
struct Joined {
    resident_id: Uuid,
}

#[async_trait]
impl Handler for FinishCourses {
    fn kind(&self) -> &'static str {
        "finish_courses"
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        let joined: Joined = serde_json::from_value(payload.clone())?;
        complete_courses(campus, joined.resident_id).await
    }
}

/// Has the courses looked through of somebody whose records have been joined.
pub(super) async fn finish_courses(connection: &mut Connection, resident_id: Uuid, now: OffsetDateTime) -> Result<()> {
    let payload = serde_json::to_value(Joined { resident_id })?;
    jobs::enqueue(connection, &NewJob::new(FinishCourses.kind(), payload, now)).await?;
    Ok(())
}

/// Moves whoever has begun nothing to the version of a course that is offered now.
struct CatchUp;

#[derive(Deserialize)]
struct Behind {
    course_id: Uuid,
}

#[async_trait]
impl Handler for CatchUp {
    fn kind(&self) -> &'static str {
        ENROLLMENTS_BEHIND
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        let behind: Behind = serde_json::from_value(payload.clone())?;
        catch_up(campus, behind.course_id).await
    }
}

/// Tells a learning record store how far people have come in what they are watching.
struct StateProgress;

#[async_trait]
impl Handler for StateProgress {
    fn kind(&self) -> &'static str {
        "state_progress"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        progress_statements::state(campus).await
    }
}

/// Gives what so many minutes of a day earned lately.
struct EarnMinutes;

#[async_trait]
impl Handler for EarnMinutes {
    fn kind(&self) -> &'static str {
        "earn_minutes"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        minutes::earn(campus, credits::LATELY).await
    }
}

/// Gives the same for days on which no worker was there to give it.
struct EarnMissedMinutes;

#[async_trait]
impl Handler for EarnMissedMinutes {
    fn kind(&self) -> &'static str {
        "earn_missed_minutes"
    }

    async fn run(&self, campus: &Campus, _payload: &Value) -> Result<()> {
        minutes::earn(campus, credits::MISSED).await
    }
}

/// What this room runs in the background.
#[must_use]
pub fn handlers() -> Vec<Box<dyn Handler>> {
    vec![
        Box::new(FinishLessons),
        Box::new(FinishCourses),
        Box::new(CatchUp),
        Box::new(StateProgress),
        Box::new(EarnMinutes),
        Box::new(EarnMissedMinutes),
    ]
}

/// When; the last only where there is somebody to tell.
#[must_use]
pub fn schedules(config: &Config) -> Vec<Schedule> {
    let finishing =
        Schedule { kind: FinishLessons.kind(), recurs: Recurrence::Every(Duration::minutes(5)), queue: "default" };
    let stating =
        Schedule { kind: StateProgress.kind(), recurs: Recurrence::Every(Duration::minutes(15)), queue: "default" };
    let minutes =
        Schedule { kind: EarnMinutes.kind(), recurs: Recurrence::Every(Duration::minutes(1)), queue: "default" };
    let missed =
        Schedule { kind: EarnMissedMinutes.kind(), recurs: Recurrence::Every(Duration::HOUR), queue: "default" };
    [finishing, minutes, missed].into_iter().chain(config.lrs.iter().map(|_| stating)).collect()
}
