//! The second factor: codes of an authenticator app (TOTP, RFC 6238), each taken once, and recovery
//! codes for whoever has lost it.

use diesel_async::AsyncConnection;
use qrcode::QrCode;
use qrcode::render::svg;
use serde_json::json;
use time::Duration;
use totp_rs::{Builder, Secret, Totp};
use uuid::Uuid;

use super::devices::{self, Visitor};
use super::second_factor_queries as queries;
use super::session::{hash, hash_typed, new_token};
use super::throttle;
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::ids::readable_secret;
use crate::signals::Limit;

/// How long a log-in waits for its code.
const CHALLENGE_HOLDS: Duration = Duration::minutes(5);
/// How many codes may be tried for one log-in.
const MOST_ATTEMPTS: i32 = 5;
/// How many codes may be tried for one account, over all its log-ins: six digits must not be
/// found by trying. Only who knows the password gets as far.
const CODES: Limit = Limit { count: 20, seconds: 900 };
/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;
/// Under what name the authenticator shows it.
const ISSUER: &str = "常青学堂";

/// A second factor that is being set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The secret, in base 32, for typing.
    pub secret: String,
    /// The same as an `otpauth:` address.
    pub uri: String,
    /// The same as a picture (SVG) to scan.
    pub picture: String,
}

fn context(account_id: Uuid) -> String {
    format!("second_factor:{account_id}")
}

fn totp(secret: Vec<u8>, name: &str) -> Result<Totp> {
    // A colon separates issuer and name in the address.
    let name = name.replace(':', " ");
    Builder::new()
        .with_secret(secret)
        .with_issuer(Some(ISSUER))
        .with_account_name(name)
        .build()
        .map_err(Error::internal)
}

/// Begins to set up a second factor. One that is set already stays in force until the new one is
/// confirmed.
///
/// # Errors
/// What the database says.
pub async fn begin(campus: &Campus, actor: &Actor) -> Result<Setup> {
    let secret: [u8; 20] = rand::random();
    let sealed = campus.seal.seal(&context(actor.account_id), &secret)?;
    let connection = &mut *campus.database.connection().await?;
    let account = super::find(connection, actor.account_id).await?;
    queries::keep_pending(connection, actor.account_id, &sealed).await?;
    let uri =
        totp(secret.to_vec(), account.email.as_deref().unwrap_or(&account.name))?.to_url().map_err(Error::internal)?;
    let picture =
        QrCode::new(&uri).map_err(Error::internal)?.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    Ok(Setup { secret: Secret::from(secret.to_vec()).to_base32(), uri, picture })
}

/// Puts in force what [`begin`] began. Answers ten recovery codes, which are shown this once;
/// those of before are void.
///
/// # Errors
/// [`Code::SecondFactorNotBegun`]; [`Code::SecondFactorInvalid`].
pub async fn confirm(campus: &Campus, actor: &Actor, code: &str) -> Result<Vec<String>> {
    let now = campus.clock.now();
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| readable_secret(4)).collect();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let row = queries::lock(connection, actor.account_id).await?;
            let pending =
                row.and_then(|row| row.sealed_pending).ok_or_else(|| Error::code(Code::SecondFactorNotBegun))?;
            let secret = campus.seal.open(&context(actor.account_id), &pending)?;
            let step = matching_step(&totp(secret, "")?, code, campus.clock.world_now().unix_timestamp())
                .ok_or_else(|| Error::field("code", Code::SecondFactorInvalid))?;
            queries::put_in_force(connection, actor.account_id, &pending, step, now).await?;
            let hashes: Vec<Vec<u8>> = codes.iter().map(|code| hash_typed(code)).collect();
            queries::replace_recovery_codes(connection, actor.account_id, &hashes).await?;
            let entry = audit::Entry {
                action: "second_factor.set",
                object_kind: "account",
                object_id: Some(actor.account_id),
                branch_id: actor.branch_id,
                detail: json!({}),
                actor: Some(actor),
            };
            audit::record(connection, now, &entry).await
        })
        .await?;
    Ok(codes)
}

/// Sets a second factor that is known beforehand (a demo's), in force at once.
///
/// # Errors
/// When the secret is no base 32, or what the database says.
pub async fn install(campus: &Campus, account_id: Uuid, secret: &str) -> Result<()> {
    let secret = Secret::try_from_base32(secret).map_err(Error::internal)?;
    let sealed = campus.seal.seal(&context(account_id), secret.as_ref())?;
    let connection = &mut *campus.database.connection().await?;
    queries::put_in_force(connection, account_id, &sealed, 0, campus.clock.now()).await
}

/// A secret for [`install`], in base 32.
#[must_use]
pub fn new_secret() -> String {
    let secret: [u8; 20] = rand::random();
    Secret::from(secret.to_vec()).to_base32()
}

