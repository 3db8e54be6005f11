//! Filing: what somebody has achieved elsewhere is written down, shown by photos, handed in, taken back.

use diesel_async::AsyncConnection;
use time::Date;
use uuid::Uuid;

use super::fields::Fields;
use super::rows::{Claim, Outcome, Recognition};
use super::{assembly, note, queries};
use crate::Campus;
use crate::access::{Actor, CanHelp};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::helping;
use crate::idempotency::{self, Request};
use crate::ids::new_id;
use crate::paging::{Page, PageRequest, page};
use crate::residents::{self, Resident};

/// How many of one person may be under way.
pub const MOST_OPEN: i64 = 20;
/// The most hours that one of them may have.
const MOST_HOURS: i32 = 1000;
/// The earliest year in which something may have been achieved.
const FIRST_YEAR: i32 = 2000;

/// What is filled in.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ClaimInput {
    /// The entry of the catalogue.
    pub outcome_id: Uuid,
    /// What it is called.
    pub title: String,
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued_on: Date,
    /// How many hours, where these count.
    pub hours: Option<i32>,
}

/// Who works on one: its owner, or somebody who helps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Owner,
    Helper,
}

struct Checked {
    outcome: Outcome,
    title: String,
    issuer: String,
    hours: Option<i32>,
}

async fn check(campus: &Campus, connection: &mut Connection, input: &ClaimInput) -> Result<Checked> {
    let mut fields = Fields::default();
    let title = fields.line("title", &input.title);
    let issuer = fields.line("issuer", &input.issuer);
    if input.issued_on > campus.clock.today() {
        fields.refuse("issued_on", Code::DateInFuture);
    } else if input.issued_on.year() < FIRST_YEAR {
        fields.refuse("issued_on", Code::DateInvalid);
    }
    let outcome = queries::outcome(connection, input.outcome_id).await?;
    let by_hour = outcome.as_ref().is_some_and(|outcome| outcome.basis == "hour");
    match &outcome {
        None => fields.refuse("outcome_id", Code::ValueInvalid),
        Some(outcome) if outcome.retired_at.is_some() => fields.refuse("outcome_id", Code::OutcomeRetired),
        Some(_) => {}
    }
    match input.hours {
        None if by_hour => fields.refuse("hours", Code::Required),
        Some(hours) if by_hour && !(1..=MOST_HOURS).contains(&hours) => fields.refuse("hours", Code::ValueInvalid),
        _ => {}
    }
    fields.finish()?;
    let outcome = outcome.ok_or_else(|| Error::code(Code::NotFound))?;
    Ok(Checked { outcome, title, issuer, hours: input.hours.filter(|_| by_hour) })
}

/// Begins one for oneself: a draft, to which photos are added before it is handed in.
///
/// # Errors
/// The fields that are wrong; [`Code::RecognitionsOpen`].
pub async fn begin(campus: &Campus, actor: &Actor, request: &Request, input: &ClaimInput) -> Result<Claim> {
    begin_for(campus, actor, request, actor.resident()?, Side::Owner, input).await
}

/// Begins one for somebody whom the actor helps.
///
/// # Errors
/// As [`begin`].
pub async fn begin_helped(
    campus: &Campus,
    actor: &Actor,
    request: &Request,
    proof: &CanHelp<Resident>,
    input: &ClaimInput,
) -> Result<Claim> {
    begin_for(campus, actor, request, proof.object().id, Side::Helper, input).await
}

