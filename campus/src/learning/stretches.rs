//! Stretches of a video: what has been watched, what is claimed, what is new.

use std::ops::Bound;

/// Stretches in milliseconds: half-open, sorted, and apart from one another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stretches(Vec<(i32, i32)>);

impl Stretches {
    /// Of pieces in any order, which may overlap; those of no length are dropped.
    pub(super) fn of(mut pieces: Vec<(i32, i32)>) -> Self {
        pieces.retain(|(from, to)| from < to);
        pieces.sort_unstable();
        let mut joined: Vec<(i32, i32)> = Vec::with_capacity(pieces.len());
        for (from, to) in pieces {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        Self(joined)
    }

    /// Each from its beginning up to but not including its end.
    pub(super) fn pieces(&self) -> &[(i32, i32)] {
        &self.0
    }

    /// How long they are together, in milliseconds.
    pub(super) fn length(&self) -> i64 {
        self.0.iter().map(|(from, to)| i64::from(*to) - i64::from(*from)).sum()
    }

    /// What lies between 0 and `end`.
    pub(super) fn up_to(&self, end: i32) -> Self {
        let cut = self.0.iter().map(|(from, to)| ((*from).max(0), (*to).min(end)));
        Self(cut.filter(|(from, to)| from < to).collect())
    }

    /// What is in either.
    pub(super) fn with(&self, other: &Self) -> Self {
        Self::of([self.0.as_slice(), other.0.as_slice()].concat())
    }

    /// What is in these and not in the others.
    pub(super) fn without(&self, others: &Self) -> Self {
        let mut left = Vec::new();
        // Both are sorted: what ends before this piece begins ends before the next one too.
        let mut others = others.0.as_slice();
        for &(mut from, to) in &self.0 {
            while let [(_, end), rest @ ..] = others
                && *end <= from
            {
                others = rest;
            }
            for &(begin, end) in others.iter().take_while(|(begin, _)| *begin < to) {
                if from < begin {
                    left.push((from, begin));
                }
                from = from.max(end);
            }
            if from < to {
                left.push((from, to));
            }
        }
        Self(left)
    }

    /// The first `allowance` milliseconds of them, from the left.
    pub(super) fn first(&self, allowance: i64) -> Self {
        let mut left = allowance;
        let mut kept = Vec::new();
        for &(from, to) in &self.0 {
            let Ok(most) = i32::try_from(left.min(i64::from(to) - i64::from(from))) else { break };
            if most <= 0 {
                break;
            }
            kept.push((from, from + most));
            left -= i64::from(most);
        }
        Self(kept)
    }

    /// As the database reads them.
    pub(super) fn to_multirange(&self) -> Vec<(Bound<i32>, Bound<i32>)> {
        self.0.iter().map(|(from, to)| (Bound::Included(*from), Bound::Excluded(*to))).collect()
    }

    /// As the database writes them: `[from, to)`, which is the only form it gives whole numbers.
    pub(super) fn from_multirange(ranges: Vec<(Bound<i32>, Bound<i32>)>) -> Self {
        let bounded = ranges.into_iter().filter_map(|range| match range {
            (Bound::Included(from), Bound::Excluded(to)) => Some((from, to)),
            _ => None,
        });
        Self(bounded.collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Stretches;

    fn points(stretches: &Stretches) -> BTreeSet<i32> {
        stretches.0.iter().flat_map(|(from, to)| *from..*to).collect()
    }

    fn pieces() -> impl Strategy<Value = Vec<(i32, i32)>> {
        prop::collection::vec((-5_i32..60, -5_i32..60), 0..12)
    }

    proptest! {
        /// Against sets of single milliseconds.
        #[test]
        fn they_are_sets_of_milliseconds(one in pieces(), other in pieces(), cut in -3_i32..70) {
            let all: BTreeSet<i32> = one.iter().flat_map(|(from, to)| *from..*to).collect();
            let one = Stretches::of(one);
            let other = Stretches::of(other);
            prop_assert_eq!(&points(&one), &all);
            prop_assert_eq!(usize::try_from(one.length()).unwrap(), all.len());
            prop_assert!(one.0.windows(2).all(|pair| pair[0].1 < pair[1].0), "{:?}", one);
            let among = points(&other);
            prop_assert_eq!(points(&one.with(&other)), all.union(&among).copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(points(&one.without(&other)), all.difference(&among).copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(points(&one.up_to(cut)), all.range(0..cut.max(0)).copied().collect::<BTreeSet<_>>());
            let first: BTreeSet<i32> = all.iter().copied().take(usize::try_from(cut).unwrap_or(0)).collect();
            prop_assert_eq!(points(&one.first(i64::from(cut))), first);
            prop_assert_eq!(Stretches::from_multirange(one.to_multirange()), one);
        }
    }
}
