//! Logging in, staying in, logging out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel_async::AsyncConnection;
use serde_json::json;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::card_queries;
use super::devices::{self, Visitor};
use super::queries::{self, OpeningSession};
use super::rows::Account;
use super::second_factor;
use super::tokens::Sessions;
use crate::Campus;
use crate::access::{Actor, Role, SessionProof};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::new_id;

/// How long after its replacement a refresh token still works: five tabs that refresh at
/// once all succeed.
const GRACE: Duration = Duration::seconds(15);

/// A session that has been opened or renewed.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Whose it is.
    pub account: Account,
    /// For the `Authorization` header.
    pub access_token: String,
    /// For the cookie; kept here only as a hash.
    pub refresh_token: String,
    /// How long the cookie holds, in seconds.
    pub refresh_seconds: i64,
    /// For the cookie that the device is known by; `None`: it stays as it is.
    pub device_token: Option<String>,
}

const fn lifetime(role: Role) -> Duration {
    match role {
        Role::Resident => Duration::days(60),
        Role::BranchStaff | Role::Admin => Duration::hours(12),
    }
}

pub(super) fn new_token() -> (String, Vec<u8>) {
    let secret: [u8; 32] = rand::random();
    let token = URL_SAFE_NO_PAD.encode(secret);
    let hash = hash(&token);
    (token, hash)
}

pub(super) fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The hash of a code that people type, with capitals, spaces and hyphens as they please.
pub(super) fn hash_typed(code: &str) -> Vec<u8> {
    let plain = code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase());
    hash(&plain.collect::<String>())
}

/// The way in for whoever has proved to own an account: at once, or after a code.
pub(super) async fn enter(
    campus: &Campus,
    sessions: &Sessions,
    visitor: &Visitor,
    account: &Account,
) -> Result<Opened> {
    match start_with(campus, sessions, visitor, account, Entrance::WithPassword).await {
        Err(error) if error.stable_code() == Code::SecondFactorRequired => {
            let challenge = second_factor::challenge(campus, account.id).await?;
            Err(Error::with(Code::SecondFactorRequired, json!({"challenge": challenge})))
        }
        entered => entered,
    }
}

/// How somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entrance {
    /// With a password or what stands for it, where that is enough.
    WithPassword,
    /// With a password and a code of the second factor.
    WithCode,
    /// With a PIN; the device opens for them from now on, unless everybody uses it.
    WithPin,
    /// By a device that opens for them.
    ByDevice,
}

/// How long a session at a device that everybody uses outlasts its last sign of life.
const SHARED_DEVICE_LIFETIME: Duration = Duration::minutes(15);

/// Opens a session for an account that has just proved itself, and remembers the device, unless
/// everybody uses it. Coming in by a device is no fresh proof of who one is.
///
/// # Errors
/// [`Code::SecondFactorRequired`] where a password is not enough; then nothing has been written.
pub(super) async fn start_with(
    campus: &Campus,
    sessions: &Sessions,
    visitor: &Visitor,
    account: &Account,
    entrance: Entrance,
) -> Result<Opened> {
    let role = Role::from_name(&account.role).ok_or_else(|| Error::internal("unknown role"))?;
    let now = campus.clock.now();
    let lifetime = if visitor.at_shared_device { SHARED_DEVICE_LIFETIME } else { lifetime(role) };
    let proved_at = if entrance == Entrance::ByDevice { OffsetDateTime::UNIX_EPOCH } else { now };
    let family = new_id();
    let (refresh_token, hash) = new_token();
    let connection = &mut *campus.database.connection().await?;
    let write = async |connection: &mut Connection| {
        let device = match visitor.at_shared_device {
            true => None,
            false => Some(devices::remember(connection, visitor, account.id, now).await?),
        };
        let opening = OpeningSession {
            family,
            account_id: account.id,
            device: device.as_ref(),
            opened_at: now,
            proved_at,
            expires_at: now + lifetime,
            token: &hash,
            unguarded_only: entrance == Entrance::WithPassword,
        };
        if !queries::open_session(connection, &opening).await? {
            return Err(Error::code(Code::SecondFactorRequired));
        }
        match (entrance, &device) {
            (Entrance::WithPin, Some(device)) => card_queries::let_open(connection, device.id).await?,
            (_, None) => card_queries::share(connection, family, now + lifetime).await?,
            _ => {}
        }
        Ok::<_, Error>(device.map(|device| device.token))
    };
    // The usual way in is one statement, which needs no transaction around it.
    let alone = entrance == Entrance::WithPassword && visitor.device.is_none() && !visitor.at_shared_device;
    let device_token =
        if alone { write(connection).await? } else { connection.transaction(async |it| write(it).await).await? };
    Ok(Opened {
        account: account.clone(),
        access_token: sessions.issue(campus, account.id, &SessionProof { id: family, proved_at })?,
        refresh_token,
        refresh_seconds: lifetime.whole_seconds(),
        device_token,
    })
}

/// Opens the session that waits for a code of the second factor.
///
/// # Errors
/// [`Code::ChallengeInvalid`]: too late, tried too often, or never asked for;
/// [`Code::SecondFactorInvalid`].
pub async fn answer(
    campus: &Campus,
    sessions: &Sessions,
    visitor: &Visitor,
    challenge: &str,
    code: &str,
) -> Result<Opened> {
    let account_id = second_factor::answer(campus, visitor, challenge, code).await?;
    let account = queries::find(&mut *campus.database.connection().await?, account_id)
        .await?
        .filter(|account| account.disabled_at.is_none())
        .ok_or_else(|| Error::code(Code::ChallengeInvalid))?;
    start_with(campus, sessions, visitor, &account, Entrance::WithCode).await
}