async fn begin_for(
    campus: &Campus,
    actor: &Actor,
    request: &Request,
    resident_id: Uuid,
    side: Side,
    input: &ClaimInput,
) -> Result<Claim> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if let Some(id) = idempotency::claim::<Uuid>(connection, request, now).await? {
                return assembly::one(connection, id).await;
            }
            // Those of one person come one after another, and none comes after they have left.
            residents::lock(connection, &[resident_id]).await?;
            let resident = residents::find(connection, resident_id).await?;
            let records = residents::records(connection, resident.id).await?;
            let checked = check(campus, connection, input).await?;
            if queries::count_open(connection, &records).await? >= MOST_OPEN {
                return Err(Error::code(Code::RecognitionsOpen));
            }
            let recognition = Recognition {
                id: new_id(),
                resident_id: resident.id,
                branch_id: resident.branch_id,
                outcome_id: checked.outcome.id,
                title: Some(checked.title),
                issuer: Some(checked.issuer),
                issued_on: input.issued_on,
                hours: checked.hours,
                state: "draft".to_owned(),
                rule_id: None,
                credits: None,
                original_seen: false,
                checked_by: None,
                notice_until: None,
                transfer_id: None,
                created_at: now,
                notice_days: None,
            };
            queries::insert(connection, &recognition).await?;
            note(connection, now, Some(actor), action(side, "begun"), &recognition).await?;
            idempotency::keep(connection, request, &recognition.id).await?;
            assembly::one(connection, recognition.id).await
        })
        .await
}

/// The audit's name for what was done; a helper's acts are found by theirs.
pub(super) const fn action(side: Side, step: &'static str) -> &'static str {
    match (side, step.as_bytes()) {
        (Side::Owner, b"begun") => "recognition.begun",
        (Side::Owner, b"changed") => "recognition.changed",
        (Side::Owner, b"filed") => "recognition.filed",
        (Side::Owner, b"photo_added") => "recognition.photo_added",
        (Side::Owner, b"photo_removed") => "recognition.photo_removed",
        (Side::Owner, _) => "recognition.withdrawn",
        (Side::Helper, b"begun") => "help.recognition_begun",
        (Side::Helper, b"changed") => "help.recognition_changed",
        (Side::Helper, b"filed") => "help.recognition_filed",
        (Side::Helper, b"photo_added") => "help.recognition_photo_added",
        (Side::Helper, b"photo_removed") => "help.recognition_photo_removed",
        (Side::Helper, _) => "help.recognition_withdrawn",
    }
}

/// One's own, or one of somebody whom the actor helps.
///
/// # Errors
/// [`Code::NotFound`].
pub(super) async fn workable(campus: &Campus, actor: &Actor, id: Uuid) -> Result<(Recognition, Side)> {
    let mine = {
        let connection = &mut *campus.database.connection().await?;
        let found = queries::find(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
        let records = residents::records(connection, actor.resident()?).await?;
        (records.contains(&found.resident_id), found)
    };
    match mine {
        (true, found) => Ok((found, Side::Owner)),
        (false, found) => {
            helping::allowed(campus, actor, found.resident_id).await?;
            Ok((found, Side::Helper))
        }
    }
}

/// Locked, and in one of these states.
pub(super) async fn lock(connection: &mut Connection, id: Uuid, states: &[&str]) -> Result<Recognition> {
    let found = queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    if states.contains(&found.state.as_str()) { Ok(found) } else { Err(Error::code(Code::RecognitionElsewhere)) }
}

/// One of one's own, or of somebody whom the actor helps.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn claim(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Claim> {
    workable(campus, actor, id).await?;
    assembly::one(&mut *campus.database.connection().await?, id).await
}

/// One's own, the newest first.
///
/// # Errors
/// A bad page; [`Code::Forbidden`] for accounts that are no resident's.
pub async fn claims(campus: &Campus, actor: &Actor, request: &PageRequest) -> Result<Page<Claim>> {
    claims_of(campus, actor.resident()?, request).await
}

/// Those of somebody whom the actor helps, the newest first.
///
/// # Errors
/// A bad page.
pub async fn claims_helped(campus: &Campus, proof: &CanHelp<Resident>, request: &PageRequest) -> Result<Page<Claim>> {
    claims_of(campus, proof.object().id, request).await
}

async fn claims_of(campus: &Campus, resident_id: Uuid, request: &PageRequest) -> Result<Page<Claim>> {
    let limit = request.limit()?;
    let connection = &mut *campus.database.connection().await?;
    let records = residents::records(connection, resident_id).await?;
    let found = queries::of_records(connection, &records, request.position()?, limit + 1).await?;
    let Page { items, next_cursor } = page(found, limit, |recognition| recognition.id)?;
    Ok(Page { items: assembly::all(connection, items).await?, next_cursor })
}

/// Changes what has not been handed in, or was refused.
///
/// # Errors
/// The fields that are wrong; [`Code::NotFound`], [`Code::RecognitionElsewhere`].
pub async fn change(campus: &Campus, actor: &Actor, id: Uuid, input: &ClaimInput) -> Result<Claim> {
    let (_, side) = workable(campus, actor, id).await?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut recognition = lock(connection, id, &["draft", "refused"]).await?;
            let checked = check(campus, connection, input).await?;
            recognition.outcome_id = checked.outcome.id;
            (recognition.title, recognition.issuer) = (Some(checked.title), Some(checked.issuer));
            (recognition.issued_on, recognition.hours) = (input.issued_on, checked.hours);
            queries::update(connection, &recognition).await?;
            note(connection, now, Some(actor), action(side, "changed"), &recognition).await?;
            assembly::one(connection, id).await
        })
        .await
}

