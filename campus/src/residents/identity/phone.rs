//! Telephone numbers as people write them.

use super::{is_placeholder, plain_text};

/// The text holds something, but no telephone number that can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no mobile number of 11 digits and no land line with its area code")]
pub struct PhoneInvalid;

/// Digits of the longest run that can still be one number with its country code.
const LONGEST_NUMBER: usize = 15;

/// What people write who have none.
const NO_TELEPHONE: [&str; 8] =
    ["无电话", "没有电话", "没电话", "无手机", "没有手机", "没手机", "无手机号", "无联系方式"];

/// Finds the telephone number in a text.
///
/// The first valid mobile number wins, then the first land line with its area code;
/// remarks, further numbers and extensions are ignored. `+86`, `0086`, spaces, hyphens,
/// full-width digits and the spellings spreadsheets make of a number (`13812345678.0`,
/// `1.3812345678E10`) are understood. Mobile numbers come back as 11 digits, land lines
/// as `028-86654321`. `None` where the text is empty or says that there is none.
///
/// # Errors
/// [`PhoneInvalid`] where something is written that holds no such number.
pub fn parse_phone(raw: &str) -> Result<Option<String>, PhoneInvalid> {
    let plain = plain_text(raw);
    // A formula that finds no number shows a zero.
    let nothing = is_placeholder(&plain) || NO_TELEPHONE.contains(&plain.as_str());
    if nothing || plain.bytes().all(|byte| byte == b'0') {
        return Ok(None);
    }
    let plain = digits_of_spreadsheet_number(&plain)?.unwrap_or(plain);
    let groups = digit_groups(&plain);
    first_match(&groups, mobile).or_else(|| first_match(&groups, land_line)).map(Some).ok_or(PhoneInvalid)
}

/// Whether a number in the form of [`parse_phone`] is a mobile number, one that can
/// receive messages and serve as a log-in.
pub fn is_mobile(number: &str) -> bool {
    let mut digits = number.bytes();
    number.len() == 11
        && digits.next() == Some(b'1')
        && digits.next().is_some_and(|d| (b'3'..=b'9').contains(&d))
        && digits.all(|d| d.is_ascii_digit())
}

/// A run of digits, and whether only spaces, hyphens, dots or brackets stand between it
/// and the run before it.
struct DigitGroup {
    digits: String,
    continues: bool,
}

fn digit_groups(plain: &str) -> Vec<DigitGroup> {
    let mut groups: Vec<DigitGroup> = Vec::new();
    let mut continues = false;
    let mut open = false;
    for character in plain.chars() {
        if character.is_ascii_digit() {
            match groups.last_mut() {
                Some(group) if open => group.digits.push(character),
                _ => groups.push(DigitGroup { digits: character.to_string(), continues }),
            }
            open = true;
            continue;
        }
        let soft = matches!(character, ' ' | '\t' | '-' | '.' | '_' | '(' | ')')
            || ('\u{2010}'..='\u{2015}').contains(&character)
            || character == '\u{2212}';
        continues = soft && (open || continues);
        open = false;
    }
    groups
}

