//! What is asked about statements and the rows they are of.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use sha2::{Digest, Sha256};
use time::Date;
use uuid::Uuid;

use super::rows::{AccountStatement, ChainHead};
use crate::db::Connection;
use crate::db::schema::{account_statements, credit_accounts, credit_transfers};
use crate::error::Result;

/// Where the chains of these records stand.
pub(super) async fn heads(connection: &mut Connection, records: &[Uuid]) -> Result<Vec<ChainHead>> {
    let rows: Vec<(Uuid, Option<i64>, Option<Vec<u8>>)> = credit_accounts::table
        .filter(credit_accounts::kind.eq("resident").and(credit_accounts::resident_id.eq_any(records.to_vec())))
        .order(credit_accounts::id)
        .select((credit_accounts::id, credit_accounts::version, credit_accounts::head_hash))
        .load(connection)
        .await?;
    let head = |(account_id, version, hash): (Uuid, Option<i64>, Option<Vec<u8>>)| ChainHead {
        account_id,
        version: version.unwrap_or(0),
        hash: hex::encode(hash.unwrap_or_default()),
    };
    Ok(rows.into_iter().map(head).collect())
}

/// What the rows of a period come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sums {
    pub(super) credits: i64,
    pub(super) points: i64,
    pub(super) count: i32,
    pub(super) hash: Vec<u8>,
}

/// What a row changes about an account: nothing, where it is on neither side, as when what was held is handed
/// over.
fn change(account_id: Uuid, (debit, credit): (Uuid, Uuid), amount: i64) -> i64 {
    match account_id {
        id if id == credit => amount,
        id if id == debit => -amount,
        _ => 0,
    }
}

/// The rows of a period, up to where each chain stood.
pub(super) async fn sums(connection: &mut Connection, heads: &[ChainHead], (from, to): (Date, Date)) -> Result<Sums> {
    let mut sums = Sums::default();
    let mut hash = Sha256::new();
    for head in heads {
        let rows: Vec<(String, Uuid, Uuid, i64, Vec<u8>)> = credit_transfers::table
            .filter(credit_transfers::account_id.eq(head.account_id))
            .filter(credit_transfers::account_version.le(head.version))
            .filter(credit_transfers::earned_on.between(from, to))
            .order(credit_transfers::account_version)
            .select((
                credit_transfers::unit,
                credit_transfers::debit_account_id,
                credit_transfers::credit_account_id,
                credit_transfers::amount,
                credit_transfers::chain_hash,
            ))
            .load(connection)
            .await?;
        for (unit, debit, credit, amount, chain_hash) in rows {
            let change = change(head.account_id, (debit, credit), amount);
            if unit == "credit" {
                sums.credits += change;
            } else {
                sums.points += change;
            }
            sums.count += 1;
            hash.update(chain_hash);
        }
    }
    sums.hash = hash.finalize().to_vec();
    Ok(sums)
}

/// Keeps a statement; one that says the same has been kept already, and comes back instead.
pub(super) async fn keep(
    connection: &mut Connection,
    statement: &AccountStatement,
) -> Result<(AccountStatement, bool)> {
    let written = diesel::insert_into(account_statements::table)
        .values(statement)
        .on_conflict((account_statements::resident_id, account_statements::digest))
        .do_nothing()
        .execute(connection)
        .await?;
    let kept = account_statements::table
        .filter(account_statements::resident_id.eq(statement.resident_id))
        .filter(account_statements::digest.eq(&statement.digest))
        .select(AccountStatement::as_select())
        .first(connection)
        .await?;
    Ok((kept, written == 1))
}

pub(super) async fn by_code(connection: &mut Connection, code: &str) -> Result<Option<AccountStatement>> {
    let found = account_statements::table.filter(account_statements::code.eq(code));
    Ok(found.select(AccountStatement::as_select()).first(connection).await.optional()?)
}
