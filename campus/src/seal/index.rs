//! Keyed digests: equal for equal texts, so that a sealed text can be found, and telling nothing
//! to whoever has the database and not the key.

use aws_lc_rs::hmac;

use super::{ID_LENGTH, Seal};

/// How much of a digest is kept, in bytes.
const LENGTH: usize = 16;

/// A key for digests.
pub(super) struct IndexKey {
    id: [u8; ID_LENGTH],
    key: hmac::Key,
}

impl IndexKey {
    pub(super) fn new(id: [u8; ID_LENGTH], bytes: &[u8]) -> Self {
        Self { id, key: hmac::Key::new(hmac::HMAC_SHA256, bytes) }
    }

    fn digest(&self, kind: &str, text: &str) -> Vec<u8> {
        let digest = hmac::sign(&self.key, format!("{kind}:{text}").as_bytes());
        self.id.iter().chain(digest.as_ref().iter().take(LENGTH)).copied().collect()
    }
}

impl Seal {
    /// The digest under which `text` is kept, by the newest key. Texts of another `kind` (such as
    /// `phone`) have digests of their own.
    #[must_use]
    pub fn index(&self, kind: &str, text: &str) -> Vec<u8> {
        self.index_keys.last().map(|key| key.digest(kind, text)).unwrap_or_default()
    }

    /// Every digest under which `text` may be kept, as long as older keys are there.
    #[must_use]
    pub fn indexes(&self, kind: &str, text: &str) -> Vec<Vec<u8>> {
        self.index_keys.iter().map(|key| key.digest(kind, text)).collect()
    }

    /// What stands in front of every digest of the newest key.
    #[must_use]
    pub fn newest_index_key(&self) -> Vec<u8> {
        self.index_keys.last().map(|key| key.id.to_vec()).unwrap_or_default()
    }
}
