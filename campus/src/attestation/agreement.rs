//! Whether an archive and the database know the same roots.

use super::archive::{Archive, Newest, Signed};
use super::findings::{Finding, FindingKind, Halt};
use super::queries;
use super::root::{JWS, TrustedKeys};
use super::rows::LedgerRoot;
use crate::db::Database;
use crate::error::Result;
use crate::storage::Storage;

/// Whether a store that lacks the newest root is given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lacking {
    /// By whoever signs: a crash came between the row and the object.
    PutBack,
    /// Not by whoever checks from outside.
    Found,
}

/// What is signed, where the archive and the database agree about it.
///
/// # Errors
/// As [`Archive::signed`]; when one of the two knows a root that the other does not.
pub(super) async fn agreed(
    database: &Database,
    archive: &Archive,
    keys: &TrustedKeys,
    lacking: Lacking,
) -> Result<Signed, Halt> {
    let mut known = newest_row(database).await?;
    loop {
        if let (Archive::Store(storage), Some(known), Lacking::PutBack) = (archive, &known, lacking) {
            put_back(storage, keys, known).await?;
        }
        let found = compare(database, archive, keys, known.as_ref()).await;
        let Err(Halt::Finding(_)) = &found else { return found };
        // Another process may have signed between the two looks.
        let again = newest_row(database).await?;
        if sequence(again.as_ref()) == sequence(known.as_ref()) {
            return found;
        }
        known = again;
    }
}

/// Where it belongs is what the signature says: the row could name any place in the store.
async fn put_back(storage: &Storage, keys: &TrustedKeys, known: &LedgerRoot) -> Result<()> {
    if let Some(root) = keys.verify(&known.signed).filter(|root| root.sequence == known.sequence)
        && storage.size(&root.key()).await?.is_none()
    {
        storage.put(&root.key(), known.signed.as_bytes(), JWS).await?;
    }
    Ok(())
}

async fn newest_row(database: &Database) -> Result<Option<LedgerRoot>> {
    queries::newest_root(&mut *database.connection().await?).await
}

fn sequence(row: Option<&LedgerRoot>) -> Option<i64> {
    row.map(|row| row.sequence)
}

async fn compare(
    database: &Database,
    archive: &Archive,
    keys: &TrustedKeys,
    known: Option<&LedgerRoot>,
) -> Result<Signed, Halt> {
    match archive {
        Archive::Store(_) => {
            let signed = archive.signed(sequence(known), keys).await?;
            match &signed.newest {
                // The store has one that the database does not know.
                Some(newest) if Some(newest.root.sequence) != sequence(known) => {
                    let next = known.map_or(1, |known| known.sequence + 1);
                    Err(Finding::of_root(FindingKind::MissingRoot, next).into())
                }
                Some(newest) => same(newest, known).map(|()| signed),
                None => Ok(signed),
            }
        }
        // A copy may be older, and has no root that the database does not know.
        Archive::Folder(_) => {
            let signed = archive.signed(None, keys).await?;
            match (&signed.newest, known) {
                (Some(newest), _) => {
                    let sequence = newest.root.sequence;
                    let row = queries::root(&mut *database.connection().await?, sequence).await?;
                    same(newest, row.as_ref()).map(|()| signed)
                }
                (None, Some(known)) => Err(Finding::of_root(FindingKind::MissingRoot, known.sequence).into()),
                (None, None) => Ok(signed),
            }
        }
    }
}

fn same(newest: &Newest, row: Option<&LedgerRoot>) -> Result<(), Halt> {
    let kind = match row {
        Some(row) if row.hash == newest.hash => return Ok(()),
        Some(_) => FindingKind::ForgedRoot,
        None => FindingKind::MissingRoot,
    };
    Err(Finding::of_root(kind, newest.root.sequence).into())
}
