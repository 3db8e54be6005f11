//! The accounts of those who work here, as an admin keeps them.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::one_time_code::{self, OneTimeCode};
use super::rows::Account;
use super::{create_for_resident, insert, queries, second_factor_queries, staff_queries};
use crate::Campus;
use crate::access::{Actor, CanManage, Role};
use crate::audit;
use crate::branches;
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::ids::new_id;
use crate::paging::{Page, PageRequest, page};
use crate::residents::Resident;
use crate::residents::identity::plain_text;

/// The longest name, in characters.
const LONGEST_NAME: usize = 50;

/// An account of staff or an admin.
#[derive(Debug, Clone)]
pub struct StaffAccount {
    /// The account.
    pub account: Account,
    /// Whether its log-in asks for a code.
    pub second_factor: bool,
    /// Whether a password has been set.
    pub has_password: bool,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// An account that is to be made; its owner sets the password with a one-time code.
#[derive(Debug, Clone)]
pub struct StaffInvitation {
    /// `branch_staff` or `admin`.
    pub role: String,
    /// Their name.
    pub name: String,
    /// What they log in with.
    pub email: String,
    /// The branch that branch staff work for.
    pub branch_id: Option<Uuid>,
}

/// What is changed; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct StaffChange {
    /// `branch_staff` or `admin`.
    pub role: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// The branch that branch staff work for.
    pub branch_id: Option<Uuid>,
    /// Shut out or let in again.
    pub disabled: Option<bool>,
}

/// Accounts of staff and admins by name, those whose name or e-mail address holds `text`.
///
/// # Errors
/// A wrong limit or cursor; what the database says.
pub async fn staff(
    connection: &mut Connection,
    text: Option<&str>,
    request: &PageRequest,
) -> Result<Page<StaffAccount>> {
    let limit = request.limit()?;
    let after: Option<(String, Uuid)> = request.position()?;
    let found = staff_queries::list(connection, text, after, limit + 1).await?;
    page(found, limit, |each| (each.account.name.clone(), each.account.id))
}

/// Makes an account and a one-time code for its owner.
///
/// # Errors
/// The fields that are wrong; [`Code::EmailTaken`].
pub async fn invite(campus: &Campus, actor: &Actor, new: &StaffInvitation) -> Result<(StaffAccount, OneTimeCode)> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    let role = check(connection, new).await?;
    let account = Account {
        id: new_id(),
        role: role.as_str().to_owned(),
        name: plain_text(&new.name),
        resident_id: None,
        branch_id: new.branch_id.filter(|_| role == Role::BranchStaff),
        email: Some(plain_text(&new.email).to_lowercase()),
        password_hash: None,
        disabled_at: None,
    };
    let code = connection
        .transaction(async |connection| {
            insert(campus, connection, Some(actor), &account).await?;
            one_time_code::make(connection, account.id, now).await
        })
        .await?;
    Ok((StaffAccount { account, second_factor: false, has_password: false, created_at: now }, code))
}

async fn check(connection: &mut Connection, new: &StaffInvitation) -> Result<Role> {
    let mut fields = Vec::new();
    let mut refuse = |field: &str, code| fields.push(FieldError { field: field.to_owned(), code });
    let name = plain_text(&new.name);
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        refuse("name", if name.is_empty() { Code::Required } else { Code::TooLong });
    }
    let email = plain_text(&new.email);
    if email.len() > 254 || email.parse::<lettre::Address>().is_err() {
        refuse("email", Code::EmailInvalid);
    }
    let role = staff_role(&new.role);
    if role.is_none() {
        refuse("role", Code::ValueInvalid);
    }
    if role == Some(Role::BranchStaff) {
        match new.branch_id {
            None => refuse("branch_id", Code::Required),
            Some(id) if branches::find(connection, id).await?.is_none() => refuse("branch_id", Code::BranchUnknown),
            Some(_) => {}
        }
    }
    match role {
        Some(role) if fields.is_empty() => Ok(role),
        _ => Err(Error::fields(fields)),
    }
}

