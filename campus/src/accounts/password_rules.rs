//! What a password must be. Nothing about signs and digits (NIST SP 800-63B, 5.1.1.2): length, and
//! not to be guessed.

use zxcvbn::{Score, zxcvbn};

use crate::error::{Code, Error, Result};

/// The fewest characters of a password of staff and admins.
const STAFF_LENGTH: usize = 15;
/// The most characters of any password.
const MOST: usize = 128;

/// Refuses a password for staff that is short, or easy to guess for who knows common passwords,
/// words, dates and what stands in `about` (name, e-mail address).
///
/// # Errors
/// The field `password` with [`Code::StaffPasswordTooShort`], [`Code::PasswordTooLong`] or
/// [`Code::PasswordGuessable`].
pub(super) fn check_staff_password(password: &str, about: &[&str]) -> Result<()> {
    let refuse = |code| Err(Error::field("password", code));
    match password.chars().count() {
        length if length < STAFF_LENGTH => return refuse(Code::StaffPasswordTooShort),
        length if length > MOST => return refuse(Code::PasswordTooLong),
        _ => {}
    }
    let mut known: Vec<&str> = vec!["changqing", "常青学堂", "常青", "社区", "学校"];
    known.extend(about.iter().flat_map(|text| text.split(['@', '.', ' '])).filter(|part| !part.is_empty()));
    // 10^8 guesses and more: out of reach of who must ask this server each time.
    if zxcvbn(password, &known).score() < Score::Three { refuse(Code::PasswordGuessable) } else { Ok(()) }
}

/// Refuses a password of a resident that is too short or too long. They may choose what they can
/// remember; what they have is worth little to anybody else.
///
/// # Errors
/// The field `password` with [`Code::PasswordTooShort`] or [`Code::PasswordTooLong`].
pub(super) fn check_resident_password(password: &str) -> Result<()> {
    match resident_password_fault(password) {
        None => Ok(()),
        Some(code) => Err(Error::field("password", code)),
    }
}

/// What is wrong with a resident's password.
pub(super) fn resident_password_fault(password: &str) -> Option<Code> {
    match password.chars().count() {
        0..8 => Some(Code::PasswordTooShort),
        8..=MOST => None,
        _ => Some(Code::PasswordTooLong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> Option<Code> {
        match check_staff_password(password, &["王小丽", "wangxiaoli@example.org"]) {
            Err(Error::Refused { fields, .. }) => fields.first().map(|field| field.code),
            _ => None,
        }
    }

    #[test]
    fn what_is_short_or_guessed_is_refused() {
        assert_eq!(refused("k7!Vd9#qLm2$xZ"), Some(Code::StaffPasswordTooShort));
        assert_eq!(refused(&"很长".repeat(65)), Some(Code::PasswordTooLong));
        for guessable in
            ["aaaaaaaaaaaaaaaaaaaa", "123456789012345678", "passwordpassword1", "qwertyuiopasdfgh", "wangxiaoli123456"]
        {
            assert_eq!(refused(guessable), Some(Code::PasswordGuessable), "{guessable}");
        }
        for good in ["xctv-mcjc-ebdr-u5ms", "correct horse 常青", "早饭 脚踏车 三只麻雀 不下雨了呀"] {
            assert_eq!(refused(good), None, "{good}");
        }
    }
}
