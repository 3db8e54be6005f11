//! The heads of all accounts, drawn for the next root: what is new since the last one must follow from
//! what was signed.

use std::path::Path;

use futures_util::TryStreamExt;
use time::OffsetDateTime;
use uuid::Uuid;

use super::archive::Signed;
use super::chain::{Totals, Walk};
use super::findings::{Finding, FindingKind, Halt};
use super::heads::{Head, HeadsDigest, HeadsWriter, Point, SignedHeads};
use super::queries;
use super::root::UnitCounts;
use super::rows::Account;
use crate::db::Connection;

/// How many accounts are read at once.
const PAGE: i64 = 20_000;

/// What a root is signed over.
pub(super) struct Drawn {
    pub(super) units: Vec<UnitCounts>,
    /// The digest of the file.
    pub(super) file_sha256: String,
    /// How many heads it has.
    pub(super) written: u64,
    pub(super) all_heads_sha256: String,
}

/// Draws the heads into a file at `path`: of all accounts for a checkpoint, else of those that changed.
pub(super) async fn draw(
    connection: &mut Connection,
    signed: &Signed,
    is_checkpoint: bool,
    path: &Path,
) -> Result<Drawn, Halt> {
    let mut heads = signed.heads()?;
    let root_at = signed.newest.as_ref().map(|newest| newest.root.at);
    let mut totals = Totals::new(queries::system_accounts(connection).await?);
    let (mut writer, mut digest, mut units) = (HeadsWriter::create(path)?, HeadsDigest::default(), Vec::new());
    let mut after = None;
    loop {
        let page = queries::accounts(connection, after, PAGE).await?;
        let drawn = draw_page(connection, &page, &mut heads, root_at, &mut totals).await?;
        for (account, (head, is_changed)) in page.iter().zip(drawn) {
            digest.add(&head);
            if is_changed || is_checkpoint {
                writer.write(&head)?;
            }
            count(&mut units, account);
        }
        after = page.last().map(|account| account.id);
        if i64::try_from(page.len()).is_ok_and(|length| length < PAGE) {
            break;
        }
    }
    if let Some(gone) = heads.next_account() {
        return Err(Finding::of_account(FindingKind::MissingAccount, gone).into());
    }
    // Where nothing has been signed, every row has been looked at.
    if signed.newest.is_none() && !totals.balance() {
        return Err(Finding::about(FindingKind::UnbalancedSum).into());
    }
    let written = writer.count;
    Ok(Drawn { units, file_sha256: writer.finish()?, written, all_heads_sha256: digest.finish() })
}

fn count(units: &mut Vec<UnitCounts>, account: &Account) {
    if !units.iter().any(|counts| counts.unit == account.unit) {
        units.push(UnitCounts { unit: account.unit.clone(), accounts: 0, transfers: 0, balance: 0 });
        units.sort_by(|a, b| a.unit.cmp(&b.unit));
    }
    if let Some(counts) = units.iter_mut().find(|counts| counts.unit == account.unit) {
        counts.accounts += 1;
        counts.transfers += account.version;
        counts.balance += account.balance;
    }
}

/// The heads of a page of accounts in order, and which of them have changed.
async fn draw_page(
    connection: &mut Connection,
    page: &[Account],
    heads: &mut SignedHeads,
    root_at: Option<OffsetDateTime>,
    totals: &mut Totals,
) -> Result<Vec<(Head, bool)>, Halt> {
    let (mut drawn, mut changed) = (Vec::with_capacity(page.len()), Vec::new());
    for account in page {
        if let Some(gone) = heads.next_account().filter(|next| *next < account.id) {
            return Err(Finding::of_account(FindingKind::MissingAccount, gone).into());
        }
        let point = heads.take(account.id)?.pop();
        let head = Head {
            account_id: account.id,
            version: account.version,
            balance: account.balance,
            hash: account.head_hash.as_slice().try_into().unwrap_or_default(),
        };
        let is_changed = point.is_none_or(|point| point.head != head);
        if is_changed {
            changed.push((account, point));
        }
        drawn.push((head, is_changed));
    }
    follow(connection, &changed, root_at, totals).await?;
    Ok(drawn)
}

/// Walks what is new of each of these accounts.
async fn follow(
    connection: &mut Connection,
    changed: &[(&Account, Option<Point>)],
    root_at: Option<OffsetDateTime>,
    totals: &mut Totals,
) -> Result<(), Halt> {
    let ids: Vec<Uuid> = changed.iter().map(|(account, _)| account.id).collect();
    let versions: Vec<i64> = changed.iter().map(|(_, point)| signed_version(*point)).collect();
    let mut entries = std::pin::pin!(queries::entries_from(connection, &ids, &versions).await?);
    let mut next = entries.try_next().await?;
    let mut buffer = Vec::with_capacity(1024);
    for (account, point) in changed {
        let mut walk = Walk::behind(account, *point, root_at);
        let mut is_first = signed_version(*point) > 0;
        while let Some(entry) = next.take_if(|entry| entry.account_id == account.id) {
            if std::mem::take(&mut is_first) {
                walk.begin(&entry)?;
            } else {
                walk.step(&entry, totals, &mut buffer)?;
            }
            next = entries.try_next().await?;
        }
        if is_first {
            let kind = FindingKind::RemovedTail;
            let finding = Finding::of_account(kind, account.id);
            return Err(Finding { root: point.map(|point| point.root), ..finding }.into());
        }
        walk.finish(totals)?;
    }
    Ok(())
}

fn signed_version(point: Option<Point>) -> i64 {
    point.map_or(0, |point| point.head.version)
}
