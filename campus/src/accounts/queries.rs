//! What is asked of the database about accounts and sessions.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::devices::RememberedToken;
use super::rows::Account;
use crate::db::schema::{accounts, residents, second_factors, session_families, session_tokens};
use crate::db::{self, Connection};
use crate::error::{Code, Error, Result};

/// `false`: the e-mail address is taken.
pub(super) async fn insert(connection: &mut Connection, account: &Account, at: OffsetDateTime) -> Result<bool> {
    let written = diesel::insert_into(accounts::table)
        .values((account, accounts::created_at.eq(at)))
        .on_conflict(accounts::email)
        .do_nothing()
        .execute(connection)
        .await?;
    Ok(written == 1)
}

/// A resident's account acts as the person whose record it was made for, whatever that has been
/// merged into since.
pub(super) async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Account>> {
    let found = accounts::table
        .left_join(records())
        .filter(accounts::id.eq(id))
        .select((Account::as_select(), residents::merged_into.nullable()))
        .load(connection)
        .await?;
    Ok(acting(connection, found).await?.pop())
}

/// The records that accounts were made for, joined to them.
#[diesel::dsl::auto_type(no_type_alias)]
fn records() -> _ {
    residents::table.on(residents::id.nullable().eq(accounts::resident_id))
}

/// An account with what its record was merged into.
type AccountOfRecord = (Account, Option<Uuid>);

/// Puts the person behind each account in the place of a record that was merged away.
async fn acting(connection: &mut Connection, found: Vec<AccountOfRecord>) -> Result<Vec<Account>> {
    let mut accounts = Vec::with_capacity(found.len());
    for (mut account, merged_into) in found {
        if let Some(person) = merged_into {
            account.resident_id = Some(person);
            account.name = residents::table.find(person).select(residents::name).first(connection).await?;
        }
        accounts.push(account);
    }
    Ok(accounts)
}

/// What is cached of the accounts of these records is read anew by everybody: whose they are changes.
pub(super) async fn announce(connection: &mut Connection, records: &[Uuid]) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::resident_id.eq_any(records)))
        .set(accounts::version.eq(accounts::version + 1))
        .execute(connection)
        .await?;
    Ok(())
}

/// The account behind an access token: only while neither it nor the session has ended.
pub(super) async fn holder(connection: &mut Connection, account_id: Uuid, family: Uuid) -> Result<Option<Account>> {
    let found = session_families::table
        .inner_join(accounts::table.on(accounts::id.eq(session_families::account_id)))
        .left_join(records())
        .filter(session_families::id.eq(family).and(session_families::account_id.eq(account_id)))
        .filter(session_families::ended_at.is_null().and(accounts::disabled_at.is_null()))
        .select((Account::as_select(), residents::merged_into.nullable()))
        .load(connection)
        .await?;
    Ok(acting(connection, found).await?.pop())
}

/// Since when an account of staff has been without a second factor: `None` where there is one, and for
/// residents.
pub(super) async fn unguarded_since(connection: &mut Connection, account: &Account) -> Result<Option<OffsetDateTime>> {
    if account.role == "resident" {
        return Ok(None);
    }
    let guarded = second_factors::table
        .filter(second_factors::account_id.eq(accounts::id).and(second_factors::sealed_secret.is_not_null()));
    let found = accounts::table
        .find(account.id)
        .filter(diesel::dsl::not(diesel::dsl::exists(guarded)))
        .select(accounts::created_at)
        .first(connection)
        .await
        .optional()?;
    Ok(found)
}

pub(super) async fn any(connection: &mut Connection) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(accounts::table.select(accounts::id))).get_result(connection).await?)
}

pub(super) async fn disable(connection: &mut Connection, id: Uuid, at: OffsetDateTime) -> Result<()> {
    let changed = diesel::update(accounts::table.find(id))
        .set((accounts::disabled_at.eq(at), accounts::version.eq(accounts::version + 1)))
        .execute(connection)
        .await?;
    if changed == 1 { Ok(()) } else { Err(Error::code(Code::NotFound)) }
}

pub(super) async fn staff_addresses(connection: &mut Connection) -> Result<Vec<(Option<Uuid>, String)>> {
    let rows: Vec<(Option<Uuid>, Option<String>)> = accounts::table
        .filter(accounts::role.ne("resident").and(accounts::disabled_at.is_null()).and(accounts::email.is_not_null()))
        .order(accounts::id)
        .select((accounts::branch_id, accounts::email))
        .load(connection)
        .await?;
    Ok(rows.into_iter().filter_map(|(branch, email)| email.map(|email| (branch, email))).collect())
}

