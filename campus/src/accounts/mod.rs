//! Accounts: who logs in, with what, and for how long.

mod card_queries;
mod card_sheet;
mod cards;
mod desk;
mod device_queries;
mod devices;
pub mod jobs;
mod key_ring;
mod keys;
mod log_in;
mod new_password;
mod one_time_code;
mod one_time_code_queries;
mod password_reset;
mod password_reset_letter;
mod password_reset_queries;
mod password_rules;
mod passwords;
mod pins;
mod queries;
mod registration;
mod rows;
pub mod second_factor;
mod second_factor_queries;
mod session;
mod staff;
mod staff_queries;
mod throttle;
mod tokens;

use diesel_async::AsyncConnection;
use serde_json::json;
use uuid::Uuid;

pub use card_sheet::card_sheet;
pub use cards::{
    CardState, IssuedCard, MOST_CARDS, card_holder, card_state, issue_cards, managed_by_card, revoke_card,
};
pub use desk::{AtDesk, DeskGuardian, DeskRegistration, ReadAloud, register_at_desk};
pub use devices::{REMEMBERED_FOR, RememberedDevice, Visitor, devices, revoke_device};
pub use key_ring::PUBLISHED_FOR;
pub use keys::{JsonWebKeySet, make_key, newest_signing_key, public_signing_keys};
pub use log_in::open;
pub use one_time_code::{OneTimeCode, redeem};
pub use password_reset::{LINK_SERVES, confirm_reset, request_reset};
pub use passwords::Passwords;
pub use pins::{RememberedPerson, open_remembered, open_with_card, remembered_people, set_own_pin, set_pin_with_code};
pub use registration::{Consent, Registered, Registration, register};
pub use rows::{Account, Device};
pub use session::{Leaving, Opened, answer, close, prove, refresh};
pub use staff::{
    StaffAccount, StaffChange, StaffInvitation, change_staff, help_in, help_resident_in, invite, remove_second_factor,
    staff,
};
pub use tokens::{ACCESS_SECONDS, Sessions};

use crate::Campus;
use crate::access::{Actor, Role};
use crate::audit;
use crate::consents::{self, Channel, Purpose};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;
use crate::residents::{self, NewResident};

/// An account for somebody who works here.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// Branch staff or admin.
    pub role: Role,
    /// Their name.
    pub name: String,
    /// What they log in with.
    pub email: String,
    /// The branch that branch staff work for.
    pub branch_id: Option<Uuid>,
    /// Their first password: 15 characters at least.
    pub password: String,
}

/// Makes an account for staff or an admin.
///
/// # Errors
/// [`Code::EmailTaken`]; a password that is short or guessable.
pub async fn create_staff(
    campus: &Campus,
    passwords: &Passwords,
    actor: Option<&Actor>,
    new: &NewStaff,
) -> Result<Account> {
    password_rules::check_staff_password(&new.password, &[&new.name, &new.email])?;
    let hash = passwords.hash(&new.password).await?;
    let account = Account {
        id: new_id(),
        role: new.role.as_str().to_owned(),
        name: new.name.clone(),
        resident_id: None,
        branch_id: new.branch_id,
        email: Some(new.email.to_lowercase()),
        password_hash: Some(hash),
        disabled_at: None,
    };
    let connection = &mut *campus.database.connection().await?;
    connection.transaction(async |connection| insert(campus, connection, actor, &account).await).await?;
    Ok(account)
}

/// Makes an account for a resident who is on record and has none; without a password it is opened
/// with a one-time code.
///
/// # Errors
/// [`Code::EmailTaken`].
pub async fn create_for_resident(
    campus: &Campus,
    connection: &mut Connection,
    resident_id: Uuid,
    name: &str,
    email: Option<&str>,
    password_hash: Option<String>,
) -> Result<Account> {
    let account = Account {
        id: new_id(),
        role: Role::Resident.as_str().to_owned(),
        name: name.to_owned(),
        resident_id: Some(resident_id),
        branch_id: None,
        email: email.map(str::to_lowercase),
        password_hash,
        disabled_at: None,
    };
    insert(campus, connection, None, &account).await?;
    Ok(account)
}

async fn insert(campus: &Campus, connection: &mut Connection, actor: Option<&Actor>, account: &Account) -> Result<()> {
    if !queries::insert(connection, account, campus.clock.now()).await? {
        return Err(Error::code(Code::EmailTaken));
    }
    let entry = audit::Entry {
        action: "account.created",
        object_kind: "account",
        object_id: Some(account.id),
        branch_id: account.branch_id,
        detail: json!({"role": account.role}),
        actor,
    };
    audit::record(connection, campus.clock.now(), &entry).await
}

/// Shuts an account out, from its next request on.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn disable(campus: &Campus, actor: Option<&Actor>, id: Uuid) -> Result<()> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::disable(connection, id, campus.clock.now()).await?;
            let entry = audit::Entry {
                action: "account.disabled",
                object_kind: "account",
                object_id: Some(id),
                branch_id: None,
                detail: json!({}),
                actor,
            };
            audit::record(connection, campus.clock.now(), &entry).await
        })
        .await
}

/// The account of this id, disabled or not.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Account> {
    queries::find(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))
}

/// The e-mail addresses of the staff of each of these branches who can log in, and of the
/// admins (branch `None`).
///
/// # Errors
/// What the database says.
pub async fn staff_addresses(connection: &mut Connection) -> Result<Vec<(Option<Uuid>, String)>> {
    queries::staff_addresses(connection).await
}

/// The account that logs in with this e-mail address.
///
/// # Errors
/// What the database says.
pub async fn with_email(connection: &mut Connection, email: &str) -> Result<Option<Account>> {
    Ok(queries::with_email(connection, &email.to_lowercase()).await?.into_iter().next())
}

/// Records a person who agrees to being registered, and makes their account, in one transaction;
/// `false` when the person is on record already.
///
/// # Errors
/// What the database says.
pub async fn record_with_account(campus: &Campus, person: &NewResident, password_hash: String) -> Result<bool> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let recorded = residents::record(campus, connection, std::slice::from_ref(person)).await?;
            if recorded.is_empty() {
                return Ok(false);
            }
            create_for_resident(campus, connection, person.id, &person.name, None, Some(password_hash)).await?;
            let now = campus.clock.now();
            let version = consents::text(connection, Purpose::Registration, now).await?.version;
            consents::record(connection, None, person.id, Purpose::Registration, &version, Channel::Web, now).await?;
            Ok(true)
        })
        .await
}

/// Has what is cached of the accounts of these residents' records read anew by everybody: whose
/// records they are changes in this transaction.
///
/// # Errors
/// What the database says.
pub async fn announce(connection: &mut Connection, records: &[Uuid]) -> Result<()> {
    queries::announce(connection, records).await
}

/// Whether there is any account at all.
///
/// # Errors
/// What the database says.
pub async fn any(connection: &mut Connection) -> Result<bool> {
    queries::any(connection).await
}
