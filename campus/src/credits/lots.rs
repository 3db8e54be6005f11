//! How long points last. Nothing of it is stored: the oldest points are spent first, so what is left is
//! always the newest, and the balance and what came in month by month say what is left of each month.

use std::collections::HashMap;

use time::Date;

use crate::clock::Month;

/// What is left of the points that came in within a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    /// The last day on which they can be spent.
    pub last_day: Date,
    /// How many are left.
    pub points: i64,
}

/// The last month whose points have expired in `now`, where points last `months` months after the one
/// they came in with.
pub(super) fn expired_with(now: Month, months: u16) -> Month {
    std::iter::successors(Some(now), |month| Some(month.previous())).nth(usize::from(months) + 1).unwrap_or(now)
}

/// The last day of points of this month.
fn last_day(month: Month, months: u16) -> Date {
    let last = std::iter::successors(Some(month), |month| Some(month.next())).nth(usize::from(months));
    last.unwrap_or(month).last_day()
}

/// What is left of a balance beyond what came in after the last month that has expired: what has expired.
pub(super) fn overdue(balance: i64, came_in: i64) -> i64 {
    (balance - came_in.max(0)).max(0)
}

/// What is left of each month, the next to expire first. `came_in` holds the months that have not
/// expired; what is left beyond those goes with the month that runs.
pub(super) fn lots(balance: i64, came_in: &HashMap<Month, i64>, now: Month, months: u16) -> Vec<Lot> {
    let mut left = balance.max(0);
    let mut newest_first: Vec<(Month, i64)> = came_in.iter().map(|(month, points)| (*month, *points)).collect();
    newest_first.sort_unstable_by_key(|(month, _)| std::cmp::Reverse(*month));
    let mut lots = Vec::new();
    for (month, points) in newest_first {
        let points = points.clamp(0, left);
        left -= points;
        if points > 0 {
            lots.push(Lot { last_day: last_day(month, months), points });
        }
    }
    if left > 0 {
        match lots.last_mut() {
            Some(lot) if lot.last_day == now.last_day() => lot.points += left,
            _ => lots.push(Lot { last_day: now.last_day(), points: left }),
        }
    }
    lots.reverse();
    lots
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use time::macros::date;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn points_last_for_so_many_months_after_their_own() {
        assert_eq!(last_day(month("2026-11"), 24), date!(2028 - 11 - 30));
        assert_eq!(last_day(month("2026-12"), 2), date!(2027 - 02 - 28));
        assert_eq!(expired_with(month("2028-11"), 24), month("2026-10"));
        assert_eq!(expired_with(month("2028-12"), 24), month("2026-11"));
    }

    #[test]
    fn the_oldest_are_spent_first() {
        let came_in = HashMap::from([(month("2026-09"), 10), (month("2026-10"), 5), (month("2026-11"), 20)]);
        let left = |balance| lots(balance, &came_in, month("2026-11"), 2);
        let lot = |last_day, points| Lot { last_day, points };
        let (september, october, november) = (date!(2026 - 11 - 30), date!(2026 - 12 - 31), date!(2027 - 01 - 31));
        assert_eq!(left(35), [lot(september, 10), lot(october, 5), lot(november, 20)]);
        assert_eq!(left(24), [lot(october, 4), lot(november, 20)]);
        assert_eq!(left(3), [lot(november, 3)]);
        assert_eq!(left(0), []);
        assert_eq!(left(-4), []);
        // Given back after their month: they go with the month that runs.
        assert_eq!(left(37), [lot(september, 12), lot(october, 5), lot(november, 20)]);
        let of_november = HashMap::from([(month("2026-11"), 20)]);
        assert_eq!(lots(23, &of_november, month("2026-11"), 2), [lot(september, 3), lot(november, 20)]);
        assert_eq!(lots(3, &HashMap::new(), month("2026-11"), 2), [lot(september, 3)]);
        assert_eq!((overdue(37, 35), overdue(30, 35), overdue(4, -3)), (2, 0, 4));
    }
}
