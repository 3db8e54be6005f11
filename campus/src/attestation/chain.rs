//! One account's chain, walked from where it is known to its head.

use std::collections::HashMap;

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::canonical::{Entry, Hash, beginning};
use super::findings::{Checked, Finding, FindingKind};
use super::heads::{Head, Point};
use super::rows::{Account, SystemAccount};

/// A row may be written by a clock that is so far behind the one that signs, or wait so long for its commit.
pub(super) const GRACE: Duration = Duration::minutes(10);

/// The accounts that are nobody's, and what the rows seen so far come to for each account side.
pub(super) struct Totals {
    systems: HashMap<Uuid, SystemAccount>,
    /// By unit: what all accounts together have; zero.
    sums: HashMap<String, i128>,
}

impl Totals {
    pub(super) fn new(systems: Vec<SystemAccount>) -> Self {
        Self { systems: systems.into_iter().map(|account| (account.id, account)).collect(), sums: HashMap::new() }
    }

    /// Counts what a row does to an account and to the other side, and answers the former; `None` where
    /// a side is no right one.
    fn count(&mut self, entry: &Entry, account_id: Uuid) -> Option<i64> {
        let (debit, credit) = (entry.debit_account_id, entry.credit_account_id);
        let (is_right, change) = match account_id {
            id if id == credit => (self.fits(entry, debit, sources_of(&entry.kind)), entry.amount),
            id if id == debit => (self.fits(entry, credit, targets_of(&entry.kind)), -entry.amount),
            // What was held is spent: it moves between two of the system's accounts, and the resident's
            // only takes it into its chain.
            _ if entry.kind == "redemption" => {
                (self.fits(entry, debit, &["held"]) && self.fits(entry, credit, &["redemption"]), 0)
            }
            _ => return None,
        };
        self.add(&entry.unit, -i128::from(change));
        is_right.then_some(change)
    }

    fn fits(&self, entry: &Entry, counterpart: Uuid, kinds: &[&str]) -> bool {
        self.systems.get(&counterpart).is_some_and(|system| {
            system.unit == entry.unit
                && system.branch_id == Some(entry.branch_id)
                && kinds.contains(&system.kind.as_str())
        })
    }

    /// Counts what is on an account.
    pub(super) fn add(&mut self, unit: &str, amount: i128) {
        match self.sums.get_mut(unit) {
            Some(sum) => *sum += amount,
            None => drop(self.sums.insert(unit.to_owned(), amount)),
        }
    }

    /// Whether all accounts of each unit come to zero.
    pub(super) fn balance(&self) -> bool {
        self.sums.values().all(|sum| *sum == 0)
    }
}

/// The kinds of system accounts from which a resident's account may take what a row of this kind brings;
/// none: such a row brings nothing.
fn sources_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "earning" | "award" => &["issuance"],
        "recognition" => &["recognition"],
        "release" => &["held"],
        // A reward that was handed over and is taken back.
        "reversal" => &["redemption"],
        _ => &[],
    }
}

/// The kinds of system accounts to which what a row of this kind takes may go.
fn targets_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "hold" => &["held"],
        "expiry" => &["expiry"],
        // Back where it came from.
        "reversal" => &["issuance", "recognition"],
        _ => &[],
    }
}

/// A chain being walked.
pub(super) struct Walk<'a> {
    account: &'a Account,
    /// What is signed about it and not reached yet.
    points: std::iter::Peekable<std::vec::IntoIter<Point>>,
    /// Rows behind what is signed must be younger than this.
    since: Option<OffsetDateTime>,
    version: i64,
    balance: i64,
    hash: Hash,
    last: Option<Uuid>,
}

impl<'a> Walk<'a> {
    /// From its first row. `root_at` is when the newest root was signed.
    pub(super) fn whole(account: &'a Account, points: Vec<Point>, root_at: Option<OffsetDateTime>) -> Self {
        Self {
            account,
            points: points.into_iter().peekable(),
            since: root_at.map(|at| at - GRACE),
            version: 0,
            balance: 0,
            hash: beginning(&account.unit, account.resident_id),
            last: None,
        }
    }

