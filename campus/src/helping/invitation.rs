//! How an allowance comes about from home: the resident opens a code and tells it to the helper,
//! who types it in together with the resident's name.

use diesel_async::AsyncConnection;
use rand::RngExt;
use serde_json::json;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use super::allowance::grant;
use super::{Helped, checked_months, expiry, note, queries};
use crate::Campus;
use crate::access::Actor;
use crate::error::{Code, Error, Result};
use crate::residents::identity::normalise_name;

/// How long a code waits.
const SERVES: Duration = Duration::hours(24);

/// A code, shown once to the resident.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Two groups of four digits, to be read over the telephone.
    pub code: String,
    /// For how many months its helper may help.
    pub months: u8,
    /// Until when it can be typed in.
    pub expires_at: OffsetDateTime,
}

/// A code that waits for its helper.
#[derive(Debug, Clone, Copy)]
pub struct Invitation {
    /// For how many months its helper may help.
    pub months: i16,
    /// Until when it can be typed in.
    pub expires_at: OffsetDateTime,
}

fn hash(code: &str) -> Vec<u8> {
    // Full-width digits, spaces and hyphens as people type them.
    let plain = crate::residents::identity::plain_text(code);
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    Sha256::digest(digits.as_bytes()).to_vec()
}

/// Opens a code; an earlier one is void.
///
/// # Errors
/// The field `months`; what the database says.
pub async fn invite(campus: &Campus, actor: &Actor, months: u8) -> Result<Invited> {
    let (resident, months) = (actor.resident()?, checked_months(months)?);
    let now = campus.clock.now();
    let number: u32 = rand::rng().random_range(0..100_000_000);
    let code = format!("{:04}-{:04}", number / 10_000, number % 10_000);
    let expires_at = now + SERVES;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            queries::replace_invitation(connection, resident, &hash(&code), months, expires_at).await?;
            note(connection, actor, "help.invited", resident, None, json!({"months": months}), now).await
        })
        .await?;
    Ok(Invited { code, months, expires_at })
}

/// The resident's code that still waits.
///
/// # Errors
/// What the database says.
pub async fn open_invitation(campus: &Campus, actor: &Actor) -> Result<Option<Invitation>> {
    let connection = &mut *campus.database.connection().await?;
    let found = queries::invitation(connection, actor.resident()?, campus.clock.now()).await?;
    Ok(found.map(|(months, expires_at)| Invitation { months, expires_at }))
}

/// Makes the resident's code void; without one there is nothing to do.
///
/// # Errors
/// What the database says.
pub async fn withdraw_invitation(campus: &Campus, actor: &Actor) -> Result<()> {
    let resident = actor.resident()?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::delete_invitation(connection, resident).await? > 0 {
                let now = campus.clock.now();
                note(connection, actor, "help.invitation_withdrawn", resident, None, json!({}), now).await?;
            }
            Ok(())
        })
        .await
}

/// Takes a code up: from now on the actor helps the resident of this name.
///
/// # Errors
/// The field `code`, the same for a wrong name, a wrong code and one that is void;
/// [`Code::HelpedTooMany`], [`Code::HelpersFull`], after which the code still serves.
pub async fn accept(campus: &Campus, actor: &Actor, name: &str, code: &str) -> Result<Helped> {
    let wrong = || Error::field("code", Code::HelpCodeInvalid);
    let helper = actor.resident()?;
    let name = normalise_name(name).map_err(|_| wrong())?;
    let (now, hash) = (campus.clock.now(), hash(code));
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let (resident, months) = queries::inviting(connection, &name, &hash, now).await?.ok_or_else(wrong)?;
            if resident.id == helper {
                return Err(Error::field("code", Code::HelpOneself));
            }
            if !queries::spend_invitation(connection, resident.id, &hash, now).await? {
                return Err(wrong());
            }
            let months = u8::try_from(months).map_err(Error::internal)?;
            let expires_at = expiry(&campus.clock, months);
            grant(connection, actor, actor.account_id, &resident, None, expires_at, now).await?;
            Ok(Helped { granted_at: now, expires_at, resident })
        })
        .await
}
