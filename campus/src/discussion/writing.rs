//! What people write, as it is kept: plain text, which is shown as text.

use crate::error::{Code, Error, Result};

/// The longest question, in characters.
pub(super) const QUESTION: usize = 500;
/// The longest answer, in characters.
pub(super) const ANSWER: usize = 2000;

/// The text without what surrounds it, its lines ending in one way.
///
/// # Errors
/// On the field `text`: [`Code::Required`], [`Code::TooLong`], [`Code::TextInvalid`].
pub(super) fn check(text: &str, longest: usize) -> Result<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_matches(|sign: char| sign.is_whitespace() || is_invisible(sign));
    let code = if text.is_empty() {
        Code::Required
    } else if text.chars().count() > longest {
        Code::TooLong
    } else if text.chars().any(|sign| (sign.is_control() && sign != '\n') || turns_text_around(sign)) {
        Code::TextInvalid
    } else {
        return Ok(text.to_owned());
    };
    Err(Error::field("text", code))
}

/// Signs without width: a text of nothing else says nothing.
const fn is_invisible(sign: char) -> bool {
    matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{3164}' | '\u{feff}')
}

/// Signs that make what follows read backwards, and so can make a text look like another.
const fn turns_text_around(sign: char) -> bool {
    matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{QUESTION, check};
    use crate::error::{Error, FieldError};

    fn refused(text: &str) -> String {
        match check(text, QUESTION) {
            Err(Error::Refused { fields, .. }) => match fields.as_slice() {
                [FieldError { field, code }] => format!("{field} {}", code.as_str()),
                _ => String::new(),
            },
            _ => String::new(),
        }
    }

    #[test]
    fn what_is_written_is_kept_without_what_surrounds_it() {
        let kept = check("　怎么放大字体？\r\n我的是华为。\u{200b}\n", QUESTION).unwrap_or_default();
        assert_eq!(kept, "怎么放大字体？\n我的是华为。");
        let script = "<script>alert(1)</script>";
        assert_eq!(check(script, QUESTION).unwrap_or_default(), script);
        assert_eq!(check(&"长".repeat(QUESTION), QUESTION).unwrap_or_default().chars().count(), QUESTION);
    }

    #[test]
    fn what_says_nothing_too_much_or_something_else_is_refused() {
        for text in ["", " \n\t　", "\u{200b}\u{feff}"] {
            assert_eq!(refused(text), "text required", "{text:?}");
        }
        assert_eq!(refused(&"长".repeat(QUESTION + 1)), "text too_long");
        for text in ["好\u{0}的", "好\u{7}的", "好\t的", "好\u{85}的", "好\u{202e}的", "好\u{2066}的"] {
            assert_eq!(refused(text), "text text_invalid", "{text:?}");
        }
    }
}
