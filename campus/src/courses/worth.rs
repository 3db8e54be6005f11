//! What a course or a lesson is worth, as text with at most two decimals.

/// The most one course or lesson may be worth, in hundredths of a credit.
const LARGEST: i64 = 100_000;

/// Reads `2`, `2.5` or `2.50` as hundredths. `None`: no such amount, or out of bounds.
pub(super) fn read(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, longest: usize| {
        (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(whole, 6) || !digits(decimals, 2) {
        return None;
    }
    let hundredths: i64 = format!("{decimals:0<2}").parse().ok()?;
    let amount = whole.parse::<i64>().ok()? * 100 + hundredths;
    (amount <= LARGEST).then_some(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_at_most_two_decimals() {
        for (text, amount) in [("0", 0), ("2", 200), ("2.5", 250), ("2.50", 250), ("0.05", 5), ("1000.00", 100_000)] {
            assert_eq!(read(text), Some(amount), "{text}");
        }
        for text in ["", ".", "2.", ".5", "-1", "+1", "1e3", "2.505", "1000.01", "9999999", "２", "2,5", " 2"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
