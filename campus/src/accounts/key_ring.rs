//! The signing keys as they stand in their folder, read again while the process runs: so keys
//! change without a restart and without a request that fails.
//!
//! A key that is put into the folder verifies, and is published, as soon as it is seen; it signs
//! only when every other process has had time to see it too. A key that is taken out verifies
//! nothing from the next reading on.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::keys::{self, JsonWebKey, JsonWebKeySet, SigningKey};

/// How old what was read may become, in seconds of the injected clock. Whoever is asked something
/// reads again, so that a process that has long been idle knows the keys of now.
const READ_EVERY: i64 = 10;
/// How long a key lies in the folder before it signs, in seconds: more than two readings, and the
/// time that others may keep the published keys ([`PUBLISHED_FOR`]).
const RIPENS_IN: i64 = 30;
/// For how many seconds others may keep the published keys.
pub const PUBLISHED_FOR: i64 = 10;
/// How long after a reading a key that is not known is looked for in the folder, in seconds: who
/// makes key ids up does not make us read for each.
const READ_AT_MOST_EVERY: i64 = 1;

struct Held {
    key: Arc<SigningKey>,
    /// From when on it may sign.
    ripe_at: i64,
}

/// What one reading found, by name of the file.
type Keys = Vec<Held>;

/// The keys, and when they were last read.
pub(super) struct KeyRing {
    folder: PathBuf,
    keys: RwLock<Arc<Keys>>,
    read_at: AtomicI64,
    /// One reading at a time.
    reading: Mutex<()>,
}

