//! Jobs: rows written in the transaction of the business they follow from, claimed
//! short, finished by attempt, kept when dead.

mod forget;
mod queue;
mod schedule;

use async_trait::async_trait;
use serde_json::Value;
use time::Duration;

pub use forget::{ForgetFinished, handlers, schedules};
pub use queue::{
    Claimed, Dead, NewJob, bury, claim, dead, enqueue, fail, finish, give_back, renew, replay, rescue, under_way,
};
pub use schedule::{NIGHT, Recurrence, Schedule, tick};

use crate::Campus;
use crate::error::Result;

/// How long a claim holds before another worker may take the job over.
pub const LEASE: Duration = Duration::seconds(60);

/// One kind of job: a shallow call of a verb.
#[async_trait]
pub trait Handler: Send + Sync {
    /// The kind that stands in the row.
    fn kind(&self) -> &'static str;

    /// Does the work. Must bear being run again after a crash at any point.
    ///
    /// # Errors
    /// Whatever went wrong; the job is tried again until its attempts are used up.
    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()>;

    /// Called once when the last attempt has failed, so that what waits for the job
    /// is not left in limbo.
    ///
    /// # Errors
    /// Whatever went wrong; it is logged.
    async fn gave_up(&self, _campus: &Campus, _payload: &Value) -> Result<()> {
        Ok(())
    }
}
