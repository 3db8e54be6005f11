//! What is asked of the database about the accounts of staff.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::Account;
use super::staff::StaffAccount;
use crate::db::schema::{accounts, second_factors};
use crate::db::{Connection, like_literal};
use crate::error::{Code, Error, Result};

type Found = (Account, OffsetDateTime, Option<Vec<u8>>);

fn staff_account((account, created_at, sealed): Found) -> StaffAccount {
    StaffAccount { second_factor: sealed.is_some(), has_password: account.password_hash.is_some(), account, created_at }
}

pub(super) async fn list(
    connection: &mut Connection,
    text: Option<&str>,
    after: Option<(String, Uuid)>,
    most: i64,
) -> Result<Vec<StaffAccount>> {
    let mut query = accounts::table
        .left_join(second_factors::table.on(second_factors::account_id.eq(accounts::id)))
        .filter(accounts::role.ne("resident"))
        .select((Account::as_select(), accounts::created_at, second_factors::sealed_secret.nullable()))
        .order((accounts::name, accounts::id))
        .limit(most)
        .into_boxed();
    if let Some(text) = text {
        let pattern = format!("%{}%", like_literal(text));
        query = query.filter(accounts::name.ilike(pattern.clone()).or(accounts::email.ilike(pattern)));
    }
    if let Some((name, id)) = after {
        let same_name = accounts::name.eq(name.clone()).and(accounts::id.gt(id));
        query = query.filter(accounts::name.gt(name).or(same_name));
    }
    let found: Vec<Found> = query.load(connection).await?;
    Ok(found.into_iter().map(staff_account).collect())
}

/// `None`: there is no such account, or it is a resident's.
pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<StaffAccount>> {
    let found: Option<(Account, OffsetDateTime)> = accounts::table
        .find(id)
        .filter(accounts::role.ne("resident"))
        .select((Account::as_select(), accounts::created_at))
        .for_update()
        .first(connection)
        .await
        .optional()?;
    let Some((account, created_at)) = found else { return Ok(None) };
    let sealed: Option<Option<Vec<u8>>> =
        second_factors::table.find(id).select(second_factors::sealed_secret).first(connection).await.optional()?;
    Ok(Some(staff_account((account, created_at, sealed.flatten()))))
}

pub(super) async fn update(connection: &mut Connection, account: &Account) -> Result<()> {
    let changed = diesel::update(accounts::table.find(account.id))
        .set((
            accounts::role.eq(&account.role),
            accounts::name.eq(&account.name),
            accounts::branch_id.eq(account.branch_id),
            accounts::disabled_at.eq(account.disabled_at),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(connection)
        .await?;
    if changed == 1 { Ok(()) } else { Err(Error::code(Code::NotFound)) }
}
