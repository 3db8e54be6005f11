//! What is asked of the database about one-time codes.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::Connection;
use crate::db::schema::one_time_codes;
use crate::error::Result;

pub(super) async fn replace(
    connection: &mut Connection,
    account_id: Uuid,
    hash: &[u8],
    expires_at: OffsetDateTime,
) -> Result<()> {
    let values = || {
        (
            one_time_codes::code_hash.eq(hash),
            one_time_codes::expires_at.eq(expires_at),
            one_time_codes::used_at.eq(None::<OffsetDateTime>),
        )
    };
    diesel::insert_into(one_time_codes::table)
        .values((one_time_codes::account_id.eq(account_id), values()))
        .on_conflict(one_time_codes::account_id)
        .do_update()
        .set(values())
        .execute(connection)
        .await?;
    Ok(())
}

/// Which of these accounts has this code, as long as it serves.
pub(super) async fn owner(
    connection: &mut Connection,
    accounts: &[Uuid],
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<Uuid>> {
    // Digests of what nobody can choose: comparing them tells nothing of the code.
    Ok(one_time_codes::table
        .filter(one_time_codes::account_id.eq_any(accounts).and(one_time_codes::code_hash.eq(hash)))
        .filter(one_time_codes::used_at.is_null().and(one_time_codes::expires_at.gt(now)))
        .select(one_time_codes::account_id)
        .first(connection)
        .await
        .optional()?)
}

/// `false`: somebody else has used it meanwhile, or it was replaced.
pub(super) async fn spend(
    connection: &mut Connection,
    account_id: Uuid,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<bool> {
    let open = one_time_codes::table
        .find(account_id)
        .filter(one_time_codes::code_hash.eq(hash).and(one_time_codes::used_at.is_null()));
    Ok(diesel::update(open).set(one_time_codes::used_at.eq(now)).execute(connection).await? == 1)
}
