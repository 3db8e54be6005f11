//! PINs: six digits that residents choose themselves, good with their card, or on a device that
//! has been opened with both.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::Date;
use uuid::Uuid;

use super::card_queries as queries;
use super::cards::{account_behind, accounts_behind};
use super::devices::{self, Visitor};
use super::rows::Account;
use super::session::{Entrance, Opened, hash, hash_typed, start_with};
use super::throttle::{self, Secret};
use super::tokens::Sessions;
use super::{one_time_code_queries, password_rules, queries as account_queries};
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::residents;

/// Somebody for whom a device opens.
#[derive(Debug, Clone)]
pub struct RememberedPerson {
    /// Their account.
    pub account_id: Uuid,
    /// Their name.
    pub name: String,
    /// Whether it takes their PIN: others open sessions on this device too.
    pub needs_pin: bool,
}

async fn active(connection: &mut Connection, id: Uuid) -> Result<Option<Account>> {
    Ok(account_queries::find(connection, id).await?.filter(|account| account.disabled_at.is_none()))
}

/// What attempts with a card are counted under.
fn login(account: Option<&Account>, card: &str) -> String {
    account.map_or_else(|| format!("card {card}"), |account| format!("card of {}", account.id))
}

/// Opens a session with a card and a PIN.
///
/// # Errors
/// [`Code::CardOrPinInvalid`], the same for a card that is void, nobody's, or has no PIN yet; too
/// many attempts.
pub async fn open_with_card(
    campus: &Campus,
    sessions: &Sessions,
    visitor: &Visitor,
    card: &str,
    pin: &str,
) -> Result<Opened> {
    let (account, device) = {
        let connection = &mut *campus.database.connection().await?;
        let account = match account_behind(connection, card).await? {
            Some(id) => active(connection, id).await?,
            None => None,
        };
        let ids: Vec<Uuid> = account.iter().map(|account| account.id).collect();
        (account, devices::known(connection, visitor, &ids, campus.clock.now()).await?)
    };
    let attempt = throttle::admit(campus, Secret::Pin, visitor, &login(account.as_ref(), card), device).await?;
    let account = check(campus, sessions, account, pin).await?;
    attempt.was_right(campus).await;
    start_with(campus, sessions, visitor, &account, Entrance::WithPin).await
}

/// The account, if this is its PIN. A wrong card costs the same work as a wrong PIN.
async fn check(campus: &Campus, sessions: &Sessions, account: Option<Account>, pin: &str) -> Result<Account> {
    let pin_hash = match &account {
        Some(account) => queries::pin_hash(&mut *campus.database.connection().await?, account.id).await?,
        None => None,
    };
    let right = sessions.passwords.check(pin, pin_hash.as_deref()).await?;
    account.filter(|_| right && pin_hash.is_some()).ok_or_else(|| Error::code(Code::CardOrPinInvalid))
}

/// A first PIN, or one in the place of a forgotten one: with the card and a one-time code. Ends the
/// account's other sessions and opens one.
///
/// # Errors
/// [`Code::OneTimeCodeInvalid`], the same for a void card and a wrong code; the field `pin`; too
/// many wrong codes.
pub async fn set_pin_with_code(
    campus: &Campus,
    sessions: &Sessions,
    visitor: &Visitor,
    (card, code): (&str, &str),
    pin: &str,
) -> Result<Opened> {
    let (now, code_hash) = (campus.clock.now(), hash_typed(code));
    let found = {
        let connection = &mut *campus.database.connection().await?;
        let accounts = accounts_behind(connection, card).await?;
        let account = match accounts.first() {
            Some(id) => active(connection, *id).await?,
            None => None,
        };
        // The code may have been made for the other account of a person whose records were joined.
        let owner = one_time_code_queries::owner(connection, &accounts, &code_hash, now).await?;
        match (account, owner) {
            (Some(account), Some(owner)) => Ok((account, owner)),
            (account, _) => Err(login(account.as_ref(), card)),
        }
    };
    let (account, owner) = match found {
        Ok(found) => found,
        // Only a wrong code is counted: a right one passes whatever others have tried.
        Err(login) => {
            throttle::admit(campus, Secret::OneTimeCode, visitor, &login, None).await?;
            return Err(Error::code(Code::OneTimeCodeInvalid));
        }
    };
    check_new(campus, &account, pin).await?;
    let pin_hash = sessions.passwords.hash(pin).await?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if !one_time_code_queries::spend(connection, owner, &code_hash, now).await? {
                return Err(Error::code(Code::OneTimeCodeInvalid));
            }
            queries::set_pin(connection, account.id, &pin_hash).await?;
            account_queries::end_families(connection, account.id, "pin_set", now).await?;
            devices::forget_all(connection, account.id, now).await?;
            note(campus, connection, None, &account, "one_time_code").await
        })
        .await?;
    sessions.forget_account(account.id);
    start_with(campus, sessions, visitor, &account, Entrance::WithPin).await
}

