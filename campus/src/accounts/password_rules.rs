//! What a password must be. Nothing about signs and digits (NIST SP 800-63B, 5.1.1.2): length, and
//! not to be guessed.

use std::collections::HashSet;

use time::Date;
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

/// Refuses a PIN that is not six digits, or that whoever finds the card would try first: one or two
/// digits over and over, digits in a row, a half repeated, the birth date.
///
/// # Errors
/// The field `pin` with [`Code::PinInvalid`] or [`Code::PinGuessable`].
pub(super) fn check_pin(pin: &str, birth_date: Option<Date>) -> Result<()> {
    let digits: Vec<u8> = pin.bytes().filter(u8::is_ascii_digit).collect();
    if digits.len() != 6 || pin.len() != 6 {
        return Err(Error::field("pin", Code::PinInvalid));
    }
    let distinct: HashSet<u8> = digits.iter().copied().collect();
    let steps =
        |step: i16| digits.windows(2).all(|pair| matches!(pair, [a, b] if i16::from(*b) - i16::from(*a) == step));
    let halves = digits.chunks(3).collect::<HashSet<_>>().len() == 1;
    let born = birth_date.is_some_and(|date| {
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        let short = year.rem_euclid(100);
        [
            format!("{short:02}{month:02}{day:02}"),
            format!("{day:02}{month:02}{short:02}"),
            format!("{month:02}{day:02}{short:02}"),
            format!("{year:04}{month:02}"),
        ]
        .iter()
        .any(|form| form == pin)
    });
    if distinct.len() <= 2 || steps(1) || steps(-1) || halves || born {
        return Err(Error::field("pin", Code::PinGuessable));
    }
    Ok(())
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

    #[test]
    fn a_pin_is_six_digits_that_a_finder_does_not_try_first() {
        let born = Some(time::macros::date!(1956 - 03 - 02));
        for pin in ["12345", "1234567", "12345a", "１２３４５６", "", "      "] {
            assert!(matches!(check_pin(pin, born), Err(Error::Refused { .. })), "{pin}");
        }
        for pin in ["000000", "121212", "111222", "123456", "654321", "123123", "560302", "020356", "195603"] {
            assert!(check_pin(pin, born).is_err(), "{pin}");
        }
        for pin in ["582047", "112358", "560303"] {
            assert!(check_pin(pin, born).is_ok(), "{pin}");
        }
        assert!(check_pin("560302", None).is_ok());
    }
}
