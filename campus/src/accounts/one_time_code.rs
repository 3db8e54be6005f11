//! One-time codes: how somebody sets a password of their own without anybody else learning it.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::one_time_code_queries as queries;
use super::rows::Account;
use super::session::{Opened, candidates, enter, hash_typed};
use super::tokens::Sessions;
use super::{password_rules, queries as account_queries};
use crate::Campus;
use crate::access::Role;
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::readable_secret;

/// How long a code serves.
const SERVES: Duration = Duration::hours(24);
/// How often a wrong code may be given before the right one is void too.
const MOST_ATTEMPTS: i32 = 10;

/// A code, shown once to whoever hands it out.
#[derive(Debug, Clone)]
pub struct OneTimeCode {
    /// Three groups of four.
    pub code: String,
    /// Until when it serves.
    pub expires_at: OffsetDateTime,
}

/// Makes a code; an earlier one of the account is void.
pub(super) async fn make(connection: &mut Connection, account_id: Uuid, now: OffsetDateTime) -> Result<OneTimeCode> {
    let code = readable_secret(3);
    let expires_at = now + SERVES;
    queries::replace(connection, account_id, &hash_typed(&code), expires_at).await?;
    Ok(OneTimeCode { code, expires_at })
}

/// Sets a password with a code, ends the account's other sessions and opens one.
///
/// # Errors
/// [`Code::OneTimeCodeInvalid`], the same for an unknown login, a wrong code and one that is void;
/// the field `password`; [`Code::SecondFactorRequired`] once the password is set, where there is a
/// second factor.
pub async fn redeem(campus: &Campus, sessions: &Sessions, login: &str, code: &str, password: &str) -> Result<Opened> {
    let (now, hash) = (campus.clock.now(), hash_typed(code));
    let owner = owner(campus, &mut *campus.database.connection().await?, login, &hash, now).await?;
    check_password(&owner, password)?;
    let password_hash = sessions.passwords.hash(password).await?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if !queries::spend(connection, owner.id, &hash, now).await? {
                return Err(Error::code(Code::OneTimeCodeInvalid));
            }
            account_queries::set_password(connection, owner.id, &password_hash).await?;
            account_queries::end_families(connection, owner.id, "password_set", now).await?;
            let entry = audit::Entry {
                action: "account.password_set",
                object_kind: "account",
                object_id: Some(owner.id),
                branch_id: owner.branch_id,
                detail: json!({"by": "one_time_code"}),
                actor: None,
            };
            audit::record(connection, now, &entry).await
        })
        .await?;
    enter(campus, sessions, &owner).await
}

/// Whose code it is, among those who log in with `login`. A code that is nobody's counts against
/// each of them.
async fn owner(
    campus: &Campus,
    connection: &mut Connection,
    login: &str,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<Account> {
    let found = candidates(campus, connection, login).await?;
    let ids: Vec<Uuid> = found.iter().map(|account| account.id).collect();
    let Some(owner) = queries::owner(connection, &ids, hash, MOST_ATTEMPTS, now).await? else {
        queries::count_attempt(connection, &ids).await?;
        return Err(Error::code(Code::OneTimeCodeInvalid));
    };
    found.into_iter().find(|account| account.id == owner).ok_or_else(|| Error::code(Code::OneTimeCodeInvalid))
}

fn check_password(owner: &Account, password: &str) -> Result<()> {
    if owner.role == Role::Resident.as_str() {
        return password_rules::check_resident_password(password);
    }
    password_rules::check_staff_password(password, &[&owner.name, owner.email.as_deref().unwrap_or_default()])
}
