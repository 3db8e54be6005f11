//! The audit: who did what to whom, when, under which request. Append-only.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::access::Actor;
use crate::db::Connection;
use crate::db::schema::audit_entries;
use crate::error::Result;
use crate::ids::new_id;

/// One thing that was done.
#[derive(Debug)]
pub struct Entry<'a> {
    /// What was done: `roster.confirmed`, `course.published`.
    pub action: &'static str,
    /// To what kind of thing.
    pub object_kind: &'static str,
    /// To which one.
    pub object_id: Option<Uuid>,
    /// In which branch.
    pub branch_id: Option<Uuid>,
    /// Figures and codes; never personal data.
    pub detail: serde_json::Value,
    /// By whom; `None` for the system itself.
    pub actor: Option<&'a Actor>,
}

#[derive(Insertable)]
#[diesel(table_name = audit_entries)]
struct NewEntry<'a> {
    id: Uuid,
    at: OffsetDateTime,
    account_id: Option<Uuid>,
    action: &'a str,
    object_kind: &'a str,
    object_id: Option<Uuid>,
    branch_id: Option<Uuid>,
    request_id: Option<&'a str>,
    detail: &'a serde_json::Value,
}

/// Writes an entry inside the transaction that does the thing.
///
/// # Errors
/// What the database says.
pub async fn record(connection: &mut Connection, at: OffsetDateTime, entry: &Entry<'_>) -> Result<()> {
    diesel::insert_into(audit_entries::table)
        .values(NewEntry {
            id: new_id(),
            at,
            account_id: entry.actor.map(|actor| actor.account_id),
            action: entry.action,
            object_kind: entry.object_kind,
            object_id: entry.object_id,
            branch_id: entry.branch_id,
            request_id: entry.actor.and_then(|actor| actor.request_id.as_deref()),
            detail: &entry.detail,
        })
        .execute(connection)
        .await?;
    Ok(())
}
