//! Things that come due by the clock. A tick is a row, unique by name and due time, so
//! any number of workers enqueue it once, and one that was missed is caught up.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use time::{Duration, OffsetDateTime};

use super::queue::{NewJob, enqueue};
use crate::Campus;
use crate::clock::Clock;
use crate::db::schema::job_schedules;
use crate::error::Result;

/// Into the civil day this far the nights' work begins: nobody is learning, and the figures of the
/// day before are complete.
pub const NIGHT: Duration = Duration::hours(2);

/// When a job comes round.
#[derive(Debug, Clone, Copy)]
pub enum Recurrence {
    /// So often, counted from 1970-01-01T00:00:00Z.
    Every(Duration),
    /// Once each civil day in the deployment's time zone, [`NIGHT`] into it.
    Nightly,
}

/// A job that comes round.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// The job's kind, and the schedule's name.
    pub kind: &'static str,
    /// When it does.
    pub recurs: Recurrence,
    /// The queue it runs on.
    pub queue: &'static str,
}

impl Schedule {
    /// The last moment at or before `now` when it was due, in the time zone of `clock`.
    #[must_use]
    pub fn due(&self, clock: &Clock, now: OffsetDateTime) -> OffsetDateTime {
        match self.recurs {
            Recurrence::Every(every) => {
                let every = every.whole_seconds().max(1);
                let since = now.unix_timestamp();
                OffsetDateTime::from_unix_timestamp(since - since.rem_euclid(every)).unwrap_or(now)
            }
            Recurrence::Nightly => clock.start_of(clock.date_of(now - NIGHT)) + NIGHT,
        }
    }
}

/// Enqueues whatever has come due. Each scheduled job is a reconciler ("everything due and
/// not done"), so one tick after an outage makes up for all that were missed.
///
/// # Errors
/// What the database says.
pub async fn tick(campus: &Campus, schedules: &[Schedule], now: OffsetDateTime) -> Result<usize> {
    let mut enqueued = 0;
    for schedule in schedules {
        let due = schedule.due(&campus.clock, now);
        let connection = &mut *campus.database.connection().await?;
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn due(recurs: Recurrence, now: OffsetDateTime) -> OffsetDateTime {
        let clock = Clock::manual("Asia/Shanghai", now).unwrap();
        Schedule { kind: "tidy", recurs, queue: "default" }.due(&clock, now)
    }

    #[test]
    fn nights_begin_at_two_in_the_morning_where_the_site_is() {
        for (now, last) in [
            (datetime!(2026-11-30 17:59:59 UTC), datetime!(2026-11-30 02:00 +8)),
            (datetime!(2026-11-30 18:00 UTC), datetime!(2026-12-01 02:00 +8)),
            (datetime!(2026-12-01 01:59:59 +8), datetime!(2026-11-30 02:00 +8)),
            (datetime!(2026-12-01 23:59:59 +8), datetime!(2026-12-01 02:00 +8)),
        ] {
            assert_eq!(due(Recurrence::Nightly, now), last, "{now}");
        }
    }

    #[test]
    fn what_comes_often_is_counted_from_one_moment_everywhere() {
        let now = datetime!(2026-12-01 10:07:30 +8);
        assert_eq!(due(Recurrence::Every(Duration::minutes(5)), now), datetime!(2026-12-01 02:05 UTC));
        assert_eq!(due(Recurrence::Every(Duration::HOUR), now), datetime!(2026-12-01 02:00 UTC));
    }
}
