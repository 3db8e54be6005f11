//! What is asked of the database about shares of the store.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Connection;
use crate::db::schema::branches;
use crate::error::Result;

diesel::define_sql_function! {
    /// The bytes that a branch holds.
    fn stored_bytes(branch: diesel::sql_types::Uuid) -> diesel::sql_types::BigInt;
}

pub(super) async fn quota(connection: &mut Connection, branch: Uuid) -> Result<Option<i64>> {
    Ok(branches::table.find(branch).select(branches::storage_quota).first(connection).await.optional()?)
}

/// Holds the row against others who reserve, not against rows that refer to the branch.
pub(super) async fn lock_quota(connection: &mut Connection, branch: Uuid) -> Result<i64> {
    Ok(branches::table.find(branch).select(branches::storage_quota).for_no_key_update().first(connection).await?)
}

pub(super) async fn used(connection: &mut Connection, branch: Uuid) -> Result<i64> {
    Ok(diesel::select(stored_bytes(branch)).get_result(connection).await?)
}

pub(super) async fn set_quota(connection: &mut Connection, branch: Uuid, quota: i64) -> Result<()> {
    diesel::update(branches::table.find(branch)).set(branches::storage_quota.eq(quota)).execute(connection).await?;
    Ok(())
}
