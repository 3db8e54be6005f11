//! Identifiers: UUIDv7, so that rows written together lie together in an index.

use uuid::Uuid;

/// A new, time-ordered id (RFC 9562, version 7).
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}
