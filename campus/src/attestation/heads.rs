//! Where the chains of accounts stood: fixed records in the order of accounts, in files that belong to
//! roots. The newest checkpoint and the changes behind it are read side by side, so that however many
//! accounts there are, only those at hand are in memory.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::canonical::Hash;
use crate::error::{Error, Result};

/// How long a record is, in bytes: account, version, balance and hash.
const RECORD: usize = 64;

/// Where one account's chain stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) account_id: Uuid,
    /// How many rows it had.
    pub(super) version: i64,
    pub(super) balance: i64,
    pub(super) hash: Hash,
}

impl Head {
    fn write(&self) -> [u8; RECORD] {
        let mut record = [0; RECORD];
        let parts = [
            self.account_id.as_bytes().as_slice(),
            &self.version.to_be_bytes(),
            &self.balance.to_be_bytes(),
            &self.hash,
        ];
        record.iter_mut().zip(parts.concat()).for_each(|(place, byte)| *place = byte);
        record
    }

    fn read(record: &[u8; RECORD]) -> Option<Self> {
        let (account, rest) = record.split_first_chunk::<16>()?;
        let (version, rest) = rest.split_first_chunk::<8>()?;
        let (balance, rest) = rest.split_first_chunk::<8>()?;
        Some(Self {
            account_id: Uuid::from_bytes(*account),
            version: i64::from_be_bytes(*version),
            balance: i64::from_be_bytes(*balance),
            hash: rest.try_into().ok()?,
        })
    }
}

/// A digest over records in order.
#[derive(Default)]
pub(super) struct HeadsDigest(Sha256);

impl HeadsDigest {
    pub(super) fn add(&mut self, head: &Head) {
        self.0.update(head.write());
    }

    pub(super) fn finish(self) -> String {
        hex::encode(self.0.finalize())
    }
}

/// Writes a file of heads.
pub(super) struct HeadsWriter {
    file: BufWriter<File>,
    digest: HeadsDigest,
    pub(super) count: u64,
}

impl HeadsWriter {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = BufWriter::new(File::create(path).map_err(Error::internal)?);
        Ok(Self { file, digest: HeadsDigest::default(), count: 0 })
    }

    pub(super) fn write(&mut self, head: &Head) -> Result<()> {
        self.digest.add(head);
        self.count += 1;
        self.file.write_all(&head.write()).map_err(Error::internal)
    }

    /// The digest of the whole file.
    pub(super) fn finish(mut self) -> Result<String> {
        self.file.flush().map_err(Error::internal)?;
        Ok(self.digest.finish())
    }
}

/// The SHA-256 of a file, in hexadecimal digits.
pub(super) fn digest_of(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(Error::internal)?;
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let length = file.read(&mut buffer).map_err(Error::internal)?;
        if length == 0 {
            return Ok(hex::encode(digest.finalize()));
        }
        digest.update(buffer.get(..length).unwrap_or_default());
    }
}

/// A place that a root has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    /// The root.
    pub(super) root: i64,
    pub(super) head: Head,
}

struct Layer {
    root: i64,
    file: BufReader<File>,
    next: Option<Head>,
}

impl Layer {
    fn open(root: i64, path: &Path) -> Result<Self> {
        let file = BufReader::with_capacity(1 << 16, File::open(path).map_err(Error::internal)?);
        let mut layer = Self { root, file, next: None };
        layer.advance()?;
        Ok(layer)
    }

    fn advance(&mut self) -> Result<Option<Head>> {
        let mut record = [0; RECORD];
        let next = match self.file.read_exact(&mut record) {
            Ok(()) => Head::read(&record),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => None,
            Err(error) => return Err(Error::internal(error)),
        };
        Ok(std::mem::replace(&mut self.next, next))
    }
}

/// All that is signed about accounts, in their order.
#[derive(Default)]
pub(super) struct SignedHeads {
    layers: Vec<Layer>,
    digest: HeadsDigest,
}

impl SignedHeads {
    /// Reads these files, each with its root's sequence number, oldest first.
    pub(super) fn open<'a>(files: impl Iterator<Item = (i64, &'a Path)>) -> Result<Self> {
        let layers = files.map(|(root, path)| Layer::open(root, path)).collect::<Result<_>>()?;
        Ok(Self { layers, digest: HeadsDigest::default() })
    }

    /// The first account that has not been taken yet.
    pub(super) fn next_account(&self) -> Option<Uuid> {
        self.layers.iter().filter_map(|layer| layer.next.map(|head| head.account_id)).min()
    }

    /// What is signed about this account, oldest first; those before it must have been taken.
    pub(super) fn take(&mut self, account_id: Uuid) -> Result<Vec<Point>> {
        let mut points = Vec::new();
        for layer in &mut self.layers {
            while layer.next.is_some_and(|head| head.account_id == account_id) {
                points.extend(layer.advance()?.map(|head| Point { root: layer.root, head }));
            }
        }
        if let Some(newest) = points.last() {
            self.digest.add(&newest.head);
        }
        Ok(points)
    }

    /// The digest over the newest heads of all accounts, once all have been taken.
    pub(super) fn finish(self) -> String {
        self.digest.finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn head(account: u128, version: i64) -> Head {
        Head { account_id: Uuid::from_u128(account), version, balance: -5 * version, hash: [7; 32] }
    }

    #[test]
    fn files_are_read_side_by_side_in_the_order_of_accounts() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, heads: &[Head]| {
            let path = folder.path().join(name);
            let mut writer = HeadsWriter::create(&path).unwrap();
            heads.iter().for_each(|head| writer.write(head).unwrap());
            assert_eq!(writer.finish().unwrap(), digest_of(&path).unwrap());
            path
        };
        let all = write("all", &[head(1, 1), head(2, 0), head(u128::MAX, 3)]);
        let changed = write("changed", &[head(2, 4), head(5, 1)]);
        let newest = write("newest", &[head(1, 1), head(2, 4), head(5, 1), head(u128::MAX, 3)]);
        let mut signed = SignedHeads::open([(1, all.as_path()), (2, &changed)].into_iter()).unwrap();
        let mut seen = Vec::new();
        while let Some(account) = signed.next_account() {
            seen.extend(signed.take(account).unwrap().iter().map(|point| (point.root, point.head)));
        }
        let expected = [(1, head(1, 1)), (1, head(2, 0)), (2, head(2, 4)), (2, head(5, 1)), (1, head(u128::MAX, 3))];
        assert_eq!(seen, expected);
        assert_eq!(signed.finish(), digest_of(&newest).unwrap());
    }
}
