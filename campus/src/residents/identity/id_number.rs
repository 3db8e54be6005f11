//! Citizen identity numbers (GB 11643).

use time::{Date, Month};

use super::{is_placeholder, plain_text};

/// Gender as far as rosters and ID numbers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gender {
    /// 女
    Female,
    /// 男
    Male,
}

impl Gender {
    /// The stable code for the API and the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// A valid ID number and what it says about its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdNumber {
    /// 18 characters (the last a digit or `X`), or 15 digits for the old kind.
    pub number: String,
    /// The birth date inside the number.
    pub birth_date: Date,
    /// The gender inside the number.
    pub gender: Gender,
}

/// The text holds something, but no valid ID number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no ID number of 18 characters with the right check digit, nor an old one of 15 digits")]
pub struct IdNumberInvalid;

/// Reads an ID number: 18 characters with its check digit, or 15 digits of the old kind.
///
/// The region code is not checked against a list, as regions come and go. `None` where the
/// text is empty, says that there is none, or is masked with asterisks on purpose.
///
/// # Errors
/// [`IdNumberInvalid`] for a wrong length, a date that does not exist or a wrong check digit.
pub fn parse_id_number(raw: &str) -> Result<Option<IdNumber>, IdNumberInvalid> {
    const MASKED_FROM: usize = 4;
    let plain = plain_text(raw);
    let plain = without_remarks(&plain);
    if is_placeholder(plain) {
        return Ok(None);
    }
    let number: String = plain
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\'' | '`' | '’' | '‘' | '"'))
        .map(|c| match c {
            'x' | '×' | 'Х' | 'х' => 'X',
            other => other,
        })
        .collect();
    if number.chars().filter(|c| matches!(c, '*' | '＊' | '●')).count() >= MASKED_FROM {
        return Ok(None);
    }
    let (date, gender_digit) = match number.len() {
        18 if has_right_check_digit(&number) => (number.get(6..14).map(str::to_owned), number.as_bytes().get(16)),
        15 if number.bytes().all(|b| b.is_ascii_digit()) => {
            (number.get(6..12).map(|date| format!("19{date}")), number.as_bytes().get(14))
        }
        _ => return Err(IdNumberInvalid),
    };
    let birth_date = date.as_deref().and_then(compact_date).ok_or(IdNumberInvalid)?;
    let odd = gender_digit.is_some_and(|digit| digit % 2 == 1);
    let gender = if odd { Gender::Male } else { Gender::Female };
    Ok(Some(IdNumber { number, birth_date, gender }))
}

/// Without what a clerk wrote in front of a number (身份证：) or in brackets behind it (已核).
fn without_remarks(plain: &str) -> &str {
    let labelled = plain.split_once(':').filter(|(label, _)| !label.contains(|c: char| c.is_ascii_digit()));
    let number = labelled.map_or(plain, |(_, number)| number);
    number.split_once(['(', '[', '【']).map_or(number, |(number, _)| number).trim()
}

/// ISO 7064 MOD 11-2 over the first 17 digits.
fn has_right_check_digit(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK_DIGITS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let Some((digits, check)) = number.split_at_checked(17) else {
        return false;
    };
    let sum = digits
        .chars()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit.to_digit(10).map(|value| value * weight))
        .sum::<Option<u32>>();
    sum.and_then(|sum| usize::try_from(sum % 11).ok())
        .and_then(|place| CHECK_DIGITS.get(place))
        .is_some_and(|expected| check.chars().eq([*expected]))
}

/// A date written as `YYYYMMDD`.
pub(super) fn compact_date(digits: &str) -> Option<Date> {
    let year: i32 = digits.get(..4)?.parse().ok()?;
    let month: u8 = digits.get(4..6)?.parse().ok()?;
    let day: u8 = digits.get(6..8)?.parse().ok()?;
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn the_number_tells_birth_date_and_gender() {
        let id = parse_id_number("99000019781125556X").unwrap().unwrap();
        assert_eq!(id.birth_date, date!(1978 - 11 - 25));
        assert_eq!(id.gender, Gender::Female);
        assert_eq!(id.number, "99000019781125556X");
        for raw in [
            "99000019781125556x",
            "９９００００１９７８１１２５５５６Ｘ",
            "990000 19781125 556X",
            "'99000019781125556X",
            "990000-19781125-556×",
            "99000019781125556X（已核）",
            "身份证：99000019781125556X",
        ] {
            assert_eq!(parse_id_number(raw), Ok(Some(id.clone())), "{raw:?}");
        }
        let old = parse_id_number("990000560302123").unwrap().unwrap();
        assert_eq!((old.birth_date, old.gender), (date!(1956 - 03 - 02), Gender::Male));
    }

    #[test]
    fn what_is_no_id_number() {
        for raw in [
            "990000198211149571",
            "99000019781125556",
            "990000197811255561",
            "9900001978112555 6XX",
            "990000561302123",
            "X90000197811255561",
            "身份证丢失",
        ] {
            assert_eq!(parse_id_number(raw), Err(IdNumberInvalid), "{raw:?}");
        }
        for raw in ["", "无", "9900**********556X"] {
            assert_eq!(parse_id_number(raw), Ok(None), "{raw:?}");
        }
    }
}
