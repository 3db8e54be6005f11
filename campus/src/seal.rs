//! Sealing what must not be readable in the database or a copy of it: AES-256-GCM, with keys from
//! the folder of keys, outside the database. A new key seals, the older ones still open.

use std::path::Path;

use anyhow::Context;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// How many bytes name the key in front of what it sealed.
const ID_LENGTH: usize = 4;

struct Key {
    id: [u8; ID_LENGTH],
    key: LessSafeKey,
}

/// The keys that seal.
pub struct Seal(Vec<Key>);

impl std::fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Seal({} keys)", self.0.len())
    }
}

/// Writes a new key into `folder` unless it holds one already.
///
/// # Errors
/// When the folder cannot be written.
pub fn make_key(folder: &Path) -> anyhow::Result<()> {
    if !paths(folder)?.is_empty() {
        return Ok(());
    }
    let key: [u8; 32] = rand::random();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(folder.join("0001.key"))?;
    std::io::Write::write_all(&mut file, format!("{}\n", hex::encode(key)).as_bytes())?;
    Ok(())
}

fn paths(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read the folder of keys {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "key") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

impl Seal {
    /// Reads every key (`*.key`, 64 hexadecimal digits) of the folder; the last by name seals.
    ///
    /// # Errors
    /// When there is none, or one that cannot be read.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let mut keys = Vec::new();
        for path in paths(folder)? {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let bytes = hex::decode(text.trim()).unwrap_or_default();
            let key = UnboundKey::new(&AES_256_GCM, &bytes)
                .map_err(|_| anyhow::anyhow!("{} is no key of 64 hexadecimal digits", path.display()))?;
            let mut id = [0; ID_LENGTH];
            id.iter_mut().zip(Sha256::digest(&bytes)).for_each(|(byte, digest)| *byte = digest);
            keys.push(Key { id, key: LessSafeKey::new(key) });
        }
        let folder = folder.display();
        anyhow::ensure!(
            !keys.is_empty(),
            "no sealing key (*.key) in {folder}: openssl rand -hex 32 > {folder}/0001.key"
        );
        Ok(Self(keys))
    }

    /// Seals `plain` for one place (`context`, such as `second_factor:<account>`): in another it
    /// does not open.
    ///
    /// # Errors
    /// When there is no key, or the cipher refuses.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let key = self.0.last().ok_or_else(|| Error::internal("no sealing key"))?;
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut text = plain.to_vec();
        key.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context.as_bytes()), &mut text)
            .map_err(|_| Error::internal("cannot seal"))?;
        Ok([key.id.as_slice(), &nonce, &text].concat())
    }

    /// Opens what [`Seal::seal`] made for the same place.
    ///
    /// # Errors
    /// When its key is not there, or it was made for another place or changed.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let torn = || Error::internal("what was sealed does not open");
        let (id, rest) = sealed.split_at_checked(ID_LENGTH).ok_or_else(torn)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(torn)?;
        let key = self.0.iter().find(|key| key.id == id).ok_or_else(|| Error::internal("a sealing key is missing"))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| torn())?;
        let mut text = text.to_vec();
        let plain = key.key.open_in_place(nonce, Aad::from(context.as_bytes()), &mut text).map_err(|_| torn())?;
        Ok(plain.to_vec())
    }
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
        make_key(&folder).unwrap();
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
}
