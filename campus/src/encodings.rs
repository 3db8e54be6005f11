//! Texts from offices, in whatever encoding they were kept.

use std::borrow::Cow;

use chardetng::EncodingDetector;
use encoding_rs::{BIG5, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How much of a file is looked at to tell its encoding, in bytes.
const BEGINNING: usize = 64 * 1024;

/// The encoding by its byte order mark, or UTF-16 by the zeros in its separators and
/// digits; a few zeros on the other side are 一 and the ideographic space.
#[must_use]
pub fn by_marks(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    let beginning = bytes.get(..4096).unwrap_or(bytes);
    let zeros = |offset: usize| beginning.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let enough = beginning.len() / 40;
    if odd > enough && odd / 3 >= even {
        Some(UTF_16LE)
    } else if even > enough && even / 3 >= odd {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The likeliest encoding of a text without marks, of those that Chinese offices have.
#[must_use]
pub fn guess(bytes: &[u8]) -> &'static Encoding {
    let beginning = bytes.get(..BEGINNING).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(beginning, beginning.len() == bytes.len());
    detector.guess(Some(b"cn"), chardetng::Utf8Detection::Allow)
}

/// A text, whatever encoding it is in, without its byte order mark.
#[must_use]
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(encoding) = by_marks(bytes) {
        return encoding.decode(bytes).0;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8.decode(bytes).0;
    }
    let (text, ..) = guess(bytes).decode(bytes);
    if is_clean(&text) {
        return text;
    }
    // Nearly every pair of bytes is a sign of GB 18030 too, but not one that anybody writes.
    let (traditional, _, broken) = BIG5.decode(bytes);
    if !broken && is_clean(&traditional) { traditional } else { text }
}

/// Without signs that are nobody's, and without marks of what could not be read.
fn is_clean(text: &str) -> bool {
    !text.chars().any(|sign| matches!(sign, '\u{e000}'..='\u{f8ff}' | '\u{fffd}'))
}

#[cfg(test)]
mod tests {
    use super::decode;
    use encoding_rs::{BIG5, GB18030};

    #[test]
    fn texts_of_every_office_are_read() {
        let text = "1\n00:00:01,000 --> 00:00:02,500\n地震来了，先护住头，不要坐电梯。\n";
        assert_eq!(decode(text.as_bytes()), text);
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()), text);
        assert_eq!(decode(&GB18030.encode(text).0), text);
        let traditional = "1\n00:00:01,000 --> 00:00:02,500\n地震來了，先護住頭，不要坐電梯。\n";
        assert_eq!(decode(&BIG5.encode(traditional).0), traditional);
        for little in [true, false] {
            let units = text.encode_utf16();
            let bytes: Vec<u8> =
                units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
            assert_eq!(decode(&bytes), text, "{little}");
        }
    }
}
