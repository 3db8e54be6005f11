//! All chains and balances recomputed from the rows, account by account and in constant memory, and
//! compared with what is signed.

use futures_util::TryStreamExt;
use time::OffsetDateTime;
use uuid::Uuid;

use super::agreement::{Lacking, agreed};
use super::archive::{Acknowledged, Archive, Signed};
use super::canonical::Entry;
use super::chain::{Totals, Walk};
use super::findings::{Finding, FindingKind, Halt};
use super::heads::SignedHeads;
use super::queries;
use super::root::TrustedKeys;
use super::rows::Account;
use crate::db::{Connection, Database};

/// How many accounts are read at once. The rows of many are read by one statement, so that the table is
/// gone through few times however the rows of an account are strewn over it.
const PAGE: i64 = 20_000;
/// Progress is told each time so many rows have been looked at.
const STEP: i64 = 10_000;

/// What a check that found nothing has looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verified {
    /// Transfers.
    pub transfers: i64,
    /// Residents' accounts.
    pub accounts: i64,
    /// The root that all was compared with.
    pub root: Option<i64>,
}

/// A check from outside that found nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// What it has looked at.
    pub verified: Verified,
    /// When the newest root was signed.
    pub signed_at: Option<OffsetDateTime>,
    /// What somebody who holds the signing key answers for, the earliest first: it fits because they say so.
    pub acknowledged: Vec<Acknowledged>,
}

/// Is told how far a check has come: transfers that are to be looked at, and that have been.
pub type Progress<'a> = &'a mut (dyn FnMut(i64, i64) + Send);

struct Pass<'a> {
    signed: &'a mut SignedHeads,
    totals: &'a mut Totals,
    root_at: Option<OffsetDateTime>,
    /// The accounts of this page that have not been begun.
    accounts: std::slice::Iter<'a, Account>,
    walk: Option<(Uuid, Walk<'a>)>,
    buffer: &'a mut Vec<u8>,
}

impl Pass<'_> {
    /// Begins the next account, if there is one, and answers which.
    fn begin_next(&mut self) -> Result<Option<Uuid>, Halt> {
        if let Some((_, walk)) = self.walk.take() {
            walk.finish(self.totals)?;
        }
        let Some(account) = self.accounts.next() else { return Ok(None) };
        if let Some(gone) = self.signed.next_account().filter(|next| *next < account.id) {
            return Err(Finding::of_account(FindingKind::MissingAccount, gone).into());
        }
        let points = self.signed.take(account.id)?;
        self.walk = Some((account.id, Walk::whole(account, points, self.root_at)));
        Ok(Some(account.id))
    }

    fn step(&mut self, entry: &Entry) -> Result<(), Halt> {
        loop {
            match &mut self.walk {
                Some((id, walk)) if *id == entry.account_id => {
                    return Ok(walk.step(entry, self.totals, self.buffer)?);
                }
                Some((id, _)) if *id > entry.account_id => return Err(unknown(entry)),
                _ => {}
            }
            if self.begin_next()?.is_none() {
                return Err(unknown(entry));
            }
        }
    }
}

fn unknown(entry: &Entry) -> Halt {
    let finding = Finding::of_account(FindingKind::UnknownAccount, entry.account_id);
    Finding { version: Some(entry.account_version), transfer_id: Some(entry.id), ..finding }.into()
}

/// Checks a database against an archive and trusts neither: every root is followed from the first, one of the
/// hash `expected` must be among them, and both must know the newest (a copy of the archive may be older).
///
/// # Errors
/// The first thing that does not fit; when the database or the archive cannot be reached.
pub async fn verify_against(
    database: &Database,
    archive: &Archive,
    keys: &TrustedKeys,
    expected: Option<&str>,
    progress: Progress<'_>,
) -> Result<Audited, Halt> {
    let acknowledged = archive.follow(keys, expected).await?;
    let signed = agreed(database, archive, keys, Lacking::Found).await?;
    let verified = verify_snapshot(database, &signed, progress).await?;
    // What nobody has signed nobody can vouch for.
    if verified.root.is_none() && verified.accounts > 0 {
        return Err(Finding::of_root(FindingKind::MissingRoot, 1).into());
    }
    let signed_at = signed.newest.as_ref().map(|newest| newest.root.at);
    Ok(Audited { verified, signed_at, acknowledged })
}

/// As [`verify`], as the ledger stands at one moment.
///
/// # Errors
/// As there.
pub(super) async fn verify_snapshot(
    database: &Database,
    signed: &Signed,
    progress: Progress<'_>,
) -> Result<Verified, Halt> {
    let connection = &mut *database.connection().await?;
    connection
        .build_transaction()
        .repeatable_read()
        .read_only()
        .run(async |connection| verify(connection, signed, progress).await)
        .await
}

/// Recomputes every chain and balance. The connection should be in a transaction that sees one state
/// throughout.
///
/// # Errors
/// The first thing that does not fit; what the database says.
pub async fn verify(connection: &mut Connection, signed: &Signed, progress: Progress<'_>) -> Result<Verified, Halt> {
    let newest = signed.newest.as_ref().map(|newest| &newest.root);
    let root_at = newest.map(|root| root.at);
    let mut heads = signed.heads()?;
    let mut totals = Totals::new(queries::system_accounts(connection).await?);
    let expected = queries::expected(connection).await?;
    let mut verified = Verified { root: newest.map(|root| root.sequence), ..Verified::default() };
    let (mut after, mut buffer) = (None, Vec::with_capacity(1024));
    loop {
        let page = queries::accounts(connection, after, PAGE).await?;
        let is_last = i64::try_from(page.len()).is_ok_and(|length| length < PAGE);
        let last = page.last().map(|account| account.id).filter(|_| !is_last);
        let mut pass = Pass {
            signed: &mut heads,
            totals: &mut totals,
            root_at,
            accounts: page.iter(),
            walk: None,
            buffer: &mut buffer,
        };
        let mut entries = std::pin::pin!(queries::entries(connection, after, last).await?);
        while let Some(entry) = entries.try_next().await? {
            pass.step(&entry)?;
            verified.transfers += 1;
            if verified.transfers % STEP == 0 {
                progress(expected, verified.transfers);
            }
        }
        while pass.begin_next()?.is_some() {}
        verified.accounts += i64::try_from(page.len()).unwrap_or(0);
        if is_last {
            break;
        }
        after = last;
    }
    progress(expected, verified.transfers);
    finish(heads, signed, &totals)?;
    Ok(verified)
}

fn finish(heads: SignedHeads, signed: &Signed, totals: &Totals) -> Result<(), Halt> {
    if let Some(gone) = heads.next_account() {
        return Err(Finding::of_account(FindingKind::MissingAccount, gone).into());
    }
    if let Some(newest) = &signed.newest
        && heads.finish() != newest.root.all_heads_sha256
    {
        return Err(Finding::of_root(FindingKind::DamagedHeads, newest.root.sequence).into());
    }
    if !totals.balance() {
        return Err(Finding::about(FindingKind::UnbalancedSum).into());
    }
    Ok(())
}
