//! Who stands where: standard competition rank (1, 2, 2, 4) and the gaps to those ahead.

use super::value::Hundredths;

/// Where one stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// 1 for the best; equals share a rank and the next one is as many lower.
    pub rank: u32,
    /// What is missing to draw level with the next strictly greater value; 0 at the top.
    pub gap_to_next: Hundredths,
    /// What is missing to draw level with the first; 0 at the top.
    pub gap_to_first: Hundredths,
}

/// The standing of each value, in the order given; without a value there is none.
pub(super) fn standings(values: &[Option<Hundredths>]) -> Vec<Option<Standing>> {
    let mut sorted: Vec<Hundredths> = values.iter().flatten().copied().collect();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    let first = sorted.first().copied().unwrap_or_default();
    let stand = |value: Hundredths| {
        let ahead = sorted.partition_point(|other| *other > value);
        let next = ahead.checked_sub(1).and_then(|place| sorted.get(place)).copied().unwrap_or(value);
        Standing {
            rank: u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1),
            gap_to_next: next - value,
            gap_to_first: first - value,
        }
    };
    values.iter().map(|value| value.map(stand)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equals_share_a_rank_and_the_next_is_lower() {
        let values = [Some(7), Some(9), None, Some(7), Some(3)].map(|value| value.map(Hundredths::new));
        let found: Vec<_> = standings(&values)
            .into_iter()
            .map(|standing| standing.map(|it| (it.rank, it.gap_to_next.hundredths(), it.gap_to_first.hundredths())))
            .collect();
        assert_eq!(found, [Some((2, 2, 2)), Some((1, 0, 0)), None, Some((2, 2, 2)), Some((4, 4, 6))]);
    }

    proptest! {
        #[test]
        fn it_is_as_counting_by_hand_says(values in proptest::collection::vec(proptest::option::of(-20_i64..20), 0..30)) {
            let figures: Vec<_> = values.iter().map(|value| value.map(Hundredths::new)).collect();
            for (value, standing) in values.iter().zip(standings(&figures)) {
                let counted = value.map(|own| {
                    let ahead: Vec<i64> = values.iter().flatten().copied().filter(|other| *other > own).collect();
                    let next = ahead.iter().min().map_or(0, |next| next - own);
                    let first = ahead.iter().max().map_or(0, |first| first - own);
                    (u32::try_from(ahead.len()).unwrap_or_default() + 1, next, first)
                });
                let found = standing.map(|it| (it.rank, it.gap_to_next.hundredths(), it.gap_to_first.hundredths()));
                prop_assert_eq!(found, counted);
            }
        }
    }
}
