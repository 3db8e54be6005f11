//! What residents have agreed to: for each purpose by itself, in versions, and until they withdraw it.

mod queries;
mod rows;

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use rows::{ConsentText, Given};

use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, Result};

/// What a consent is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Being on record, with one's learning and credits.
    Registration,
    /// Photographs taken at activities.
    ActivityPhotographs,
    /// Reminders by telephone and short message.
    TelephoneMessages,
    /// One's name and learning in what the district is sent.
    DistrictFigures,
    /// A child under 14 being on record, agreed to by a guardian.
    GuardianRegistration,
}

impl Purpose {
    /// Every purpose, in the order in which people are asked.
    pub const ALL: [Self; 5] = [
        Self::Registration,
        Self::ActivityPhotographs,
        Self::TelephoneMessages,
        Self::DistrictFigures,
        Self::GuardianRegistration,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::ActivityPhotographs => "activity_photographs",
            Self::TelephoneMessages => "telephone_messages",
            Self::DistrictFigures => "district_figures",
            Self::GuardianRegistration => "guardian_registration",
        }
    }

    /// The purpose of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == name)
    }

    /// Whether nobody is on record without it.
    #[must_use]
    pub const fn is_necessary(self) -> bool {
        matches!(self, Self::Registration | Self::GuardianRegistration)
    }

    /// Whether people agree to it for themselves.
    #[must_use]
    pub const fn is_ones_own(self) -> bool {
        !matches!(self, Self::GuardianRegistration)
    }
}

/// How a consent reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The person agreed on a page of ours.
    Web,
    /// Read aloud at the desk, noted by staff.
    Desk,
    /// Signed on paper.
    Paper,
}

impl Channel {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Desk => "desk",
            Self::Paper => "paper",
        }
    }
}

/// One purpose with the text in force and what this resident has said to it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What it is for.
    pub purpose: Purpose,
    /// The text in force.
    pub text: ConsentText,
    /// Each time it was given, the newest first.
    pub history: Vec<Given>,
}

impl Standing {
    /// What is given and not withdrawn, perhaps to an earlier text.
    #[must_use]
    pub fn given(&self) -> Option<&Given> {
        self.history.iter().find(|given| given.withdrawn_at.is_none())
    }
}

/// The texts in force, one of each purpose, in the order of [`Purpose::ALL`].
///
/// # Errors
/// What the database says.
pub async fn texts(connection: &mut Connection, at: OffsetDateTime) -> Result<Vec<(Purpose, ConsentText)>> {
    let mut found = queries::texts(connection, at).await?;
    Ok(Purpose::ALL
        .into_iter()
        .filter_map(|purpose| {
            let place = found.iter().position(|text| text.purpose == purpose.as_str())?;
            Some((purpose, found.swap_remove(place)))
        })
        .collect())
}

/// The text in force for one purpose.
///
/// # Errors
/// [`Code::NotFound`] when there is none yet.
pub async fn text(connection: &mut Connection, purpose: Purpose, at: OffsetDateTime) -> Result<ConsentText> {
    let found = texts(connection, at).await?.into_iter().find(|(known, _)| *known == purpose);
    found.map(|(_, text)| text).ok_or_else(|| Error::code(Code::NotFound))
}

/// Writes that a resident has agreed to a text, with its audit row, inside the caller's
/// transaction. `actor`: who notes it; `None` for whoever registers themselves. Answers whether
/// that is new.
///
/// # Errors
/// [`Code::ConsentVersionInvalid`] on the field `version` when it is not the text in force.
pub async fn record(
    connection: &mut Connection,
    actor: Option<&Actor>,
    resident_id: Uuid,
    purpose: Purpose,
    version: &str,
    channel: Channel,
    at: OffsetDateTime,
) -> Result<bool> {
    if text(connection, purpose, at).await?.version != version {
        return Err(Error::field("version", Code::ConsentVersionInvalid));
    }
    let account = actor.map(|actor| actor.account_id);
    if !queries::insert(connection, resident_id, version, channel.as_str(), account, at).await? {
        return Ok(false);
    }
    let detail = json!({"purpose": purpose.as_str(), "version": version, "channel": channel.as_str()});
    note(connection, actor, "consent.given", resident_id, detail, at).await?;
    Ok(true)
}

/// What a resident has said to each purpose.
///
/// # Errors
/// What the database says.
pub async fn of_resident(connection: &mut Connection, resident_id: Uuid, at: OffsetDateTime) -> Result<Vec<Standing>> {
    let mut history = queries::of_resident(connection, resident_id).await?;
    let texts = texts(connection, at).await?;
    Ok(texts
        .into_iter()
        .map(|(purpose, text)| {
            let of_this = history.extract_if(.., |given| given.purpose == purpose.as_str()).collect();
            Standing { purpose, text, history: of_this }
        })
        // A guardian's consent concerns those for whom one was given.
        .filter(|standing| standing.purpose.is_ones_own() || !standing.history.is_empty())
        .collect())
}

/// The actor agrees to the text in force. Answers whether that is new.
///
/// # Errors
/// [`Code::ConsentVersionInvalid`] on the field `version`.
pub async fn give(campus: &Campus, actor: &Actor, purpose: Purpose, version: &str) -> Result<(Standing, bool)> {
    let (resident, now) = (actor.resident()?, campus.clock.now());
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let new = record(connection, Some(actor), resident, purpose, version, Channel::Web, now).await?;
            let standing = of_resident(connection, resident, now).await?;
            let standing = standing.into_iter().find(|one| one.purpose == purpose);
            standing.map(|one| (one, new)).ok_or_else(|| Error::internal("a consent without a text"))
        })
        .await
}

/// The actor withdraws what they have agreed to; what was not given needs nothing.
///
/// # Errors
/// [`Code::ConsentNecessary`] for what nobody is on record without.
pub async fn withdraw(campus: &Campus, actor: &Actor, purpose: Purpose) -> Result<()> {
    if purpose.is_necessary() {
        return Err(Error::code(Code::ConsentNecessary));
    }
    let (resident, now) = (actor.resident()?, campus.clock.now());
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if queries::withdraw(connection, resident, purpose.as_str(), now).await? > 0 {
                let detail = json!({"purpose": purpose.as_str()});
                note(connection, Some(actor), "consent.withdrawn", resident, detail, now).await?;
            }
            Ok(())
        })
        .await
}

async fn note(
    connection: &mut Connection,
    actor: Option<&Actor>,
    action: &'static str,
    resident_id: Uuid,
    detail: serde_json::Value,
    at: OffsetDateTime,
) -> Result<()> {
    let object_id = Some(resident_id);
    let entry = audit::Entry { action, object_kind: "resident", object_id, branch_id: None, detail, actor };
    audit::record(connection, at, &entry).await
}
