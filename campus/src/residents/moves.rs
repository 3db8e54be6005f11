//! Moving to another branch on a day. What was earned and registered before stays where it was.

use std::collections::HashMap;

use diesel_async::AsyncConnection;
use serde_json::json;
use time::Date;
use uuid::Uuid;

use super::move_queries as queries;
use super::{Move, Resident, find, manageable};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::audit;
use crate::branches;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::paging::{Page, PageRequest, page};

/// Moves a resident to another branch, as from a day in a month that is still open. The branch
/// they leave does it, or an admin. Answers whether that is new: the same move again changes
/// nothing. A move back on the same day cancels a move.
///
/// # Errors
/// [`Code::NotFound`] for a resident who is not theirs; on `branch_id` [`Code::BranchUnknown`] and
/// [`Code::AlreadyThere`]; on `moved_on` [`Code::DateInFuture`], [`Code::MovedBeforeRegistration`],
/// [`Code::MovedBeforeLastMove`] and [`Code::MonthClosed`].
pub async fn move_to(
    campus: &Campus,
    actor: &Actor,
    resident_id: Uuid,
    branch_id: Uuid,
    moved_on: Date,
) -> Result<(Move, bool)> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let resident_id = find(connection, resident_id).await?.id;
            queries::lock(connection, resident_id).await?;
            let last = queries::last(connection, resident_id).await?;
            let proof = manageable(connection, actor, resident_id).await;
            if let Some(last) = &last
                && (last.to_branch_id, last.moved_on) == (branch_id, moved_on)
                // Whoever moved somebody away sees them no longer, but may hear again that it is done.
                && (proof.is_ok() || last.recorded_by == actor.account_id)
            {
                return Ok((last.clone(), false));
            }
            let proof = proof?;
            check(campus, connection, &proof, last.as_ref(), branch_id, moved_on).await?;
            let resident = proof.object();
            let new = Move {
                id: new_id(),
                resident_id: resident.id,
                place: last.map_or(1, |last| last.place + 1),
                from_branch_id: resident.branch_id,
                to_branch_id: branch_id,
                moved_on,
                recorded_at: campus.clock.now(),
                recorded_by: actor.account_id,
            };
            queries::insert(connection, &new).await?;
            note(connection, actor, &new).await?;
            Ok((new, true))
        })
        .await
}

async fn check(
    campus: &Campus,
    connection: &mut Connection,
    proof: &CanManage<Resident>,
    last: Option<&Move>,
    branch_id: Uuid,
    moved_on: Date,
) -> Result<()> {
    let resident = proof.object();
    if branches::find(connection, branch_id).await?.is_none() {
        return Err(Error::field("branch_id", Code::BranchUnknown));
    }
    if branch_id == resident.branch_id {
        return Err(Error::field("branch_id", Code::AlreadyThere));
    }
    let today = campus.clock.today();
    let code = if moved_on > today {
        Code::DateInFuture
    } else if moved_on < resident.registered_on {
        Code::MovedBeforeRegistration
    } else if last.is_some_and(|last| moved_on < last.moved_on) {
        Code::MovedBeforeLastMove
    } else if !queries::hold_months_open(connection, moved_on, today).await? {
        Code::MonthClosed
    } else {
        return Ok(());
    };
    Err(Error::field("moved_on", code))
}

async fn note(connection: &mut Connection, actor: &Actor, new: &Move) -> Result<()> {
    let entry = audit::Entry {
        action: "resident.moved",
        object_kind: "resident",
        object_id: Some(new.resident_id),
        branch_id: Some(new.from_branch_id),
        detail: json!({"from": new.from_branch_id, "to": new.to_branch_id, "moved_on": new.moved_on.to_string()}),
        actor: Some(actor),
    };
    audit::record(connection, new.recorded_at, &entry).await
}

/// Where a resident has moved from and to, the newest first.
///
/// # Errors
/// A bad page; what the database says.
pub async fn moves(
    connection: &mut Connection,
    proof: &CanManage<Resident>,
    request: &PageRequest,
) -> Result<Page<Move>> {
    let limit = request.limit()?;
    let items = queries::list(connection, proof.object().id, request.position()?, limit + 1).await?;
    page(items, limit, |each| each.place)
}

/// Of these residents, those who belonged to another branch on `day` than they do now, with that
/// branch.
///
/// # Errors
/// What the database says.
pub async fn elsewhere_on(connection: &Connection, residents: &[Uuid], day: Date) -> Result<HashMap<Uuid, Uuid>> {
    queries::elsewhere_on(connection, residents, day).await
}

/// Whose a record is, and to which branch that person belonged on some day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belonging {
    /// Whose it is: of several records of one person, the one that they were put together in.
    pub person_id: Uuid,
    /// The branch of the person on that day.
    pub branch_id: Uuid,
}

/// Whose these records are and to which branch each of these people belonged on `day`; left out are records that
/// are absent or of somebody who has left.
///
/// # Errors
/// What the database says.
pub async fn belonging_on(connection: &Connection, records: &[Uuid], day: Date) -> Result<HashMap<Uuid, Belonging>> {
    queries::belonging_on(connection, records, day).await
}
