//! What people write, as it is kept: plain text, which is shown as text.

use crate::error::{Code, Error, FieldError};

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It says nothing.
    Missing,
    /// It has more characters than there is room for.
    TooLong,
    /// There are control characters in it.
    Invalid,
}

impl Flaw {
    /// What is answered, `missing` where nothing is said.
    #[must_use]
    pub const fn code(self, missing: Code) -> Code {
        match self {
            Self::Missing => missing,
            Self::TooLong => Code::TooLong,
            Self::Invalid => Code::TextInvalid,
        }
    }

    /// The refusal of a request for what is wrong in this field.
    #[must_use]
    pub fn refusal(self, field: &str, missing: Code) -> Error {
        Error::field(field, self.code(missing))
    }
}

/// A single line, such as a name or a title: without what surrounds it and without signs that nobody
/// sees, so that no two look alike which are not; of at most `longest` characters.
///
/// # Errors
/// What is wrong with it.
pub fn line(raw: &str, longest: usize) -> Result<String, Flaw> {
    let seen: String = raw.chars().filter(|sign| !has_no_width(*sign) && !turns_direction(*sign)).collect();
    check(seen.trim(), longest, char::is_control)
}

/// Some lines, all ending in one way, without what surrounds them and without signs that make them read
/// other than they are; of at most `longest` characters. What joins the parts of an emoji stays.
///
/// # Errors
/// What is wrong with them.
pub fn lines(raw: &str, longest: usize) -> Result<String, Flaw> {
    let text: String = raw.chars().filter(|sign| !turns_direction(*sign)).collect();
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    let text = text.trim_matches(|sign: char| sign.is_whitespace() || has_no_width(sign));
    check(text, longest, |sign| sign.is_control() && sign != '\n')
}

/// As [`lines`], but there need not be any.
///
/// # Errors
/// What is wrong with them.
pub fn optional_lines(raw: &str, longest: usize) -> Result<String, Flaw> {
    match lines(raw, longest) {
        Err(Flaw::Missing) => Ok(String::new()),
        read => read,
    }
}

/// What was read, or nothing and a refusal more: so that all that is wrong with what was filled in is
/// said at once. `missing` where nothing is said.
pub fn or_refused(read: Result<String, Flaw>, field: &str, missing: Code, refusals: &mut Vec<FieldError>) -> String {
    read.unwrap_or_else(|flaw| {
        refusals.push(FieldError { field: field.to_owned(), code: flaw.code(missing) });
        String::new()
    })
}

fn check(text: &str, longest: usize, is_refused: impl Fn(char) -> bool) -> Result<String, Flaw> {
    if text.is_empty() {
        Err(Flaw::Missing)
    } else if text.chars().count() > longest {
        Err(Flaw::TooLong)
    } else if text.chars().any(is_refused) {
        Err(Flaw::Invalid)
    } else {
        Ok(text.to_owned())
    }
}

/// Whether nobody sees a sign: a text of nothing else says nothing.
#[must_use]
pub const fn has_no_width(sign: char) -> bool {
    matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{3164}' | '\u{feff}')
}

/// Whether a sign changes the direction of what stands around it, so that a text reads other than it
/// is. Neither Chinese nor English needs one; telephones put them around numbers that are copied.
#[must_use]
pub const fn turns_direction(sign: char) -> bool {
    matches!(sign, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{Flaw, line, lines, optional_lines};

    #[test]
    fn what_surrounds_a_text_is_not_kept() {
        assert_eq!(
            lines("　怎么放大字体？\r\n我的是华为。\u{200b}\n", 500).as_deref(),
            Ok("怎么放大字体？\n我的是华为。")
        );
        assert_eq!(lines("甲\t乙\r丙", 500).as_deref(), Ok("甲 乙\n丙"));
        assert_eq!(line("\u{feff} 三楼教室　", 60).as_deref(), Ok("三楼教室"));
        let script = "<script>alert(1)</script>";
        assert_eq!(lines(script, 500).as_deref(), Ok(script));
    }

    #[test]
    fn two_lines_that_look_alike_are_alike() {
        for name in
            ["三楼\u{200b}教室", "三楼\u{200d}教室", "三楼教室\u{ad}", "\u{202e}三楼教室\u{202c}", "三楼\u{200e}教室"]
        {
            assert_eq!(line(name, 60).as_deref(), Ok("三楼教室"), "{name:?}");
        }
    }

    #[test]
    fn a_number_copied_on_a_telephone_and_an_emoji_stay_whole() {
        assert_eq!(lines("打\u{202d}138 0013 8000\u{202c}找我", 500).as_deref(), Ok("打138 0013 8000找我"));
        assert_eq!(lines("👨\u{200d}👩\u{200d}👧", 500).as_deref(), Ok("👨\u{200d}👩\u{200d}👧"));
    }

    #[test]
    fn what_says_nothing_too_much_or_something_else_is_refused() {
        for text in ["", " \n\t　", "\u{200b}\u{feff}", "\u{202e}"] {
            assert_eq!((line(text, 5), lines(text, 5)), (Err(Flaw::Missing), Err(Flaw::Missing)), "{text:?}");
            assert_eq!(optional_lines(text, 5).as_deref(), Ok(""), "{text:?}");
        }
        assert_eq!(line("长长长长长", 5).as_deref(), Ok("长长长长长"));
        assert_eq!((line("长长长长长长", 5), lines("长长长长长长", 5)), (Err(Flaw::TooLong), Err(Flaw::TooLong)));
        for text in ["好\u{0}的", "好\u{7}的", "好\u{85}的"] {
            assert_eq!((line(text, 5), optional_lines(text, 5)), (Err(Flaw::Invalid), Err(Flaw::Invalid)), "{text:?}");
        }
        assert_eq!((line("好\n的", 5), line("好\t的", 5)), (Err(Flaw::Invalid), Err(Flaw::Invalid)));
    }
}
