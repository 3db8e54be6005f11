//! The proof of the ledger: each hour a root over the heads of all chains is signed with a key that is
//! not in the database and stored apart from it; each night every chain and balance is recomputed from
//! the rows and compared with what was signed. Whatever was signed and then changed, by whoever owns the
//! database too, is found.

mod acknowledging;
mod age;
mod agreement;
mod alarm;
mod archive;
mod audits;
mod canonical;
mod chain;
mod drawing;
mod findings;
mod heads;
mod jobs;
mod queries;
mod root;
mod rows;
mod signing;
mod standing;
mod verification;

pub use acknowledging::{Acknowledging, acknowledge};
pub use age::{RootAge, age};
pub use archive::{Acknowledged, Archive, Signed};
pub use audits::request;
pub use canonical::Entry;
pub use findings::{Finding, FindingKind, Halt};
pub use jobs::{handlers, schedules};
pub use root::{Acknowledgement, HeadsFile, Root, TrustedKeys, UnitCounts};
pub use rows::{LedgerAudit, LedgerRoot};
pub use signing::{Signing, sign_next};
pub use standing::stands;
pub use verification::{Audited, Progress, Verified, verify, verify_against};

use crate::db::Connection;
use crate::error::Result;
use crate::paging::{Page, PageRequest, page};

/// What everything of this room lies under in the object store.
pub const PREFIX: &str = "attestation/";

/// The roots, newest first; with `acknowledging` those alone that answer for something.
///
/// # Errors
/// When the page is none.
pub async fn roots(
    connection: &mut Connection,
    acknowledging: bool,
    request: &PageRequest,
) -> Result<Page<LedgerRoot>> {
    let limit = request.limit()?;
    let roots = queries::roots(connection, acknowledging, request.position()?, limit + 1).await?;
    page(roots, limit, |root| root.sequence)
}

/// The checks of the ledger, newest first.
///
/// # Errors
/// When the page is none.
pub async fn audits(connection: &mut Connection, request: &PageRequest) -> Result<Page<LedgerAudit>> {
    let limit = request.limit()?;
    let audits = queries::audits(connection, request.position()?, limit + 1).await?;
    page(audits, limit, |audit| (audit.started_at, audit.id))
}
