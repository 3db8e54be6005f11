//! What is asked of the database about remembered devices.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::Device;
use crate::db::Connection;
use crate::db::schema::{known_devices, session_families};
use crate::error::Result;

/// The device with this token, for one of these accounts, while it is remembered.
pub(super) async fn known(
    connection: &mut Connection,
    hash: &[u8],
    accounts: &[Uuid],
    now: OffsetDateTime,
) -> Result<Option<Uuid>> {
    Ok(known_devices::table
        .filter(known_devices::token_hash.eq(hash).and(known_devices::account_id.eq_any(accounts)))
        .filter(known_devices::revoked_at.is_null().and(known_devices::expires_at.gt(now)))
        .order(known_devices::id)
        .select(known_devices::id)
        .first(connection)
        .await
        .optional()?)
}

/// Remembers a device for longer; the time is what it was last seen at.
pub(super) async fn see(
    connection: &mut Connection,
    id: Uuid,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
    not_since: OffsetDateTime,
) -> Result<()> {
    let device = known_devices::table.find(id).filter(known_devices::revoked_at.is_null());
    diesel::update(device.filter(known_devices::last_seen_at.le(not_since)))
        .set((known_devices::last_seen_at.eq(now), known_devices::expires_at.eq(expires_at)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives the devices that carry one token another, those of other accounts than this one.
pub(super) async fn change_token(
    connection: &mut Connection,
    old: &[u8],
    new: &[u8],
    not_of: Uuid,
    now: OffsetDateTime,
) -> Result<()> {
    let others = known_devices::table
        .filter(known_devices::token_hash.eq(old).and(known_devices::account_id.ne(not_of)))
        .filter(known_devices::revoked_at.is_null().and(known_devices::expires_at.gt(now)));
    diesel::update(others).set(known_devices::token_hash.eq(new)).execute(connection).await?;
    Ok(())
}

/// The account's devices that are remembered, the one seen last first.
pub(super) async fn list(
    connection: &mut Connection,
    account_id: Uuid,
    now: OffsetDateTime,
    most: i64,
) -> Result<Vec<Device>> {
    Ok(known_devices::table
        .filter(known_devices::account_id.eq(account_id))
        .filter(known_devices::revoked_at.is_null().and(known_devices::expires_at.gt(now)))
        .order((known_devices::last_seen_at.desc(), known_devices::id.desc()))
        .limit(most)
        .select(Device::as_select())
        .load(connection)
        .await?)
}

/// The device that a session was opened from.
pub(super) async fn of_family(connection: &mut Connection, family: Uuid) -> Result<Option<Uuid>> {
    let device: Option<Option<Uuid>> =
        session_families::table.find(family).select(session_families::device_id).first(connection).await.optional()?;
    Ok(device.flatten())
}

/// `false`: the account has no such device, or it is revoked already.
pub(super) async fn revoke(
    connection: &mut Connection,
    account_id: Uuid,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<bool> {
    let device = known_devices::table.find(id).filter(known_devices::account_id.eq(account_id));
    let open = device.filter(known_devices::revoked_at.is_null().and(known_devices::expires_at.gt(now)));
    Ok(diesel::update(open).set(known_devices::revoked_at.eq(now)).execute(connection).await? == 1)
}

/// Revokes every device of an account.
pub(super) async fn revoke_all(connection: &mut Connection, account_id: Uuid, now: OffsetDateTime) -> Result<()> {
    let open =
        known_devices::table.filter(known_devices::account_id.eq(account_id).and(known_devices::revoked_at.is_null()));
    diesel::update(open).set(known_devices::revoked_at.eq(now)).execute(connection).await?;
    Ok(())
}

/// Ends the sessions that were opened from a device.
pub(super) async fn end_families(connection: &mut Connection, device: Uuid, now: OffsetDateTime) -> Result<()> {
    let open = session_families::table
        .filter(session_families::device_id.eq(device).and(session_families::ended_at.is_null()));
    diesel::update(open)
        .set((session_families::ended_at.eq(now), session_families::ended_because.eq("device_revoked")))
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes devices that are remembered no longer.
pub(super) async fn forget(connection: &mut Connection, before: OffsetDateTime) -> Result<usize> {
    let gone = known_devices::expires_at.lt(before).or(known_devices::revoked_at.lt(before).is_not_distinct_from(true));
    Ok(diesel::delete(known_devices::table.filter(gone)).execute(connection).await?)
}

/// Deletes all but the `most` devices seen last, of the accounts that got one since `since`: a
/// program that logs in without cookies gets a new one each time.
pub(super) async fn forget_surplus(connection: &mut Connection, most: i64, since: OffsetDateTime) -> Result<usize> {
    Ok(diesel::sql_query(
        "DELETE FROM known_devices WHERE id IN (SELECT id FROM ( \
             SELECT id, row_number() OVER (PARTITION BY account_id ORDER BY last_seen_at DESC, id DESC) AS place \
             FROM known_devices WHERE account_id IN (SELECT account_id FROM known_devices WHERE created_at > $2) \
         ) AS ranked WHERE place > $1)",
    )
    .bind::<diesel::sql_types::BigInt, _>(most)
    .bind::<diesel::sql_types::Timestamptz, _>(since)
    .execute(connection)
    .await?)
}
