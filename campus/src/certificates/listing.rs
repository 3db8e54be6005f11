//! Certificates for those who look after their holders.

use uuid::Uuid;

use super::{Certificate, queries};
use crate::access::Actor;
use crate::branches;
use crate::codes::read_code;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, PageRequest, page};
use crate::residents::{self, Resident};

/// Which certificates are looked for; each part that is said narrows it down.
#[derive(Debug, Clone, Default)]
pub struct CertificateFilter {
    /// Of this course.
    pub course_id: Option<Uuid>,
    /// Of this person, under whichever of their records.
    pub resident_id: Option<Uuid>,
    /// With this code, however it is typed.
    pub code: Option<String>,
}

/// A certificate in the list.
#[derive(Debug, Clone)]
pub struct CertificateItem {
    /// The certificate.
    pub certificate: Certificate,
    /// Whose it is now; `None`: they have left and are named no more.
    pub holder: Option<Resident>,
}

/// The certificates of the actor's residents, the newest first: staff see those of their own branch
/// and below, whichever branch made the course; admins see all.
///
/// # Errors
/// A bad page; a code that is none; [`Code::NotFound`] for a resident who is not theirs, and for
/// residents.
pub async fn list(
    connection: &mut Connection,
    actor: &Actor,
    filter: &CertificateFilter,
    request: &PageRequest,
) -> Result<Page<CertificateItem>> {
    let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
    let records = match filter.resident_id {
        Some(id) => {
            let resident = residents::manageable(connection, actor, id).await?;
            Some(residents::records(connection, resident.object().id).await?)
        }
        None => None,
    };
    let code = match filter.code.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
        Some(code) => Some(read_code(code).ok_or_else(|| Error::field("code", Code::CertificateCodeInvalid))?),
        None => None,
    };
    let wanted = queries::Wanted { course_id: filter.course_id, records, code, within };
    let limit = request.limit()?;
    let found = queries::list(connection, &wanted, request.position()?, limit + 1).await?;
    let found = page(found, limit, |certificate| certificate.id)?;
    let ids: Vec<Uuid> = found.items.iter().map(|certificate| certificate.resident_id).collect();
    let holders = residents::with_ids(connection, &ids).await?;
    let items = found.items.into_iter().map(|certificate| {
        let holder = holders.iter().find(|holder| holder.record.id == certificate.resident_id);
        CertificateItem { holder: holder.map(|holder| holder.person.clone()), certificate }
    });
    Ok(Page { items: items.collect(), next_cursor: found.next_cursor })
}
