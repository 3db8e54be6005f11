//! Subtitles as they come, WebVTT or SubRip in any encoding, and as they are kept: WebVTT with
//! nothing in it but times and words.

use std::fmt::Write as _;

use crate::error::{Code, Error, FieldError, Result};
use crate::writing::turns_direction;

/// The most that one file may say.
const CUES: usize = 10_000;
/// The longest that one cue may say, in characters.
const CUE: usize = 500;
/// The latest there can be, in milliseconds: a day.
const LATEST: u32 = 86_400_000;
/// Faults that are told of at once.
const TOLD: usize = 10;

/// Words shown from a moment to another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cue {
    /// In milliseconds.
    from: u32,
    /// In milliseconds, after `from`.
    to: u32,
    lines: String,
}

/// What subtitles say, as WebVTT that is safe to be shown: without styles, notes and marks.
///
/// # Errors
/// [`Code::CaptionInvalid`] for what are no subtitles; [`Code::CaptionTimesInvalid`] at `cues.3` for the
/// third one whose times are wrong, [`Code::TooLong`], [`Code::TooMany`].
pub(super) fn normalise(text: &str) -> Result<String> {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    if unified.contains('\0') {
        return Err(Error::code(Code::CaptionInvalid));
    }
    let is_webvtt =
        unified.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n']));
    let (mut cues, mut faults) = (Vec::new(), Vec::new());
    for block in blocks(&unified) {
        let Some(place) = block.iter().position(|line| line.contains("-->")) else { continue };
        let number = cues.len() + faults.len() + 1;
        if number > CUES {
            return Err(Error::field("cues", Code::TooMany));
        }
        let (Some(times), Some(said)) = (block.get(place), block.get(place + 1..)) else { continue };
        match cue(times, said) {
            Ok(cue) => cues.push(cue),
            Err(code) => faults.push(FieldError { field: format!("cues.{number}"), code }),
        }
    }
    if !is_webvtt && cues.is_empty() && faults.is_empty() {
        return Err(Error::code(Code::CaptionInvalid));
    }
    faults.truncate(TOLD);
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    cues.retain(|cue| !cue.lines.is_empty());
    cues.sort_by_key(|cue| (cue.from, cue.to));
    Ok(write(&cues))
}

/// Lines that stand together. A number alone begins the next cue of SubRip also where the empty
/// line before it is missing, as some programs leave it out.
fn blocks(text: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut blocks = vec![Vec::new()];
    for (place, line) in lines.iter().enumerate() {
        let is_number = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
        let times_follow = lines.get(place + 1).is_some_and(|next| next.contains("-->"));
        if line.is_empty() || (is_number && times_follow) {
            blocks.push(Vec::new());
        }
        if let Some(block) = blocks.last_mut().filter(|_| !line.is_empty()) {
            block.push(*line);
        }
    }
    blocks
}

fn cue(times: &str, said: &[&str]) -> std::result::Result<Cue, Code> {
    let (from, rest) = times.split_once("-->").ok_or(Code::CaptionTimesInvalid)?;
    // Behind the second time settings may stand.
    let to = rest.split_whitespace().next().unwrap_or_default();
    let (from, to) = time(from.trim()).zip(time(to)).ok_or(Code::CaptionTimesInvalid)?;
    if from >= to || to > LATEST {
        return Err(Code::CaptionTimesInvalid);
    }
    let lines: Vec<String> = said.iter().map(|line| plain(line)).filter(|line| !line.is_empty()).collect();
    let lines = lines.join("\n");
    if lines.chars().count() > CUE {
        return Err(Code::TooLong);
    }
    Ok(Cue { from, to, lines })
}

/// `01:02:03.450`, `01:02:03,450` or `02:03.450` in milliseconds.
fn time(text: &str) -> Option<u32> {
    let (clock, fraction) = text.split_once(['.', ','])?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mut pieces = clock.split(':').collect::<Vec<_>>();
    if pieces.len() == 2 {
        pieces.insert(0, "0");
    }
    let [hours, minutes, seconds] = pieces.as_slice() else { return None };
    let fits = [*hours, *minutes, *seconds].iter().all(|piece| (1..=2).contains(&piece.len()) && digits(piece));
    if !fits || !(1..=3).contains(&fraction.len()) || !digits(fraction) {
        return None;
    }
    let [hours, minutes, seconds] = [hours, minutes, seconds].map(|piece| piece.parse::<u32>().unwrap_or(u32::MAX));
    if minutes > 59 || seconds > 59 {
        return None;
    }
    let milliseconds: u32 = format!("{fraction:0<3}").parse().ok()?;
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds)
}

