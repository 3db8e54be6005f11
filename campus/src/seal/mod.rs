//! Sealing what must not be readable in the database or a copy of it: AES-256-GCM, with keys from
//! the folder of keys, outside the database. A new key seals, the older ones still open. What has
//! to be found again is found by a keyed digest ([`Seal::index`]); what belongs to one person is
//! sealed with a key of their own ([`PersonalKey`]), so that forgetting the key forgets the person.

mod index;
mod personal;

use std::path::Path;

use anyhow::Context;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use index::IndexKey;
pub use personal::PersonalKey;

use crate::error::{Error, Result};

/// How many bytes name the key in front of what it sealed.
const ID_LENGTH: usize = 4;

struct Key {
    id: [u8; ID_LENGTH],
    key: LessSafeKey,
}

/// The keys that seal, and those that make digests to find by.
pub struct Seal {
    keys: Vec<Key>,
    index_keys: Vec<IndexKey>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Seal({} keys)", self.keys.len())
    }
}

/// Sealing keys end so, and those for digests.
const KINDS: [&str; 2] = ["key", "index"];

/// Writes a new key of each kind into `folder` unless it holds one already.
///
/// # Errors
/// When the folder cannot be written.
pub fn make_keys(folder: &Path) -> anyhow::Result<()> {
    for kind in KINDS {
        if !paths(folder, kind)?.is_empty() {
            continue;
        }
        let key: [u8; 32] = rand::random();
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(folder.join(format!("0001.{kind}")))?;
        std::io::Write::write_all(&mut file, format!("{}\n", hex::encode(key)).as_bytes())?;
    }
    Ok(())
}

/// The keys of one kind, each with what names it, oldest first.
fn read_all(folder: &Path, kind: &str) -> anyhow::Result<Vec<([u8; ID_LENGTH], [u8; 32])>> {
    let mut keys = Vec::new();
    for path in paths(folder, kind)? {
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let bytes = <[u8; 32]>::try_from(hex::decode(text.trim()).unwrap_or_default())
            .map_err(|_| anyhow::anyhow!("{} is no key of 64 hexadecimal digits", path.display()))?;
        let mut id = [0; ID_LENGTH];
        id.iter_mut().zip(Sha256::digest(bytes)).for_each(|(byte, digest)| *byte = digest);
        keys.push((id, bytes));
    }
    let folder = folder.display();
    anyhow::ensure!(!keys.is_empty(), "no key (*.{kind}) in {folder}: openssl rand -hex 32 > {folder}/0001.{kind}");
    Ok(keys)
}

fn paths(folder: &Path, kind: &str) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read the folder of keys {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == kind) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

impl Seal {
    /// Reads every key (`*.key`, `*.index`: 64 hexadecimal digits each) of the folder; the last of
    /// its kind by name is the one for what is new.
    ///
    /// # Errors
    /// When there is none of a kind, or one that cannot be read.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let [sealing, indexing] = KINDS;
        let mut keys = Vec::new();
        for (id, bytes) in read_all(folder, sealing)? {
            keys.push(Key { id, key: cipher(&bytes).map_err(|_| anyhow::anyhow!("a sealing key is refused"))? });
        }
        let index_keys = read_all(folder, indexing)?.into_iter().map(|(id, bytes)| IndexKey::new(id, &bytes));
        Ok(Self { keys, index_keys: index_keys.collect() })
    }

    /// What names the newest sealing key, in front of all that it sealed.
    #[must_use]
    pub fn newest_key(&self) -> Vec<u8> {
        self.keys.last().map(|key| key.id.to_vec()).unwrap_or_default()
    }

    /// Seals `plain` for one place (`context`, such as `second_factor:<account>`): in another it
    /// does not open.
    ///
    /// # Errors
    /// When there is no key, or the cipher refuses.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let key = self.keys.last().ok_or_else(|| Error::internal("no sealing key"))?;
        Ok([key.id.as_slice(), &encrypt(&key.key, context, plain)?].concat())
    }

    /// Opens what [`Seal::seal`] made for the same place.
    ///
    /// # Errors
    /// When its key is not there, or it was made for another place or changed.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let (id, rest) = sealed.split_at_checked(ID_LENGTH).ok_or_else(torn)?;
        let key =
            self.keys.iter().find(|key| key.id == id).ok_or_else(|| Error::internal("a sealing key is missing"))?;
        decrypt(&key.key, context, rest)
    }
}

