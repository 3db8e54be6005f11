//! Dates as people and spreadsheets write them.

use time::{Date, Duration, Month, macros::date};

use super::{id_number::compact_date, is_placeholder, plain_text};

/// Why a text or number is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateProblem {
    /// Something is written that is no date of the calendar.
    #[error("not a date of the calendar")]
    Unreadable,
    /// Only the year, or the year and the month, is written.
    #[error("the day is missing")]
    Incomplete {
        /// The year that is written.
        year: i32,
        /// The month, where it is written.
        month: Option<u8>,
    },
}

/// Years that are taken for years where a bare number could also be a day count.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;
/// Day counts with five digits: 1927 to 2173.
const LATEST_SERIAL: f64 = 99_999.0;

/// Reads a date: `1956-03-02`, `1956/3/2`, `1956.3.2`, `1956年3月2日`, `19560302`, with a
/// time or a remark behind it, in full-width digits, or a spreadsheet's day count
/// (`20516`). `None` where the text is empty or says that there is none.
///
/// # Errors
/// [`DateProblem::Incomplete`] where the day is missing, [`DateProblem::Unreadable`] for
/// anything else that is no date; years of two digits are not guessed at.
pub fn parse_date(raw: &str) -> Result<Option<Date>, DateProblem> {
    let plain = plain_text(raw);
    if is_placeholder(&plain) {
        return Ok(None);
    }
    let start = plain.find(|c: char| c.is_ascii_digit()).ok_or(DateProblem::Unreadable)?;
    let written = plain.get(start..).unwrap_or_default();
    let (first, rest) = split_digits(written);
    let date = match first.len() {
        4 if !rest.is_empty() => from_parts(first, rest),
        4..=6 if rest.trim_matches(['.', '0', ' ']).is_empty() || is_fraction(rest) => {
            first.parse().map_err(|_| DateProblem::Unreadable).and_then(parse_date_number)
        }
        8 if rest.trim_matches(['.', '0']).is_empty() || !rest.starts_with(['.', '-', '/']) => {
            compact_date(first).ok_or(DateProblem::Unreadable)
        }
        14 if rest.is_empty() => compact_date(first).ok_or(DateProblem::Unreadable),
        _ => Err(DateProblem::Unreadable),
    }?;
    Ok(Some(date))
}

/// Reads a date out of a bare number: `19830503`, or a day count such as `20465.0`.
///
/// # Errors
/// As [`parse_date`]; `1956`, `1956.3` and `195603` are [`DateProblem::Incomplete`].
pub fn parse_date_number(number: f64) -> Result<Date, DateProblem> {
    let whole = format!("{:.0}", number.trunc());
    let value: i32 = whole.parse().map_err(|_| DateProblem::Unreadable)?;
    match whole.len() {
        // A month after the dot is not to be trusted: 1956.10 arrives as 1956.1.
        4 if YEARS.contains(&value) => Err(DateProblem::Incomplete { year: value, month: None }),
        4 | 5 => date_from_spreadsheet_serial(number).ok_or(DateProblem::Unreadable),
        6 => incomplete(value / 100, value % 100),
        8 => compact_date(&whole).ok_or(DateProblem::Unreadable),
        _ => Err(DateProblem::Unreadable),
    }
}