pub(super) async fn with_email(connection: &mut Connection, email: &str) -> Result<Vec<Account>> {
    let found = accounts::table
        .left_join(records())
        .filter(accounts::email.eq(email).and(accounts::disabled_at.is_null()))
        .select((Account::as_select(), residents::merged_into.nullable()))
        .load(connection)
        .await?;
    acting(connection, found).await
}

pub(super) async fn with_learner_number(connection: &mut Connection, number: &str) -> Result<Vec<Account>> {
    let found = residents::table
        .filter(residents::learner_number.eq(number))
        .select((residents::id, residents::merged_into))
        .load(connection)
        .await?;
    of_persons(connection, found, i64::MAX).await
}

/// The accounts of those whose records these are (each with what it was merged into), made for
/// whichever of their records.
async fn of_persons(connection: &mut Connection, found: Vec<(Uuid, Option<Uuid>)>, most: i64) -> Result<Vec<Account>> {
    let persons: Vec<Uuid> = found.into_iter().map(|(record, person)| person.unwrap_or(record)).collect();
    if persons.is_empty() {
        return Ok(Vec::new());
    }
    let records = crate::residents::records_of(connection, &persons).await?;
    let found = accounts::table
        .left_join(self::records())
        .filter(accounts::resident_id.eq_any(records.keys()).and(accounts::disabled_at.is_null()))
        // Those who have a password first: they are who is likely to be asking.
        .order((accounts::password_hash.is_null(), accounts::id))
        .limit(most)
        .select((Account::as_select(), residents::merged_into.nullable()))
        .load(connection)
        .await?;
    acting(connection, found).await
}

/// A person's account, made for whichever of their records. Locked with the resident's row, so that
/// two codes at once do not make two accounts.
pub(super) async fn of_resident(connection: &mut Connection, resident_id: Uuid) -> Result<Option<Account>> {
    let present = residents::table.find(resident_id).filter(residents::left_at.is_null());
    present.select(residents::id).for_update().first::<Uuid>(connection).await?;
    let records = crate::residents::records(connection, resident_id).await?;
    Ok(accounts::table
        .filter(accounts::resident_id.eq_any(records))
        .order((accounts::resident_id.ne(resident_id), accounts::id))
        .select(Account::as_select())
        .first(connection)
        .await
        .optional()?)
}

/// By the digests of a telephone; in plain as long as an older program may have written it so.
pub(super) async fn with_phone(
    connection: &mut Connection,
    indexes: &[Vec<u8>],
    phone: &str,
    most: i64,
) -> Result<Vec<Account>> {
    let found = residents::table
        .filter(residents::phone_index.eq_any(indexes).or(residents::phone.eq(phone)))
        .select((residents::id, residents::merged_into))
        .load(connection)
        .await?;
    of_persons(connection, found, most).await
}

// One value for each column that is written.
#[allow(clippy::too_many_arguments)]
mod statement {
    use diesel::sql_types::{Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};

    diesel::define_sql_function! {
        fn open_session(family: SqlUuid, account: SqlUuid, device: Nullable<SqlUuid>, new_device_token: Nullable<Binary>,
            device_label: Nullable<Text>, device_expires_at: Timestamptz, opened_at: Timestamptz, proved_at: Timestamptz,
            expires_at: Timestamptz, token: Binary, unguarded_only: Bool) -> Bool;
    }
}

/// A session that is opened; tokens are given as digests.
pub(super) struct OpeningSession<'a> {
    pub(super) family: Uuid,
    pub(super) account_id: Uuid,
    /// `None` at a device that everybody uses.
    pub(super) device: Option<&'a RememberedToken>,
    pub(super) opened_at: OffsetDateTime,
    pub(super) proved_at: OffsetDateTime,
    pub(super) expires_at: OffsetDateTime,
    pub(super) token: &'a [u8],
    /// Not where the account has a second factor.
    pub(super) unguarded_only: bool,
}

/// Writes a session, with the device it is opened from where that is new, in one statement. `false`:
/// there is a second factor, and nothing was written.
pub(super) async fn open_session(connection: &mut Connection, opening: &OpeningSession<'_>) -> Result<bool> {
    let device = opening.device;
    let statement = diesel::select(statement::open_session(
        opening.family,
        opening.account_id,
        device.map(|device| device.id),
        device.and_then(|device| device.new.as_deref()),
        device.and_then(|device| device.label.as_deref()),
        device.map_or(opening.expires_at, |device| device.expires_at),
        opening.opened_at,
        opening.proved_at,
        opening.expires_at,
        opening.token,
        opening.unguarded_only,
    ));
    Ok(db::committed(statement.load(connection).await)?)
}