fn torn() -> Error {
    Error::internal("what was sealed does not open")
}

fn cipher(bytes: &[u8]) -> Result<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes).map(LessSafeKey::new).map_err(|_| torn())
}

/// The nonce, and what it was used for.
fn encrypt(key: &LessSafeKey, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE_LEN] = rand::random();
    let mut text = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context.as_bytes()), &mut text)
        .map_err(|_| Error::internal("cannot seal"))?;
    Ok([nonce.as_slice(), &text].concat())
}

fn decrypt(key: &LessSafeKey, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(torn)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| torn())?;
    let mut text = text.to_vec();
    let plain = key.open_in_place(nonce, Aad::from(context.as_bytes()), &mut text).map_err(|_| torn())?;
    Ok(plain.to_vec())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_place_alone_and_after_a_new_key() {
        let folder = std::env::temp_dir().join(format!("seal-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        assert!(Seal::load(&folder).unwrap_err().to_string().contains("openssl rand -hex 32"));
        make_keys(&folder).unwrap();
        let old = Seal::load(&folder).unwrap();
        let sealed = old.seal("a:1", b"a secret").unwrap();
        assert!(!sealed.windows(8).any(|part| part == b"a secret"));
        assert_ne!(sealed, old.seal("a:1", b"a secret").unwrap());
        std::fs::write(folder.join("0002.key"), hex::encode([7; 32])).unwrap();
        let both = Seal::load(&folder).unwrap();
        assert_eq!(both.open("a:1", &sealed).unwrap(), b"a secret");
        assert!(both.open("a:2", &sealed).is_err());
        let new = both.seal("a:1", b"a secret").unwrap();
        assert!(old.open("a:1", &new).is_err());
        for place in 0..new.len() {
            let mut torn = new.clone();
            if let Some(byte) = torn.get_mut(place) {
                *byte ^= 1;
            }
            assert!(both.open("a:1", &torn).is_err(), "byte {place}");
        }
        assert!(both.open("a:1", new.get(..10).unwrap()).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_personal_key_outlives_the_key_that_seals_it_and_dies_alone() {
        let folder = std::env::temp_dir().join(format!("seal-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        make_keys(&folder).unwrap();
        let old = Seal::load(&folder).unwrap();
        let (key, kept) = old.new_personal_key("resident:1").unwrap();
        let sealed = key.seal("phone", b"13800000001").unwrap();
        std::fs::write(folder.join("0002.key"), hex::encode([7; 32])).unwrap();
        let both = Seal::load(&folder).unwrap();
        let renewed = both.renew_personal_key("resident:1", &kept).unwrap();
        assert!(renewed.starts_with(&both.newest_key()) && !kept.starts_with(&both.newest_key()));
        let again = both.personal_key("resident:1", &renewed).unwrap();
        assert_eq!(again.open("phone", &sealed).unwrap(), b"13800000001");
        assert!(again.open("id_number", &sealed).is_err());
        assert!(both.personal_key("resident:2", &renewed).is_err());
        let (other, _) = both.new_personal_key("resident:2").unwrap();
        assert!(other.open("phone", &sealed).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_digest_is_found_by_the_keys_that_are_there() {
        let folder = std::env::temp_dir().join(format!("seal-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        make_keys(&folder).unwrap();
        let old = Seal::load(&folder).unwrap();
        let before = old.index("phone", "13800000001");
        assert_eq!(before, old.index("phone", "13800000001"));
        assert_ne!(before, old.index("phone", "13800000002"));
        assert_ne!(before, old.index("phone_end", "13800000001"));
        std::fs::write(folder.join("0002.index"), hex::encode([7; 32])).unwrap();
        let both = Seal::load(&folder).unwrap();
        let after = both.index("phone", "13800000001");
        assert!(after.starts_with(&both.newest_index_key()) && after != before);
        assert_eq!(both.indexes("phone", "13800000001"), [before, after]);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
