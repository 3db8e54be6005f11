//! A password that its owner has just chosen, in place of one that is forgotten.

use serde_json::json;
use time::OffsetDateTime;

use super::log_in::beside;
use super::rows::Account;
use super::tokens::Sessions;
use super::{devices, password_rules, queries};
use crate::Campus;
use crate::access::Role;
use crate::audit;
use crate::db::Connection;
use crate::error::Result;

/// A password that may be set, as a hash.
pub(super) struct NewPassword(String);

impl NewPassword {
    /// Checks a password and hashes it.
    ///
    /// # Errors
    /// The field `password`; too many are waiting to be hashed.
    pub(super) async fn make(campus: &Campus, sessions: &Sessions, owner: &Account, password: &str) -> Result<Self> {
        if owner.role == Role::Resident.as_str() {
            password_rules::check_resident_password(password)?;
        } else {
            let about = [owner.name.as_str(), owner.email.as_deref().unwrap_or_default()];
            password_rules::check_staff_password(password, &about)?;
        }
        let beside = beside(campus, &mut *campus.database.connection().await?, owner).await?;
        // Without a connection: hashes wait for their turn, and others need the pool meanwhile.
        Ok(Self(sessions.passwords.hash_beside(password, beside.as_deref()).await?))
    }

    /// Sets it, ends every session of the account and forgets its devices: whoever knew the old
    /// one has nothing left of it. `by` says for the audit how its owner was known.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn set(
        &self,
        connection: &mut Connection,
        owner: &Account,
        by: &'static str,
        now: OffsetDateTime,
    ) -> Result<()> {
        queries::set_password(connection, owner.id, &self.0).await?;
        queries::end_families(connection, owner.id, "password_set", now).await?;
        devices::forget_all(connection, owner.id, now).await?;
        let entry = audit::Entry {
            action: "account.password_set",
            object_kind: "account",
            object_id: Some(owner.id),
            branch_id: owner.branch_id,
            detail: json!({"by": by}),
            actor: None,
        };
        audit::record(connection, now, &entry).await
    }
}
