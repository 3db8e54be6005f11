//! A key for each person. Once it is gone, nothing that was sealed with it can be read again,
//! wherever a copy of that lies: in the audit, which nothing deletes from, or in a backup.

use aws_lc_rs::aead::LessSafeKey;

use super::{Seal, cipher, decrypt, encrypt};
use crate::error::Result;

/// One person's key.
#[derive(Debug)]
pub struct PersonalKey(LessSafeKey);

impl PersonalKey {
    /// Seals `plain` for one place: in another it does not open.
    ///
    /// # Errors
    /// When the cipher refuses.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
        encrypt(&self.0, context, plain)
    }

    /// Opens what [`PersonalKey::seal`] made for the same place.
    ///
    /// # Errors
    /// When it was made for another place or person, or changed.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        decrypt(&self.0, context, sealed)
    }
}

impl Seal {
    /// A new key for a person, and the same sealed, as it is kept.
    ///
    /// # Errors
    /// As [`Seal::seal`].
    pub fn new_personal_key(&self, context: &str) -> Result<(PersonalKey, Vec<u8>)> {
        let bytes: [u8; 32] = rand::random();
        Ok((PersonalKey(cipher(&bytes)?), self.seal(context, &bytes)?))
    }

    /// The key that [`Seal::new_personal_key`] made for the same place.
    ///
    /// # Errors
    /// As [`Seal::open`].
    pub fn personal_key(&self, context: &str, sealed: &[u8]) -> Result<PersonalKey> {
        cipher(&self.open(context, sealed)?).map(PersonalKey)
    }

    /// The same key sealed by the newest sealing key.
    ///
    /// # Errors
    /// As [`Seal::open`].
    pub fn renew_personal_key(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        self.seal(context, &self.open(context, sealed)?)
    }
}
