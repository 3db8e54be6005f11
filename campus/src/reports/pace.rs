//! How fast the records of a month are read: closing can wait, those who learn and post meanwhile cannot.

use std::time::Duration;

use diesel::sql_types::BigInt;
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::db::Connection;
use crate::error::Result;

/// How much longer than a statement took the database is left to others after it: what they lose at most is a
/// seventh of the time that closing takes.
const LONGER: u32 = 6;
/// How long closing rests in all at most, in seconds: whoever still writes into the month waits for it.
const RESTS: Duration = Duration::from_secs(60);
/// As many others as must have asked the database something in the last tenth of a second. A worker that looks
/// for jobs is one.
const OTHERS: i64 = 2;

/// The pace at which statements follow one another.
#[derive(Debug)]
pub(super) enum Pace {
    /// One right after the other: somebody waits for the answer.
    Full,
    /// With rests while others are at work, this long in all.
    GivingWay(Duration),
}

#[derive(QueryableByName)]
struct Others {
    #[diesel(sql_type = BigInt)]
    others: i64,
}

impl Pace {
    /// Rests while others are at work.
    pub(super) const fn giving_way() -> Self {
        Self::GivingWay(RESTS)
    }

    /// Before a statement, `worked` after the one before began: where others are at work it keeps to one core, and
    /// comes later.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn make_room(&mut self, connection: &mut Connection, worked: Duration) -> Result<()> {
        let Self::GivingWay(left) = self else { return Ok(()) };
        let is_busy = others_at_work(connection).await?;
        let helpers = if is_busy { "0" } else { "DEFAULT" };
        // The last statement before the rest sees no rows, and so keeps no row version from being cleared away:
        // what the same people's reports change again and again would be ever slower to read.
        sql_query(format!("SET LOCAL max_parallel_workers_per_gather TO {helpers}")).execute(connection).await?;
        if is_busy {
            let rest = worked.saturating_mul(LONGER).min(*left);
            tokio::time::sleep(rest).await;
            *left = left.saturating_sub(rest);
        }
        Ok(())
    }
}

async fn others_at_work(connection: &mut Connection) -> Result<bool> {
    // Within a transaction the server goes on showing what it showed first.
    sql_query("SELECT pg_stat_clear_snapshot()").execute(connection).await?;
    let seen = sql_query(
        "SELECT count(*) AS others FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND (state = 'active' OR state_change > clock_timestamp() - interval '100 milliseconds')",
    );
    let others: Vec<Others> = seen.load(connection).await?;
    Ok(others.iter().any(|seen| seen.others >= OTHERS))
}
