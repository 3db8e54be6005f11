//! Numbers as ffprobe writes them, taken without floating point.

use std::fmt;

/// Frames per second as a fraction, because 29.97 is 30000/1001.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRate {
    /// Frames …
    pub numerator: u32,
    /// … in this many seconds; never zero.
    pub denominator: u32,
}

impl fmt::Display for FrameRate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.numerator, self.denominator)
    }
}

impl FrameRate {
    const MAXIMUM: u64 = 30;
    /// A video of still pictures gets this many, so that seeking in it feels alive.
    const MINIMUM: Self = Self { numerator: 5, denominator: 1 };

    /// Reads `30000/1001`; nothing for `0/0`, which is how ffprobe says "unknown".
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (numerator, denominator) = fraction(text, '/')?;
        (numerator > 0).then_some(Self { numerator, denominator })
    }

    /// The constant rate to play at: at most 30 and, where halving or a third gets there,
    /// an even share of the original, so that movement stays smooth.
    pub(super) fn for_playing(self) -> Self {
        let frames = u64::from(self.numerator);
        let seconds = u64::from(self.denominator);
        let maximum = Self::MAXIMUM * seconds;
        // The nearest whole share of 30, at least one.
        let share = ((frames + maximum / 2) / maximum).max(1);
        if frames < 5 * seconds {
            return Self::MINIMUM;
        }
        let shared = u32::try_from(seconds * share).ok().filter(|_| frames <= maximum * share);
        shared.map_or(Self { numerator: 30, denominator: 1 }, |denominator| Self {
            numerator: self.numerator,
            denominator,
        })
    }
}

/// Two whole numbers with `between` between them, the second not zero.
pub(super) fn fraction(text: &str, between: char) -> Option<(u32, u32)> {
    let (first, second) = text.split_once(between)?;
    let second: u32 = second.parse().ok()?;
    (second > 0).then_some((first.parse().ok()?, second))
}

/// Milliseconds of `60.023000`; nothing for a negative or absurd number.
pub(super) fn milliseconds(seconds: &str) -> Option<u32> {
    let (whole, decimals) = seconds.split_once('.').unwrap_or((seconds, ""));
    let whole: u32 = whole.parse().ok()?;
    let decimals: String = decimals.chars().chain("000".chars()).take(3).collect();
    whole.checked_mul(1000)?.checked_add(decimals.parse().ok()?)
}

/// `part` of `whole` in thousandths as a fraction from 0 to 1.
pub(super) fn share(part: u64, whole: u64) -> f32 {
    let thousandths = part.saturating_mul(1000) / whole.max(1);
    u16::try_from(thousandths.min(1000)).map_or(1.0, f32::from) / 1000.0
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn playing(numerator: u32, denominator: u32) -> String {
        FrameRate { numerator, denominator }.for_playing().to_string()
    }

    #[test]
    fn rates_above_thirty_become_an_even_share_or_thirty() {
        assert_eq!(playing(25, 1), "25/1");
        assert_eq!(playing(30000, 1001), "30000/1001");
        assert_eq!(playing(60000, 1001), "60000/2002");
        assert_eq!(playing(50, 1), "50/2");
        assert_eq!(playing(120, 1), "120/4");
        assert_eq!(playing(3002, 100), "30/1");
        assert_eq!(playing(372, 10), "30/1");
        assert_eq!(playing(1, 10), "5/1");
        assert_eq!(playing(u32::MAX, 1), "4294967295/143165577");
        assert_eq!(playing(u32::MAX, u32::MAX), "5/1");
    }

    #[test]
    fn durations_are_read_to_the_millisecond() {
        assert_eq!(milliseconds("60.023000"), Some(60_023));
        assert_eq!(milliseconds("7"), Some(7_000));
        assert_eq!(milliseconds("0.5"), Some(500));
        assert_eq!(milliseconds("-1.0"), None);
        assert_eq!(milliseconds("N/A"), None);
        assert_eq!(milliseconds("99999999999"), None);
    }

    #[test]
    fn unknown_rates_are_none() {
        assert_eq!(FrameRate::parse("0/0"), None);
        assert_eq!(FrameRate::parse("0/1"), None);
        assert!(FrameRate::parse("24000/1001").is_some());
    }
}
