//! What is asked of the database about second factors.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::Connection;
use crate::db::schema::{accounts, log_in_challenges, recovery_codes, second_factors};
use crate::error::Result;

/// A second factor, sealed.
#[derive(Queryable, Selectable)]
#[diesel(table_name = second_factors)]
pub(super) struct SecondFactor {
    pub(super) sealed_secret: Option<Vec<u8>>,
    pub(super) last_step: i64,
    pub(super) sealed_pending: Option<Vec<u8>>,
}

pub(super) async fn is_set(connection: &mut Connection, account_id: Uuid) -> Result<bool> {
    let set = second_factors::table
        .find(account_id)
        .filter(second_factors::sealed_secret.is_not_null())
        .select(second_factors::account_id);
    Ok(diesel::select(diesel::dsl::exists(set)).get_result(connection).await?)
}

/// Locked: two codes are taken one after the other.
pub(super) async fn lock(connection: &mut Connection, account_id: Uuid) -> Result<Option<SecondFactor>> {
    Ok(second_factors::table
        .find(account_id)
        .select(SecondFactor::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn keep_pending(connection: &mut Connection, account_id: Uuid, sealed: &[u8]) -> Result<()> {
    diesel::insert_into(second_factors::table)
        .values((second_factors::account_id.eq(account_id), second_factors::sealed_pending.eq(sealed)))
        .on_conflict(second_factors::account_id)
        .do_update()
        .set(second_factors::sealed_pending.eq(sealed))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn put_in_force(
    connection: &mut Connection,
    account_id: Uuid,
    sealed: &[u8],
    step: i64,
    at: OffsetDateTime,
) -> Result<()> {
    let values = || {
        (
            second_factors::sealed_secret.eq(sealed),
            second_factors::confirmed_at.eq(at),
            second_factors::last_step.eq(step),
            second_factors::sealed_pending.eq(None::<Vec<u8>>),
        )
    };
    diesel::insert_into(second_factors::table)
        .values((second_factors::account_id.eq(account_id), values()))
        .on_conflict(second_factors::account_id)
        .do_update()
        .set(values())
        .execute(connection)
        .await?;
    // Every process reads the account anew: from now on it is guarded.
    diesel::update(accounts::table.find(account_id))
        .set(accounts::version.eq(accounts::version + 1))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn note_step(connection: &mut Connection, account_id: Uuid, step: i64) -> Result<()> {
    diesel::update(second_factors::table.find(account_id))
        .set(second_factors::last_step.eq(step))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn replace_recovery_codes(
    connection: &mut Connection,
    account_id: Uuid,
    hashes: &[Vec<u8>],
) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account_id))).execute(connection).await?;
    let rows: Vec<_> = hashes
        .iter()
        .map(|hash| (recovery_codes::account_id.eq(account_id), recovery_codes::code_hash.eq(hash)))
        .collect();
    diesel::insert_into(recovery_codes::table).values(rows).execute(connection).await?;
    Ok(())
}

pub(super) async fn remove(connection: &mut Connection, account_id: Uuid) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account_id))).execute(connection).await?;
    diesel::delete(second_factors::table.find(account_id)).execute(connection).await?;
    Ok(())
}

/// `false`: there is no such code, or it has been used.
pub(super) async fn use_recovery_code(
    connection: &mut Connection,
    account_id: Uuid,
    hash: &[u8],
    at: OffsetDateTime,
) -> Result<bool> {
    let unused = recovery_codes::table.find((account_id, hash)).filter(recovery_codes::used_at.is_null());
    Ok(diesel::update(unused).set(recovery_codes::used_at.eq(at)).execute(connection).await? == 1)
}

pub(super) async fn insert_challenge(
    connection: &mut Connection,
    hash: &[u8],
    account_id: Uuid,
    expires_at: OffsetDateTime,
) -> Result<()> {
    diesel::insert_into(log_in_challenges::table)
        .values((
            log_in_challenges::token_hash.eq(hash),
            log_in_challenges::account_id.eq(account_id),
            log_in_challenges::expires_at.eq(expires_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whose log-in it is.
pub(super) async fn challenged(connection: &mut Connection, hash: &[u8]) -> Result<Option<Uuid>> {
    Ok(log_in_challenges::table.find(hash).select(log_in_challenges::account_id).first(connection).await.optional()?)
}

pub(super) struct Asked {
    pub(super) account_id: Uuid,
    pub(super) expires_at: OffsetDateTime,
    pub(super) attempts: i32,
    pub(super) answered: bool,
}

pub(super) async fn lock_challenge(connection: &mut Connection, hash: &[u8]) -> Result<Option<Asked>> {
    let row: Option<(Uuid, OffsetDateTime, i32, Option<OffsetDateTime>)> = log_in_challenges::table
        .find(hash)
        .select((
            log_in_challenges::account_id,
            log_in_challenges::expires_at,
            log_in_challenges::attempts,
            log_in_challenges::answered_at,
        ))
        .for_update()
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(|(account_id, expires_at, attempts, answered_at)| Asked {
        account_id,
        expires_at,
        attempts,
        answered: answered_at.is_some(),
    }))
}

pub(super) async fn count_attempt(
    connection: &mut Connection,
    hash: &[u8],
    answered_at: Option<OffsetDateTime>,
) -> Result<()> {
    diesel::update(log_in_challenges::table.find(hash))
        .set((
            log_in_challenges::attempts.eq(log_in_challenges::attempts + 1),
            log_in_challenges::answered_at.eq(answered_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn forget_challenges(connection: &mut Connection, before: OffsetDateTime) -> Result<usize> {
    Ok(diesel::delete(log_in_challenges::table.filter(log_in_challenges::expires_at.lt(before)))
        .execute(connection)
        .await?)
}
