//! Work that must not be cut in half when the client goes away.

use std::future::Future;

use campus::error::{Error, Result};

use crate::observe;
use crate::problem::Problem;

/// Runs a verb in a task of its own: a client that resets its connection drops the
/// handler, not the work.
///
/// # Errors
/// Those of the verb.
pub async fn detached<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T, Problem> {
    let task = tokio::spawn(observe::within(observe::current(), work));
    match task.await {
        Ok(answer) => answer.map_err(Problem::from),
        Err(error) => Err(Error::internal(error).into()),
    }
}