fn staff_role(name: &str) -> Option<Role> {
    Role::from_name(name).filter(|role| *role != Role::Resident)
}

/// Changes an account, from its next request on. Who is shut out is logged out everywhere.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::OwnAccount`] for one's own role or exclusion: an admin is always
/// left; the fields that are wrong.
pub async fn change_staff(campus: &Campus, actor: &Actor, id: Uuid, change: &StaffChange) -> Result<StaffAccount> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let before = staff_queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            if id == actor.account_id && (change.role.is_some() || change.disabled.is_some()) {
                return Err(Error::code(Code::OwnAccount));
            }
            let account = before.account.clone();
            let wanted = StaffInvitation {
                role: change.role.clone().unwrap_or(account.role),
                name: change.name.clone().unwrap_or(account.name),
                email: account.email.clone().unwrap_or_default(),
                branch_id: change.branch_id.or(account.branch_id),
            };
            let role = check(connection, &wanted).await?;
            let account = Account {
                role: role.as_str().to_owned(),
                name: plain_text(&wanted.name),
                branch_id: wanted.branch_id.filter(|_| role == Role::BranchStaff),
                disabled_at: match change.disabled {
                    Some(true) => Some(account.disabled_at.unwrap_or(now)),
                    Some(false) => None,
                    None => account.disabled_at,
                },
                ..before.account
            };
            staff_queries::update(connection, &account).await?;
            if account.disabled_at.is_some() {
                queries::end_families(connection, id, "disabled", now).await?;
            }
            let detail = json!({"role": account.role, "disabled": account.disabled_at.is_some(), "renamed": change.name.is_some()});
            note(connection, actor, "account.changed", &account, detail, now).await?;
            Ok(StaffAccount { account, ..before })
        })
        .await
}

/// A new one-time code, for whoever has forgotten their password. The old password stays until
/// the code is used.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn help_in(campus: &Campus, actor: &Actor, id: Uuid) -> Result<OneTimeCode> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let found = staff_queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            note(connection, actor, "account.code_made", &found.account, json!({}), now).await?;
            one_time_code::make(connection, id, now).await
        })
        .await
}

/// A one-time code for a resident; who has no account gets one.
///
/// # Errors
/// What the database says.
pub async fn help_resident_in(campus: &Campus, actor: &Actor, proof: &CanManage<Resident>) -> Result<OneTimeCode> {
    let (now, resident) = (campus.clock.now(), proof.object());
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let account = match queries::of_resident(connection, resident.id).await? {
                Some(account) => account,
                None => create_for_resident(campus, connection, resident.id, &resident.name, None, None).await?,
            };
            let account = Account { branch_id: Some(resident.branch_id), ..account };
            note(connection, actor, "account.code_made", &account, json!({}), now).await?;
            one_time_code::make(connection, account.id, now).await
        })
        .await
}

/// Takes the second factor away from whoever has lost both the phone and the recovery codes, and
/// logs them out everywhere.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::OwnAccount`]: one's own is replaced, not taken away.
pub async fn remove_second_factor(campus: &Campus, actor: &Actor, id: Uuid) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let found = staff_queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            if id == actor.account_id {
                return Err(Error::code(Code::OwnAccount));
            }
            second_factor_queries::remove(connection, id).await?;
            queries::end_families(connection, id, "second_factor_removed", now).await?;
            note(connection, actor, "second_factor.removed", &found.account, json!({}), now).await
        })
        .await
}

async fn note(
    connection: &mut Connection,
    actor: &Actor,
    action: &'static str,
    account: &Account,
    detail: serde_json::Value,
    at: OffsetDateTime,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "account",
        object_id: Some(account.id),
        branch_id: account.branch_id,
        detail,
        actor: Some(actor),
    };
    audit::record(connection, at, &entry).await
}
