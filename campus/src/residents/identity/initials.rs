//! The initials of a name in pinyin, as people type them to find somebody.

use pinyin::ToPinyin;

/// Signs that are read otherwise in a surname than they mostly are.
const SURNAMES: [(char, char); 15] = [
    ('单', 's'),
    ('曾', 'z'),
    ('仇', 'q'),
    ('解', 'x'),
    ('查', 'z'),
    ('朴', 'p'),
    ('区', 'o'),
    ('覃', 'q'),
    ('尉', 'w'),
    ('乐', 'y'),
    ('员', 'y'),
    ('盖', 'g'),
    ('缪', 'm'),
    ('洗', 'x'),
    ('折', 's'),
];

/// `陈秀英` gives `cxy`; letters stay as they are, everything else is left out.
pub fn initials(name: &str) -> String {
    name.chars()
        .enumerate()
        .filter_map(|(place, sign)| {
            if sign.is_ascii_alphanumeric() {
                return Some(sign.to_ascii_lowercase());
            }
            let surname = SURNAMES.iter().find(|(each, _)| place == 0 && *each == sign).map(|(_, letter)| *letter);
            surname.or_else(|| sign.to_pinyin()?.plain().chars().next())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_as_people_do() {
        for (name, expected) in [
            ("陈秀英", "cxy"),
            ("单田芳", "stf"),
            ("曾国华", "zgh"),
            ("王单", "wd"),
            ("欧阳修", "oyx"),
            ("阿依古丽·买买提", "ayglmmt"),
            ("John Smith", "johnsmith"),
            ("\u{e000}", ""),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
