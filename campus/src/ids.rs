//! Identifiers: UUIDv7, so that rows written together lie together in an index; and secrets to type.

use rand::RngExt;
use uuid::Uuid;

/// A new, time-ordered id (RFC 9562, version 7).
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// A secret that people type: groups of four letters and digits that are not mistaken for one
/// another, almost five bits each.
#[must_use]
pub fn readable_secret(groups: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    let mut group = || -> String {
        let places = (0..4).map(|_| random.random_range(0..LETTERS.len()));
        places.filter_map(|place| LETTERS.get(place).copied()).map(char::from).collect()
    };
    (0..groups).map(|_| group()).collect::<Vec<_>>().join("-")
}
