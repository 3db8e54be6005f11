//! Joining two records of one person, and taking them apart again.
//!
//! Rows stay where they are: the record that is merged away names the one that stays, reads take
//! the union, caps span both. What is written afterwards is written to the record that stays, and
//! stays there when the merge is undone.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::merge_queries as queries;
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::audit;
use crate::branches;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::paging::{Page, PageRequest, page};
use crate::residents::{self, Resident};
use crate::{accounts, learning};

/// Two records that were joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The merge's id.
    pub id: Uuid,
    /// The record that stays.
    pub kept_id: Uuid,
    /// The record that was merged into it.
    pub merged_id: Uuid,
    /// When.
    pub merged_at: OffsetDateTime,
    /// When it was undone.
    pub undone_at: Option<OffsetDateTime>,
}

/// What is held under one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holdings {
    /// Hundredths of a credit.
    pub credits: i64,
    /// Points.
    pub points: i64,
    /// Courses enrolled in.
    pub enrollments: i64,
    /// Courses finished.
    pub completions: i64,
    /// Whether there is an account to log in with.
    pub account: bool,
}

/// What joining two records would bring together.
#[derive(Debug, Clone)]
pub struct Joining {
    /// The person who stays.
    pub kept: Resident,
    /// What they hold.
    pub kept_holds: Holdings,
    /// The person whose record goes into it.
    pub merged: Resident,
    /// What they hold.
    pub merged_holds: Holdings,
}

/// A merge with the records as they stand.
#[derive(Debug, Clone)]
pub struct MergeItem {
    /// The merge.
    pub merge: Merge,
    /// The record that stays.
    pub kept: Resident,
    /// The record that was merged into it.
    pub merged: Resident,
}

/// Both persons, each to be managed by the actor.
async fn both(
    connection: &mut Connection,
    actor: &Actor,
    kept_id: Uuid,
    other_id: Uuid,
) -> Result<(CanManage<Resident>, CanManage<Resident>)> {
    let kept = residents::manageable(connection, actor, kept_id).await?;
    let other = residents::manageable(connection, actor, other_id).await?;
    Ok((kept, other))
}

/// Both persons, held until the transaction ends. Whom these records belong to may change until the persons
/// are held: they are looked up until they stay the same.
async fn hold_both(
    connection: &mut Connection,
    actor: &Actor,
    kept_id: Uuid,
    other_id: Uuid,
) -> Result<(Resident, Resident)> {
    queries::hold(connection, &[kept_id, other_id]).await?;
    let mut held = None;
    loop {
        let (kept, other) = both(connection, actor, kept_id, other_id).await?;
        let (kept, other) = (kept.object().clone(), other.object().clone());
        if held == Some((kept.id, other.id)) {
            return Ok((kept, other));
        }
        queries::hold(connection, &[kept.id, other.id]).await?;
        held = Some((kept.id, other.id));
    }
}

/// What a merge would bring together; nothing is written.
///
/// # Errors
/// [`Code::NotFound`] for a resident who is not theirs; [`Code::SamePerson`].
pub async fn preview(campus: &Campus, actor: &Actor, kept_id: Uuid, other_id: Uuid) -> Result<Joining> {
    let connection = &mut *campus.database.connection().await?;
    let (kept, other) = both(connection, actor, kept_id, other_id).await?;
    let (kept, merged) = (kept.object().clone(), other.object().clone());
    if kept.id == merged.id {
        return Err(Error::code(Code::SamePerson));
    }
    let kept_records = residents::records(connection, kept.id).await?;
    let merged_records = residents::records(connection, merged.id).await?;
    Ok(Joining {
        kept_holds: queries::holdings(connection, &kept_records).await?,
        merged_holds: queries::holdings(connection, &merged_records).await?,
        kept,
        merged,
    })
}

