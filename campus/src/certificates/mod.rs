//! Certificates: one for each course that somebody has finished, which anybody can check.

mod credential;
mod jobs;
mod listing;
mod paper;
mod queries;
mod rows;
mod signer;

use diesel_async::AsyncConnection;
use serde_json::{Value, json};
use time::OffsetDateTime;

pub use crate::codes::printed_code;
pub use credential::{Issuer, issuer, revocations};
pub use jobs::{handlers, schedules};
pub use listing::{CertificateFilter, CertificateItem, list};
pub use rows::Certificate;

use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::branches;
use crate::codes::{new_code, read_code};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::residents;
use crate::writing;

/// Certificates that are issued before the next turn.
const AT_ONCE: i64 = 500;
/// The longest reason, in characters.
const REASON: usize = 500;
/// Those of one person that are listed at most.
const LISTED: i64 = 200;

/// What anybody may know of a certificate who has its code.
#[derive(Debug, Clone)]
pub struct Attested {
    /// The certificate.
    pub certificate: Certificate,
    /// Whose it is; `None`: they have left and are named no more.
    pub holder: Option<String>,
    /// The branch that made the course.
    pub issuer: String,
}

/// Issues what is due: for each course that somebody has finished and has no certificate of.
/// Answers how many.
///
/// # Errors
/// What the database says.
pub(crate) async fn issue_due(campus: &Campus) -> Result<usize> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    let due = queries::due(connection, AT_ONCE).await?;
    let certificates: Vec<Certificate> = due.into_iter().map(|due| due.certify(new_code(), now)).collect();
    queries::insert(connection, &certificates).await
}

/// The actor's certificates, the newest first.
///
/// # Errors
/// [`Code::Forbidden`] for accounts that are no resident's; what the database says.
pub async fn own(connection: &mut Connection, actor: &Actor) -> Result<Vec<Certificate>> {
    let records = residents::records(connection, actor.resident()?).await?;
    queries::of_records(connection, &records, LISTED).await
}

/// The certificate with this code, however it is written.
///
/// # Errors
/// [`Code::NotFound`] when there is none.
pub async fn attested(connection: &mut Connection, code: &str) -> Result<Attested> {
    let code = read_code(code).ok_or_else(|| Error::code(Code::NotFound))?;
    let certificate = queries::by_code(connection, &code).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    let holder = match residents::find(connection, certificate.resident_id).await {
        Ok(resident) => Some(resident.name),
        Err(error) if error.stable_code() == Code::NotFound => None,
        Err(error) => return Err(error),
    };
    let issuer = branches::name(connection, certificate.branch_id).await?;
    Ok(Attested { certificate, holder, issuer })
}

/// The certificate on paper (PDF). `page` is where it is checked.
///
/// # Errors
/// [`Code::NotFound`] for one whose holder has left; when the machine has no Chinese font.
pub fn document(campus: &Campus, attested: &Attested, page: &str) -> Result<Vec<u8>> {
    paper::document(campus, attested, page)
}

/// The certificate as a signed credential (Open Badges 3.0). `site` is scheme and host as the
/// browser sees them.
///
/// # Errors
/// [`Code::NotFound`] for one whose holder has left; what the database says.
pub async fn credential(campus: &Campus, attested: &Attested, site: &str) -> Result<Value> {
    credential::signed(campus, attested, site).await
}

/// Revokes a certificate: from now on whoever checks it is told so, and why.
///
/// # Errors
/// A bad reason; [`Code::NotFound`]; [`Code::CertificateRevoked`] when it was.
pub async fn revoke(campus: &Campus, actor: &Actor, code: &str, reason: &str) -> Result<Attested> {
    let reason = writing::lines(reason, REASON);
    let reason = reason.map_err(|flaw| flaw.refusal("reason", Code::ReasonRequired))?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let certificate = attested(connection, code).await?.certificate;
            if !queries::revoke(connection, certificate.id, actor.account_id, &reason, now).await? {
                return Err(Error::code(Code::CertificateRevoked));
            }
            note(connection, now, actor, &certificate).await?;
            attested(connection, code).await
        })
        .await
}

async fn note(connection: &mut Connection, at: OffsetDateTime, actor: &Actor, revoked: &Certificate) -> Result<()> {
    let entry = audit::Entry {
        action: "certificate.revoked",
        object_kind: "certificate",
        object_id: Some(revoked.id),
        branch_id: Some(revoked.branch_id),
        detail: json!({"resident_id": revoked.resident_id, "course_id": revoked.course_id}),
        actor: Some(actor),
    };
    audit::record(connection, at, &entry).await
}
