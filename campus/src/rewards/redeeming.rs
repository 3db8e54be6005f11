//! Choosing a reward: the points and one of the stock are held together, or neither is.

use diesel_async::AsyncConnection;
use rand::RngExt;
use serde_json::json;
use time::Duration;
use uuid::Uuid;

use super::queries::{self, Wanted};
use super::rows::{Redemption, Reward};
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::credits::{self, Evidence, Outcome, Posting, PostingKind};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::idempotency::{self, Request};
use crate::ids::new_id;
use crate::paging::{Page, PageRequest, page};
use crate::residents::{self, Resident};

/// Chooses a reward for the actor. The same request again gets the first answer.
///
/// # Errors
/// [`Code::NotFound`] for a reward that is not offered; [`Code::RewardGone`], [`Code::RewardLimitReached`],
/// [`Code::PointsInsufficient`].
pub async fn redeem(campus: &Campus, actor: &Actor, request: &Request, reward_id: Uuid) -> Result<Redemption> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if let Some(id) = idempotency::claim::<Uuid>(connection, request, now).await? {
                let earlier = queries::find_redemption(connection, id).await?;
                return earlier.ok_or_else(|| Error::internal("a redemption vanished"));
            }
            let person = residents::find(connection, actor.resident()?).await?;
            let reward = take(connection, &person, reward_id).await?;
            let redemption = hold(connection, campus, actor, &person, &reward).await?;
            idempotency::keep(connection, request, &redemption.id).await?;
            Ok(redemption)
        })
        .await
}

/// Takes one of the stock. Whoever wants the same one waits until this transaction has ended.
async fn take(connection: &mut Connection, person: &Resident, reward_id: Uuid) -> Result<Reward> {
    let took = queries::take_one(connection, reward_id).await?;
    let reward = queries::find(connection, reward_id).await?.filter(|reward| reward.status == "offered");
    let reward = reward.ok_or_else(|| Error::code(Code::NotFound))?;
    if !took {
        return Err(Error::code(Code::RewardGone));
    }
    let records = residents::records(connection, person.id).await?;
    let held = queries::held_by(connection, reward_id, &records).await?;
    if reward.per_person.is_some_and(|most| held >= i64::from(most)) {
        return Err(Error::code(Code::RewardLimitReached));
    }
    Ok(reward)
}

async fn hold(
    connection: &mut Connection,
    campus: &Campus,
    actor: &Actor,
    person: &Resident,
    reward: &Reward,
) -> Result<Redemption> {
    let (now, today) = (campus.clock.now(), campus.clock.today());
    let id = new_id();
    let posting = Posting {
        resident_id: person.id,
        branch_id: person.branch_id,
        amount: reward.price,
        kind: PostingKind::Hold,
        source_kind: "reward".to_owned(),
        source_id: id,
        source_label: reward.title.clone(),
        rule: credits::rule_of_redemptions(connection).await?,
        evidence: Evidence::System.as_str().to_owned(),
        actor_id: Some(actor.account_id),
        earned_at: now,
        earned_on: today,
    };
    let posted = credits::post(connection, &campus.clock, &[posting]).await?;
    let hold_id = match posted.first() {
        Some(posted) if posted.outcome == Outcome::Posted => posted.id,
        _ => return Err(Error::code(Code::PointsInsufficient)),
    };
    let redemption = Redemption {
        id,
        reward_id: reward.id,
        resident_id: person.id,
        branch_id: person.branch_id,
        title: reward.title.clone(),
        price: reward.price,
        code: format!("{:06}", rand::rng().random_range(0..1_000_000)),
        status: "held".to_owned(),
        hold_id,
        redeemed_at: now,
        held_until: today.saturating_add(Duration::days(i64::from(reward.hold_days))),
        settled_at: None,
        settled_by: None,
    };
    queries::insert_redemption(connection, &redemption).await?;
    note(connection, campus, Some(actor), "redemption.held", &redemption).await?;
    Ok(redemption)
}

pub(super) async fn note(
    connection: &mut Connection,
    campus: &Campus,
    actor: Option<&Actor>,
    action: &'static str,
    redemption: &Redemption,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "redemption",
        object_id: Some(redemption.id),
        branch_id: Some(redemption.branch_id),
        detail: json!({"resident_id": redemption.resident_id, "reward_id": redemption.reward_id, "price": redemption.price}),
        actor,
    };
    audit::record(connection, campus.clock.now(), &entry).await
}

/// What the actor has chosen, the newest first.
///
/// # Errors
/// A bad page; what the database says.
pub async fn own(connection: &mut Connection, actor: &Actor, request: &PageRequest) -> Result<Page<Redemption>> {
    let limit = request.limit()?;
    let records = residents::records(connection, actor.resident()?).await?;
    let wanted = Wanted { records: Some(records), ..Wanted::default() };
    let found = queries::redemptions(connection, &wanted, request.position()?, limit + 1).await?;
    page(found, limit, |redemption| redemption.id)
}
