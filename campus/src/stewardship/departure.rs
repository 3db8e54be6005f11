//! Leaving: the person is forgotten, the numbers stay.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::departure_queries as queries;
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::accounts::Sessions;
use crate::audit;
use crate::error::{Code, Error, Result};
use crate::residents::Resident;

/// Why staff end a registration. Words of one's own would stay in the audit for good.
pub const REASONS: [&str; 4] = ["asked", "guardian_asked", "deceased", "registered_by_mistake"];

/// The actor leaves. Nothing brings back who they were.
///
/// # Errors
/// [`Code::ConfirmationRequired`] on the field `confirmation`.
pub async fn leave(campus: &Campus, sessions: &Sessions, actor: &Actor, confirmed: bool) -> Result<OffsetDateTime> {
    if !confirmed {
        return Err(Error::field("confirmation", Code::ConfirmationRequired));
    }
    forget(campus, sessions, actor, actor.resident()?, None).await
}

/// Staff end the registration of somebody who asks for it at the desk, or who has died.
///
/// # Errors
/// [`Code::ValueInvalid`] on the field `reason`; [`Code::NotFound`] for who has left meanwhile.
pub async fn end_registration(
    campus: &Campus,
    sessions: &Sessions,
    actor: &Actor,
    proof: &CanManage<Resident>,
    reason: &str,
) -> Result<OffsetDateTime> {
    if !REASONS.contains(&reason) {
        return Err(Error::field("reason", Code::ValueInvalid));
    }
    forget(campus, sessions, actor, proof.object().id, Some(reason)).await
}

async fn forget(
    campus: &Campus,
    sessions: &Sessions,
    actor: &Actor,
    resident_id: Uuid,
    reason: Option<&str>,
) -> Result<OffsetDateTime> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    let accounts = connection
        .transaction(async |connection| {
            let (records, branch_id) = queries::lock(connection, resident_id).await?;
            let accounts = queries::accounts_of(connection, &records).await?;
            queries::forget(connection, &records, &accounts, now).await?;
            let entry = audit::Entry {
                action: "resident.left",
                object_kind: "resident",
                object_id: Some(resident_id),
                branch_id: Some(branch_id),
                detail: json!({"reason": reason, "records": records}),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await?;
            Ok::<_, Error>(accounts)
        })
        .await?;
    for account in accounts {
        sessions.forget_account(account);
    }
    Ok(now)
}
