//! Signing a root: each hour, over the heads of all accounts, when what is new follows from what was
//! signed; else nothing is signed and an alarm is raised.

use std::path::Path;

use diesel_async::AsyncConnection;
use time::{Date, OffsetDateTime};

use super::agreement::{Lacking, agreed};
use super::archive::{Archive, Signed};
use super::chain::GRACE;
use super::drawing::{Drawn, draw};
use super::findings::{Finding, Halt};
use super::root::{HeadsFile, JWS, Root, TrustedKeys, sign};
use super::rows::LedgerRoot;
use super::{alarm, queries};
use crate::Campus;
use crate::error::{Code, Error, Result};
use crate::jobs::NIGHT;

/// After so many roots the heads of all accounts are stored again.
const CHECKPOINT_EVERY: i64 = 24;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    /// A root was signed.
    Signed(Box<Root>),
    /// There is no account yet, or another process has signed meanwhile.
    Nothing,
    /// Something does not fit, so nothing was signed.
    Refused(Finding),
}

/// The day a moment belongs to, when days begin at [`NIGHT`] and not at midnight: then the ledger is checked as
/// a whole, and the day's mail goes out.
pub(super) fn ledger_day(campus: &Campus, at: OffsetDateTime) -> Date {
    campus.clock.date_of(at - NIGHT)
}

/// When the day began that a moment belongs to.
pub(super) fn ledger_day_began(campus: &Campus, at: OffsetDateTime) -> OffsetDateTime {
    campus.clock.start_of(ledger_day(campus, at)) + NIGHT
}

/// What is signed, as the object store has it and the database says it should be.
pub(super) async fn signed_state(campus: &Campus) -> Result<Signed, Halt> {
    let keys = TrustedKeys::of_folder(&campus.config.signing_keys).map_err(Error::internal)?;
    agreed(&campus.database, &Archive::Store(campus.storage.clone()), &keys, Lacking::PutBack).await
}

/// Refuses while the clock cannot be trusted: before the newest root, or apart from the database's by more than
/// [`GRACE`]. Whatever a wrong clock signs or writes would look forged once it is right; so this waits, and is
/// tried again.
pub(super) async fn check_clock(campus: &Campus, newest: Option<&Root>) -> Result<()> {
    let now = campus.clock.now();
    if let Some(newest) = newest.filter(|newest| now < newest.at) {
        tracing::error!(%now, newest = %newest.at, "no root is signed: the clock is before the newest root");
        return Err(Error::code(Code::Unavailable));
    }
    if let Some(machine) = campus.clock.machine_now() {
        let database = queries::database_now(&mut *campus.database.connection().await?).await?;
        if (machine - database).abs() > GRACE {
            tracing::error!(%machine, %database, "no root is signed: this machine's clock and the database's differ");
            return Err(Error::code(Code::Unavailable));
        }
    }
    Ok(())
}

/// Signs the next root, or says what does not fit and raises the alarm.
///
/// # Errors
/// When the database or the object store is away, or the clock cannot be trusted.
pub async fn sign_next(campus: &Campus) -> Result<Signing> {
    match try_sign(campus).await {
        Ok(signing) => Ok(signing),
        Err(Halt::Error(error)) => Err(error),
        Err(Halt::Finding(finding)) => {
            alarm::refuse(campus, &finding).await?;
            Ok(Signing::Refused(finding))
        }
    }
}

async fn try_sign(campus: &Campus) -> Result<Signing, Halt> {
    let signed = signed_state(campus).await?;
    check_clock(campus, signed.newest.as_ref().map(|newest| &newest.root)).await?;
    // Before the snapshot: what it does not see was written later, but for the grace.
    let now = campus.clock.now();
    let sequence = signed.newest.as_ref().map_or(1, |newest| newest.root.sequence + 1);
    let last_checkpoint = signed.newest.as_ref().map(|newest| newest.root.checkpoint);
    let checkpoint = last_checkpoint.filter(|last| sequence - last < CHECKPOINT_EVERY).unwrap_or(sequence);
    let folder = tempfile::tempdir().map_err(Error::internal)?;
    let path = folder.path().join("heads");
    let drawn = snapshot(campus, &signed, checkpoint == sequence, &path).await?;
    if drawn.units.is_empty() {
        return Ok(Signing::Nothing);
    }
    let root = Root {
        sequence,
        at: campus.clock.local(now),
        previous: signed.newest.as_ref().map(|newest| hex::encode(newest.hash)),
        checkpoint,
        heads: store_heads(campus, sequence, &drawn, &path).await?,
        units: drawn.units,
        all_heads_sha256: drawn.all_heads_sha256,
        acknowledges: None,
    };
    let text = sign(&root, &campus.config.signing_keys)?;
    let is_days_first = signed.newest.is_none_or(|newest| ledger_day(campus, newest.root.at) < ledger_day(campus, now));
    if !keep(campus, &root, &text, is_days_first).await? {
        return Ok(Signing::Nothing);
    }
    campus.storage.put(&root.key(), text.as_bytes(), JWS).await?;
    Ok(Signing::Signed(Box::new(root)))
}

/// Stores the heads that a root is signed over.
pub(super) async fn store_heads(campus: &Campus, sequence: i64, drawn: &Drawn, path: &Path) -> Result<HeadsFile> {
    let mark = drawn.file_sha256.get(..16).unwrap_or_default();
    let key = format!("attestation/heads/{sequence:010}-{mark}.bin");
    campus.storage.store(path, &key, "application/octet-stream").await?;
    Ok(HeadsFile { key, sha256: drawn.file_sha256.clone(), accounts: drawn.written })
}

/// Draws the heads as they stand at one moment.
pub(super) async fn snapshot(
    campus: &Campus,
    signed: &Signed,
    is_checkpoint: bool,
    path: &Path,
) -> Result<Drawn, Halt> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .build_transaction()
        .repeatable_read()
        .read_only()
        .run(async |connection| draw(connection, signed, is_checkpoint, path).await)
        .await
}

/// Writes the root's row, which decides who of two has signed, and the day's mail.
async fn keep(campus: &Campus, root: &Root, text: &str, is_days_first: bool) -> Result<bool> {
    let row = LedgerRoot::of(root, text)?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let is_ours = queries::insert_root(connection, &row).await?;
            if is_ours && is_days_first {
                alarm::tell_auditor(campus, connection, root, &row).await?;
            }
            Ok(is_ours)
        })
        .await
}
