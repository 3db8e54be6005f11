//! Identifiers: UUIDv7, so that rows written together lie together in an index; such as follow from a
//! name; and secrets to type.

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use rand::RngExt;
use uuid::{Builder, Uuid};

/// A new, time-ordered id (RFC 9562, version 7).
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// The id of what has this name in that namespace (RFC 9562, version 5): always the same one.
#[must_use]
pub fn named_id(namespace: Uuid, name: &[u8]) -> Uuid {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(namespace.as_bytes());
    context.update(name);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(context.finish().as_ref()).for_each(|(byte, digest)| *byte = *digest);
    Builder::from_sha1_bytes(bytes).into_uuid()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_ids_are_those_of_the_standard() {
        // The example of RFC 9562, appendix A.4.
        let id = named_id(Uuid::from_u128(0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8), b"www.example.com");
        assert_eq!(id.to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