/// The date of a spreadsheet's day count since 1900.
///
/// `None` for counts beyond the five digits a living person's dates have (a telephone
/// number in a cell formatted as a date, for one), and for the 29 February 1900 that
/// spreadsheets believe in.
pub fn date_from_spreadsheet_serial(serial: f64) -> Option<Date> {
    if !(1.0..=LATEST_SERIAL).contains(&serial) {
        return None;
    }
    let days: i64 = format!("{:.0}", serial.floor()).parse().ok()?;
    let epoch = match days {
        60 => return None,
        ..60 => date!(1899 - 12 - 31),
        _ => date!(1899 - 12 - 30),
    };
    epoch.checked_add(Duration::days(days))
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn is_fraction(rest: &str) -> bool {
    rest.strip_prefix('.').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// What follows a year of four digits: separator, month, separator, day, remark.
fn from_parts(year: &str, rest: &str) -> Result<Date, DateProblem> {
    let year: i32 = year.parse().map_err(|_| DateProblem::Unreadable)?;
    let (separator, rest) = split_separator(rest);
    if rest.is_empty() && matches!(separator.trim(), "年" | "" | ".") {
        return Err(DateProblem::Incomplete { year, month: None });
    }
    let (month, rest) = split_digits(rest);
    if !is_separator(separator) || month.is_empty() || month.len() > 2 {
        return Err(DateProblem::Unreadable);
    }
    let month: u8 = month.parse().map_err(|_| DateProblem::Unreadable)?;
    let (separator, rest) = split_separator(rest);
    if rest.is_empty() && matches!(separator.trim(), "月" | "" | "." | "-" | "/") {
        return incomplete(year, i32::from(month));
    }
    let (day, rest) = split_digits(rest);
    let rest = rest.trim_end_matches(['.', '。']);
    let ends_well = !rest.starts_with(['.', '-', '/', ':', '年', '月']);
    if !is_separator(separator) || day.is_empty() || day.len() > 2 || !ends_well {
        return Err(DateProblem::Unreadable);
    }
    let day: u8 = day.parse().map_err(|_| DateProblem::Unreadable)?;
    Month::try_from(month)
        .ok()
        .and_then(|month| Date::from_calendar_date(year, month, day).ok())
        .ok_or(DateProblem::Unreadable)
}

fn split_separator(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn is_separator(separator: &str) -> bool {
    let trimmed = separator.trim();
    matches!(trimmed, "" | "-" | "." | "/" | "年" | "月" | "_" | "," | "、" | "。" | "·" | "\\" | "—" | "–" | "~")
        && !separator.is_empty()
}

fn incomplete<T>(year: i32, month: i32) -> Result<T, DateProblem> {
    match u8::try_from(month) {
        Ok(month @ 1..=12) if YEARS.contains(&year) => Err(DateProblem::Incomplete { year, month: Some(month) }),
        _ => Err(DateProblem::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_day_in_every_dress() {
        for raw in [
            "1956-03-02",
            "1956-3-2",
            "1956/3/2",
            "1956.3.2",
            "1956.03.02",
            "1956．3．2",
            "１９５６年３月２日",
            "1956年3月2日",
            "1956年03月02号",
            "1956 年 3 月 2 日",
            "1956.3.2.",
            "1956、3、2",
            "1956。3。2",
            "1956—3—2",
            "1956 3 2",
            "19560302",
            "19560302.0",
            "20516",
            "20516.0",
            "20516.5",
            "1956-03-02 00:00:00",
            "1956/3/2 0:00",
            "1956-03-02T00:00:00Z",
            "1956.3.2（农历）",
            "1956年3月2日 星期五",
            "'1956-03-02",
            "公历1956.3.2",
            "19560302000000",
        ] {
            assert_eq!(parse_date(raw), Ok(Some(date!(1956 - 03 - 02))), "{raw:?}");
        }
        assert_eq!(parse_date_number(19_560_302.0), Ok(date!(1956 - 03 - 02)));
        assert_eq!(parse_date_number(20_516.75), Ok(date!(1956 - 03 - 02)));
        assert_eq!(date_from_spreadsheet_serial(59.0), Some(date!(1900 - 02 - 28)));
        assert_eq!(date_from_spreadsheet_serial(61.0), Some(date!(1900 - 03 - 01)));
        assert_eq!(date_from_spreadsheet_serial(60.0), None);
        assert_eq!(date_from_spreadsheet_serial(19_956_760_417.0), None);
    }

    #[test]
    fn what_is_no_date() {
        for raw in [
            "1956-13-40",
            "1956-02-30",
            "56.3.2",
            "3/2/1956",
            "1956-3-2-5",
            "属猴",
            "19561340",
            "13812345678",
            "1",
            "1956-0302",
            "#VALUE!",
        ] {
            assert_eq!(parse_date(raw), Err(DateProblem::Unreadable), "{raw:?}");
        }
        for raw in ["", "  ", "/", "无", "-"] {
            assert_eq!(parse_date(raw), Ok(None), "{raw:?}");
        }
        for (raw, month) in
            [("1956", None), ("1956年", None), ("1956.3", Some(3)), ("1956年3月", Some(3)), ("195603", Some(3))]
        {
            let incomplete = Err(DateProblem::Incomplete { year: 1956, month });
            assert_eq!(parse_date(raw), incomplete, "{raw:?}");
        }
    }
}
