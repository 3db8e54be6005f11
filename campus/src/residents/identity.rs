//! What a person is recognised by: name, birth date, telephone and ID number.
//!
//! Everything here is pure. It brings the many spellings people and offices use
//! into one form, so that a roster, a self-registration and a log-in agree on who
//! is meant.

mod date;
mod id_number;
mod initials;
mod name;
mod phone;

pub use date::{DateProblem, date_from_spreadsheet_serial, parse_date, parse_date_number};
pub use id_number::{Gender, IdNumber, IdNumberInvalid, parse_id_number};
pub use initials::initials;
pub use name::{LONGEST_NAME, NameProblem, normalise_name};
pub use phone::{PhoneInvalid, is_mobile, parse_phone};

use unicode_normalization::UnicodeNormalization;

use crate::writing::{has_no_width, turns_direction};

/// Brings full-width digits, letters and punctuation to their plain forms (NFKC),
/// drops characters that cannot be seen, and trims the ends.
pub fn plain_text(raw: &str) -> String {
    let folded: String = if raw.is_ascii() {
        raw.chars().filter(|c| !is_unseen(*c)).collect()
    } else {
        raw.nfkc().filter(|c| !is_unseen(*c)).collect()
    };
    folded.trim().to_owned()
}

/// Whether a cell or field that has been through [`plain_text`] says "nothing here":
/// empty, only punctuation, or one of the words people write instead of leaving it empty.
pub fn is_placeholder(plain: &str) -> bool {
    const WORDS: [&str; 14] =
        ["无", "没有", "暂无", "不详", "未知", "未填", "空", "缺", "待补", "none", "null", "nan", "n/a", "#n/a"];
    if !plain.chars().any(char::is_alphanumeric) {
        return true;
    }
    let folded = plain.to_lowercase();
    let bare = folded.trim_matches(|c: char| "()[]{}".contains(c));
    WORDS.contains(&bare)
}

/// What nobody sees, and control characters. Line breaks and tabs stay: they separate.
fn is_unseen(character: char) -> bool {
    has_no_width(character) || turns_direction(character) || (character.is_control() && !character.is_whitespace())
}

/// Chinese characters, including the rare ones in the extension blocks and those that
/// old systems keep in the private use area.
pub(crate) fn is_han(character: char) -> bool {
    matches!(
        character,
        '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{e000}'..='\u{faff}'
            | '\u{20000}'..='\u{323af}'
    )
}
