//! Amounts: credits in hundredths, points whole. Never a float.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error};

/// What an amount is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 学分: for life, never spent.
    Credit,
    /// 积分: spendable.
    Point,
}

impl Unit {
    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Point => "point",
        }
    }

    /// The unit of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "credit" => Some(Self::Credit),
            "point" => Some(Self::Point),
            _ => None,
        }
    }

    /// An amount of this unit, written as in the API: `2.50` credits, `2` points.
    #[must_use]
    pub fn write(self, amount: i64) -> String {
        match self {
            Self::Credit => Credits(amount).to_string(),
            Self::Point => amount.to_string(),
        }
    }

    /// Reads an amount above zero: credits with at most two decimals, points whole, both
    /// at most a million.
    ///
    /// # Errors
    /// [`Code::AmountInvalid`] on the field `amount`.
    pub fn read(self, text: &str) -> Result<i64, Error> {
        let invalid = || Error::field("amount", Code::AmountInvalid);
        let amount = match self {
            Self::Credit => text.parse::<Credits>()?.0,
            Self::Point if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().map_err(|_| invalid())?,
            Self::Point => return Err(invalid()),
        };
        let most = if self == Self::Credit { 100_000_000 } else { 1_000_000 };
        if (1..=most).contains(&amount) { Ok(amount) } else { Err(invalid()) }
    }
}

/// Credits, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Credits(pub i64);

impl fmt::Display for Credits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let hundredths = self.0.unsigned_abs();
        write!(formatter, "{sign}{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

impl FromStr for Credits {
    type Err = Error;

    /// Reads a decimal of at least zero with at most two decimals and nine digits before
    /// the point: `2`, `2.5`, `2.50`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::field("amount", Code::AmountInvalid);
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || whole.len() > 9 || decimals.len() > 2 {
            return Err(invalid());
        }
        let whole: i64 = whole.parse().map_err(|_| invalid())?;
        let hundredths: i64 = format!("{decimals:0<2}").parse().map_err(|_| invalid())?;
        Ok(Self(whole * 100 + hundredths))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_strictly() {
        assert_eq!("2.5".parse::<Credits>().unwrap(), Credits(250));
        assert_eq!(Unit::Point.read("7").unwrap(), 7);
        for bad in ["", ".", "2.", ".5", "-1", "+1", "1e3", "NaN", "2.505", "１", "1,5", "=1+1", "9999999999"] {
            assert!(Unit::Credit.read(bad).is_err(), "{bad}");
            assert!(Unit::Point.read(bad).is_err(), "{bad}");
        }
        assert!(Unit::Credit.read("0.00").is_err());
        assert!(Unit::Point.read("2.0").is_err());
    }

    proptest! {
        #[test]
        fn writing_and_reading_agree(hundredths in 0_i64..=99_999_999_999) {
            prop_assert_eq!(Credits(hundredths).to_string().parse::<Credits>().unwrap(), Credits(hundredths));
        }
    }
}