/// The code that an authenticator with this secret shows at `at` (seconds since 1970).
///
/// # Errors
/// When the secret is no base 32.
pub fn code_at(secret: &str, at: u64) -> Result<String> {
    let secret = Secret::try_from_base32(secret).map_err(Error::internal)?;
    Ok(totp(secret.as_ref().to_vec(), "")?.generate(at).to_string())
}

/// Whether an account has a second factor.
///
/// # Errors
/// What the database says.
pub async fn is_set(connection: &mut Connection, account_id: Uuid) -> Result<bool> {
    queries::is_set(connection, account_id).await
}

/// Asks for a code.
pub(super) async fn challenge(campus: &Campus, account_id: Uuid) -> Result<String> {
    let connection = &mut *campus.database.connection().await?;
    let (token, hash) = new_token();
    queries::insert_challenge(connection, &hash, account_id, campus.clock.now() + CHALLENGE_HOLDS).await?;
    Ok(token)
}

enum Answered {
    By(Uuid),
    Wrongly,
    TooLate,
}

/// Whose challenge it is, when the code is right.
///
/// # Errors
/// [`Code::ChallengeInvalid`]; [`Code::SecondFactorInvalid`]; too many attempts.
pub(super) async fn answer(campus: &Campus, visitor: &Visitor, challenge: &str, code: &str) -> Result<Uuid> {
    let (now, hash) = (campus.clock.now(), hash(challenge));
    let (account_id, device) = {
        let connection = &mut *campus.database.connection().await?;
        let Some(account_id) = queries::challenged(connection, &hash).await? else {
            throttle::admit_address(campus, visitor).await?;
            return Err(Error::code(Code::ChallengeInvalid));
        };
        (account_id, devices::known(connection, visitor, &[account_id], now).await?)
    };
    // A device that the account knows is not held up by what strangers try elsewhere.
    let key = match device {
        Some(device) => format!("second_factor_device:{device}"),
        None => {
            throttle::admit_address(campus, visitor).await?;
            format!("second_factor:{account_id}")
        }
    };
    campus.signals.admit(&key, CODES).await.map_err(|retry_after_seconds| Error::TooMany { retry_after_seconds })?;
    let connection = &mut *campus.database.connection().await?;
    // A wrong code is counted, so that the transaction commits where the answer is no.
    let answered = connection
        .transaction(async |connection| {
            let Some(asked) = queries::lock_challenge(connection, &hash).await? else {
                return Ok::<_, Error>(Answered::TooLate);
            };
            if asked.expires_at <= now || asked.answered || asked.attempts >= MOST_ATTEMPTS {
                return Ok(Answered::TooLate);
            }
            let right = take(campus, connection, asked.account_id, code).await?;
            queries::count_attempt(connection, &hash, right.then_some(now)).await?;
            Ok(if right { Answered::By(asked.account_id) } else { Answered::Wrongly })
        })
        .await?;
    match answered {
        Answered::By(account_id) => Ok(account_id),
        Answered::Wrongly => Err(Error::code(Code::SecondFactorInvalid)),
        Answered::TooLate => Err(Error::code(Code::ChallengeInvalid)),
    }
}

/// Takes a code of the app or a recovery code: each serves once.
pub(super) async fn take(campus: &Campus, connection: &mut Connection, account_id: Uuid, code: &str) -> Result<bool> {
    let Some(row) = queries::lock(connection, account_id).await? else { return Ok(false) };
    let Some(sealed) = row.sealed_secret else { return Ok(false) };
    let secret = campus.seal.open(&context(account_id), &sealed)?;
    let step = matching_step(&totp(secret, "")?, code, campus.clock.world_now().unix_timestamp());
    if let Some(step) = step.filter(|step| *step > row.last_step) {
        queries::note_step(connection, account_id, step).await?;
        return Ok(true);
    }
    queries::use_recovery_code(connection, account_id, &hash_typed(code), campus.clock.now()).await
}

/// The 30-second step whose code this is: the current one, or one to either side.
fn matching_step(totp: &Totp, code: &str, now: i64) -> Option<i64> {
    let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let step = totp.check(&digits, u64::try_from(now).ok()?)?;
    i64::try_from(step).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = Secret::from(b"12345678901234567890".to_vec()).to_base32();
        for (at, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(code_at(&secret, at).unwrap(), code);
        }
        let totp = totp(b"12345678901234567890".to_vec(), "").unwrap();
        assert_eq!(matching_step(&totp, "287 082", 59), Some(1));
        assert_eq!(matching_step(&totp, "287082", 89), Some(1));
        assert_eq!(matching_step(&totp, "287082", 90), None);
        assert_eq!(matching_step(&totp, "28708", 59), None);
        assert_eq!(matching_step(&totp, "+87082", 59), None);
        assert_eq!(hash_typed("AbCd-efgh 2345"), hash_typed("abcdefgh2345"));
    }
}
