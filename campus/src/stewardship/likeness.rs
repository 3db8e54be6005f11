//! When two records are likely to be of one person. Everything here is pure.

use pinyin::ToPinyinMulti;
use time::Date;

/// Why two records look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// They have the same ID number.
    IdNumber,
    /// The same name, and birth dates that a slip of the pen makes of one another.
    BirthDate,
    /// The same telephone, and names that are the same or alike.
    Phone,
}

impl Likeness {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdNumber => "same_id_number",
            Self::BirthDate => "same_name_alike_birth_date",
            Self::Phone => "alike_name_same_phone",
        }
    }
}

/// Whether one date may be the other with day and month swapped, or with one digit wrong.
pub(super) fn are_alike(one: Date, other: Date) -> bool {
    let swapped =
        one.year() == other.year() && u8::from(one.month()) == other.day() && one.day() == u8::from(other.month());
    let digits = |date: Date| format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day());
    let differing = digits(one).chars().zip(digits(other).chars()).filter(|(one, other)| one != other).count();
    one != other && (swapped || differing == 1)
}

/// Whether names are the same, sound the same but for tones, or differ in one character of several.
pub(super) fn sound_alike(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len() != other.len() {
        return false;
    }
    let pairs = || one.iter().copied().zip(other.iter().copied());
    let differing = pairs().filter(|(one, other)| one != other).count();
    differing == 0 || (differing == 1 && one.len() > 1) || pairs().all(|(one, other)| share_a_reading(one, other))
}

fn share_a_reading(one: char, other: char) -> bool {
    let readings = |letter: char| -> Vec<&'static str> {
        letter.to_pinyin_multi().into_iter().flatten().map(|reading| reading.plain()).collect()
    };
    one == other || readings(one).iter().any(|reading| readings(other).contains(reading))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn slips_of_the_pen_in_dates() {
        let born = date!(1956 - 03 - 02);
        for alike in [date!(1956 - 02 - 03), date!(1956 - 03 - 12), date!(1965 - 03 - 02), date!(1950 - 03 - 02)] {
            let expected = alike != date!(1965 - 03 - 02);
            assert_eq!(are_alike(born, alike), expected, "{alike}");
        }
        assert!(!are_alike(born, born));
        assert!(!are_alike(born, date!(1956 - 04 - 03)));
    }

    #[test]
    fn names_that_sound_alike() {
        for (one, other, expected) in [
            ("张桂芳", "张桂芳", true),
            ("张桂芳", "张桂方", true),
            ("张桂芳", "章贵方", true),
            ("曾小红", "增晓虹", true),
            ("张桂芳", "张秀英", false),
            ("张桂芳", "张芳", false),
            ("张", "李", false),
            ("Li Na", "Li Ma", true),
            ("Li Na", "Lu Ma", false),
        ] {
            assert_eq!(sound_alike(one, other), expected, "{one} {other}");
            assert_eq!(sound_alike(other, one), expected, "{other} {one}");
        }
    }
}