/// `false`: there is no such session, or it has ended.
pub(super) async fn prove_family(
    connection: &mut Connection,
    family: Uuid,
    account_id: Uuid,
    at: OffsetDateTime,
) -> Result<bool> {
    let open = session_families::table
        .find(family)
        .filter(session_families::account_id.eq(account_id))
        .filter(session_families::ended_at.is_null().and(session_families::expires_at.gt(at)));
    Ok(diesel::update(open).set(session_families::proved_at.eq(at)).execute(connection).await? == 1)
}

pub(super) async fn insert_token(
    connection: &mut Connection,
    hash: &[u8],
    family: Uuid,
    at: OffsetDateTime,
) -> Result<()> {
    diesel::insert_into(session_tokens::table)
        .values((
            session_tokens::token_hash.eq(hash),
            session_tokens::family_id.eq(family),
            session_tokens::issued_at.eq(at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

type Family = (Uuid, OffsetDateTime, OffsetDateTime, Option<Uuid>, Option<OffsetDateTime>);

pub(super) struct HeldToken {
    pub(super) family_id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) replaced_at: Option<OffsetDateTime>,
    pub(super) expires_at: OffsetDateTime,
    pub(super) proved_at: OffsetDateTime,
    pub(super) device_id: Option<Uuid>,
    pub(super) ended: bool,
}

/// The token with its family, the family's row locked: refreshes of one family take turns.
pub(super) async fn lock_token(connection: &mut Connection, hash: &[u8]) -> Result<Option<HeldToken>> {
    let family: Option<Uuid> =
        session_tokens::table.find(hash).select(session_tokens::family_id).first(connection).await.optional()?;
    let Some(family_id) = family else { return Ok(None) };
    let (account_id, expires_at, proved_at, device_id, ended_at): Family = session_families::table
        .find(family_id)
        .select((
            session_families::account_id,
            session_families::expires_at,
            session_families::proved_at,
            session_families::device_id,
            session_families::ended_at,
        ))
        .for_update()
        .first(connection)
        .await?;
    let replaced_at: Option<OffsetDateTime> =
        session_tokens::table.find(hash).select(session_tokens::replaced_at).first(connection).await?;
    let ended = ended_at.is_some();
    Ok(Some(HeldToken { family_id, account_id, replaced_at, expires_at, proved_at, device_id, ended }))
}

pub(super) async fn replace_token(connection: &mut Connection, hash: &[u8], at: OffsetDateTime) -> Result<()> {
    diesel::update(session_tokens::table.find(hash))
        .set(session_tokens::replaced_at.eq(at))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn end_family(
    connection: &mut Connection,
    family: Uuid,
    because: &str,
    at: OffsetDateTime,
) -> Result<()> {
    diesel::update(
        session_families::table.filter(session_families::id.eq(family).and(session_families::ended_at.is_null())),
    )
    .set((session_families::ended_at.eq(at), session_families::ended_because.eq(because)))
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends every session of an account.
pub(super) async fn end_families(
    connection: &mut Connection,
    account_id: Uuid,
    because: &str,
    at: OffsetDateTime,
) -> Result<()> {
    let open = session_families::table
        .filter(session_families::account_id.eq(account_id).and(session_families::ended_at.is_null()));
    diesel::update(open)
        .set((session_families::ended_at.eq(at), session_families::ended_because.eq(because)))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn set_password(connection: &mut Connection, account_id: Uuid, hash: &str) -> Result<()> {
    diesel::update(accounts::table.find(account_id))
        .set((accounts::password_hash.eq(hash), accounts::version.eq(accounts::version + 1)))
        .execute(connection)
        .await?;
    Ok(())
}

/// The same password with another salt: sessions go on.
pub(super) async fn replace_hash(connection: &mut Connection, account_id: Uuid, old: &str, new: &str) -> Result<()> {
    let unchanged = accounts::table.find(account_id).filter(accounts::password_hash.eq(old));
    diesel::update(unchanged).set(accounts::password_hash.eq(new)).execute(connection).await?;
    Ok(())
}

/// The tokens go with their family.
pub(super) async fn forget_families(connection: &mut Connection, before: OffsetDateTime) -> Result<usize> {
    Ok(diesel::delete(session_families::table.filter(session_families::expires_at.lt(before)))
        .execute(connection)
        .await?)
}