/// Hands it in, for the first time or again after a refusal. From now on it has its worth and its notice.
///
/// # Errors
/// [`Code::RecognitionPhotosMissing`] without a photo; [`Code::OutcomeRetired`]; [`Code::RecognitionRepeated`]
/// where the same has been handed in before; [`Code::NotFound`], [`Code::RecognitionElsewhere`].
pub async fn submit(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Claim> {
    let (Recognition { resident_id: filed_for, .. }, side) = workable(campus, actor, id).await?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            // Those of one person are handed in one after another, whichever record they lie with.
            let resident = residents::find(connection, filed_for).await?;
            residents::lock(connection, &[resident.id]).await?;
            let mut recognition = lock(connection, id, &["draft", "refused", "filed"]).await?;
            if recognition.state == "filed" {
                return assembly::one(connection, id).await;
            }
            let records = residents::records(connection, resident.id).await?;
            if queries::is_repeated(connection, &recognition, &records).await? {
                return Err(Error::code(Code::RecognitionRepeated));
            }
            let outcome = queries::outcome(connection, recognition.outcome_id).await?;
            let outcome = outcome.ok_or_else(|| Error::code(Code::NotFound))?;
            if outcome.retired_at.is_some() {
                return Err(Error::field("outcome_id", Code::OutcomeRetired));
            }
            if queries::photos(connection, &[id]).await?.is_empty() {
                return Err(Error::field("photos", Code::RecognitionPhotosMissing));
            }
            let hours = if outcome.basis == "hour" { recognition.hours.map(i64::from) } else { Some(1) };
            // The entry may have come to count by the hour since.
            let hours = hours.ok_or_else(|| Error::field("hours", Code::Required))?;
            recognition.branch_id = resident.branch_id;
            (recognition.rule_id, recognition.credits) = (Some(outcome.rule_id), Some(outcome.credits * hours));
            recognition.notice_days = Some(outcome.notice_days);
            (recognition.original_seen, recognition.checked_by) = (false, None);
            recognition.state = "filed".to_owned();
            queries::update(connection, &recognition).await?;
            queries::add_step(connection, id, "filed", now, Some(actor.account_id), None).await?;
            note(connection, now, Some(actor), action(side, "filed"), &recognition).await?;
            assembly::one(connection, id).await
        })
        .await
}

/// Takes it back, as long as nothing has been posted. Its photos go.
///
/// # Errors
/// [`Code::NotFound`], [`Code::RecognitionElsewhere`].
pub async fn withdraw(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Claim> {
    let (_, side) = workable(campus, actor, id).await?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let open = ["draft", "filed", "checked", "approved", "refused", "withdrawn"];
            let mut recognition = lock(connection, id, &open).await?;
            if recognition.state != "withdrawn" {
                recognition.state = "withdrawn".to_owned();
                queries::update(connection, &recognition).await?;
                queries::remove_photos(connection, id, now).await?;
                queries::add_step(connection, id, "withdrawn", now, Some(actor.account_id), None).await?;
                note(connection, now, Some(actor), action(side, "withdrawn"), &recognition).await?;
            }
            assembly::one(connection, id).await
        })
        .await
}
