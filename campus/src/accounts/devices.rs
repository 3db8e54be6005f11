//! Remembered devices: browsers that somebody has logged in from. A cookie that survives logging
//! out tells them; its token is kept here as a digest. It opens nothing by itself: an attempt from
//! a device that the account knows is merely not held up by what strangers try elsewhere.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::device_queries as queries;
use super::rows::Device;
use super::session::{hash, new_token};
use super::tokens::Sessions;
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;

/// How long a device is remembered after it was last seen.
pub const REMEMBERED_FOR: Duration = Duration::days(180);
/// How many devices of one account are shown.
const SHOWN: i64 = 50;
/// How much older the time of the last visit may be before it is written again.
const SEEN_TO_THE: Duration = Duration::hours(1);

/// Who is at the door, as far as can be told before they have said who they are.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// Where they come from; attempts are counted by it.
    pub address: String,
    /// The token of the device's cookie.
    pub device: Option<String>,
    /// What kind of browser it says it is.
    pub label: Option<String>,
    /// Whether they say that everybody uses this device: it remembers nobody, and a session that is
    /// opened there ends after a quarter of an hour without use.
    pub at_shared_device: bool,
}

/// A remembered device, as its owner sees it.
#[derive(Debug, Clone)]
pub struct RememberedDevice {
    /// The device.
    pub device: Device,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The device that this visitor comes with, when one of these accounts knows it.
pub(super) async fn known(
    connection: &mut Connection,
    visitor: &Visitor,
    accounts: &[Uuid],
    now: OffsetDateTime,
) -> Result<Option<Uuid>> {
    match &visitor.device {
        Some(token) if !accounts.is_empty() => queries::known(connection, &hash(token), accounts, now).await,
        _ => Ok(None),
    }
}

/// Forgets every device of an account: whoever knew the password of before must prove themselves
/// like a stranger.
pub(super) async fn forget_all(connection: &mut Connection, account_id: Uuid, now: OffsetDateTime) -> Result<()> {
    queries::revoke_all(connection, account_id, now).await
}

/// A device as its cookie names it.
pub(super) struct RememberedToken {
    pub(super) id: Uuid,
    /// For the cookie.
    pub(super) token: String,
    /// The digest of a token that is to be written with the session; `None`: the device is on record.
    pub(super) new: Option<Vec<u8>>,
    pub(super) label: Option<String>,
    pub(super) expires_at: OffsetDateTime,
}

/// The device that an account has just logged in from. One that the account does not know is to be
/// written with the session (see [`super::queries::open_session`]).
///
/// A token that the account does not know is never taken over: who plants theirs in somebody's
/// browser must not become known to them. The others who share the device get the new one too.
pub(super) async fn remember(
    connection: &mut Connection,
    visitor: &Visitor,
    account_id: Uuid,
    now: OffsetDateTime,
) -> Result<RememberedToken> {
    let expires_at = now + REMEMBERED_FOR;
    if let Some(token) = &visitor.device
        && let Some(id) = queries::known(connection, &hash(token), &[account_id], now).await?
    {
        queries::see(connection, id, now, expires_at, now).await?;
        return Ok(RememberedToken { id, token: token.clone(), new: None, label: None, expires_at });
    }
    let (token, new) = new_token();
    if let Some(old) = &visitor.device {
        queries::change_token(connection, &hash(old), &new, account_id, now).await?;
    }
    Ok(RememberedToken { id: new_id(), token, new: Some(new), label: visitor.label.clone(), expires_at })
}

/// Notes that a device is in use, once an hour.
pub(super) async fn see(connection: &mut Connection, id: Uuid, now: OffsetDateTime) -> Result<()> {
    queries::see(connection, id, now, now + REMEMBERED_FOR, now - SEEN_TO_THE).await
}

/// The devices that an account is remembered on, the one seen last first; 50 at most.
///
/// # Errors
/// What the database says.
pub async fn devices(campus: &Campus, actor: &Actor) -> Result<Vec<RememberedDevice>> {
    let connection = &mut *campus.database.connection().await?;
    let own = match actor.session {
        Some(session) => queries::of_family(connection, session.id).await?,
        None => None,
    };
    let found = queries::list(connection, actor.account_id, campus.clock.now(), SHOWN).await?;
    let marked = found.into_iter().map(|device| RememberedDevice { current: Some(device.id) == own, device });
    Ok(marked.collect())
}

/// Forgets a device of one's own and ends the sessions opened from it.
///
/// # Errors
/// [`Code::NotFound`] for what is not one's own, or revoked already.
pub async fn revoke_device(campus: &Campus, sessions: &Sessions, actor: &Actor, id: Uuid) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if !queries::revoke(connection, actor.account_id, id, now).await? {
                return Err(Error::code(Code::NotFound));
            }
            queries::end_families(connection, id, now).await?;
            let entry = audit::Entry {
                action: "device.revoked",
                object_kind: "device",
                object_id: Some(id),
                branch_id: actor.branch_id,
                detail: json!({}),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await
        })
        .await?;
    sessions.forget_account(actor.account_id);
    Ok(())
}
