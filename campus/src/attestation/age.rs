//! How long nothing has been signed.

use time::Duration;

use super::chain::GRACE;
use super::queries;
use crate::Campus;
use crate::db::Connection;
use crate::error::Result;

/// A root is signed each hour. When there has been none for so long, somebody must look.
const OVERDUE: Duration = Duration::hours(3);

/// How old the newest root is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootAge {
    /// The root; `None`: nothing has been signed yet, and the age is that of the first transfer.
    pub root: Option<i64>,
    /// Below zero where the root is of a time still to come.
    pub age: Duration,
    /// Whether the next root should have been signed long ago, or cannot be before the clock gets there.
    pub is_overdue: bool,
}

/// How old the newest root is; `None` while there is nothing to sign.
///
/// # Errors
/// What the database says.
pub async fn age(campus: &Campus, connection: &mut Connection) -> Result<Option<RootAge>> {
    let newest = queries::newest_root(connection).await?;
    let since = match &newest {
        Some(newest) => Some(newest.signed_at),
        None => queries::first_recorded(connection).await?,
    };
    let age = |since| {
        let age = campus.clock.now() - since;
        let root = newest.map(|newest| newest.sequence);
        RootAge { root, age, is_overdue: !(-GRACE..=OVERDUE).contains(&age) }
    };
    Ok(since.map(age))
}
