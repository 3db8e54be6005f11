//! Recognition: what people have achieved elsewhere, shown by photos, checked by their branch, approved
//! by the street, shown in public where the catalogue says so, and then posted to the ledger, once.

mod assembly;
mod catalogue;
mod claims;
mod fields;
mod jobs;
mod photos;
mod posting;
mod queries;
mod review;
mod rows;

use serde_json::json;
use time::OffsetDateTime;

pub use catalogue::{BASES, KINDS, OutcomeInput, add_outcome, change_outcome, outcomes};
pub use claims::{ClaimInput, MOST_OPEN, begin, begin_helped, change, claim, claims, claims_helped, submit, withdraw};
pub use jobs::{handlers, schedules};
pub use photos::{LARGEST_PHOTO, MOST_PHOTOS, add_photo, link, remove_photo};
pub use posting::{notices, post_due};
pub use review::{Stage, approve, check, managed, queue, refuse};
pub use rows::{Claim, Notice, Outcome, Photo, PostedCredits, Recognition, Step};

use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::Result;

/// The audit keeps what was done, never what was written about a person. What a helper does is about the
/// resident, who finds it there.
async fn note(
    connection: &mut Connection,
    at: OffsetDateTime,
    actor: Option<&Actor>,
    action: &'static str,
    about: &Recognition,
) -> Result<()> {
    let helped = action.starts_with("help.");
    let (object_kind, object_id) = if helped { ("resident", about.resident_id) } else { ("recognition", about.id) };
    let entry = audit::Entry {
        action,
        object_kind,
        object_id: Some(object_id),
        branch_id: Some(about.branch_id),
        detail: json!({"recognition_id": about.id, "outcome_id": about.outcome_id, "credits": about.credits}),
        actor,
    };
    audit::record(connection, at, &entry).await
}