/// Shows once more who one is: the password or the PIN, and a code where there is a second factor. Answers
/// a new access token of the same session; the proof serves for 15 minutes.
///
/// # Errors
/// [`Code::CredentialsInvalid`], [`Code::SecondFactorInvalid`]; [`Code::TokenInvalid`] when the
/// session has ended.
pub async fn prove(
    campus: &Campus,
    sessions: &Sessions,
    actor: &Actor,
    password: &str,
    code: Option<&str>,
) -> Result<(Account, String)> {
    let session = actor.session.ok_or_else(|| Error::code(Code::TokenInvalid))?;
    let account = queries::find(&mut *campus.database.connection().await?, actor.account_id)
        .await?
        .ok_or_else(|| Error::code(Code::TokenInvalid))?;
    let pin_hash = card_queries::pin_hash(&mut *campus.database.connection().await?, account.id).await?;
    let mut right = sessions.passwords.check(password, account.password_hash.as_deref()).await?;
    if !right && pin_hash.is_some() {
        right = sessions.passwords.check(password, pin_hash.as_deref()).await?;
    }
    if !right {
        return Err(Error::code(Code::CredentialsInvalid));
    }
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if second_factor::is_set(connection, account.id).await?
                && !second_factor::take(campus, connection, account.id, code.unwrap_or_default()).await?
            {
                return Err(Error::code(Code::SecondFactorInvalid));
            }
            if !queries::prove_family(connection, session.id, account.id, now).await? {
                return Err(Error::code(Code::TokenInvalid));
            }
            Ok(())
        })
        .await?;
    let token = sessions.issue(campus, account.id, &SessionProof { id: session.id, proved_at: now })?;
    Ok((account, token))
}

enum Renewal {
    Renewed {
        account_id: Uuid,
        seconds_left: i64,
        session: SessionProof,
    },
    Refused,
    /// The session ended with this.
    Ended {
        account_id: Uuid,
    },
}

/// Exchanges a refresh token for a new one. One that was replaced more than 15 s ago has
/// been stolen or copied: the whole family ends.
///
/// # Errors
/// [`Code::RefreshInvalid`].
pub async fn refresh(campus: &Campus, sessions: &Sessions, token: &str) -> Result<Opened> {
    let now = campus.clock.now();
    let old = hash(token);
    let (refresh_token, new) = new_token();
    let connection = &mut *campus.database.connection().await?;
    let renewal = connection
        .transaction(async |connection| {
            let Some(held) = queries::lock_token(connection, &old).await? else {
                return Ok::<_, Error>(Renewal::Refused);
            };
            if held.ended || held.expires_at <= now {
                return Ok(Renewal::Refused);
            }
            match held.replaced_at {
                Some(replaced) if now - replaced > GRACE => {
                    queries::end_family(connection, held.family_id, "reused", now).await?;
                    tracing::warn!(account = %held.account_id, "a refresh token came twice: its session is ended");
                    return Ok(Renewal::Ended { account_id: held.account_id });
                }
                Some(_) => {}
                None => queries::replace_token(connection, &old, now).await?,
            }
            queries::insert_token(connection, &new, held.family_id, now).await?;
            if let Some(device) = held.device_id {
                devices::see(connection, device, now).await?;
            }
            let prolonged = now + SHARED_DEVICE_LIFETIME;
            let shared =
                held.device_id.is_none() && card_queries::prolong(connection, held.family_id, prolonged).await?;
            let seconds_left = (if shared { prolonged } else { held.expires_at } - now).whole_seconds();
            let session = SessionProof { id: held.family_id, proved_at: held.proved_at };
            Ok(Renewal::Renewed { account_id: held.account_id, seconds_left, session })
        })
        .await?;
    let (account_id, seconds_left, session) = match renewal {
        Renewal::Renewed { account_id, seconds_left, session } => (account_id, seconds_left, session),
        Renewal::Refused => return Err(Error::code(Code::RefreshInvalid)),
        Renewal::Ended { account_id } => {
            sessions.forget_account(account_id);
            return Err(Error::code(Code::RefreshInvalid));
        }
    };
    let account = queries::find(connection, account_id)
        .await?
        .filter(|account| account.disabled_at.is_none())
        .ok_or_else(|| Error::code(Code::RefreshInvalid))?;
    Ok(Opened {
        access_token: sessions.issue(campus, account.id, &session)?,
        account,
        refresh_token,
        refresh_seconds: seconds_left,
        device_token: None,
    })
}

/// What tells the session that is to end.
#[derive(Debug, Clone)]
pub enum Leaving {
    /// Its refresh token.
    RefreshToken(String),
    /// Its access token, verified.
    Session(Actor),
}

/// Ends a session, and with it its access tokens; one that is unknown is no fault.
///
/// # Errors
/// What the database says.
pub async fn close(campus: &Campus, sessions: &Sessions, leaving: &Leaving) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    let ended = connection
        .transaction(async |connection| {
            let (family, account_id) = match leaving {
                Leaving::Session(actor) => match actor.session {
                    Some(session) => (session.id, actor.account_id),
                    None => return Ok(None),
                },
                Leaving::RefreshToken(token) => match queries::lock_token(connection, &hash(token)).await? {
                    Some(held) => (held.family_id, held.account_id),
                    None => return Ok(None),
                },
            };
            queries::end_family(connection, family, "logged_out", now).await?;
            Ok::<_, Error>(Some(account_id))
        })
        .await?;
    if let Some(account_id) = ended {
        sessions.forget_account(account_id);
    }
    Ok(())
}
