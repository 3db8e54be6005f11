//! What is done about what is at odds: nothing on the first day.

use time::Duration;

use super::comparison::Comparison;
use super::queries::{self, Named};
use super::rows::{FindingKind, Outcome};
use crate::attestation;
use crate::error::Result;
use crate::storage::StoredObject;
use crate::videos::{self, Remaking};

/// How long something must have been at odds before it is mended: less than from one night to the next,
/// so that it is the next that mends it. No work that stores something before the row that names it takes
/// as long.
const PATIENCE: Duration = Duration::hours(20);

/// An object that no row names.
pub(super) async fn unnamed(comparison: &mut Comparison<'_>, object: &StoredObject) -> Result<()> {
    const KIND: FindingKind = FindingKind::UnnamedObject;
    let campus = comparison.campus;
    if queries::is_wanted(&mut *campus.database.connection().await?, &object.key).await? {
        return Ok(());
    }
    comparison.counts.unnamed_objects += 1;
    let mut outcome = Outcome::Listed;
    // What proves the ledger is never removed: a row that names it no more may have been tampered with.
    let is_proof = object.key.starts_with(attestation::PREFIX);
    if !is_proof && is_due(comparison, KIND, &object.key, &object.mark).await? {
        campus.storage.delete(&object.key).await?;
        outcome = Outcome::Removed;
    }
    comparison.note(KIND, &object.key, outcome);
    Ok(())
}

/// A row whose object is not there. A rendition is made again where the original is there; where an
/// original alone is missing the video can still be played, and only a person can say what to do.
pub(super) async fn missing(comparison: &mut Comparison<'_>, named: &Named) -> Result<()> {
    const KIND: FindingKind = FindingKind::MissingObject;
    let campus = comparison.campus;
    comparison.counts.missing_objects += 1;
    let due = is_due(comparison, KIND, &named.object_key, "").await?;
    let outcome = match named.rendition_of {
        Some(video) if due && campus.storage.size(&named.object_key).await?.is_none() => {
            match videos::remake(campus, video).await? {
                Remaking::Begun => Outcome::Remade,
                Remaking::Lost => Outcome::Lost,
                Remaking::Unneeded => Outcome::Listed,
            }
        }
        _ => Outcome::Listed,
    };
    comparison.note(KIND, &named.object_key, outcome);
    Ok(())
}

/// Uploads that no row names.
pub(super) async fn uploads(comparison: &mut Comparison<'_>) -> Result<()> {
    const KIND: FindingKind = FindingKind::OpenUpload;
    let campus = comparison.campus;
    for upload in campus.storage.open_uploads("").await? {
        if queries::is_upload_wanted(&mut *campus.database.connection().await?, &upload.upload_id).await? {
            continue;
        }
        comparison.counts.open_uploads += 1;
        let mut outcome = Outcome::Listed;
        if is_due(comparison, KIND, &upload.key, &upload.upload_id).await? {
            campus.storage.abort_upload(&upload.key, &upload.upload_id).await?;
            outcome = Outcome::Aborted;
        }
        comparison.note(KIND, &upload.key, outcome);
    }
    Ok(())
}

async fn is_due(comparison: &Comparison<'_>, kind: FindingKind, object_key: &str, mark: &str) -> Result<bool> {
    let connection = &mut *comparison.campus.database.connection().await?;
    let (report, now) = (comparison.report, comparison.now);
    let since = queries::suspect(connection, kind, (object_key, mark), report, now).await?;
    Ok(now - since >= PATIENCE)
}
