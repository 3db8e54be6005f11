//! Answering for what does not fit: the next root begins anew with the ledger as it stands, and says for good
//! what did not fit and why. It mends no row: what the rows themselves are at odds with stays found.

use std::collections::HashSet;
use std::path::Path;

use diesel_async::AsyncConnection;
use serde_json::json;

use super::archive::{Archive, Found, Signed, forged_by};
use super::findings::{Finding, FindingKind, Halt};
use super::root::{Acknowledgement, JWS, Root, TrustedKeys, hash_of, key_of, sign};
use super::rows::LedgerRoot;
use super::signing::{check_clock, signed_state, snapshot, store_heads};
use super::verification::verify_snapshot;
use super::{alarm, queries};
use crate::Campus;
use crate::audit;
use crate::error::{Code, Error, Result};
use crate::writing;

/// How many characters a reason may have.
const LONGEST_REASON: usize = 500;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acknowledging {
    /// This root answers for it.
    Signed(Box<Root>),
    /// That is not what does not fit, or nothing that a signature may answer for: this is what was found.
    NotFound(Vec<Finding>),
}

/// Signs a root that answers for `finding`, named as the checks name it, and tells everybody who must know. Runs
/// where the signing key is.
///
/// # Errors
/// [`Code::ReasonRequired`], [`Code::TooLong`], [`Code::TextInvalid`]; a finding that stands beside this one and
/// that no signature mends; when the database or the object store is away, or another process has signed meanwhile.
pub async fn acknowledge(campus: &Campus, finding: &str, reason: &str) -> Result<Acknowledging, Halt> {
    let reason = writing::lines(reason, LONGEST_REASON);
    let reason = reason.map_err(|flaw| flaw.refusal("reason", Code::ReasonRequired))?;
    check_clock(campus, None).await?;
    let found = look(campus).await?;
    let named = |known: &&Finding| known.kind.is_about_what_was_signed() && known.to_string() == finding.trim();
    let Some(finding) = found.iter().find(named).cloned() else { return Ok(Acknowledging::NotFound(found)) };
    let folder = tempfile::tempdir().map_err(Error::internal)?;
    let base = Base::find(campus, folder.path()).await?;
    let now = campus.clock.now();
    let path = folder.path().join("heads");
    let drawn = snapshot(campus, &Signed::nothing()?, true, &path).await?;
    let sequence = base.sequence + 1;
    let root = Root {
        sequence,
        at: campus.clock.local(now),
        previous: base.hash.map(hex::encode),
        checkpoint: sequence,
        heads: store_heads(campus, sequence, &drawn, &path).await?,
        units: drawn.units,
        all_heads_sha256: drawn.all_heads_sha256,
        acknowledges: Some(Acknowledgement { finding, reason }),
    };
    let text = sign(&root, &campus.config.signing_keys)?;
    base.mend_store(campus).await?;
    keep(campus, &base, &LedgerRoot::of(&root, &text)?, &root).await?;
    campus.storage.put(&root.key(), text.as_bytes(), JWS).await?;
    Ok(Acknowledging::Signed(Box::new(root)))
}

/// What does not fit, as signing and the check of the whole say it.
async fn look(campus: &Campus) -> Result<Vec<Finding>> {
    let signed = match signed_state(campus).await {
        Ok(signed) => signed,
        Err(Halt::Finding(finding)) => return Ok(vec![finding]),
        Err(Halt::Error(error)) => return Err(error),
    };
    let mut found = Vec::new();
    if let Some(newest) = &signed.newest
        && newest.root.at > campus.clock.now()
    {
        found.push(Finding::of_root(FindingKind::OverdueRoot, newest.root.sequence));
    }
    let folder = tempfile::tempdir().map_err(Error::internal)?;
    let drawn = snapshot(campus, &signed, false, &folder.path().join("heads")).await.map(drop);
    let verified = verify_snapshot(&campus.database, &signed, &mut |_, _| {}).await.map(drop);
    for looked in [drawn, verified] {
        match looked {
            Err(Halt::Finding(finding)) if !found.contains(&finding) => found.push(finding),
            Err(Halt::Error(error)) => return Err(error),
            _ => {}
        }
    }
    Ok(found)
}

