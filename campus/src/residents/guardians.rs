//! Guardians of children under 14: kept sealed with the child's own key.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;

use super::contact::key_context;
use super::rows::Resident;
use crate::Campus;
use crate::db::Connection;
use crate::db::schema::guardians;
use crate::error::{Error, Result};
use crate::seal::PersonalKey;

/// What a guardian may be to a child.
pub const RELATIONS: [&str; 3] = ["parent", "grandparent", "other"];

const NAME: &str = "guardian_name";
const PHONE: &str = "guardian_phone";

/// Who agreed for a child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardian {
    /// Normalised.
    pub name: String,
    /// Normalised.
    pub phone: String,
    /// One of [`RELATIONS`].
    pub relation: String,
}

fn key_of(campus: &Campus, child: &Resident) -> Result<PersonalKey> {
    let kept = child.sealed.personal_key.as_deref().ok_or_else(|| Error::internal("a resident without a key"))?;
    campus.seal.personal_key(&key_context(child.id), kept)
}

/// Keeps a child's guardian, instead of one there was before.
///
/// # Errors
/// When the child has no key; what the database says.
pub async fn keep_guardian(
    campus: &Campus,
    connection: &mut Connection,
    child: &Resident,
    guardian: &Guardian,
    at: OffsetDateTime,
) -> Result<()> {
    let key = key_of(campus, child)?;
    let name = key.seal(NAME, guardian.name.as_bytes())?;
    let phone = key.seal(PHONE, guardian.phone.as_bytes())?;
    let values = (
        guardians::relation.eq(&guardian.relation),
        guardians::name_sealed.eq(&name),
        guardians::phone_sealed.eq(&phone),
        guardians::recorded_at.eq(at),
    );
    diesel::insert_into(guardians::table)
        .values((guardians::resident_id.eq(child.id), values))
        .on_conflict(guardians::resident_id)
        .do_update()
        .set(values)
        .execute(connection)
        .await?;
    Ok(())
}

/// A resident's guardian, in full; whoever came on record at 14 or above has none.
///
/// # Errors
/// When the key is missing or what was sealed has been changed.
pub async fn guardian(campus: &Campus, connection: &mut Connection, child: &Resident) -> Result<Option<Guardian>> {
    let kept: Option<(String, Vec<u8>, Vec<u8>)> = guardians::table
        .find(child.id)
        .select((guardians::relation, guardians::name_sealed, guardians::phone_sealed))
        .first(connection)
        .await
        .optional()?;
    let Some((relation, name, phone)) = kept else { return Ok(None) };
    let key = key_of(campus, child)?;
    let open = |kind: &str, sealed: &[u8]| String::from_utf8(key.open(kind, sealed)?).map_err(Error::internal);
    Ok(Some(Guardian { name: open(NAME, &name)?, phone: open(PHONE, &phone)?, relation }))
}
