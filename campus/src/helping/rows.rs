//! Rows of allowances.

use diesel::prelude::*;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::residents::Resident;

/// Somebody who helps, as the resident sees it.
#[derive(Debug, Clone, Queryable)]
pub struct Helper {
    /// The allowance.
    pub id: Uuid,
    /// The helper's name.
    pub name: String,
    /// `code` or `desk`.
    pub channel: String,
    /// Since when.
    pub granted_at: OffsetDateTime,
    /// Until when.
    pub expires_at: OffsetDateTime,
    /// The last day on which they looked or did something.
    pub last_used_on: Option<Date>,
}

/// Somebody who is helped, as the helper sees it.
#[derive(Debug, Clone, Queryable)]
pub struct Helped {
    /// Since when.
    pub granted_at: OffsetDateTime,
    /// Until when.
    pub expires_at: OffsetDateTime,
    /// Who it is.
    pub resident: Resident,
}
