//! Showing a number in full: for a reason, which the audit keeps.

use diesel_async::AsyncConnection;
use serde_json::json;

use super::contact::Contact;
use super::guardians::guardian;
use super::identity::plain_text;
use super::rows::Resident;
use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::audit;
use crate::error::{Code, Error, Result};

/// The shortest reason, in characters: a word.
const SHORTEST_REASON: usize = 2;
/// The longest.
const LONGEST_REASON: usize = 200;

/// What is to be shown, and why.
#[derive(Debug, Clone)]
pub struct Disclosure {
    /// `phone`, `id_number`, `guardian_name` or `guardian_phone`.
    pub field: String,
    /// Why, in the words of whoever asks.
    pub reason: String,
}

/// A number of a resident in full. Who asked, for what and why stands in the audit before it is
/// shown.
///
/// # Errors
/// The fields that are wrong: a field that is no number, a reason that says nothing.
pub async fn disclose(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Resident>,
    wanted: &Disclosure,
) -> Result<Option<String>> {
    let resident = proof.object();
    let reason = plain_text(&wanted.reason);
    let length = reason.chars().count();
    if length < SHORTEST_REASON {
        return Err(Error::field("reason", Code::Required));
    }
    if length > LONGEST_REASON {
        return Err(Error::field("reason", Code::TooLong));
    }
    let connection = &mut *campus.database.connection().await?;
    let Contact { phone, id_number } = resident.contact(&campus.seal)?;
    let guardian = guardian(campus, connection, resident).await?;
    let value = match wanted.field.as_str() {
        "phone" => phone,
        "id_number" => id_number,
        "guardian_name" => guardian.map(|guardian| guardian.name),
        "guardian_phone" => guardian.map(|guardian| guardian.phone),
        _ => return Err(Error::field("field", Code::ValueInvalid)),
    };
    let entry = audit::Entry {
        action: "resident.disclosed",
        object_kind: "resident",
        object_id: Some(resident.id),
        branch_id: Some(resident.branch_id),
        detail: json!({"field": wanted.field, "reason": reason}),
        actor: Some(actor),
    };
    connection.transaction(async |connection| audit::record(connection, campus.clock.now(), &entry).await).await?;
    Ok(value)
}
