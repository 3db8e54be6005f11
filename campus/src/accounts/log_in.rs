//! Logging in with a password: who is meant, and whose password it is.

use uuid::Uuid;

use super::devices::{self, Visitor};
use super::passwords::share_salt;
use super::queries;
use super::rows::Account;
use super::session::{Opened, enter};
use super::throttle::{self, Secret};
use super::tokens::Sessions;
use crate::Campus;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::residents::identity::{parse_phone, plain_text};
use crate::residents::{self, phone_indexes};

/// How many people behind one telephone are tried.
const MOST_CANDIDATES: i64 = 10;

/// Opens a session with a telephone, an e-mail address or a learner number. With a
/// telephone that several share, it is the one whose password it is.
///
/// # Errors
/// [`Code::CredentialsInvalid`], the same for an unknown login and a wrong password;
/// [`Code::ChooseLearnerNumber`] when the password fits several; [`Code::SecondFactorRequired`]
/// with a `challenge` for [`super::answer`]; too many attempts.
pub async fn open(
    campus: &Campus,
    sessions: &Sessions,
    visitor: &Visitor,
    login: &str,
    password: &str,
) -> Result<Opened> {
    let device = match visitor.device {
        None => None,
        Some(_) => {
            let connection = &mut *campus.database.connection().await?;
            let ids: Vec<Uuid> =
                candidates(campus, connection, login).await?.iter().map(|account| account.id).collect();
            devices::known(connection, visitor, &ids, campus.clock.now()).await?
        }
    };
    let attempt = throttle::admit(campus, Secret::Password, visitor, login, device).await?;
    let candidates = candidates(campus, &mut *campus.database.connection().await?, login).await?;
    let holders: Vec<(&Account, &str)> =
        candidates.iter().filter_map(|account| account.password_hash.as_deref().map(|hash| (account, hash))).collect();
    let hashes: Vec<&str> = holders.iter().map(|(_, hash)| *hash).collect();
    let fits = sessions.passwords.check_all(password, &hashes).await?;
    let fitting: Vec<&Account> =
        holders.iter().zip(fits).filter(|(_, fits)| *fits).map(|((account, _), _)| *account).collect();
    if !fitting.is_empty() {
        attempt.was_right(campus).await;
    }
    match fitting.as_slice() {
        [account] => {
            join_salt(campus, sessions, account, hashes.first().copied(), password).await?;
            enter(campus, sessions, visitor, account).await
        }
        [] => Err(Error::code(Code::CredentialsInvalid)),
        // Two accounts of one person, whose records were merged.
        [account, rest @ ..] if rest.iter().all(|other| is_same_person(account, other)) => {
            enter(campus, sessions, visitor, account).await
        }
        _ => Err(Error::code(Code::ChooseLearnerNumber)),
    }
}

fn is_same_person(account: &Account, other: &Account) -> bool {
    account.resident_id.is_some() && account.resident_id == other.resident_id
}

/// Hashes a password anew, with the salt of the first who has the same telephone. Who came to that
/// telephone after setting the password still has another one.
async fn join_salt(
    campus: &Campus,
    sessions: &Sessions,
    account: &Account,
    first: Option<&str>,
    password: &str,
) -> Result<()> {
    let (Some(first), Some(own)) = (first, account.password_hash.as_deref()) else { return Ok(()) };
    if share_salt(own, first) {
        return Ok(());
    }
    let new = sessions.passwords.hash_beside(password, Some(first)).await?;
    queries::replace_hash(&mut *campus.database.connection().await?, account.id, own, &new).await
}

/// The hash of somebody who has the same telephone as this account, whose salt a new password takes.
pub(super) async fn beside(campus: &Campus, connection: &mut Connection, account: &Account) -> Result<Option<String>> {
    let Some(resident_id) = account.resident_id else { return Ok(None) };
    match residents::find(connection, resident_id).await?.contact(&campus.seal)?.phone {
        Some(phone) => hash_with_phone(campus, connection, &phone, Some(account.id)).await,
        None => Ok(None),
    }
}

/// The hash of the first who has this telephone, other than `not_of`.
pub(super) async fn hash_with_phone(
    campus: &Campus,
    connection: &mut Connection,
    phone: &str,
    not_of: Option<Uuid>,
) -> Result<Option<String>> {
    let indexes = phone_indexes(&campus.seal, phone);
    let found = queries::with_phone(connection, &indexes, phone, MOST_CANDIDATES).await?;
    Ok(found.into_iter().filter(|account| Some(account.id) != not_of).find_map(|account| account.password_hash))
}

/// One spelling for each login, so that attempts for it are counted together.
pub(super) fn login_key(login: &str) -> String {
    let login = plain_text(login);
    match parse_phone(&login) {
        Ok(Some(phone)) if !login.contains('@') => phone,
        _ => login.to_lowercase(),
    }
}

pub(super) async fn candidates(campus: &Campus, connection: &mut Connection, login: &str) -> Result<Vec<Account>> {
    let login = plain_text(login);
    if login.contains('@') {
        return queries::with_email(connection, &login.to_lowercase()).await;
    }
    if login.len() == 8 && login.bytes().all(|byte| byte.is_ascii_digit()) {
        let found = queries::with_learner_number(connection, &login).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    match parse_phone(&login) {
        Ok(Some(phone)) => {
            let indexes = phone_indexes(&campus.seal, &phone);
            queries::with_phone(connection, &indexes, &phone, MOST_CANDIDATES).await
        }
        _ => Ok(Vec::new()),
    }
}
