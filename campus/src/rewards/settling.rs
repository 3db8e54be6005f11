//! How what was chosen ends: handed over, cancelled or given up; once, whoever comes first.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::guessing::Guess;
use super::queries;
use super::redeeming::note;
use super::rows::Redemption;
use crate::Campus;
use crate::access::Actor;
use crate::accounts;
use crate::branches;
use crate::credits::{self, Evidence, Outcome, Posting, PostingKind};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::residents;

/// How many that nobody has picked up are looked at in one turn.
const AT_ONCE: i64 = 500;

/// How staff know that it is handed to the one who chose it.
#[derive(Debug, Clone)]
pub enum Shown {
    /// What was scanned from their learner card, or typed from it.
    Card(String),
    /// The six digits that they were shown.
    Code(String),
}

enum Ending {
    HandedOver(Evidence),
    Cancelled,
    Expired,
}

/// Hands a reward over to whoever shows that they chose it. Handed over already: that is the answer again.
///
/// # Errors
/// [`Code::NotFound`] for one of another branch; [`Code::HandOverCardWrong`] or [`Code::HandOverCodeWrong`]
/// when it is not theirs; [`Code::RedemptionSettled`] when it has ended otherwise; too many wrong codes.
pub async fn hand_over(campus: &Campus, actor: &Actor, id: Uuid, shown: &Shown) -> Result<Redemption> {
    if matches!(shown, Shown::Card(_)) {
        return hand_over_proved(campus, actor, id, shown).await;
    }
    let guess = Guess::admit(campus, actor).await?;
    let handed = hand_over_proved(campus, actor, id, shown).await;
    match &handed {
        Err(error) if error.stable_code() == Code::FieldsInvalid => guess.wrong(Some(id)).await?,
        _ => guess.right().await,
    }
    handed
}

async fn hand_over_proved(campus: &Campus, actor: &Actor, id: Uuid, shown: &Shown) -> Result<Redemption> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let redemption = of_staff(connection, actor, id).await?;
            let evidence = prove(connection, &redemption, shown).await?;
            end(connection, campus, Some(actor), redemption, Ending::HandedOver(evidence)).await
        })
        .await
}

/// Cancels for staff of the branch: points and stock go back. Cancelled already: that is the answer again.
///
/// # Errors
/// [`Code::NotFound`] for one of another branch; [`Code::RedemptionSettled`] when it has ended.
pub async fn cancel(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Redemption> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let redemption = of_staff(connection, actor, id).await?;
            end(connection, campus, Some(actor), redemption, Ending::Cancelled).await
        })
        .await
}

/// Cancels what the actor has chosen: points and stock go back. Cancelled already: that is the answer again.
///
/// # Errors
/// [`Code::NotFound`] for somebody else's; [`Code::RedemptionSettled`] when it has ended.
pub async fn cancel_own(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Redemption> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let records = residents::records(connection, actor.resident()?).await?;
            let redemption = queries::lock_redemption(connection, id).await?;
            let redemption = redemption.filter(|redemption| records.contains(&redemption.resident_id));
            let redemption = redemption.ok_or_else(|| Error::code(Code::NotFound))?;
            end(connection, campus, Some(actor), redemption, Ending::Cancelled).await
        })
        .await
}

/// Gives back what nobody has picked up in time.
pub(super) async fn give_up(campus: &Campus) -> Result<()> {
    let connection = &mut *campus.database.connection().await?;
    loop {
        let due = queries::given_up(connection, campus.clock.today(), AT_ONCE).await?;
        if due.is_empty() {
            return Ok(());
        }
        for id in due {
            let ended = connection
                .transaction(async |connection| {
                    let redemption = queries::lock_redemption(connection, id).await?;
                    let redemption = redemption.ok_or_else(|| Error::code(Code::NotFound))?;
                    end(connection, campus, None, redemption, Ending::Expired).await
                })
                .await;
            match ended {
                // Somebody came for it just now.
                Err(error) if error.stable_code() == Code::RedemptionSettled => {}
                ended => drop(ended?),
            }
        }
    }
}

pub(super) async fn of_staff(connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<Redemption> {
    let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
    let redemption = queries::lock_redemption(connection, id).await?;
    redemption
        .filter(|redemption| within.as_ref().is_none_or(|ids| ids.contains(&redemption.branch_id)))
        .ok_or_else(|| Error::code(Code::NotFound))
}

async fn prove(connection: &mut Connection, redemption: &Redemption, shown: &Shown) -> Result<Evidence> {
    match shown {
        Shown::Code(code) if code.trim() == redemption.code => Ok(Evidence::CheckedIn),
        Shown::Code(_) => Err(Error::field("code", Code::HandOverCodeWrong)),
        Shown::Card(card) => {
            let holder = accounts::card_holder(connection, card).await?;
            let person = residents::find(connection, redemption.resident_id).await?.id;
            if holder == Some(person) {
                Ok(Evidence::Scanned)
            } else {
                Err(Error::field("card", Code::HandOverCardWrong))
            }
        }
    }
}

/// Ends a redemption whose row is held. A reward is locked before an account, here as when it is chosen.
async fn end(
    connection: &mut Connection,
    campus: &Campus,
    actor: Option<&Actor>,
    mut redemption: Redemption,
    ending: Ending,
) -> Result<Redemption> {
    let (status, action, kind, evidence) = match ending {
        Ending::HandedOver(evidence) => {
            ("handed_over", "redemption.handed_over", PostingKind::Redemption(redemption.hold_id), evidence)
        }
        Ending::Cancelled => {
            ("cancelled", "redemption.cancelled", PostingKind::Release(redemption.hold_id), Evidence::System)
        }
        Ending::Expired => {
            ("expired", "redemption.expired", PostingKind::Release(redemption.hold_id), Evidence::System)
        }
    };
    if redemption.status == status {
        // The answer was lost, and it is asked for again.
        return Ok(redemption);
    }
    if redemption.status != "held" {
        return Err(Error::code(Code::RedemptionSettled));
    }
    if status != "handed_over" {
        queries::put_back(connection, redemption.reward_id).await?;
    }
    let posting = Posting {
        resident_id: redemption.resident_id,
        branch_id: redemption.branch_id,
        amount: redemption.price,
        kind,
        source_kind: "reward".to_owned(),
        source_id: redemption.id,
        source_label: redemption.title.clone(),
        rule: credits::rule_of_redemptions(connection).await?,
        evidence: evidence.as_str().to_owned(),
        actor_id: actor.map(|actor| actor.account_id),
        earned_at: campus.clock.now(),
        earned_on: campus.clock.today(),
    };
    let posted = credits::post(connection, &campus.clock, &[posting]).await?;
    if posted.first().is_none_or(|posted| posted.outcome != Outcome::Posted) {
        return Err(Error::code(Code::RedemptionSettled));
    }
    status.clone_into(&mut redemption.status);
    redemption.settled_at = Some(campus.clock.now());
    redemption.settled_by = actor.map(|actor| actor.account_id);
    queries::settle(connection, &redemption).await?;
    note(connection, campus, actor, action, &redemption).await?;
    Ok(redemption)
}
