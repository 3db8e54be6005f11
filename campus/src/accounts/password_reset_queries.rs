//! What is asked of the database about links for a forgotten password.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::Account;
use crate::db::Connection;
use crate::db::schema::{accounts, password_resets};
use crate::error::Result;

pub(super) async fn insert(
    connection: &mut Connection,
    hash: &[u8],
    account_id: Uuid,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<()> {
    diesel::insert_into(password_resets::table)
        .values((
            password_resets::token_hash.eq(hash),
            password_resets::account_id.eq(account_id),
            password_resets::created_at.eq(now),
            password_resets::expires_at.eq(expires_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// How many links of an account serve at present.
pub(super) async fn count(connection: &mut Connection, account_id: Uuid, now: OffsetDateTime) -> Result<i64> {
    Ok(password_resets::table
        .filter(password_resets::account_id.eq(account_id).and(password_resets::expires_at.gt(now)))
        .count()
        .get_result(connection)
        .await?)
}

/// Whose link it is, while it serves and the account is not shut out.
pub(super) async fn owner(connection: &mut Connection, hash: &[u8], now: OffsetDateTime) -> Result<Option<Account>> {
    Ok(password_resets::table
        .inner_join(accounts::table.on(accounts::id.eq(password_resets::account_id)))
        .filter(password_resets::token_hash.eq(hash).and(password_resets::expires_at.gt(now)))
        .filter(accounts::disabled_at.is_null())
        .select(Account::as_select())
        .first(connection)
        .await
        .optional()?)
}

/// Spends a link, and with it every other of the account. `false`: somebody was faster.
pub(super) async fn spend(connection: &mut Connection, account_id: Uuid, hash: &[u8]) -> Result<bool> {
    let spent = diesel::delete(password_resets::table.find(hash)).execute(connection).await?;
    diesel::delete(password_resets::table.filter(password_resets::account_id.eq(account_id)))
        .execute(connection)
        .await?;
    Ok(spent == 1)
}

pub(super) async fn forget(connection: &mut Connection, before: OffsetDateTime) -> Result<usize> {
    Ok(diesel::delete(password_resets::table.filter(password_resets::expires_at.lt(before)))
        .execute(connection)
        .await?)
}
