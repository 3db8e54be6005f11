//! What may not fit.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Error;

/// The first thing found that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// In which way.
    pub kind: FindingKind,
    /// The account whose chain it is.
    pub account_id: Option<Uuid>,
    /// The place in that chain.
    pub version: Option<i64>,
    /// The row at that place, where there is one.
    pub transfer_id: Option<Uuid>,
    /// The root that says otherwise.
    pub root: Option<i64>,
    /// The key that a root names and that is not trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// In which way something does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A row is not what its hash was made of.
    ChangedRow,
    /// A row is missing between others, or behind the last.
    MissingRow,
    /// The chain fits in itself, and is not the one that was signed.
    RewrittenChain,
    /// The rows end before the place that was signed.
    RemovedTail,
    /// An account that was signed is gone.
    MissingAccount,
    /// Rows of an account that is not there.
    UnknownAccount,
    /// A balance is not the sum of its rows.
    WrongBalance,
    /// The account's head is not the hash of its last row.
    WrongHead,
    /// The other side of a row is no system account of its unit and branch, or the row says it is somebody else's.
    WrongCounterpart,
    /// A row claims to be older than the last root, which does not know it.
    Backdated,
    /// All accounts together do not come to zero.
    UnbalancedSum,
    /// A root is missing.
    MissingRoot,
    /// A root is not signed by a key of ours, or does not follow from the one before.
    ForgedRoot,
    /// The heads that belong to a root are missing, or not what it was signed over.
    DamagedHeads,
    /// Nothing has been signed for hours, or the newest root is of a time that is still to come.
    OverdueRoot,
}

impl FindingKind {
    /// Whether it is about what was signed, and not about rows that are at odds with themselves: those no
    /// signature can mend.
    #[must_use]
    pub const fn is_about_what_was_signed(self) -> bool {
        matches!(
            self,
            Self::RewrittenChain
                | Self::RemovedTail
                | Self::MissingAccount
                | Self::Backdated
                | Self::MissingRoot
                | Self::ForgedRoot
                | Self::DamagedHeads
                | Self::OverdueRoot
        )
    }

    /// As it stands in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChangedRow => "changed_row",
            Self::MissingRow => "missing_row",
            Self::RewrittenChain => "rewritten_chain",
            Self::RemovedTail => "removed_tail",
            Self::MissingAccount => "missing_account",
            Self::UnknownAccount => "unknown_account",
            Self::WrongBalance => "wrong_balance",
            Self::WrongHead => "wrong_head",
            Self::WrongCounterpart => "wrong_counterpart",
            Self::Backdated => "backdated",
            Self::UnbalancedSum => "unbalanced_sum",
            Self::MissingRoot => "missing_root",
            Self::ForgedRoot => "forged_root",
            Self::DamagedHeads => "damaged_heads",
            Self::OverdueRoot => "overdue_root",
        }
    }
}

impl Finding {
    pub(super) const fn about(kind: FindingKind) -> Self {
        Self { kind, account_id: None, version: None, transfer_id: None, root: None, key: None }
    }

    pub(super) fn of_root(kind: FindingKind, sequence: i64) -> Self {
        Self { root: Some(sequence), ..Self::about(kind) }
    }

    pub(super) fn of_account(kind: FindingKind, account_id: Uuid) -> Self {
        Self { account_id: Some(account_id), ..Self::about(kind) }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.kind.as_str())?;
        if let Some(account) = self.account_id {
            write!(formatter, " account={account}")?;
        }
        if let Some(version) = self.version {
            write!(formatter, " version={version}")?;
        }
        if let Some(transfer) = self.transfer_id {
            write!(formatter, " transfer={transfer}")?;
        }
        if let Some(root) = self.root {
            write!(formatter, " root={root}")?;
        }
        if let Some(key) = &self.key {
            write!(formatter, " key={key}")?;
        }
        Ok(())
    }
}

/// Whether what was looked at fits.
pub(super) type Checked<T> = std::result::Result<T, Finding>;

/// Why a check ends early.
#[derive(Debug)]
pub enum Halt {
    /// Something does not fit.
    Finding(Finding),
    /// It cannot be looked at.
    Error(Error),
}

impl From<Finding> for Halt {
    fn from(finding: Finding) -> Self {
        Self::Finding(finding)
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<diesel::result::Error> for Halt {
    fn from(error: diesel::result::Error) -> Self {
        Self::Error(error.into())
    }
}
