//! Things that come due by the clock. A tick is a row, unique by name and due time, so
//! any number of workers enqueue it once, and one that was missed is caught up.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use time::{Duration, OffsetDateTime};

use super::queue::{NewJob, enqueue};
use crate::db::Database;
use crate::db::schema::job_schedules;
use crate::error::Result;

/// A job that comes round.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// The job's kind, and the schedule's name.
    pub kind: &'static str,
    /// How often, counted from 1970-01-01T00:00:00Z.
    pub every: Duration,
    /// The queue it runs on.
    pub queue: &'static str,
}

impl Schedule {
    /// The last moment at or before `now` when it was due.
    #[must_use]
    pub fn due(&self, now: OffsetDateTime) -> OffsetDateTime {
        let every = self.every.whole_seconds().max(1);
        let since = now.unix_timestamp();
        OffsetDateTime::from_unix_timestamp(since - since.rem_euclid(every)).unwrap_or(now)
    }
}

/// Enqueues whatever has come due. Each scheduled job is a reconciler ("everything due and
/// not done"), so one tick after an outage makes up for all that were missed.
///
/// # Errors
/// What the database says.
pub async fn tick(database: &Database, schedules: &[Schedule], now: OffsetDateTime) -> Result<usize> {
    let mut enqueued = 0;
    for schedule in schedules {
        let due = schedule.due(now);
        let connection = &mut *database.connection().await?;
        enqueued += connection
            .transaction(async |connection| {
                let new = diesel::insert_into(job_schedules::table)
                    .values((
                        job_schedules::name.eq(schedule.kind),
                        job_schedules::due_at.eq(due),
                        job_schedules::enqueued_at.eq(now),
                    ))
                    .on_conflict_do_nothing()
                    .execute(connection)
                    .await?;
                if new == 1 {
                    let job =
                        NewJob::new(schedule.kind, serde_json::json!({}), now).on(schedule.queue).unique(schedule.kind);
                    enqueue(connection, &job).await?;
                    diesel::delete(job_schedules::table.filter(
                        job_schedules::name.eq(schedule.kind).and(job_schedules::due_at.lt(now - Duration::days(7))),
                    ))
                    .execute(connection)
                    .await?;
                }
                Ok::<usize, crate::error::Error>(new)
            })
            .await?;
    }
    Ok(enqueued)
}