fn first_match(groups: &[DigitGroup], check: fn(&str) -> Option<String>) -> Option<String> {
    let mut rest = groups;
    while !rest.is_empty() {
        let mut joined = String::new();
        for (place, group) in rest.iter().enumerate() {
            if place > 0 && !group.continues {
                break;
            }
            joined.push_str(&group.digits);
            if joined.len() > LONGEST_NUMBER {
                break;
            }
            if let Some(number) = check(&joined) {
                return Some(number);
            }
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    None
}

fn mobile(digits: &str) -> Option<String> {
    ["", "86", "086", "0086", "0"]
        .iter()
        .filter_map(|prefix| digits.strip_prefix(prefix))
        .find(|number| is_mobile(number))
        .map(str::to_owned)
}

/// Area codes: 010 and 02x have three digits and numbers of eight, the others four
/// digits (03xx to 09xx) and numbers of seven or eight.
fn land_line(digits: &str) -> Option<String> {
    let national = ["0086", "86"].iter().find_map(|country| digits.strip_prefix(country));
    national.and_then(|rest| in_china(&format!("0{}", rest.trim_start_matches('0')))).or_else(|| in_china(digits))
}

fn in_china(digits: &str) -> Option<String> {
    let bytes = digits.as_bytes();
    let area = match (bytes.first()?, bytes.get(1)?) {
        (b'0', b'1') if bytes.get(2) == Some(&b'0') => 3,
        (b'0', b'2') => 3,
        (b'0', b'3'..=b'9') => 4,
        _ => return None,
    };
    let (area, number) = (digits.get(..area)?, digits.get(area..)?);
    let long_enough = number.len() == 8 || (number.len() == 7 && area.len() == 4);
    let starts_well = number.bytes().next().is_some_and(|d| (b'2'..=b'9').contains(&d));
    (long_enough && starts_well).then(|| format!("{area}-{number}"))
}

/// The digits of `13812345678.0` and `1.3812345678E+10`; `None` for any other text.
///
/// A rounded number (`1.38123E+10`, as spreadsheets save narrow columns to CSV) has lost
/// its digits and must not be filled up with zeros.
fn digits_of_spreadsheet_number(plain: &str) -> Result<Option<String>, PhoneInvalid> {
    const FEWEST_DIGITS: usize = 8;
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.trim_start_matches('+')),
        None => (plain, "0"),
    };
    let Some((whole, fraction)) = mantissa.split_once('.') else {
        return Ok(None);
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let Ok(exponent) = exponent.parse::<usize>() else {
        return Ok(None);
    };
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || exponent > LONGEST_NUMBER {
        return Ok(None);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > exponent {
        return Ok(None);
    }
    let mut digits = format!("{whole}{fraction}");
    if exponent > 0 && digits.len() < FEWEST_DIGITS {
        return Err(PhoneInvalid);
    }
    digits.extend(std::iter::repeat_n('0', exponent - fraction.len()));
    Ok(Some(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobile_numbers_in_every_dress() {
        for raw in [
            "13812345678",
            "１３８１２３４５６７８",
            "138 1234 5678",
            "138-1234-5678",
            "138—1234—5678",
            "+86 13812345678",
            "+86-138-1234-5678",
            "(+86)13812345678",
            "008613812345678",
            "8613812345678",
            "86 138 1234 5678",
            "013812345678",
            "13812345678.0",
            "1.3812345678E10",
            "1.3812345678E+10",
            "'13812345678",
            "13812345678（女儿）",
            "13812345678 儿子",
            "13812345678女儿13987654321",
            "女儿：13812345678",
            "本人13812345678",
            "13812345678/13987654321",
            "13812345678、13987654321",
            "13812345678 13987654321",
            "13812345678\n028-86654321",
            "028-86654321，13812345678",
            "1390000，13812345678",
            "13812345678(2号楼301)",
        ] {
            assert_eq!(parse_phone(raw), Ok(Some("13812345678".to_owned())), "{raw:?}");
        }
        assert_eq!(parse_phone("1.381234567E10"), Ok(Some("13812345670".to_owned())));
    }

    #[test]
    fn land_lines_keep_their_area_code() {
        for (raw, expected) in [
            ("028-86654321", "028-86654321"),
            ("(028)86654321", "028-86654321"),
            ("02886654321", "028-86654321"),
            ("010 6655 4321", "010-66554321"),
            ("0838-2201234", "0838-2201234"),
            ("0571-88661234转801", "0571-88661234"),
            ("028-86654321-801", "028-86654321"),
            ("+86-28-86654321", "028-86654321"),
            ("0086 28 8665 4321", "028-86654321"),
            ("+86 (0838) 2201234", "0838-2201234"),
        ] {
            assert_eq!(parse_phone(raw), Ok(Some(expected.to_owned())), "{raw:?}");
        }
    }

    #[test]
    fn nothing_is_no_fault() {
        for raw in ["", " ", "　", "/", "-", "无", "(无)", "暂无", "N/A", "0", "无电话", "没有手机"] {
            assert_eq!(parse_phone(raw), Ok(None), "{raw:?}");
        }
    }

    #[test]
    fn what_cannot_be_called() {
        for raw in [
            "1390000",
            "86654321",
            "12812345678",
            "138123456789",
            "1381234567",
            "138 1234 56789",
            "990000195601117688",
            "1.38123E+10",
            "老伴",
            "028-8665432",
            "#REF!",
        ] {
            assert_eq!(parse_phone(raw), Err(PhoneInvalid), "{raw:?}");
        }
    }
}
