//! Allowances: given, seen, ended.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::queries::{NewAllowance, Which};
use super::rows::{Helped, Helper};
use super::{MOST_HELPED, MOST_HELPERS, checked_months, expiry, note, queries};
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::residents::identity::{normalise_name, plain_text};
use crate::residents::{self, Resident};

/// A helper set up at the desk, with the resident present.
#[derive(Debug, Clone)]
pub struct Arrangement {
    /// From the helper's learner card.
    pub learner_number: String,
    /// The helper's name, so that nobody is found by numbers alone.
    pub name: String,
    /// 1, 3, 6 or 12.
    pub months: u8,
    /// Whether the resident, present, has agreed.
    pub consent: bool,
}

/// Writes an allowance, where neither side has too many.
pub(super) async fn grant(
    connection: &mut Connection,
    actor: &Actor,
    helper_account_id: Uuid,
    resident: &Resident,
    arranged_by: Option<Uuid>,
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Uuid> {
    queries::lock_both(connection, helper_account_id, resident.id).await?;
    if queries::count_helped(connection, helper_account_id, resident.id, now).await? >= MOST_HELPED {
        return Err(Error::code(Code::HelpedTooMany));
    }
    if queries::count_helpers(connection, resident.id, helper_account_id, now).await? >= MOST_HELPERS {
        return Err(Error::code(Code::HelpersFull));
    }
    let channel = if arranged_by.is_some() { "desk" } else { "code" };
    let id = new_id();
    let new = NewAllowance {
        id,
        resident_id: resident.id,
        helper_account_id,
        channel,
        arranged_by,
        granted_at: now,
        expires_at,
    };
    queries::insert(connection, &new).await?;
    let detail = json!({
        "allowance_id": id, "helper_account_id": helper_account_id, "channel": channel,
        "until": expires_at.unix_timestamp(), "consent_noted": arranged_by.is_some(),
    });
    note(connection, actor, "help.granted", resident.id, Some(resident.branch_id), detail, now).await?;
    Ok(id)
}

/// Sets a helper up at the desk.
///
/// # Errors
/// The fields that are wrong; [`Code::HelpedTooMany`], [`Code::HelpersFull`].
pub async fn arrange(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Resident>,
    arrangement: &Arrangement,
) -> Result<Helper> {
    let months = checked_months(arrangement.months)?;
    if !arrangement.consent {
        return Err(Error::field("consent", Code::ConsentNoted));
    }
    let unknown = || Error::field("helper_learner_number", Code::HelperUnknown);
    let name = normalise_name(&arrangement.name).map_err(|_| unknown())?;
    let number = plain_text(&arrangement.learner_number);
    let (now, expires_at) = (campus.clock.now(), expiry(&campus.clock, months));
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let found = residents::with_learner_numbers(connection, &[number]).await?;
            let helper = found.into_iter().find(|helper| helper.name == name).ok_or_else(unknown)?;
            if helper.id == proof.object().id {
                return Err(unknown());
            }
            let account = queries::account_of(connection, helper.id).await?.ok_or_else(unknown)?;
            let staff = Some(actor.account_id);
            let id = grant(connection, actor, account, proof.object(), staff, expires_at, now).await?;
            let channel = "desk".to_owned();
            Ok(Helper { id, name: helper.name, channel, granted_at: now, expires_at, last_used_on: None })
        })
        .await
}

/// Who helps the actor now.
///
/// # Errors
/// What the database says.
pub async fn helpers(campus: &Campus, actor: &Actor) -> Result<Vec<Helper>> {
    let connection = &mut *campus.database.connection().await?;
    queries::helpers(connection, actor.resident()?, campus.clock.now()).await
}

/// Whom the actor helps now.
///
/// # Errors
/// What the database says.
pub async fn helped(campus: &Campus, actor: &Actor) -> Result<Vec<Helped>> {
    let connection = &mut *campus.database.connection().await?;
    queries::helped(connection, actor.account_id, campus.clock.now()).await
}

/// One of those whom the actor helps now.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn helped_one(campus: &Campus, actor: &Actor, resident_id: Uuid) -> Result<Helped> {
    let all = helped(campus, actor).await?;
    all.into_iter().find(|one| one.resident.id == resident_id).ok_or_else(|| Error::code(Code::NotFound))
}

/// The resident no longer wants this helper.
///
/// # Errors
/// [`Code::NotFound`] when there is no such allowance of theirs, or it has ended.
pub async fn end_as_resident(campus: &Campus, actor: &Actor, id: Uuid) -> Result<()> {
    let resident = actor.resident()?;
    end(campus, actor, Which::OfResident { id, resident }, resident, "resident").await
}

/// The helper no longer helps this resident.
///
/// # Errors
/// [`Code::NotFound`] when they do not.
pub async fn end_as_helper(campus: &Campus, actor: &Actor, resident: Uuid) -> Result<()> {
    let which = Which::OfHelper { helper: actor.account_id, resident };
    end(campus, actor, which, resident, "helper").await
}

/// All helpers of a resident go, as the resident asked at the desk; where there is none, nothing
/// happens.
///
/// # Errors
/// What the database says.
pub async fn end_all_at_the_desk(campus: &Campus, actor: &Actor, proof: &CanManage<Resident>) -> Result<()> {
    let resident = proof.object().id;
    end(campus, actor, Which::All { resident }, resident, "desk").await
}

async fn end(campus: &Campus, actor: &Actor, which: Which, resident: Uuid, by: &'static str) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let ended = queries::end(connection, which, by, now).await?;
            match which {
                Which::All { .. } if ended == 0 => return Ok(()),
                _ if ended == 0 => return Err(Error::code(Code::NotFound)),
                _ => {}
            }
            let branch = residents::find(connection, resident).await?.branch_id;
            let detail = json!({"by": by, "ended": ended});
            note(connection, actor, "help.ended", resident, Some(branch), detail, now).await
        })
        .await
}
