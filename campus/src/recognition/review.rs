//! Looking at what is filed: the branch checks it, the street approves it, either may refuse it and
//! says why.

use diesel_async::AsyncConnection;
use time::Duration;
use uuid::Uuid;

use super::rows::{Claim, Recognition};
use super::{assembly, claims, fields, jobs, note, queries};
use crate::Campus;
use crate::access::{Actor, CanManage, Proof};
use crate::branches;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, PageRequest, page};
use crate::residents;

/// Which are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Handed in, to be checked; the oldest first.
    Filed,
    /// Checked, to be approved; the oldest first.
    Checked,
    /// Approved, shown in public; the oldest first.
    Approved,
    /// All that were ever handed in, the newest first.
    All,
}

impl Stage {
    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "filed" => Some(Self::Filed),
            "checked" => Some(Self::Checked),
            "approved" => Some(Self::Approved),
            "all" => Some(Self::All),
            _ => None,
        }
    }

    pub(super) const fn state(self) -> Option<&'static str> {
        match self {
            Self::Filed => Some("filed"),
            Self::Checked => Some("checked"),
            Self::Approved => Some("approved"),
            Self::All => None,
        }
    }
}

/// Proof that the actor may check this: staff what people of their own branch and below have handed in,
/// admins all.
///
/// # Errors
/// [`Code::NotFound`] for one that is absent, not theirs, or not handed in.
async fn manageable(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<CanManage<Recognition>> {
    branches::scope(actor)?;
    let found = queries::find(connection, id).await?.filter(|found| found.rule_id.is_some());
    let found = found.ok_or_else(|| Error::code(Code::NotFound))?;
    branches::manageable(connection, actor, found.branch_id).await?;
    Ok(Proof::issue(found))
}

/// One of them as staff see it.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn managed(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Claim> {
    let connection = &mut *campus.database.connection().await?;
    let proof = manageable(connection, actor, id).await?;
    assembly::one(connection, proof.object().id).await
}

/// Those of the actor's branches.
///
/// # Errors
/// A bad page; [`Code::NotFound`] for residents.
pub async fn queue(campus: &Campus, actor: &Actor, stage: Stage, request: &PageRequest) -> Result<Page<Claim>> {
    let limit = request.limit()?;
    let connection = &mut *campus.database.connection().await?;
    let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
    let found = queries::queue(connection, within.as_deref(), stage, request.position()?, limit + 1).await?;
    let Page { items, next_cursor } = page(found, limit, |recognition| recognition.id)?;
    Ok(Page { items: assembly::all(connection, items).await?, next_cursor })
}

/// The branch has looked at it, and says whether it has seen the original.
///
/// # Errors
/// [`Code::NotFound`], [`Code::RecognitionElsewhere`].
pub async fn check(campus: &Campus, actor: &Actor, id: Uuid, original_seen: bool) -> Result<Claim> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            manageable(connection, actor, id).await?;
            let mut recognition = claims::lock(connection, id, &["filed", "checked"]).await?;
            if recognition.state == "checked" {
                return again(connection, actor, id, "checked", recognition.original_seen == original_seen).await;
            }
            recognition.state = "checked".to_owned();
            recognition.original_seen = original_seen;
            recognition.checked_by = Some(actor.account_id);
            queries::update(connection, &recognition).await?;
            queries::add_step(connection, id, "checked", now, Some(actor.account_id), None).await?;
            note(connection, now, Some(actor), "recognition.checked", &recognition).await?;
            assembly::one(connection, id).await
        })
        .await
}

/// The street approves it: it is posted at once, or when its notice is over.
///
/// # Errors
/// [`Code::CheckedByOneself`]; [`Code::RecognitionRepeated`] where the same of this person stands or is under way:
/// one of the two is to be refused; [`Code::NotFound`], [`Code::RecognitionElsewhere`].
pub async fn approve(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Claim> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            // Those of one person are decided one after another, whichever record they lie with.
            let filed_for = manageable(connection, actor, id).await?.object().resident_id;
            let person = residents::find(connection, filed_for).await?;
            residents::lock(connection, &[person.id]).await?;
            let mut recognition = claims::lock(connection, id, &["checked", "approved", "posted", "over_cap"]).await?;
            if recognition.state != "checked" {
                return again(connection, actor, id, "approved", true).await;
            }
            // Each may have been handed in while its record was somebody's by itself.
            let records = residents::records(connection, person.id).await?;
            if queries::is_repeated(connection, &recognition, &records).await? {
                return Err(Error::code(Code::RecognitionRepeated));
            }
            if recognition.checked_by == Some(actor.account_id) {
                return Err(Error::code(Code::CheckedByOneself));
            }
            // Where none was fixed, as an earlier release files it, the entry's own holds.
            let outcome = queries::outcome(connection, recognition.outcome_id).await?;
            let days = recognition.notice_days.or(outcome.map(|outcome| outcome.notice_days)).unwrap_or(0);
            // Whole days: it is shown to the end of the last.
            let last = campus.clock.today() + Duration::days(i64::from(days) + 1);
            let until = if days == 0 { now } else { campus.clock.start_of(last) };
            recognition.state = "approved".to_owned();
            recognition.notice_until = Some(until);
            queries::update(connection, &recognition).await?;
            queries::add_step(connection, id, "approved", now, Some(actor.account_id), None).await?;
            note(connection, now, Some(actor), "recognition.approved", &recognition).await?;
            jobs::post_at(connection, until).await?;
            assembly::one(connection, id).await
        })
        .await
}

/// It is not recognised, and its owner is told why. The branch may say so while it is to be checked, the
/// street until it is posted.
///
/// # Errors
/// A bad reason; [`Code::NotFound`], [`Code::RecognitionElsewhere`].
pub async fn refuse(campus: &Campus, actor: &Actor, id: Uuid, reason: &str) -> Result<Claim> {
    let reason = fields::reason(reason)?;
    let now = campus.clock.now();
    let states: &[&str] =
        if actor.is_admin() { &["filed", "checked", "approved", "refused"] } else { &["filed", "refused"] };
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            manageable(connection, actor, id).await?;
            let mut recognition = claims::lock(connection, id, states).await?;
            if recognition.state == "refused" {
                let last = queries::last_step(connection, id).await?;
                let same = last.is_some_and(|(_, _, given)| given.as_deref() == Some(reason.as_str()));
                return again(connection, actor, id, "refused", same).await;
            }
            recognition.state = "refused".to_owned();
            recognition.notice_until = None;
            queries::update(connection, &recognition).await?;
            queries::add_step(connection, id, "refused", now, Some(actor.account_id), Some(reason)).await?;
            note(connection, now, Some(actor), "recognition.refused", &recognition).await?;
            assembly::one(connection, id).await
        })
        .await
}

/// A decision that comes a second time, as after an answer that was lost, is answered as the first was; one that
/// somebody else has taken, or that said something else, has moved on.
async fn again(connection: &mut Connection, actor: &Actor, id: Uuid, step: &str, same: bool) -> Result<Claim> {
    let own = queries::last_step(connection, id)
        .await?
        .is_some_and(|(taken, by, _)| taken == step && by == Some(actor.account_id));
    if own && same { assembly::one(connection, id).await } else { Err(Error::code(Code::RecognitionElsewhere)) }
}
