//! How fast the records of a month are read: closing can wait, those who learn and post meanwhile cannot.

use std::time::{Duration, Instant};

use diesel::sql_types::BigInt;
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::db::Connection;
use crate::error::Result;

/// How much longer than a statement took the database is left to others after it: what they lose at most is a
/// seventh of the time that closing takes.
const LONGER: u32 = 6;
/// How long closing rests in all at most, in seconds.
const RESTS: Duration = Duration::from_secs(60);
/// How often it looks, while it rests, whether somebody waits for it.
const LOOKS_EVERY: Duration = Duration::from_millis(500);
/// Others are at work where each of so many looks sees somebody. Who asks once, as a worker that looks for jobs
/// does, is seen by two of them at most.
const LOOKS: usize = 3;
/// How long after a look the next one comes, and for how long somebody who has asked is seen, in milliseconds.
const BETWEEN_LOOKS: u32 = 20;

/// The pace at which statements follow one another.
#[derive(Debug)]
pub(super) enum Pace {
    /// One right after the other: somebody waits for the answer.
    Full,
    /// With rests while others are at work, this long in all.
    GivingWay(Duration),
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = BigInt)]
    others: i64,
    #[diesel(sql_type = BigInt)]
    waiting: i64,
}

impl Pace {
    /// Rests while others are at work.
    pub(super) const fn giving_way() -> Self {
        Self::GivingWay(RESTS)
    }

    /// Before a statement, `worked` after the one before began: where others are at work it keeps to one core, and
    /// comes later. Whoever still writes into the month waits for its lock: from then on there are no rests.
    /// Answers whether others are still to be given way to.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn make_room(&mut self, connection: &mut Connection, worked: Duration) -> Result<bool> {
        let Self::GivingWay(left) = *self else { return Ok(false) };
        let seen = look_about(connection).await?;
        if seen.waiting > 0 {
            *self = Self::Full;
        } else if seen.others > 0 {
            keep_to_cores(connection, "0").await?;
            self.rest(connection, worked.saturating_mul(LONGER).min(left), left).await?;
            return Ok(matches!(self, Self::GivingWay(_)));
        }
        keep_to_cores(connection, "DEFAULT").await?;
        Ok(false)
    }

    async fn rest(&mut self, connection: &mut Connection, rest: Duration, left: Duration) -> Result<()> {
        let until = Instant::now() + rest;
        *self = Self::GivingWay(left.saturating_sub(rest));
        while let Some(still) = until.checked_duration_since(Instant::now()).filter(|still| !still.is_zero()) {
            tokio::time::sleep(still.min(LOOKS_EVERY)).await;
            if look(connection).await?.waiting > 0 {
                *self = Self::Full;
                return keep_to_cores(connection, "DEFAULT").await;
            }
            keep_to_cores(connection, "0").await?;
        }
        Ok(())
    }
}

/// Tells the server how many helpers a statement may have. It reads no rows, so nothing is held after it: a statement
/// that does keeps what it saw until the next one, and row versions that change again and again meanwhile would not
/// be cleared away and be ever slower to read. So it comes last before a rest.
async fn keep_to_cores(connection: &mut Connection, helpers: &str) -> Result<()> {
    sql_query(format!("SET LOCAL max_parallel_workers_per_gather TO {helpers}")).execute(connection).await?;
    Ok(())
}

/// Who is at work all the while, and who waits for this transaction.
async fn look_about(connection: &mut Connection) -> Result<Seen> {
    let mut seen = look(connection).await?;
    for _ in 1..LOOKS {
        if seen.others == 0 || seen.waiting > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(BETWEEN_LOOKS.into())).await;
        seen = look(connection).await?;
    }
    Ok(seen)
}

/// Who is at work just now, and who waits for this transaction.
async fn look(connection: &mut Connection) -> Result<Seen> {
    // Within a transaction the server goes on showing what it showed first.
    sql_query("SELECT pg_stat_clear_snapshot()").execute(connection).await?;
    let seen = sql_query(format!(
        "SELECT count(*) FILTER (
    WHERE state = 'active' OR state_change > clock_timestamp() - interval '{BETWEEN_LOOKS} milliseconds') AS others,
    count(*) FILTER (
        WHERE wait_event_type = 'Lock' AND pg_backend_pid() = ANY(pg_blocking_pids(pid))) AS waiting
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
    ));
    Ok(seen.get_result(connection).await?)
}
