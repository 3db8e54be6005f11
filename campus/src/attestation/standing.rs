//! Whether a chain still has the hash that somebody wrote down.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::canonical::Entry;
use super::chain::{Totals, Walk};
use super::queries;
use super::rows::Account;
use crate::db::Connection;
use crate::db::schema::{credit_accounts, credit_transfers};
use crate::error::Result;

/// Whether the chain of an account, recomputed from its first row, has this hash (in bytes) at this version.
///
/// # Errors
/// What the database says.
pub async fn stands(connection: &mut Connection, account_id: Uuid, version: i64, hash: &[u8]) -> Result<bool> {
    let found = credit_accounts::table.filter(credit_accounts::kind.eq("resident")).find(account_id);
    let Some(account) = found.select(Account::as_select()).first::<Account>(connection).await.optional()? else {
        return Ok(false);
    };
    let entries: Vec<Entry> = credit_transfers::table
        .filter(credit_transfers::account_id.eq(account_id).and(credit_transfers::account_version.le(version)))
        .order(credit_transfers::account_version)
        .select(Entry::as_select())
        .load(connection)
        .await?;
    let mut totals = Totals::new(queries::system_accounts(connection).await?);
    let (mut walk, mut buffer) = (Walk::whole(&account, Vec::new(), None), Vec::new());
    let fits = entries.iter().all(|entry| walk.step(entry, &mut totals, &mut buffer).is_ok());
    Ok(fits && walk.is_at(version, hash))
}
