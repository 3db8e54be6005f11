//! Where roots and heads are kept, apart from the database: the object store, or a folder into which
//! somebody has copied them.

use std::path::{Path, PathBuf};

use super::findings::{Finding, FindingKind, Halt};
use super::heads::{SignedHeads, digest_of};
use super::root::{Acknowledgement, ROOTS, Root, TrustedKeys, hash_of, key_of, read};
use crate::error::{Code, Error, Result};
use crate::storage::Storage;

/// Where to read from.
#[derive(Clone)]
pub enum Archive {
    /// The deployment's object store.
    Store(Storage),
    /// A folder with the same keys as paths below it.
    Folder(PathBuf),
}

/// What is signed: the newest root, and the heads back to the last checkpoint.
pub struct Signed {
    /// The newest root; `None` where nothing has been signed yet.
    pub(super) newest: Option<Newest>,
    files: Vec<(i64, PathBuf)>,
    /// Keeps the files while they are read.
    _folder: tempfile::TempDir,
}

/// A root that answers for what did not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The root.
    pub root: i64,
    /// What, and why.
    pub acknowledgement: Acknowledgement,
}

/// The newest root.
#[derive(Debug, Clone)]
pub(super) struct Newest {
    pub(super) root: Root,
    pub(super) hash: [u8; 32],
}

/// A root as it was found.
pub(super) struct Found {
    pub(super) root: Root,
    pub(super) hash: [u8; 32],
    pub(super) signed: String,
}

/// A root whose signature is no good; it names the key, where that is a strange one.
pub(super) fn forged_by(keys: &TrustedKeys, sequence: i64, signed: &str) -> Halt {
    Finding { key: keys.stranger(signed), ..Finding::of_root(FindingKind::ForgedRoot, sequence) }.into()
}

fn forged(sequence: i64) -> Halt {
    Finding::of_root(FindingKind::ForgedRoot, sequence).into()
}

impl Signed {
    /// As if nothing had been signed: everything is then worked out from the first row.
    pub(super) fn nothing() -> Result<Self> {
        Ok(Self { newest: None, files: Vec::new(), _folder: tempfile::tempdir().map_err(Error::internal)? })
    }

    pub(super) fn heads(&self) -> Result<SignedHeads> {
        SignedHeads::open(self.files.iter().map(|(root, path)| (*root, path.as_path())))
    }
}

impl Archive {
    /// The numbers of all roots there, in order.
    pub(super) async fn sequences(&self) -> Result<Vec<i64>> {
        Ok(self.roots(None).await?.iter().map(|key| sequence_of(key)).collect())
    }

    /// The keys of roots behind `after`, in order.
    async fn roots(&self, after: Option<&str>) -> Result<Vec<String>> {
        match self {
            Self::Store(storage) => {
                let (mut keys, mut after): (Vec<String>, _) = (Vec::new(), after.map(str::to_owned));
                loop {
                    let (page, more) = storage.objects(ROOTS, after.as_deref()).await?;
                    keys.extend(page.into_iter().map(|object| object.key));
                    after = keys.last().cloned();
                    if !more || after.is_none() {
                        return Ok(keys);
                    }
                }
            }
            Self::Folder(folder) => {
                let (mut keys, roots) = (Vec::new(), folder.join(ROOTS));
                let entries = std::fs::read_dir(&roots);
                for entry in entries.map_err(|error| Error::internal(format!("{}: {error}", roots.display())))? {
                    let name = entry.map_err(Error::internal)?.file_name();
                    keys.push(format!("{ROOTS}{}", name.to_string_lossy()));
                }
                keys.retain(|key| after.is_none_or(|after| key.as_str() > after));
                keys.sort();
                Ok(keys)
            }
        }
    }