/// Joins the record `other_id` to `kept_id`, which stays. Where either was merged before, it is the
/// records that stayed then which are joined. Answers whether that is new.
///
/// # Errors
/// [`Code::NotFound`] for a resident who is not theirs; [`Code::SamePerson`].
pub async fn merge(campus: &Campus, actor: &Actor, kept_id: Uuid, other_id: Uuid) -> Result<(MergeItem, bool)> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let (kept, merged) = hold_both(connection, actor, kept_id, other_id).await?;
            if kept.id == merged.id {
                let known = queries::standing(connection, kept.id, other_id).await?;
                let merge = known.ok_or_else(|| Error::code(Code::SamePerson))?;
                let merged = recorded(connection, merge.merged_id).await?;
                return Ok((MergeItem { merge, kept, merged }, false));
            }
            queries::hold_credit_accounts(connection, &[kept.id, merged.id]).await?;
            let records = residents::records(connection, merged.id).await?;
            let merge = Merge { id: new_id(), kept_id: kept.id, merged_id: merged.id, merged_at: now, undone_at: None };
            queries::insert(connection, &merge, actor.account_id).await?;
            queries::point(connection, &records, kept.id).await?;
            learning::join(connection, kept.id, &records, now).await?;
            accounts::announce(connection, &records).await?;
            note(connection, actor, "resident.merged", &merge, &kept, now).await?;
            Ok((MergeItem { merge, kept, merged }, true))
        })
        .await
}

/// Takes a merge back: both are persons again as they were, and what was written since stays with
/// the record that stayed. A merge that is undone already is left as it is.
///
/// # Errors
/// [`Code::NotFound`] when absent, or one of the two is not theirs.
pub async fn undo(campus: &Campus, actor: &Actor, id: Uuid) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let merge = queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            let kept = recorded(connection, merge.kept_id).await?;
            let merged = recorded(connection, merge.merged_id).await?;
            let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
            let theirs = |resident: &Resident| within.as_ref().is_none_or(|ids| ids.contains(&resident.branch_id));
            if !theirs(&kept) || !theirs(&merged) {
                return Err(Error::code(Code::NotFound));
            }
            if merge.undone_at.is_some() {
                return Ok(());
            }
            let person = residents::find(connection, merge.merged_id).await?;
            queries::hold(connection, &[person.id, merged.id]).await?;
            queries::hold_credit_accounts(connection, &[person.id, merged.id]).await?;
            queries::mark_undone(connection, merge.id, actor.account_id, now).await?;
            let records = queries::below(connection, merged.id).await?;
            queries::part(connection, &records, merged.id).await?;
            learning::join(connection, person.id, &records, now).await?;
            accounts::announce(connection, &records).await?;
            note(connection, actor, "resident.merge_undone", &merge, &kept, now).await
        })
        .await
}

async fn recorded(connection: &mut Connection, id: Uuid) -> Result<Resident> {
    residents::as_recorded(connection, &[id]).await?.pop().ok_or_else(|| Error::code(Code::NotFound))
}

async fn note(
    connection: &mut Connection,
    actor: &Actor,
    action: &'static str,
    merge: &Merge,
    kept: &Resident,
    at: OffsetDateTime,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "resident",
        object_id: Some(merge.kept_id),
        branch_id: Some(kept.branch_id),
        detail: json!({"merge": merge.id, "merged": merge.merged_id}),
        actor: Some(actor),
    };
    audit::record(connection, at, &entry).await
}

/// Merges of records of the actor's branches that stand, the newest first.
///
/// # Errors
/// A bad page; [`Code::NotFound`] for residents.
pub async fn merges(connection: &mut Connection, actor: &Actor, request: &PageRequest) -> Result<Page<MergeItem>> {
    let limit = request.limit()?;
    let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
    let found = queries::list(connection, within.as_deref(), request.position()?, limit + 1).await?;
    let found = page(found, limit, |merge| merge.id)?;
    let ids: Vec<Uuid> = found.items.iter().flat_map(|merge| [merge.kept_id, merge.merged_id]).collect();
    let records = residents::as_recorded(connection, &ids).await?;
    let of = |id: Uuid| records.iter().find(|record| record.id == id).cloned();
    let items = found.items.into_iter().filter_map(|merge| {
        let (kept, merged) = (of(merge.kept_id)?, of(merge.merged_id)?);
        Some(MergeItem { merge, kept, merged })
    });
    Ok(Page { items: items.collect(), next_cursor: found.next_cursor })
}