    /// From the row that was signed last, which must be given first.
    pub(super) fn behind(account: &'a Account, point: Option<Point>, root_at: Option<OffsetDateTime>) -> Self {
        let mut walk = Self::whole(account, point.into_iter().collect(), root_at);
        if let Some(Point { head, .. }) = point
            && head.version > 0
        {
            (walk.version, walk.balance) = (head.version - 1, head.balance);
        }
        walk
    }

    fn finding(&self, kind: FindingKind, version: i64, transfer_id: Option<Uuid>) -> Finding {
        Finding { version: Some(version), transfer_id, ..Finding::of_account(kind, self.account.id) }
    }

    /// What has been reached must be what was signed there.
    fn compare(&mut self, transfer_id: Option<Uuid>) -> Checked<()> {
        while let Some(point) = self.points.next_if(|point| point.head.version <= self.version) {
            let reached = (self.version, self.balance, self.hash);
            if (point.head.version, point.head.balance, point.head.hash) != reached {
                let kind = FindingKind::RewrittenChain;
                return Err(Finding { root: Some(point.root), ..self.finding(kind, self.version, transfer_id) });
            }
        }
        Ok(())
    }

    /// The row at which [`Walk::behind`] begins: it must have the hash that was signed.
    pub(super) fn begin(&mut self, entry: &Entry) -> Checked<()> {
        self.version += 1;
        if entry.account_version != self.version {
            return Err(self.finding(FindingKind::MissingRow, self.version, None));
        }
        self.hash = entry.chain_hash.as_slice().try_into().unwrap_or_default();
        self.balance = entry.balance_after;
        self.last = Some(entry.id);
        self.compare(Some(entry.id))
    }

    /// The next row.
    pub(super) fn step(&mut self, entry: &Entry, totals: &mut Totals, buffer: &mut Vec<u8>) -> Checked<()> {
        if self.version == 0 {
            self.compare(None)?;
        }
        self.version += 1;
        let version = self.version;
        if entry.account_version != version {
            return Err(self.finding(FindingKind::MissingRow, version, None));
        }
        let account_id = self.account.id;
        let found = |kind| {
            let finding = Finding::of_account(kind, account_id);
            Err(Finding { version: Some(version), transfer_id: Some(entry.id), ..finding })
        };
        self.hash = entry.hash_behind(&self.hash, buffer);
        if self.hash != entry.chain_hash.as_slice() {
            return found(FindingKind::ChangedRow);
        }
        let own = entry.unit == self.account.unit && entry.resident_id == self.account.resident_id;
        let Some(change) = totals.count(entry, account_id).filter(|_| own) else {
            return found(FindingKind::WrongCounterpart);
        };
        if self.balance.checked_add(change) != Some(entry.balance_after) {
            return found(FindingKind::WrongBalance);
        }
        self.balance = entry.balance_after;
        self.last = Some(entry.id);
        let covered = self.points.peek().is_some();
        self.compare(Some(entry.id))?;
        if !covered && self.since.is_some_and(|since| entry.recorded_at < since) {
            return Err(self.finding(FindingKind::Backdated, version, Some(entry.id)));
        }
        Ok(())
    }

    /// Whether this place has been reached with this hash.
    pub(super) fn is_at(&self, version: i64, hash: &[u8]) -> bool {
        self.version == version && self.hash == hash
    }

    /// Behind the last row: the account must stand where the rows end, and nothing signed may be left.
    pub(super) fn finish(mut self, totals: &mut Totals) -> Checked<Head> {
        self.compare(self.last)?;
        if let Some(point) = self.points.next() {
            let finding = self.finding(FindingKind::RemovedTail, self.version + 1, None);
            return Err(Finding { root: Some(point.root), ..finding });
        }
        if self.account.version != self.version {
            return Err(self.finding(FindingKind::MissingRow, self.version + 1, None));
        }
        if self.account.balance != self.balance {
            return Err(self.finding(FindingKind::WrongBalance, self.version, self.last));
        }
        if self.account.head_hash != self.hash {
            return Err(self.finding(FindingKind::WrongHead, self.version, self.last));
        }
        totals.add(&self.account.unit, i128::from(self.account.balance));
        Ok(Head { account_id: self.account.id, version: self.version, balance: self.balance, hash: self.hash })
    }
}