    /// Has a copy of a file at `path`; `false`: it is not there.
    async fn fetch(&self, key: &str, path: &Path) -> Result<bool> {
        let fetched = match self {
            Self::Store(storage) => storage.fetch(key, path).await,
            Self::Folder(folder) => match std::fs::copy(folder.join(key), path) {
                Ok(_) => Ok(()),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::code(Code::NotFound)),
                Err(error) => Err(Error::internal(error)),
            },
        };
        match fetched {
            Ok(()) => Ok(true),
            Err(error) if error.stable_code() == Code::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A root, not verified yet.
    pub(super) async fn root(&self, sequence: i64, folder: &Path) -> Result<Found, Halt> {
        let path = folder.join("root");
        if !self.fetch(&key_of(sequence), &path).await? {
            return Err(Finding::of_root(FindingKind::MissingRoot, sequence).into());
        }
        let signed = std::fs::read_to_string(&path).unwrap_or_default().trim_end().to_owned();
        match read(&signed) {
            Some(root) if root.sequence == sequence => Ok(Found { root, hash: hash_of(&signed), signed }),
            _ => Err(forged(sequence)),
        }
    }

    /// The newest root, by its signature: those before it are known by the hashes that lead back from it,
    /// even when the keys that signed them are no more.
    async fn newest(&self, sequence: i64, keys: &TrustedKeys, folder: &Path) -> Result<Newest, Halt> {
        let Found { root, hash, signed } = self.root(sequence, folder).await?;
        if keys.verify(&signed).is_some() {
            return Ok(Newest { root, hash });
        }
        Err(forged_by(keys, sequence, &signed))
    }

    /// Reads what is signed. `known` is the newest root that should be there, as the database or the
    /// auditor says; without it all are looked through.
    ///
    /// # Errors
    /// When the archive cannot be reached; when a root is missing or forged, or heads are not those it was
    /// signed over.
    pub async fn signed(&self, known: Option<i64>, keys: &TrustedKeys) -> Result<Signed, Halt> {
        let folder = tempfile::tempdir().map_err(Error::internal)?;
        let after = known.map(|known| key_of(known - 1));
        let last = match (self.roots(after.as_deref()).await?.last(), known) {
            (Some(key), _) => sequence_of(key),
            (None, Some(known)) => return Err(Finding::of_root(FindingKind::MissingRoot, known).into()),
            (None, None) => return Ok(Signed::nothing()?),
        };
        let newest = self.newest(last, keys, folder.path()).await?;
        let mut files = Vec::new();
        let mut before: Option<[u8; 32]> = None;
        let first = newest.root.checkpoint.min(last);
        for sequence in first..=last {
            let Found { root, hash, .. } = self.root(sequence, folder.path()).await?;
            let follows = before.is_none_or(|before| root.previous.as_deref() == Some(hex::encode(before).as_str()));
            if !follows || root.checkpoint != first {
                return Err(forged(sequence));
            }
            before = Some(hash);
            let path = folder.path().join(format!("{sequence}.heads"));
            if !self.fetch(&root.heads.key, &path).await? || digest_of(&path)? != root.heads.sha256 {
                return Err(Finding::of_root(FindingKind::DamagedHeads, sequence).into());
            }
            files.push((sequence, path));
        }
        Ok(Signed { newest: Some(newest), files, _folder: folder })
    }

    /// Follows the roots from the first to the newest, each by the hash of the one before and the newest by
    /// its signature; `expected` is the hash of a root that must be among them. Answers those that answer for
    /// something.
    ///
    /// # Errors
    /// As above.
    pub async fn follow(&self, keys: &TrustedKeys, expected: Option<&str>) -> Result<Vec<Acknowledged>, Halt> {
        let folder = tempfile::tempdir().map_err(Error::internal)?;
        let last = self.sequences().await?.last().copied().unwrap_or(0);
        let mut acknowledged = Vec::new();
        let (mut before, mut is_met): (Option<String>, _) = (None, expected.is_none());
        for sequence in 1..=last {
            let Found { root, hash, .. } = self.root(sequence, folder.path()).await?;
            if root.previous != before {
                return Err(forged(sequence));
            }
            let hash = hex::encode(hash);
            is_met |= expected == Some(hash.as_str());
            before = Some(hash);
            acknowledged
                .extend(root.acknowledges.map(|acknowledgement| Acknowledged { root: sequence, acknowledgement }));
        }
        if last > 0 {
            self.newest(last, keys, folder.path()).await?;
        }
        if is_met { Ok(acknowledged) } else { Err(Finding::about(FindingKind::MissingRoot).into()) }
    }
}

fn sequence_of(key: &str) -> i64 {
    let digits = key.strip_prefix(ROOTS).and_then(|name| name.strip_suffix(".jws"));
    // What is not named like a root is none, and is looked for in vain.
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