/// The root that the next one follows: the newest that database and store know between them.
struct Base {
    sequence: i64,
    hash: Option<[u8; 32]>,
    /// Roots that the store alone knows.
    unknown: Vec<LedgerRoot>,
    /// Roots that the database alone knows, or knows better.
    missing: Vec<(i64, String)>,
}

impl Base {
    async fn find(campus: &Campus, folder: &Path) -> Result<Self, Halt> {
        let keys = TrustedKeys::of_folder(&campus.config.signing_keys).map_err(Error::internal)?;
        let archive = Archive::Store(campus.storage.clone());
        let known = queries::signed_roots(&mut *campus.database.connection().await?).await?;
        let stored: HashSet<i64> = archive.sequences().await?.into_iter().collect();
        let mut base = Self { sequence: 0, hash: None, unknown: Vec::new(), missing: Vec::new() };
        if let Some((sequence, signed)) = known.last() {
            (base.sequence, base.hash) = (*sequence, Some(hash_of(signed)));
            base.missing.extend(known.iter().filter(|(sequence, _)| !stored.contains(sequence)).cloned());
            if stored.contains(sequence) && !is_stored(&archive, *sequence, signed, folder).await? {
                if keys.verify(signed).is_none_or(|root| root.sequence != *sequence) {
                    return Err(Finding::of_root(FindingKind::ForgedRoot, *sequence).into());
                }
                base.missing.push((*sequence, signed.clone()));
            }
        }
        base.adopt(&archive, &keys, stored.into_iter().max().unwrap_or(0), folder).await?;
        Ok(base)
    }

    /// Follows the roots that the store has behind those of the database: each must name the one before, and the
    /// last be signed with a key that is trusted.
    async fn adopt(&mut self, archive: &Archive, keys: &TrustedKeys, last: i64, folder: &Path) -> Result<(), Halt> {
        for sequence in self.sequence + 1..=last {
            let Found { root, hash, signed } = archive.root(sequence, folder).await?;
            let follows = root.previous == self.hash.map(hex::encode);
            if !follows || (sequence == last && keys.verify(&signed).is_none()) {
                return Err(forged_by(keys, sequence, &signed));
            }
            self.unknown.push(LedgerRoot::of(&root, &signed)?);
            (self.sequence, self.hash) = (sequence, Some(hash));
        }
        Ok(())
    }

    /// Puts back into the store what it has lost.
    async fn mend_store(&self, campus: &Campus) -> Result<()> {
        for (sequence, signed) in &self.missing {
            campus.storage.put(&key_of(*sequence), signed.as_bytes(), JWS).await?;
        }
        Ok(())
    }
}

/// Whether the store has this root as the database has it.
async fn is_stored(archive: &Archive, sequence: i64, signed: &str, folder: &Path) -> Result<bool> {
    match archive.root(sequence, folder).await {
        Ok(found) => Ok(found.signed == signed),
        Err(Halt::Finding(_)) => Ok(false),
        Err(Halt::Error(error)) => Err(error),
    }
}

/// Writes the root's row, those that the database did not know, and what tells of it.
async fn keep(campus: &Campus, base: &Base, row: &LedgerRoot, root: &Root) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            for unknown in &base.unknown {
                queries::insert_root(connection, unknown).await?;
            }
            if !queries::insert_root(connection, row).await? {
                // Another process has signed meanwhile.
                return Err(Error::code(Code::Unavailable));
            }
            let finding = root.acknowledges.as_ref().map(|acknowledgement| &acknowledgement.finding);
            let entry = audit::Entry {
                action: "ledger.acknowledged",
                object_kind: "ledger_root",
                object_id: None,
                branch_id: None,
                detail: json!({"root": root.sequence, "finding": finding}),
                actor: None,
            };
            audit::record(connection, now, &entry).await?;
            alarm::tell_acknowledged(campus, connection, root, row).await
        })
        .await
}
