//! Confirming an import: its good rows become residents, once.

use std::collections::HashMap;

use diesel_async::AsyncConnection;
use serde_json::json;
use time::Date;
use uuid::Uuid;

use super::intake::CHUNK;
use super::private::Private;
use super::rows::{RosterImport, StagedPerson, Status};
use super::{jobs, note, queries};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::residents::{self, NewResident};
use crate::seal::Seal;

/// The most people who are registered while somebody waits for the answer.
const MOST_AT_ONCE: i64 = 50_000;

/// What a confirmation came to.
#[derive(Debug, Clone)]
pub enum Confirmation {
    /// The people are registered now.
    Written(RosterImport),
    /// They were registered by an earlier confirmation.
    Before(RosterImport),
    /// A long list: the worker registers them.
    GoesOn(RosterImport),
}

/// Confirms an import. Who has been registered since it was staged is left alone and
/// counted as `already_registered`. Of two confirmations at once one waits for the other.
///
/// # Errors
/// [`Code::RosterNotReady`] while the file is being read, [`Code::RosterFailed`] and
/// [`Code::RosterExpired`] where there is nothing to confirm.
pub async fn confirm(campus: &Campus, actor: &Actor, proof: &CanManage<RosterImport>) -> Result<Confirmation> {
    let id = proof.object().id;
    let connection = &mut *campus.database.connection().await?;
    let confirmation = connection
        .transaction(async |connection| {
            let import = queries::lock(connection, id).await?;
            match import.status {
                Status::Queued | Status::Reading => return Err(Error::code(Code::RosterNotReady)),
                Status::Failed => return Err(Error::code(Code::RosterFailed)),
                Status::Expired => return Err(Error::code(Code::RosterExpired)),
                Status::Confirming => return Ok(Confirmation::GoesOn(import)),
                Status::Confirmed => return Ok(Confirmation::Before(import)),
                Status::Staged => {}
            }
            if import.expires_at <= campus.clock.now() {
                return Err(Error::code(Code::RosterExpired));
            }
            if import.count("ok") > MOST_AT_ONCE {
                return hand_over(campus, connection, actor, import).await.map(Confirmation::GoesOn);
            }
            write(campus, connection, Some(actor), import).await.map(Confirmation::Written)
        })
        .await?;
    if matches!(confirmation, Confirmation::GoesOn(_)) {
        campus.signals.wake_workers().await;
    }
    Ok(confirmation)
}

async fn hand_over(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    import: RosterImport,
) -> Result<RosterImport> {
    let now = campus.clock.now();
    queries::move_on(connection, import.id, Status::Staged, Status::Confirming).await?;
    jobs::enqueue_confirmation(connection, import.id, now).await?;
    let import = RosterImport { status: Status::Confirming, ..import };
    note(connection, now, Some(actor), "roster.confirmation_queued", &import).await?;
    Ok(import)
}

/// Registers the good rows of an import whose row the caller has locked, inside the
/// caller's transaction.
pub(super) async fn write(
    campus: &Campus,
    connection: &mut Connection,
    actor: Option<&Actor>,
    mut import: RosterImport,
) -> Result<RosterImport> {
    let good = queries::good_rows(connection, import.id).await?;
    let mut registered = 0_usize;
    for rows in good.chunks(CHUNK) {
        let left_out = register(campus, connection, &import, rows).await?;
        registered += rows.len() - left_out.len();
        if !left_out.is_empty() {
            queries::mark_registered_before(connection, import.id, &left_out).await?;
        }
    }
    queries::drop_people(connection, import.id).await?;
    let registered = i32::try_from(registered).map_err(Error::internal)?;
    let before = import.count("already_registered") + import.count("ok") - i64::from(registered);
    if let Some(counts) = import.counts.as_object_mut() {
        counts.insert("ok".to_owned(), json!(registered));
        if before > 0 {
            counts.insert("already_registered".to_owned(), json!(before));
        }
    }
    import.status = Status::Confirmed;
    import.registered = Some(registered);
    import.confirmed_at = Some(campus.clock.now());
    queries::mark_confirmed(connection, &import).await?;
    note(connection, campus.clock.now(), actor, "roster.confirmed", &import).await?;
    Ok(import)
}

/// Registers the people of these rows; answers the rows whose people were on record.
async fn register(
    campus: &Campus,
    connection: &mut Connection,
    import: &RosterImport,
    rows: &[i32],
) -> Result<Vec<i32>> {
    let today = campus.clock.today();
    let mut row_of: HashMap<Uuid, i32> = HashMap::with_capacity(rows.len());
    let mut people = Vec::with_capacity(rows.len());
    for staged in queries::people(connection, import.id, rows).await? {
        let id = new_id();
        row_of.insert(id, staged.row);
        people.push(as_resident(&campus.seal, id, staged, import, today)?);
    }
    for recorded in residents::record(campus, connection, &people).await? {
        row_of.remove(&recorded.id);
    }
    Ok(row_of.into_values().collect())
}

fn as_resident(seal: &Seal, id: Uuid, staged: StagedPerson, import: &RosterImport, today: Date) -> Result<NewResident> {
    let numbers = Private::open(seal, import.id, &staged)?;
    let (name, birth_date) =
        staged.name.zip(staged.birth_date).ok_or_else(|| Error::internal("a good row without its person"))?;
    Ok(NewResident {
        id,
        name,
        birth_date,
        gender: staged.gender,
        phone: numbers.phone,
        id_number: numbers.id_number,
        groups: staged.groups,
        branch_id: import.branch_id,
        registered_on: staged.registered_on.unwrap_or(today),
        origin: "roster",
    })
}
