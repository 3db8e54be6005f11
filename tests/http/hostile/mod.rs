//! What nobody means well by: three hundred hostile captions and articles, and reports of watching as
//! no player sends them. Each gets a clear refusal or becomes a clean text.

mod articles;
mod captions;
mod reports;

use tests::Answer;

/// What is tried out of a table that would be larger than is needed: a walk through it that meets
/// everything of each kind early.
fn mixed(rounds: usize, seed: usize, kinds: usize) -> impl Iterator<Item = usize> {
    // Steps that share no divisor with the number of kinds come round to all of them.
    let step = (1..).map(|step| seed + step).find(|step| divisor(*step, kinds) == 1).unwrap_or(1);
    (0..rounds).map(move |round| round * step % kinds)
}

fn divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { divisor(other, one % other) }
}

/// Signs that are seen by nobody and do something all the same.
fn has_stray_signs(text: &str) -> bool {
    text.chars().any(|sign| {
        (sign.is_control() && sign != '\n' && sign != '\t')
            || matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// `true`: taken. A refusal must be one of those that the API promises, and say why.
#[track_caller]
fn taken(answer: &Answer, refusals: &[&str], what: &str) -> bool {
    if matches!(answer.status, 200 | 201 | 204) {
        return true;
    }
    let named = answer.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
    let codes: Vec<&str> = named.iter().chain([&answer.body]).filter_map(|each| each["code"].as_str()).collect();
    assert!(matches!(answer.status, 413 | 422), "{} {} for {what:.200}", answer.status, answer.body);
    assert!(!codes.is_empty() && codes.iter().all(|code| refusals.contains(code)), "{codes:?} for {what:.200}");
    assert!(answer.body["detail"].as_str().is_some_and(|text| !text.is_empty()), "no word about {what:.200}");
    false
}
