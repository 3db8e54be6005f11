//! How much of the store each branch may fill, and how much of that it does.

mod queries;

use diesel_async::AsyncConnection;
use serde_json::json;
use uuid::Uuid;

use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::audit;
use crate::branches::Branch;
use crate::db::Connection;
use crate::error::{Code, Error, Result};

/// The largest quota, in bytes: 1 PiB.
const LARGEST: i64 = 1 << 50;

/// A branch's share of the store, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// What it may hold.
    pub quota: i64,
    /// What it holds: originals, also those that are still being sent, renditions, files of courses.
    pub used: i64,
}

impl Share {
    /// What is left; nothing where the quota was lowered below what is held.
    #[must_use]
    pub fn left(&self) -> i64 {
        self.quota.saturating_sub(self.used).max(0)
    }
}

/// A branch's share of the store.
///
/// # Errors
/// What the database says.
pub async fn share(connection: &mut Connection, proof: &CanManage<Branch>) -> Result<Share> {
    share_of(connection, proof.object().id).await
}

async fn share_of(connection: &mut Connection, branch: Uuid) -> Result<Share> {
    let quota = queries::quota(connection, branch).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    Ok(Share { quota, used: queries::used(connection, branch).await? })
}

/// Whether a branch may take `bytes` more, as things stand. [`reserve`] decides; this spares the work
/// that comes before it.
///
/// # Errors
/// [`Code::StorageQuotaExceeded`] with `left_bytes` and `quota_bytes`.
pub async fn check(connection: &mut Connection, branch: Uuid, bytes: i64) -> Result<()> {
    admit(share_of(connection, branch).await?, bytes)
}

/// Holds the branch's share until the transaction ends, and lets the transaction go on if `bytes` more
/// fit. What they are for is written by the same transaction, so two at once cannot pass together.
///
/// # Errors
/// As [`check`].
pub async fn reserve(connection: &mut Connection, branch: Uuid, bytes: i64) -> Result<()> {
    let quota = queries::lock_quota(connection, branch).await?;
    // A statement of its own, which sees what the one before waited for.
    admit(Share { quota, used: queries::used(connection, branch).await? }, bytes)
}

fn admit(share: Share, bytes: i64) -> Result<()> {
    if bytes <= share.left() {
        return Ok(());
    }
    let extra = json!({"left_bytes": share.left(), "quota_bytes": share.quota});
    Err(Error::with(Code::StorageQuotaExceeded, extra))
}

/// Sets what a branch may hold, in bytes. Where it holds more already, nothing is lost, and nothing
/// more is taken.
///
/// # Errors
/// [`Code::StorageQuotaInvalid`] for `quota_bytes`: below zero or above 1 PiB.
pub async fn set(campus: &Campus, actor: &Actor, proof: &CanManage<Branch>, quota: i64) -> Result<Share> {
    if !(0..=LARGEST).contains(&quota) {
        return Err(Error::field("quota_bytes", Code::StorageQuotaInvalid));
    }
    let branch = proof.object().id;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::set_quota(connection, branch, quota).await?;
            let entry = audit::Entry {
                action: "branch.storage_quota_set",
                object_kind: "branch",
                object_id: Some(branch),
                branch_id: Some(branch),
                detail: json!({"quota_bytes": quota}),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await?;
            share_of(connection, branch).await
        })
        .await
}
