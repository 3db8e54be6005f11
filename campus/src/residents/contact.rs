//! Telephones and ID numbers: how they are kept, found, and opened again.

use super::rows::{Resident, Sealed};
use crate::error::{Error, Result};
use crate::seal::Seal;

/// A person's numbers, in full.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// Normalised (see [`super::identity::parse_phone`]); may be shared.
    pub phone: Option<String>,
    /// The ID number, 18 characters.
    pub id_number: Option<String>,
}

/// How many of a telephone's last digits it can be found by.
pub(super) const TAIL: usize = 4;

const PHONE: &str = "phone";
const PHONE_TAIL: &str = "phone_tail";
const ID_NUMBER: &str = "id_number";

/// Where a person's key belongs.
pub(super) fn key_context(resident_id: uuid::Uuid) -> String {
    format!("resident:{resident_id}")
}

/// The last digits of a telephone, where it has that many.
pub(super) fn tail(phone: &str) -> Option<&str> {
    phone.len().checked_sub(TAIL).and_then(|start| phone.get(start..))
}

/// Every digest a telephone may be kept under.
pub(crate) fn phone_indexes(seal: &Seal, phone: &str) -> Vec<Vec<u8>> {
    seal.indexes(PHONE, phone)
}

/// Every digest the last four digits of a telephone may be kept under.
pub(super) fn tail_indexes(seal: &Seal, tail: &str) -> Vec<Vec<u8>> {
    seal.indexes(PHONE_TAIL, tail)
}

/// A person's numbers as they are to be kept; with the key they have, or a new one.
pub(super) fn seal_contact(
    seal: &Seal,
    resident_id: uuid::Uuid,
    key: Option<&[u8]>,
    contact: &Contact,
) -> Result<Sealed> {
    let context = key_context(resident_id);
    let (key, kept) = match key {
        Some(kept) => (seal.personal_key(&context, kept)?, kept.to_vec()),
        None => seal.new_personal_key(&context)?,
    };
    let sealed =
        |kind: &str, text: &Option<String>| text.as_deref().map(|text| key.seal(kind, text.as_bytes())).transpose();
    let index = |kind: &str, text: Option<&str>| text.map(|text| seal.index(kind, text));
    Ok(Sealed {
        phone_sealed: sealed(PHONE, &contact.phone)?,
        phone_index: index(PHONE, contact.phone.as_deref()),
        phone_tail_index: index(PHONE_TAIL, contact.phone.as_deref().and_then(tail)),
        id_number_sealed: sealed(ID_NUMBER, &contact.id_number)?,
        id_number_index: index(ID_NUMBER, contact.id_number.as_deref()),
        personal_key: Some(kept),
    })
}

/// What a telephone was before a change, for the audit: readable as long as the person's key is.
pub(super) fn before(seal: &Seal, resident: &Resident, phone: Option<&str>) -> Result<Option<String>> {
    let (Some(phone), Some(kept)) = (phone, resident.sealed.personal_key.as_deref()) else { return Ok(None) };
    let key = seal.personal_key(&key_context(resident.id), kept)?;
    key.seal("audit", phone.as_bytes()).map(|sealed| Some(hex::encode(sealed)))
}

impl Resident {
    /// The telephone and the ID number, in full.
    ///
    /// # Errors
    /// When the key is missing or what was sealed has been changed.
    pub fn contact(&self, seal: &Seal) -> Result<Contact> {
        let sealed = &self.sealed;
        if sealed.phone_sealed.is_none() && sealed.id_number_sealed.is_none() {
            return Ok(Contact { phone: self.plain_phone.clone(), id_number: self.plain_id_number.clone() });
        }
        let kept = sealed.personal_key.as_deref().ok_or_else(|| Error::internal("a resident without a key"))?;
        let key = seal.personal_key(&key_context(self.id), kept)?;
        let open = |kind: &str, sealed: &Option<Vec<u8>>| -> Result<Option<String>> {
            let Some(sealed) = sealed else { return Ok(None) };
            String::from_utf8(key.open(kind, sealed)?).map(Some).map_err(Error::internal)
        };
        Ok(Contact {
            phone: open(PHONE, &sealed.phone_sealed)?.or_else(|| self.plain_phone.clone()),
            id_number: open(ID_NUMBER, &sealed.id_number_sealed)?.or_else(|| self.plain_id_number.clone()),
        })
    }
}
