//! What is asked of the database about helpers.

use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::rows::{Helped, Helper};
use crate::db::Connection;
use crate::db::schema::{accounts, help_allowances, help_invitations, residents};
use crate::error::Result;
use crate::residents::Resident;

/// Allowances that hold at this moment.
#[diesel::dsl::auto_type(no_type_alias)]
fn holding(now: OffsetDateTime) -> _ {
    let open: diesel::dsl::IsNull<help_allowances::ended_at> = help_allowances::ended_at.is_null();
    let serves: diesel::dsl::Gt<help_allowances::expires_at, OffsetDateTime> = help_allowances::expires_at.gt(now);
    open.and(serves)
}

type Allowed = (Uuid, Option<Date>, Resident);

pub(super) async fn allowed(
    connection: &mut Connection,
    helper: Uuid,
    resident_id: Uuid,
    now: OffsetDateTime,
) -> Result<Option<Allowed>> {
    Ok(help_allowances::table
        .inner_join(residents::table.on(residents::id.eq(help_allowances::resident_id)))
        .inner_join(accounts::table.on(accounts::id.eq(help_allowances::helper_account_id)))
        .filter(help_allowances::helper_account_id.eq(helper).and(help_allowances::resident_id.eq(resident_id)))
        .filter(holding(now))
        .filter(residents::merged_into.is_null())
        // A token of theirs may still be remembered as good for a moment.
        .filter(accounts::disabled_at.is_null())
        .select((help_allowances::id, help_allowances::last_used_on, Resident::as_select()))
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn note_use(connection: &mut Connection, allowance: Uuid, today: Date) -> Result<()> {
    diesel::update(help_allowances::table.find(allowance))
        .set(help_allowances::last_used_on.eq(today))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whom this account helps.
pub(super) async fn helped(connection: &mut Connection, helper: Uuid, now: OffsetDateTime) -> Result<Vec<Helped>> {
    Ok(help_allowances::table
        .inner_join(residents::table.on(residents::id.eq(help_allowances::resident_id)))
        .filter(help_allowances::helper_account_id.eq(helper))
        .filter(holding(now))
        .filter(residents::merged_into.is_null())
        .order(help_allowances::granted_at)
        .select((help_allowances::granted_at, help_allowances::expires_at, Resident::as_select()))
        .load(connection)
        .await?)
}

/// Who helps this resident.
pub(super) async fn helpers(connection: &mut Connection, resident: Uuid, now: OffsetDateTime) -> Result<Vec<Helper>> {
    Ok(help_allowances::table
        .inner_join(accounts::table.on(accounts::id.eq(help_allowances::helper_account_id)))
        .filter(help_allowances::resident_id.eq(resident))
        .filter(holding(now))
        .order(help_allowances::granted_at)
        .select((
            help_allowances::id,
            accounts::name,
            help_allowances::channel,
            help_allowances::granted_at,
            help_allowances::expires_at,
            help_allowances::last_used_on,
        ))
        .load(connection)
        .await?)
}

/// Holds the helper's account and the resident until the transaction ends: allowances of either
/// are counted and written one after another.
pub(super) async fn lock_both(connection: &mut Connection, helper: Uuid, resident: Uuid) -> Result<()> {
    let account = accounts::table.find(helper).select(accounts::id).for_no_key_update();
    account.first::<Uuid>(connection).await?;
    let person = residents::table.find(resident).select(residents::id).for_no_key_update();
    person.first::<Uuid>(connection).await?;
    Ok(())
}

/// How many others this account helps.
pub(super) async fn count_helped(
    connection: &mut Connection,
    helper: Uuid,
    but: Uuid,
    now: OffsetDateTime,
) -> Result<i64> {
    Ok(help_allowances::table
        .filter(help_allowances::helper_account_id.eq(helper).and(help_allowances::resident_id.ne(but)))
        .filter(holding(now))
        .count()
        .get_result(connection)
        .await?)
}

/// How many others help this resident.
pub(super) async fn count_helpers(
    connection: &mut Connection,
    resident: Uuid,
    but: Uuid,
    now: OffsetDateTime,
) -> Result<i64> {
    Ok(help_allowances::table
        .filter(help_allowances::resident_id.eq(resident).and(help_allowances::helper_account_id.ne(but)))
        .filter(holding(now))
        .count()
        .get_result(connection)
        .await?)
}

/// A new allowance.
#[derive(Insertable)]
#[diesel(table_name = help_allowances)]
pub(super) struct NewAllowance {
    pub(super) id: Uuid,
    pub(super) resident_id: Uuid,
    pub(super) helper_account_id: Uuid,
    pub(super) channel: &'static str,
    pub(super) arranged_by: Option<Uuid>,
    pub(super) granted_at: OffsetDateTime,
    pub(super) expires_at: OffsetDateTime,
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn least(one: Timestamptz, other: Timestamptz) -> Timestamptz;
}

/// Takes the place of an earlier one of the same two, which is ended.
pub(super) async fn insert(connection: &mut Connection, new: &NewAllowance) -> Result<()> {
    let earlier = help_allowances::table
        .filter(help_allowances::resident_id.eq(new.resident_id))
        .filter(help_allowances::helper_account_id.eq(new.helper_account_id));
    diesel::update(earlier.filter(help_allowances::ended_at.is_null()))
        .set((
            help_allowances::ended_at.eq(least(help_allowances::expires_at, new.granted_at).nullable()),
            help_allowances::ended_by.eq("renewed"),
        ))
        .execute(connection)
        .await?;
    diesel::insert_into(help_allowances::table).values(new).execute(connection).await?;
    Ok(())
}

/// Which allowances are to end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    /// This one, of this resident.
    OfResident { id: Uuid, resident: Uuid },
    /// Those of this helper for this resident.
    OfHelper { helper: Uuid, resident: Uuid },
    /// All of this resident.
    All { resident: Uuid },
}

/// Ends what holds of these; answers how many.
pub(super) async fn end(
    connection: &mut Connection,
    which: Which,
    by: &'static str,
    now: OffsetDateTime,
) -> Result<usize> {
    let values = (help_allowances::ended_at.eq(now), help_allowances::ended_by.eq(by));
    let all = help_allowances::table.filter(holding(now));
    Ok(match which {
        Which::OfResident { id, resident } => {
            let one = all.filter(help_allowances::id.eq(id).and(help_allowances::resident_id.eq(resident)));
            diesel::update(one).set(values).execute(connection).await?
        }
        Which::OfHelper { helper, resident } => {
            let both = help_allowances::helper_account_id.eq(helper).and(help_allowances::resident_id.eq(resident));
            diesel::update(all.filter(both)).set(values).execute(connection).await?
        }
        Which::All { resident } => {
            let theirs = all.filter(help_allowances::resident_id.eq(resident));
            diesel::update(theirs).set(values).execute(connection).await?
        }
    })
}

/// The account of a resident that can log in.
pub(super) async fn account_of(connection: &mut Connection, resident: Uuid) -> Result<Option<Uuid>> {
    Ok(accounts::table
        .filter(accounts::resident_id.eq(resident).and(accounts::disabled_at.is_null()))
        .select(accounts::id)
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn replace_invitation(
    connection: &mut Connection,
    resident: Uuid,
    hash: &[u8],
    months: u8,
    expires_at: OffsetDateTime,
) -> Result<()> {
    let values = || {
        (
            help_invitations::code_hash.eq(hash),
            help_invitations::months.eq(i16::from(months)),
            help_invitations::expires_at.eq(expires_at),
            help_invitations::used_at.eq(None::<OffsetDateTime>),
        )
    };
    diesel::insert_into(help_invitations::table)
        .values((help_invitations::resident_id.eq(resident), values()))
        .on_conflict(help_invitations::resident_id)
        .do_update()
        .set(values())
        .execute(connection)
        .await?;
    Ok(())
}

/// The months and the end of a code that still waits for its helper.
pub(super) async fn invitation(
    connection: &mut Connection,
    resident: Uuid,
    now: OffsetDateTime,
) -> Result<Option<(i16, OffsetDateTime)>> {
    Ok(help_invitations::table
        .find(resident)
        .filter(help_invitations::used_at.is_null().and(help_invitations::expires_at.gt(now)))
        .select((help_invitations::months, help_invitations::expires_at))
        .first(connection)
        .await
        .optional()?)
}

pub(super) async fn delete_invitation(connection: &mut Connection, resident: Uuid) -> Result<usize> {
    Ok(diesel::delete(help_invitations::table.find(resident)).execute(connection).await?)
}

/// Who of this name has this code waiting, and for how many months.
pub(super) async fn inviting(
    connection: &mut Connection,
    name: &str,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<(Resident, i16)>> {
    // Digests of what nobody can choose: comparing them tells nothing of the code.
    Ok(help_invitations::table
        .inner_join(residents::table.on(residents::id.eq(help_invitations::resident_id)))
        .filter(residents::name.eq(name).and(residents::merged_into.is_null()))
        .filter(help_invitations::code_hash.eq(hash))
        .filter(help_invitations::used_at.is_null().and(help_invitations::expires_at.gt(now)))
        .select((Resident::as_select(), help_invitations::months))
        .first(connection)
        .await
        .optional()?)
}

/// `false`: somebody else was faster, or it was replaced.
pub(super) async fn spend_invitation(
    connection: &mut Connection,
    resident: Uuid,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<bool> {
    let open = help_invitations::table
        .find(resident)
        .filter(help_invitations::code_hash.eq(hash).and(help_invitations::used_at.is_null()));
    Ok(diesel::update(open).set(help_invitations::used_at.eq(now)).execute(connection).await? == 1)
}
