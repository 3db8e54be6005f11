//! The fingerprint of what was reported about a lesson.

use sha2::{Digest, Sha256};

use super::recorder::Entry;

/// What a player has said about one lesson, one report after the other: where it stood and which
/// stretches it claimed, to the millisecond. Players of people who press play at different moments never
/// say the same things; two that do were told what to say.
///
/// Seven bytes of a digest, and in the last byte how many reports there were, 255 at most: a trace of very
/// few tells nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Trace(i64);

impl Trace {
    /// As it was kept.
    pub(super) const fn of(kept: i64) -> Self {
        Self(kept)
    }

    /// As it is kept.
    pub(super) const fn kept(self) -> i64 {
        self.0
    }

    /// With one report more. It goes over the lesson too, so that two lessons never have the same.
    pub(super) fn with(self, entry: &Entry) -> Self {
        let mut said = Sha256::new()
            .chain_update(self.0.to_be_bytes())
            .chain_update(entry.lesson_id.as_bytes())
            .chain_update(entry.position_ms.to_be_bytes());
        for (from, to) in entry.watched.pieces() {
            said.update(from.to_be_bytes());
            said.update(to.to_be_bytes());
        }
        let [.., reports] = self.0.to_be_bytes();
        let digest: [u8; 32] = said.finalize().into();
        let [a, b, c, d, e, f, g, ..] = digest;
        Self(i64::from_be_bytes([a, b, c, d, e, f, g, reports.saturating_add(1)]))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::stretches::Stretches;
    use super::*;

    fn report(lesson: u128, position_ms: i32, pieces: &[(i32, i32)]) -> Entry {
        Entry {
            resident_id: Uuid::nil(),
            lesson_id: Uuid::from_u128(lesson),
            viewing_id: Uuid::nil(),
            position_ms,
            watched: Stretches::of(pieces.to_vec()),
        }
    }

    #[test]
    fn it_tells_positions_stretches_order_and_lessons_apart() {
        let (first, second) = (report(1, 15_004, &[(0, 15_004)]), report(1, 30_001, &[(15_004, 30_001)]));
        let trace = Trace::default().with(&first).with(&second);
        assert_eq!(trace, Trace::of(Trace::default().with(&first).kept()).with(&second));
        let others = [
            Trace::default().with(&second).with(&first),
            Trace::default().with(&first),
            Trace::default().with(&first).with(&report(1, 30_002, &[(15_004, 30_001)])),
            Trace::default().with(&first).with(&report(1, 30_001, &[(15_004, 30_002)])),
            Trace::default().with(&report(2, 15_004, &[(0, 15_004)])).with(&report(2, 30_001, &[(15_004, 30_001)])),
        ];
        assert!(others.iter().all(|other| *other != trace), "{others:?}");
    }

    #[test]
    fn reports_are_counted_up_to_what_a_byte_holds() {
        let mut trace = Trace::default();
        for count in 1..=300 {
            trace = trace.with(&report(1, count, &[]));
            assert_eq!(trace.kept() & 255, i64::from(count.min(255)));
        }
    }
}
