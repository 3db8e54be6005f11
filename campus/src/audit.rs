//! The audit: who did what to whom, when, under which request. Append-only.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::access::Actor;
use crate::db::schema::{accounts, audit_entries};
use crate::db::{Connection, like_literal};
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::paging::{Page, PageRequest, page};

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

/// What is looked for: everything that is given must fit.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// One action (`course.published`), or all of one kind (`course`).
    pub action: Option<String>,
    /// What this account did.
    pub account_id: Option<Uuid>,
    /// What was done to this thing.
    pub object_id: Option<Uuid>,
    /// What was done to this thing of this kind.
    pub about: Option<(&'static str, Uuid)>,
    /// In this branch.
    pub branch_id: Option<Uuid>,
    /// Under this request.
    pub request_id: Option<String>,
    /// From this moment on.
    pub from: Option<OffsetDateTime>,
    /// Before this moment.
    pub until: Option<OffsetDateTime>,
}

/// One entry as it is read.
#[derive(Debug, Clone, Queryable)]
pub struct Recorded {
    /// The entry.
    pub id: Uuid,
    /// When it was done.
    pub at: OffsetDateTime,
    /// By whom; `None`: by the system itself.
    pub account_id: Option<Uuid>,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// To which one.
    pub object_id: Option<Uuid>,
    /// In which branch.
    pub branch_id: Option<Uuid>,
    /// Under which request.
    pub request_id: Option<String>,
    /// Figures and codes.
    pub detail: serde_json::Value,
    /// The name of who did it.
    pub account_name: Option<String>,
    /// Their role as it is now.
    pub account_role: Option<String>,
}

/// Entries that fit, newest first.
///
/// # Errors
/// A wrong limit or cursor; what the database says.
pub async fn search(connection: &mut Connection, search: &Search, request: &PageRequest) -> Result<Page<Recorded>> {
    let limit = request.limit()?;
    let mut query = audit_entries::table
        .left_join(accounts::table.on(audit_entries::account_id.eq(accounts::id.nullable())))
        .select((
            audit_entries::id,
            audit_entries::at,
            audit_entries::account_id,
            audit_entries::action,
            audit_entries::object_kind,
            audit_entries::object_id,
            audit_entries::branch_id,
            audit_entries::request_id,
            audit_entries::detail,
            accounts::name.nullable(),
            accounts::role.nullable(),
        ))
        .order((audit_entries::at.desc(), audit_entries::id.desc()))
        .limit(limit + 1)
        .into_boxed();
    if let Some(action) = &search.action {
        let of_kind = audit_entries::action.like(format!("{}.%", like_literal(action)));
        query = query.filter(audit_entries::action.eq(action.clone()).or(of_kind));
    }
    if let Some(id) = search.account_id {
        query = query.filter(audit_entries::account_id.eq(id));
    }
    if let Some(id) = search.object_id {
        query = query.filter(audit_entries::object_id.eq(id));
    }
    if let Some((kind, id)) = search.about {
        query = query.filter(audit_entries::object_kind.eq(kind).and(audit_entries::object_id.eq(id)));
    }
    if let Some(id) = search.branch_id {
        query = query.filter(audit_entries::branch_id.eq(id));
    }
    if let Some(id) = &search.request_id {
        query = query.filter(audit_entries::request_id.eq(id.clone()));
    }
    if let Some(from) = search.from {
        query = query.filter(audit_entries::at.ge(from));
    }
    if let Some(until) = search.until {
        query = query.filter(audit_entries::at.lt(until));
    }
    if let Some((microseconds, id)) = request.position::<(i64, Uuid)>()? {
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000)
            .map_err(|_| Error::field("cursor", Code::CursorInvalid))?;
        let same_moment = audit_entries::at.eq(at).and(audit_entries::id.lt(id));
        query = query.filter(audit_entries::at.lt(at).or(same_moment));
    }
    let entries = query.load::<Recorded>(connection).await?;
    page(entries, limit, |entry| (microseconds(entry.at), entry.id))
}

fn microseconds(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}
