//! What is asked of the database about rewards.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::rows::{Redemption, Reward};
use crate::db::Connection;
use crate::db::schema::{redemptions, rewards};
use crate::error::Result;

/// Rewards, the cheapest first; those that are offered alone, or all.
pub(super) async fn list(connection: &mut Connection, offered_alone: bool) -> Result<Vec<Reward>> {
    let mut query = rewards::table.into_boxed();
    if offered_alone {
        query = query.filter(rewards::status.eq("offered"));
    }
    let order = (rewards::price, rewards::title, rewards::id);
    Ok(query.order(order).select(Reward::as_select()).load(connection).await?)
}

pub(super) async fn insert(connection: &mut Connection, reward: &Reward, by: Uuid, at: OffsetDateTime) -> Result<()> {
    diesel::insert_into(rewards::table)
        .values((reward, rewards::created_at.eq(at), rewards::created_by.eq(by)))
        .execute(connection)
        .await?;
    Ok(())
}

/// The reward, nobody else choosing or changing it until the transaction ends.
pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Reward>> {
    Ok(rewards::table.find(id).select(Reward::as_select()).for_no_key_update().first(connection).await.optional()?)
}

pub(super) async fn update(connection: &mut Connection, reward: &Reward) -> Result<()> {
    diesel::update(rewards::table.find(reward.id)).set(reward).execute(connection).await?;
    Ok(())
}

/// Takes one off what is left, where anything is. `false`: nothing is, or it is not offered.
pub(super) async fn take_one(connection: &mut Connection, id: Uuid) -> Result<bool> {
    let left = rewards::table.filter(rewards::id.eq(id).and(rewards::status.eq("offered")).and(rewards::stock.gt(0)));
    Ok(diesel::update(left).set(rewards::stock.eq(rewards::stock - 1)).execute(connection).await? == 1)
}

pub(super) async fn put_back(connection: &mut Connection, id: Uuid) -> Result<()> {
    diesel::update(rewards::table.find(id)).set(rewards::stock.eq(rewards::stock + 1)).execute(connection).await?;
    Ok(())
}

pub(super) async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Reward>> {
    Ok(rewards::table.find(id).select(Reward::as_select()).first(connection).await.optional()?)
}

/// How many of a reward a person has or is about to have.
pub(super) async fn held_by(connection: &mut Connection, reward_id: Uuid, records: &[Uuid]) -> Result<i64> {
    Ok(redemptions::table
        .filter(redemptions::reward_id.eq(reward_id).and(redemptions::resident_id.eq_any(records)))
        .filter(redemptions::status.eq_any(["held", "handed_over"]))
        .select(count_star())
        .first(connection)
        .await?)
}

pub(super) async fn insert_redemption(connection: &mut Connection, redemption: &Redemption) -> Result<()> {
    diesel::insert_into(redemptions::table).values(redemption).execute(connection).await?;
    Ok(())
}

pub(super) async fn find_redemption(connection: &mut Connection, id: Uuid) -> Result<Option<Redemption>> {
    Ok(redemptions::table.find(id).select(Redemption::as_select()).first(connection).await.optional()?)
}

/// The redemption, nobody else settling it until the transaction ends.
pub(super) async fn lock_redemption(connection: &mut Connection, id: Uuid) -> Result<Option<Redemption>> {
    Ok(redemptions::table
        .find(id)
        .select(Redemption::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn settle(connection: &mut Connection, redemption: &Redemption) -> Result<()> {
    diesel::update(redemptions::table.find(redemption.id))
        .set((
            redemptions::status.eq(&redemption.status),
            redemptions::settled_at.eq(redemption.settled_at),
            redemptions::settled_by.eq(redemption.settled_by),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// What is asked for, the newest first.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Of these records.
    pub(super) records: Option<Vec<Uuid>>,
    /// At these branches.
    pub(super) within: Option<Vec<Uuid>>,
    pub(super) status: Option<String>,
    pub(super) code: Option<String>,
}

pub(super) async fn redemptions(
    connection: &mut Connection,
    wanted: &Wanted,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Redemption>> {
    let mut query = redemptions::table.into_boxed();
    if let Some(records) = &wanted.records {
        query = query.filter(redemptions::resident_id.eq_any(records));
    }
    if let Some(branches) = &wanted.within {
        query = query.filter(redemptions::branch_id.eq_any(branches));
    }
    if let Some(status) = &wanted.status {
        query = query.filter(redemptions::status.eq(status));
    }
    if let Some(code) = &wanted.code {
        query = query.filter(redemptions::code.eq(code));
    }
    if let Some(before) = before {
        query = query.filter(redemptions::id.lt(before));
    }
    Ok(query.order(redemptions::id.desc()).limit(limit).select(Redemption::as_select()).load(connection).await?)
}

/// What was to be picked up before this day and was not.
pub(super) async fn given_up(connection: &mut Connection, today: Date, limit: i64) -> Result<Vec<Uuid>> {
    Ok(redemptions::table
        .filter(redemptions::status.eq("held").and(redemptions::held_until.lt(today)))
        .order((redemptions::held_until, redemptions::id))
        .limit(limit)
        .select(redemptions::id)
        .load(connection)
        .await?)
}
