//! One-time codes: how somebody sets a password of their own without anybody else learning it.

use diesel_async::AsyncConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::devices::Visitor;
use super::log_in::candidates;
use super::new_password::NewPassword;
use super::one_time_code_queries as queries;
use super::rows::Account;
use super::session::{Opened, enter, hash_typed};
use super::throttle::{self, Secret};
use super::tokens::Sessions;
use crate::Campus;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::readable_secret;

/// How long a code serves. Its 59 bits are not found by trying in that time, so that wrong codes
/// need not void the right one: whoever hammers an account does not shut its owner out.
const SERVES: Duration = Duration::hours(24);

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
/// second factor; too many wrong codes.
pub async fn redeem(
    campus: &Campus,
    sessions: &Sessions,
    visitor: &Visitor,
    login: &str,
    code: &str,
    password: &str,
) -> Result<Opened> {
    let (now, hash) = (campus.clock.now(), hash_typed(code));
    let owner = match owner(campus, &mut *campus.database.connection().await?, login, &hash, now).await? {
        Some(owner) => owner,
        // Only a wrong code is counted: a right one passes whatever others have tried.
        None => {
            throttle::admit(campus, Secret::OneTimeCode, visitor, login, None).await?;
            return Err(Error::code(Code::OneTimeCodeInvalid));
        }
    };
    let new = NewPassword::make(campus, sessions, &owner, password).await?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if !queries::spend(connection, owner.id, &hash, now).await? {
                return Err(Error::code(Code::OneTimeCodeInvalid));
            }
            new.set(connection, &owner, "one_time_code", now).await
        })
        .await?;
    sessions.forget_account(owner.id);
    enter(campus, sessions, visitor, &owner).await
}

/// Whose code it is, among those who log in with `login`.
async fn owner(
    campus: &Campus,
    connection: &mut Connection,
    login: &str,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<Account>> {
    let found = candidates(campus, connection, login).await?;
    let ids: Vec<Uuid> = found.iter().map(|account| account.id).collect();
    let owner = queries::owner(connection, &ids, hash, now).await?;
    Ok(found.into_iter().find(|account| Some(account.id) == owner))
}
