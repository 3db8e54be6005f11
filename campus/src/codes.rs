//! Codes by which anybody may check a paper they hold: 16 signs of Crockford's base 32.

/// Crockford's base 32: without I, L, O and U, which are taken for others.
const SIGNS: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'M', 'N', 'P',
    'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Y', 'Z',
];
const LENGTH: usize = 16;

/// A new code: 80 random bits.
#[must_use]
pub fn new_code() -> String {
    let random: [u8; LENGTH] = rand::random();
    random.iter().filter_map(|byte| SIGNS.get(usize::from(byte % 32))).collect()
}

/// What somebody has typed in, as the code is kept: O is 0, I and L are 1, the rest does not count.
#[must_use]
pub fn read_code(text: &str) -> Option<String> {
    let mut code = String::new();
    for sign in text.chars().filter(|sign| !matches!(sign, '-' | ' ' | '\u{3000}')) {
        let sign = match sign.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            sign => sign,
        };
        if !SIGNS.contains(&sign) {
            return None;
        }
        code.push(sign);
    }
    (code.len() == LENGTH).then_some(code)
}

/// A code as it is printed: four by four.
#[must_use]
pub fn printed_code(code: &str) -> String {
    let signs: Vec<char> = code.chars().collect();
    let groups: Vec<String> = signs.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::{new_code, printed_code, read_code};

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = new_code();
        assert_eq!(read_code(&code), Some(code.clone()));
        assert_eq!(read_code(&printed_code(&code).to_lowercase()), Some(code));
        assert_eq!(read_code("oil0-0000 0000　000i"), Some("0110000000000001".to_owned()));
        for wrong in ["", "0000", "0000-0000-0000-000U", "0000-0000-0000-00000", "０000000000000000"] {
            assert_eq!(read_code(wrong), None, "{wrong}");
        }
    }
}