/// A line without marks (`<i>`, `<v 老师>`, `{\an8}`) and control characters, its entities as the
/// signs they stand for, with what WebVTT would read as a mark written as an entity.
fn plain(line: &str) -> String {
    let words = without_styles(&without_marks(line));
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&lrm;", ""), ("&rlm;", ""), ("&amp;", "&")];
    let mut words = entities.iter().fold(words, |words, (entity, sign)| words.replace(entity, sign));
    words.retain(|sign| !sign.is_control() && !turns_direction(sign));
    words.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `{\an8}` and `{\i1}` go wherever they stand; `{` stays, but not before a backslash, so that to
/// read again what was written changes nothing.
fn without_styles(line: &str) -> String {
    let mut words = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once("{\\") {
        words.push_str(before);
        let Some((_, after)) = behind.split_once('}') else {
            words.push('{');
            rest = behind;
            break;
        };
        rest = after;
    }
    words.push_str(rest);
    let mut kept = String::new();
    for sign in words.chars() {
        if !(sign == '\\' && kept.ends_with('{')) {
            kept.push(sign);
        }
    }
    kept
}

/// `<i>`, `</i>`, `<v 老师>` and `<00:01.000>` go; `3 < 5` stays.
fn without_marks(line: &str) -> String {
    let mut words = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('<') {
        words.push_str(before);
        let is_mark = behind.starts_with(|sign: char| sign.is_ascii_alphanumeric() || sign == '/');
        if !is_mark {
            words.push('<');
            rest = behind;
            continue;
        }
        let Some((_, after)) = behind.split_once('>') else {
            // No mark ends any more: to look for the end of each would take the square of the length.
            words.push('<');
            return words + behind;
        };
        rest = after;
    }
    words + rest
}

fn write(cues: &[Cue]) -> String {
    let mut text = String::from("WEBVTT\n");
    for cue in cues {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{} --> {}\n{}\n", clock(cue.from), clock(cue.to), cue.lines);
    }
    text
}

fn clock(milliseconds: u32) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    format!("{:02}:{:02}:{:02}.{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn subrip_becomes_webvtt() {
        let srt = "1\r\n00:00:01,000 --> 00:00:02,500\r\n地震来了\r\n<i>先护住头</i>\r\n\r\n2\r\n00:00:03,5 --> 00:00:04,000\r\n{\\an8}{\\i1}3 < 5{\\i0} & 好\r\n3\r\n00:01:00,000 --> 00:01:01,000\r\n没有空行\r\n";
        let expected = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n地震来了\n先护住头\n\n00:00:03.500 --> 00:00:04.000\n3 &lt; 5 &amp; 好\n\n00:01:00.000 --> 00:01:01.000\n没有空行\n";
        assert_eq!(normalise(srt).unwrap(), expected);
        assert_eq!(normalise(expected).unwrap(), expected);
    }

    #[test]
    fn nothing_but_times_and_words_is_kept() {
        let hostile = "WEBVTT\n\nSTYLE\n::cue { background: url(https://example.org) }\n\nNOTE\n<script>\n\nx\n00:02.000 --> 00:03.000 line:0\n<script>alert(1)</script><c.red>好</c>\n\n00:00.000 --> 00:01.000\n&lt;img src=x onerror=alert(1)&gt;\n\n00:05.000 --> 00:06.000\n\n";
        let expected = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n&lt;img src=x onerror=alert(1)&gt;\n\n00:00:02.000 --> 00:00:03.000\nalert(1)好\n";
        assert_eq!(normalise(hostile).unwrap(), expected);
    }

    #[test]
    fn wrong_times_are_told_by_their_place() {
        let wrong =
            |times: &str| normalise(&format!("1\n00:00:00,000 --> 00:00:01,000\n好\n\n2\n{times}\n坏\n")).unwrap_err();
        for times in [
            "00:00:02,000 --> 00:00:01,000",
            "00:00:01,000 --> 00:00:01,000",
            "00:00:61,000 --> 00:01:02,000",
            "00:00 --> 00:01",
            "-00:00:01,000 --> 00:00:02,000",
            "99:00:00,000 --> 99:00:01,000",
            "00:00:01,000 -->",
            "１:00:01,000 --> 00:00:02,000",
        ] {
            let Error::Refused { code, fields, .. } = wrong(times) else { unreachable!() };
            let told: Vec<_> = fields.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
            assert_eq!((code, told), (Code::FieldsInvalid, vec![("cues.2", Code::CaptionTimesInvalid)]), "{times}");
        }
    }

    #[test]
    fn what_are_no_subtitles_is_refused() {
        for wrong in ["", "你好", "WEBVTTX\n", "{\"a\": 1}", "WEBVTT\n\0"] {
            assert_eq!(normalise(wrong).unwrap_err().stable_code(), Code::CaptionInvalid, "{wrong:?}");
        }
        assert_eq!(normalise("WEBVTT - 标题").unwrap(), "WEBVTT\n");
        let long = format!("WEBVTT\n\n00:00.000 --> 00:01.000\n{}\n", "长".repeat(501));
        assert_eq!(normalise(&long).unwrap_err().stable_code(), Code::FieldsInvalid);
    }

    #[test]
    fn the_ends_of_marks_are_looked_for_once() {
        // A million of either kind, none of which ends: by the square of that it would take hours.
        for open in ["<a", "< "] {
            let text = format!("WEBVTT\n\n00:00.000 --> 00:01.000\n{}\n", open.repeat(1_000_000));
            assert_eq!(normalise(&text).unwrap_err().stable_code(), Code::FieldsInvalid);
        }
    }

    #[test]
    fn three_hundred_hostile_files_are_read_quickly() {
        for seed in 0..300_usize {
            let pieces =
                ["-->", "00:00:01,000", "\n", "WEBVTT", "<", ">", "&", "{\\", "}", "长", "\u{202e}", "1", ":", "\r"];
            let text: String = (0..2_000)
                .filter_map(|place| pieces.get((seed * 31 + place * place * 7 + place * seed) % pieces.len()).copied())
                .collect();
            if let Ok(read) = normalise(&text) {
                assert!(read.starts_with("WEBVTT\n"));
                assert_eq!(normalise(&read).unwrap(), read);
            }
        }
    }
}