/// Sets one's own PIN, while one is logged in.
///
/// # Errors
/// The field `pin`.
pub async fn set_own_pin(campus: &Campus, sessions: &Sessions, actor: &Actor, pin: &str) -> Result<()> {
    let account = active(&mut *campus.database.connection().await?, actor.account_id)
        .await?
        .ok_or_else(|| Error::code(Code::TokenInvalid))?;
    check_new(campus, &account, pin).await?;
    let pin_hash = sessions.passwords.hash(pin).await?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::set_pin(connection, account.id, &pin_hash).await?;
            note(campus, connection, Some(actor), &account, "session").await
        })
        .await
}

async fn check_new(campus: &Campus, account: &Account, pin: &str) -> Result<()> {
    let birth_date: Option<Date> = match account.resident_id {
        Some(id) => Some(residents::find(&mut *campus.database.connection().await?, id).await?.birth_date),
        None => None,
    };
    password_rules::check_pin(pin, birth_date)
}

async fn note(
    campus: &Campus,
    connection: &mut Connection,
    actor: Option<&Actor>,
    account: &Account,
    by: &str,
) -> Result<()> {
    let entry = audit::Entry {
        action: "account.pin_set",
        object_kind: "account",
        object_id: Some(account.id),
        branch_id: account.branch_id,
        detail: json!({"by": by}),
        actor,
    };
    audit::record(connection, campus.clock.now(), &entry).await
}

/// For whom the device of this visitor opens.
///
/// # Errors
/// What the database says.
pub async fn remembered_people(campus: &Campus, visitor: &Visitor) -> Result<Vec<RememberedPerson>> {
    let Some(token) = &visitor.device else { return Ok(Vec::new()) };
    let connection = &mut *campus.database.connection().await?;
    let found = queries::opened_by(connection, &hash(token), campus.clock.now()).await?;
    let needs_pin = found.len() > 1;
    Ok(found.into_iter().map(|(account_id, name)| RememberedPerson { account_id, name, needs_pin }).collect())
}

/// Opens a session for somebody whom the device remembers: at once where it is theirs alone, with
/// their PIN where it opens for others too.
///
/// # Errors
/// [`Code::DeviceUnknown`]; [`Code::PinRequired`]; [`Code::CardOrPinInvalid`]; too many attempts.
pub async fn open_remembered(
    campus: &Campus,
    sessions: &Sessions,
    visitor: &Visitor,
    account_id: Uuid,
    pin: Option<&str>,
) -> Result<Opened> {
    let people = remembered_people(campus, visitor).await?;
    let unknown = || Error::code(Code::DeviceUnknown);
    let person = people.into_iter().find(|person| person.account_id == account_id).ok_or_else(unknown)?;
    let (account, device) = {
        let connection = &mut *campus.database.connection().await?;
        let account = active(connection, person.account_id).await?.ok_or_else(unknown)?;
        let device = devices::known(connection, visitor, &[account.id], campus.clock.now()).await?;
        (account, device.ok_or_else(unknown)?)
    };
    if !person.needs_pin {
        return start_with(campus, sessions, visitor, &account, Entrance::ByDevice).await;
    }
    let pin = pin.ok_or_else(|| Error::code(Code::PinRequired))?;
    let attempt = throttle::admit(campus, Secret::Pin, visitor, &login(Some(&account), ""), Some(device)).await?;
    let account = check(campus, sessions, Some(account), pin).await?;
    attempt.was_right(campus).await;
    start_with(campus, sessions, visitor, &account, Entrance::WithPin).await
}