impl KeyRing {
    /// Reads the folder for the first time, at `now` (seconds).
    ///
    /// # Errors
    /// When it holds no key, or one that cannot be read.
    pub(super) fn open(folder: &Path, now: i64) -> anyhow::Result<Self> {
        let keys = keys::load(folder)?.into_iter().map(|key| hold(key, now)).collect();
        Ok(Self {
            folder: folder.to_owned(),
            keys: RwLock::new(Arc::new(keys)),
            read_at: AtomicI64::new(now),
            reading: Mutex::new(()),
        })
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the folder again when that is due; costs one comparison when it is not. `true`: a key
    /// has gone, and nothing that it signed may be believed any longer.
    pub(super) fn look(&self, now: i64) -> bool {
        if !self.is_due(now, READ_EVERY) {
            return false;
        }
        // Somebody is reading: what was read before serves until then.
        let Ok(_reading) = self.reading.try_lock() else { return false };
        self.is_due(now, READ_EVERY) && self.read(now)
    }

    /// Backwards too: a clock that is set back must not keep us from reading.
    fn is_due(&self, now: i64, after: i64) -> bool {
        now.abs_diff(self.read_at.load(Ordering::SeqCst)) >= after.unsigned_abs()
    }

    fn read(&self, now: i64) -> bool {
        self.read_at.store(now, Ordering::SeqCst);
        let before = self.keys();
        let known: HashMap<&str, &Held> = before.iter().map(|held| (held.key.id.as_str(), held)).collect();
        let found = match keys::load_readable(&self.folder) {
            Ok(found) if !found.is_empty() => found,
            // Better the keys of before than none at all: the folder may be away for a moment.
            Ok(_) => {
                tracing::warn!("no signing key is left in the folder of keys; those of before are kept");
                return false;
            }
            Err(error) => {
                tracing::warn!(%error, "the signing keys cannot be read; those of before are kept");
                return false;
            }
        };
        let after: Keys = found
            .into_iter()
            .map(|key| match known.get(key.id.as_str()) {
                Some(held) => Held { key: Arc::clone(&held.key), ripe_at: held.ripe_at },
                None => {
                    tracing::info!(kid = key.id, "a new signing key");
                    hold(key, now)
                }
            })
            .collect();
        let gone = before.iter().any(|old| !after.iter().any(|new| new.key.id == old.key.id));
        if gone {
            tracing::info!("a signing key was taken away");
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(after);
        gone
    }

    /// The key that signs: the last by name of those that are ripe. Where none is (all have just
    /// been put there), the first.
    pub(super) fn signing(&self, now: i64) -> Option<Arc<SigningKey>> {
        let keys = self.keys();
        let chosen = keys.iter().rev().find(|held| held.ripe_at <= now).or_else(|| keys.first());
        chosen.map(|held| Arc::clone(&held.key))
    }

    /// The key of this id. One that is not known is looked for in the folder, not more than once a
    /// second.
    pub(super) fn verifying(&self, id: &str, now: i64) -> Option<Arc<SigningKey>> {
        if let Some(key) = self.known(id) {
            return Some(key);
        }
        // Whoever waits here for somebody else's reading finds what it found.
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_due(now, READ_AT_MOST_EVERY) {
            self.read(now);
        }
        self.known(id)
    }

    fn known(&self, id: &str) -> Option<Arc<SigningKey>> {
        self.keys().iter().find(|held| held.key.id == id).map(|held| Arc::clone(&held.key))
    }

    /// The public halves of all keys, those too that do not sign yet.
    pub(super) fn published(&self) -> JsonWebKeySet {
        JsonWebKeySet { keys: self.keys().iter().map(|held| JsonWebKey::of(&held.key)).collect() }
    }
}

/// A key that was put there long ago signs at once: a process that starts does not fall back to an
/// older one.
fn hold(key: SigningKey, now: i64) -> Held {
    let left = RIPENS_IN - key.age_seconds.clamp(0, RIPENS_IN);
    Held { ripe_at: if left == 0 { i64::MIN } else { now.saturating_add(left) }, key: Arc::new(key) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn put(folder: &Path, name: &str) -> String {
        let other = tempfile::tempdir().unwrap();
        keys::make_key(other.path()).unwrap();
        std::fs::copy(other.path().join("0001.pem"), folder.join(name)).unwrap();
        keys::load(other.path()).unwrap().first().unwrap().id.clone()
    }

    #[test]
    fn a_new_key_verifies_at_once_and_signs_when_it_is_ripe() {
        let folder = tempfile::tempdir().unwrap();
        let old = put(folder.path(), "0001.pem");
        let ring = KeyRing::open(folder.path(), 1000).unwrap();
        assert_eq!(ring.signing(1000).unwrap().id, old);
        let new = put(folder.path(), "0002.pem");
        assert!(!ring.look(1009));
        assert_eq!(ring.published().keys.len(), 1);
        assert!(!ring.look(1010));
        assert_eq!(ring.published().keys.len(), 2);
        // Some way before the end: the file may be a second old by now.
        assert_eq!(ring.signing(1030).unwrap().id, old);
        assert_eq!(ring.signing(1040).unwrap().id, new);
        std::fs::remove_file(folder.path().join("0001.pem")).unwrap();
        assert!(ring.look(1050));
        assert!(ring.verifying(&old, 1050).is_none());
        assert_eq!(ring.verifying(&new, 1050).unwrap().id, new);
    }

    #[test]
    fn a_key_that_is_not_known_is_looked_for_once_a_second() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "0001.pem");
        let ring = KeyRing::open(folder.path(), 1000).unwrap();
        let new = put(folder.path(), "0002.pem");
        assert!(ring.verifying(&new, 1000).is_none());
        assert!(ring.verifying(&new, 1001).is_some());
        let newer = put(folder.path(), "0003.pem");
        assert!(ring.verifying("made up", 1001).is_none());
        assert!(ring.verifying(&newer, 1001).is_none());
    }

    #[test]
    fn what_is_no_key_and_an_empty_folder_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let old = put(folder.path(), "0001.pem");
        let ring = KeyRing::open(folder.path(), 1000).unwrap();
        std::fs::write(folder.path().join("0002.pem"), "half of it").unwrap();
        assert!(!ring.look(1010));
        assert_eq!(ring.signing(2000).unwrap().id, old);
        std::fs::remove_file(folder.path().join("0001.pem")).unwrap();
        std::fs::remove_file(folder.path().join("0002.pem")).unwrap();
        assert!(!ring.look(1020));
        assert_eq!(ring.verifying(&old, 1020).unwrap().id, old);
    }
}
