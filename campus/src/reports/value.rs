//! Figures with two decimals, worked out exactly.

use std::fmt;
use std::ops::Sub;

/// A figure as readers see it: a whole number of hundredths. Ranks and gaps are taken
/// from these, so that what is shown always adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hundredths(i64);

impl Hundredths {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// This many hundredths.
    #[must_use]
    pub const fn new(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// `amount` × `times` ÷ `by` in hundredths, rounded half up. `None` where `by` is not
    /// positive, or the figure is beyond any that can be shown.
    #[must_use]
    pub fn ratio(amount: i64, times: i64, by: i64) -> Option<Self> {
        if by <= 0 {
            return None;
        }
        let (numerator, denominator) = (i128::from(amount) * i128::from(times), i128::from(by));
        let rounded = (2 * numerator + denominator).div_euclid(2 * denominator);
        i64::try_from(rounded).ok().map(Self)
    }

    /// What is written with digits and two decimals at most; `None` for anything else, or more than can be
    /// counted.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || decimals.len() > 2 || !digits(whole) || !digits(decimals) {
            return None;
        }
        format!("{whole}{decimals:0<2}").parse().ok().map(Self)
    }

    /// The number of hundredths.
    #[must_use]
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// The nearest floating-point number: the one that prints as this figure does.
    #[must_use]
    pub fn to_float(self) -> f64 {
        // Digits, a point and two digits are always a number.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Without decimals where it is whole.
    #[must_use]
    pub fn plain(self) -> String {
        if self.0 % 100 == 0 { (self.0 / 100).to_string() } else { self.to_string() }
    }
}

impl fmt::Display for Hundredths {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let digits = self.0.unsigned_abs();
        write!(formatter, "{sign}{}.{:02}", digits / 100, digits % 100)
    }
}

impl Sub for Hundredths {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_up() {
        // 1 of 8 = 0.125, 1 of 1000 people in 8 hundredths …
        assert_eq!(Hundredths::ratio(1, 100, 8).unwrap().to_string(), "0.13");
        assert_eq!(Hundredths::ratio(-1, 100, 8).unwrap().to_string(), "-0.12");
        assert_eq!(Hundredths::ratio(18, 100_000, 263).unwrap().to_string(), "68.44");
        assert_eq!(Hundredths::ratio(1, 100_000, 0), None);
        assert_eq!(Hundredths::ratio(i64::MAX, 100_000, 1), None);
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        let read = |text: &str| Hundredths::parse(text).map(Hundredths::hundredths);
        assert_eq!((read("67"), read("67.5"), read("0.05")), (Some(6700), Some(6750), Some(5)));
        for wrong in ["", ".5", "-1", "1e3", "1.234", "NaN", "１", &"9".repeat(40)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn it_is_shown_with_two_decimals() {
        assert_eq!(Hundredths::new(-5).to_string(), "-0.05");
        assert_eq!(Hundredths::new(1200).plain(), "12");
        assert_eq!(Hundredths::new(1205).plain(), "12.05");
        assert_eq!(Hundredths::new(i64::MIN).to_string(), "-92233720368547758.08");
    }

    proptest! {
        #[test]
        fn a_ratio_is_within_half_a_hundredth(amount in -1_000_000_000_i64..1_000_000_000, times in 1_i64..200_000, by in 1_i64..10_000_000) {
            let shown = i128::from(Hundredths::ratio(amount, times, by).unwrap().hundredths());
            let (exact, by) = (i128::from(amount) * i128::from(times), i128::from(by));
            prop_assert!(2 * (exact - shown * by) < by);
            prop_assert!(2 * (shown * by - exact) <= by);
        }

        #[test]
        fn a_float_prints_as_the_figure(hundredths in -1_000_000_000_000_i64..1_000_000_000_000) {
            let figure = Hundredths::new(hundredths);
            prop_assert_eq!(format!("{:.2}", figure.to_float()).replace("-0.00", "0.00"), figure.to_string());
        }
    }
}
