//! What is asked of the database about learner cards, PINs and devices that open.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::Connection;
use crate::db::schema::{accounts, known_devices, learner_cards, session_families};
use crate::error::Result;

/// What is kept of a card.
#[derive(Debug, Insertable)]
#[diesel(table_name = learner_cards)]
pub(super) struct NewCard {
    pub(super) id: Uuid,
    pub(super) resident_id: Uuid,
    pub(super) token_hash: Vec<u8>,
    pub(super) code_hash: Vec<u8>,
    pub(super) issued_at: OffsetDateTime,
    pub(super) issued_by: Uuid,
}

pub(super) async fn insert(connection: &mut Connection, cards: &[NewCard]) -> Result<()> {
    diesel::insert_into(learner_cards::table).values(cards).execute(connection).await?;
    Ok(())
}

/// Revokes the standing cards of these residents; answers how many there were.
pub(super) async fn revoke(
    connection: &mut Connection,
    residents: &[Uuid],
    because: &str,
    now: OffsetDateTime,
) -> Result<usize> {
    let standing = learner_cards::table
        .filter(learner_cards::resident_id.eq_any(residents).and(learner_cards::revoked_at.is_null()));
    Ok(diesel::update(standing)
        .set((learner_cards::revoked_at.eq(now), learner_cards::revoked_because.eq(because)))
        .execute(connection)
        .await?)
}

/// When the standing card of one of these records was issued, the last of them.
pub(super) async fn issued_at(connection: &mut Connection, records: &[Uuid]) -> Result<Option<OffsetDateTime>> {
    Ok(learner_cards::table
        .filter(learner_cards::resident_id.eq_any(records).and(learner_cards::revoked_at.is_null()))
        .order(learner_cards::issued_at.desc())
        .select(learner_cards::issued_at)
        .first(connection)
        .await
        .optional()?)
}

/// The resident whose standing card this is, by the digest of its token or of its code.
pub(super) async fn holder(connection: &mut Connection, token: &[u8], code: &[u8]) -> Result<Option<Uuid>> {
    Ok(learner_cards::table
        .filter(learner_cards::token_hash.eq(token).or(learner_cards::code_hash.eq(code)))
        .filter(learner_cards::revoked_at.is_null())
        .select(learner_cards::resident_id)
        .first(connection)
        .await
        .optional()?)
}

/// The accounts of these records of one person: two where records with accounts were joined, then
/// the one with a PIN comes first.
pub(super) async fn accounts_of(connection: &mut Connection, records: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(accounts::table
        .filter(accounts::resident_id.eq_any(records).and(accounts::disabled_at.is_null()))
        .order((accounts::pin_hash.is_null(), accounts::id))
        .select(accounts::id)
        .load(connection)
        .await?)
}

pub(super) async fn pin_hash(connection: &mut Connection, account_id: Uuid) -> Result<Option<String>> {
    let found: Option<Option<String>> =
        accounts::table.find(account_id).select(accounts::pin_hash).first(connection).await.optional()?;
    Ok(found.flatten())
}

pub(super) async fn set_pin(connection: &mut Connection, account_id: Uuid, hash: &str) -> Result<()> {
    diesel::update(accounts::table.find(account_id))
        .set((accounts::pin_hash.eq(hash), accounts::version.eq(accounts::version + 1)))
        .execute(connection)
        .await?;
    Ok(())
}

/// From now on this device opens for its account.
pub(super) async fn let_open(connection: &mut Connection, device_id: Uuid) -> Result<()> {
    diesel::update(known_devices::table.find(device_id)).set(known_devices::opens.eq(true)).execute(connection).await?;
    Ok(())
}

/// Makes a session one of a device that everybody uses.
pub(super) async fn share(connection: &mut Connection, family: Uuid, expires_at: OffsetDateTime) -> Result<()> {
    diesel::update(session_families::table.find(family))
        .set((session_families::shared_device.eq(true), session_families::expires_at.eq(expires_at)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Puts off the end of a session at a device that everybody uses; others are left alone.
pub(super) async fn prolong(connection: &mut Connection, family: Uuid, expires_at: OffsetDateTime) -> Result<bool> {
    let shared = session_families::table.find(family).filter(session_families::shared_device.eq(true));
    let written = diesel::update(shared).set(session_families::expires_at.eq(expires_at)).execute(connection).await?;
    Ok(written == 1)
}

/// The accounts that the device with this token opens for: id and name, first come first.
pub(super) async fn opened_by(
    connection: &mut Connection,
    token: &[u8],
    now: OffsetDateTime,
) -> Result<Vec<(Uuid, String)>> {
    Ok(known_devices::table
        .inner_join(accounts::table.on(accounts::id.eq(known_devices::account_id)))
        .filter(known_devices::token_hash.eq(token).and(known_devices::opens.eq(true)))
        .filter(known_devices::revoked_at.is_null().and(known_devices::expires_at.gt(now)))
        .filter(accounts::disabled_at.is_null().and(accounts::role.eq("resident")))
        .order(known_devices::id)
        .select((accounts::id, accounts::name))
        .load(connection)
        .await?)
}
