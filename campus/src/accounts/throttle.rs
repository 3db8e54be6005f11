//! How trying out secrets is slowed down without locking anybody out.
//!
//! Attempts are counted by the login they name and by the address they come from, with delays that
//! grow. What is counted so can be run up by strangers, hence neither stops a device that the
//! account knows (it has a counter of its own) nor a right one-time code (see `one_time_code`).

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::devices::Visitor;
use super::log_in::login_key;
use crate::Campus;
use crate::error::{Error, Result};
use crate::signals::{GrowingDelay, Limit};

/// Attempts from one address: a classroom of fifty behind one address logs in within a minute,
/// mistyping included.
const ADDRESS: Limit = Limit { count: 150, seconds: 60 };
/// Wrong attempts from one address. Many share one: a street's office, a mobile network.
const ADDRESS_DELAY: GrowingDelay = GrowingDelay { free: 100, longest_seconds: 900, forgiven_every_seconds: 6 };
/// Wrong attempts for one login.
const LOGIN_DELAY: GrowingDelay = GrowingDelay { free: 5, longest_seconds: 900, forgiven_every_seconds: 3600 };
/// Wrong attempts on a device that the account knows: a stolen phone is no way to try out everything.
const DEVICE_DELAY: GrowingDelay = GrowingDelay { free: 10, longest_seconds: 900, forgiven_every_seconds: 600 };

/// Mails asked for from one address.
const MAIL_ADDRESS: Limit = Limit { count: 30, seconds: 60 };

/// What is being tried.
#[derive(Debug, Clone, Copy)]
pub(super) enum Secret {
    /// A password.
    Password,
    /// A one-time code.
    OneTimeCode,
    /// A PIN.
    Pin,
}

impl Secret {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "log_in",
            Self::OneTimeCode => "code",
            Self::Pin => "pin",
        }
    }
}

/// An attempt that was let through and counted as a wrong one, until it turns out right.
#[derive(Debug)]
pub(super) struct Attempt {
    own: String,
    shared: Option<String>,
}

fn refused(retry_after_seconds: u64) -> Error {
    Error::TooMany { retry_after_seconds }
}

/// What attempts for one login are counted under, however it is spelt: no name or number goes to
/// Redis.
pub(super) fn digest(login: &str) -> String {
    let digest = Sha256::digest(login_key(login).as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Lets an attempt through and counts it, or says how long to wait.
///
/// # Errors
/// Too many attempts.
pub(super) async fn admit(
    campus: &Campus,
    secret: Secret,
    visitor: &Visitor,
    login: &str,
    device: Option<Uuid>,
) -> Result<Attempt> {
    let (kind, now) = (secret.as_str(), campus.clock.now());
    if let Some(device) = device {
        let own = format!("{kind}_device:{device}");
        campus.signals.attempt(None, &[(own.clone(), DEVICE_DELAY)], now).await.map_err(refused)?;
        return Ok(Attempt { own, shared: None });
    }
    let address = address_key(visitor);
    let own = format!("{kind}:{}", digest(login));
    let shared = format!("address:{}", visitor.address);
    let keys = [(own.clone(), LOGIN_DELAY), (shared.clone(), ADDRESS_DELAY)];
    campus.signals.attempt(Some((&address, ADDRESS)), &keys, now).await.map_err(refused)?;
    Ok(Attempt { own, shared: Some(shared) })
}

/// Counts one more attempt from an address, whatever it is about.
///
/// # Errors
/// Too many attempts.
pub(super) async fn admit_address(campus: &Campus, visitor: &Visitor) -> Result<()> {
    campus.signals.admit(&address_key(visitor), ADDRESS).await.map_err(refused)
}

fn address_key(visitor: &Visitor) -> String {
    format!("log_in_address:{}", visitor.address)
}

/// Counts one mail asked for from an address.
///
/// # Errors
/// Too many of them.
pub(super) async fn admit_mail(campus: &Campus, visitor: &Visitor) -> Result<()> {
    let key = format!("mail_address:{}", visitor.address);
    campus.signals.admit(&key, MAIL_ADDRESS).await.map_err(refused)
}

impl Attempt {
    /// It was a right one: what was counted against the login is forgotten. The address keeps what
    /// others did there.
    pub(super) async fn was_right(self, campus: &Campus) {
        campus.signals.forgive(&self.own, self.shared.as_deref()).await;
    }
}
