//! One spelling for a person's name.

use super::{is_han, is_placeholder, plain_text};

/// The longest name that is kept, in characters. Names of minorities and of foreign
/// residents run to about forty.
pub const LONGEST_NAME: usize = 64;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing is there that could be a name.
    #[error("the name is missing")]
    Missing,
    /// Longer than [`LONGEST_NAME`] characters.
    #[error("the name is longer than {LONGEST_NAME} characters")]
    TooLong,
}

/// Brings a name to the one form under which the person is kept and compared.
///
/// Spaces inside Chinese names go (`王　芳` is `王芳`), one space stays between Latin
/// words, the middle dot of transcribed names is always `·`, full-width letters become
/// plain ones.
///
/// # Errors
/// [`NameProblem::Missing`] for an empty text or one without a letter,
/// [`NameProblem::TooLong`] beyond [`LONGEST_NAME`] characters.
pub fn normalise_name(raw: &str) -> Result<String, NameProblem> {
    let plain = plain_text(raw);
    if is_placeholder(&plain) || !plain.chars().any(|c| c.is_alphabetic() || is_han(c)) {
        return Err(NameProblem::Missing);
    }
    let mut name = String::with_capacity(plain.len());
    let mut last: Option<char> = None;
    let mut gap = false;
    let mut characters = plain.chars().peekable();
    while let Some(character) = characters.next() {
        if character.is_whitespace() {
            gap = true;
            continue;
        }
        let follows_han = last.is_some_and(is_han);
        let before_han = characters.peek().copied().is_some_and(is_han);
        let character = match character {
            '•' | '‧' | '・' | '∙' | '⋅' | '●' => '·',
            '.' if follows_han && before_han => '·',
            other => other,
        };
        let joins = |c: char| is_han(c) || c == '·';
        if gap && last.is_some_and(|c| !joins(c) || !joins(character)) && character != '·' {
            name.push(' ');
        }
        gap = false;
        name.push(character);
        last = Some(character);
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(NameProblem::TooLong);
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_one_person() {
        for (raw, expected) in [
            ("王　芳", "王芳"),
            (" 王 芳\n", "王芳"),
            ("\u{feff}王\u{200b}芳", "王芳"),
            ("欧阳 海 超", "欧阳海超"),
            ("买买提·吐尔逊", "买买提·吐尔逊"),
            ("买买提•吐尔逊", "买买提·吐尔逊"),
            ("买买提．吐尔逊", "买买提·吐尔逊"),
            ("买买提 · 吐尔逊", "买买提·吐尔逊"),
            ("Maria  da　Silva", "Maria da Silva"),
            ("Ｌｉ Ｎａ", "Li Na"),
            ("王 Lucy", "王 Lucy"),
            ("John F. Kennedy", "John F. Kennedy"),
        ] {
            assert_eq!(normalise_name(raw).as_deref(), Ok(expected), "{raw:?}");
        }
    }

    #[test]
    fn what_is_no_name() {
        for raw in ["", "　", "/", "——", "无", "（无）", "123", "#N/A", "\u{200b}"] {
            assert_eq!(normalise_name(raw), Err(NameProblem::Missing), "{raw:?}");
        }
        assert_eq!(normalise_name(&"王".repeat(LONGEST_NAME + 1)), Err(NameProblem::TooLong));
    }
}
