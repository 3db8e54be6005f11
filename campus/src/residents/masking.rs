//! Personal numbers as they are shown: enough to recognise, too little to use.

/// `138****5678`; short numbers keep their last two digits.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    mask(phone, 3, 4)
}

/// `510***********1234` keeps the region's digits and the last four.
#[must_use]
pub fn mask_id_number(id_number: &str) -> String {
    mask(id_number, 3, 4)
}

fn mask(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    let (head, tail) = if length >= head + tail + 3 { (head, tail) } else { (0, 2.min(length)) };
    text.chars()
        .enumerate()
        .map(|(place, letter)| if place < head || place >= length - tail { letter } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked() {
        assert_eq!(mask_phone("13812345678"), "138****5678");
        assert_eq!(mask_phone("8665"), "**65");
        assert_eq!(mask_phone(""), "");
        assert_eq!(mask_id_number("510102195603021234"), "510***********1234");
    }
}
