//! Reads CSV and other separated text, in whatever encoding it was saved.

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{BIG5, GB18030, UTF_8};

use super::{
    Cell, FileKind, Refusal,
    columns::Columns,
    sheet::{Next, Purpose, RosterReader},
};
use crate::encodings::{by_marks, guess};

/// Separators, the most common first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// Lines that are tried to find out the separator.
const LINES_TRIED: usize = 40;
/// Line breaks inside one cell beyond which a lone quotation mark is to blame.
const MOST_BREAKS_IN_CELL: usize = 20;
/// Bytes that are looked at to tell an encoding.
const BEGINNING: usize = 64 * 1024;

/// Feeds a text file to the reader as one sheet without a name.
pub(super) fn read(bytes: &[u8], reader: &mut RosterReader) -> Result<(), Refusal> {
    if looks_binary(bytes) {
        return Err(Refusal::UnsupportedFormat { kind: FileKind::Unknown });
    }
    let (text, delimiter) = decode(bytes, reader.purpose);
    let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text };
    let quoting = !has_lone_quote(&text, delimiter, reader.purpose);
    reader.begin_sheet("");
    let mut records = records(&text, delimiter, quoting);
    let mut record = StringRecord::new();
    let mut cells = Vec::new();
    let mut row = 0_u32;
    while records.read_record(&mut record).map_err(Refusal::unreadable)? {
        // One record is one row of the office's program, whatever line breaks are inside
        // of its cells; blank lines are rows that the reader passes over.
        row = row.saturating_add(1).saturating_add(blank_lines_before(&text, &record));
        cells.clear();
        cells.extend(record.iter().map(|field| Cell::text(text_of_formula(field))));
        if reader.line(row, &cells)? == Next::Sheet {
            break;
        }
    }
    Ok(())
}

fn blank_lines_before(text: &str, record: &StringRecord) -> u32 {
    let start = record.position().and_then(|position| usize::try_from(position.byte()).ok());
    let before = start.and_then(|start| text.as_bytes().get(start..)).unwrap_or_default();
    let blank = before.iter().take_while(|byte| **byte == b'\n').count();
    u32::try_from(blank).unwrap_or(u32::MAX)
}

/// The beginning of a text, for a look at what it may be.
pub(super) fn decode_beginning(bytes: &[u8], length: usize) -> String {
    let beginning = bytes.get(..length).unwrap_or(bytes);
    let encoding = by_marks(beginning).unwrap_or(UTF_8);
    encoding.decode(beginning).0.into_owned()
}

/// Control characters that no text has, in a file that is not UTF-16.
fn looks_binary(bytes: &[u8]) -> bool {
    let beginning = bytes.get(..BEGINNING).unwrap_or(bytes);
    let odd = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1A);
    by_marks(bytes).is_none() && beginning.iter().any(odd)
}

/// Decodes a text and finds its separator.
///
/// The encoding is the first under which the header of a roster can be read: a single
/// damaged byte in UTF-8 must not turn the whole file into another encoding's gibberish.
fn decode(bytes: &[u8], purpose: Purpose) -> (Cow<'_, str>, u8) {
    if let Some(encoding) = by_marks(bytes) {
        let text = encoding.decode(bytes).0;
        let delimiter = delimiter(&text, purpose);
        return (text, delimiter.unwrap_or(b','));
    }
    let mut candidates = vec![GB18030, UTF_8, guess(bytes), BIG5];
    if std::str::from_utf8(bytes).is_ok() {
        candidates.insert(0, UTF_8);
    }
    for encoding in &candidates {
        let text = encoding.decode_without_bom_handling(bytes).0;
        if let Some(delimiter) = delimiter(&text, purpose) {
            return (text, delimiter);
        }
    }
    let encoding = candidates.first().copied().unwrap_or(UTF_8);
    (encoding.decode_without_bom_handling(bytes).0, b',')
}

/// The separator under which the header of a roster appears, with the most columns known.
fn delimiter(text: &str, purpose: Purpose) -> Option<u8> {
    let mut best: Option<(usize, u8)> = None;
    for delimiter in DELIMITERS {
        let known = known_columns(text, delimiter, purpose);
        if known > 0 && best.is_none_or(|(most, _)| known > most) {
            best = Some((known, delimiter));
        }
    }
    best.map(|(_, delimiter)| delimiter)
}

fn known_columns(text: &str, delimiter: u8, purpose: Purpose) -> usize {
    let mut most = 0;
    let mut records = records(text, delimiter, true);
    let mut record = StringRecord::new();
    for _ in 0..LINES_TRIED {
        if !matches!(records.read_record(&mut record), Ok(true)) {
            break;
        }
        let cells: Vec<Cell> = record.iter().map(Cell::text).collect();
        let columns = Columns::named_by(&cells);
        if columns.suffice(purpose) {
            most = most.max(columns.kinds());
        }
    }
    most
}

/// The text of a formula that holds nothing else (`="0123"`), by which systems keep zeros and long numbers.
fn text_of_formula(field: &str) -> &str {
    field.trim().strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(field)
}

/// Whether some cell swallows many lines, or one as wide as the header, as behind a quotation mark that nobody
/// closed.
fn has_lone_quote(text: &str, delimiter: u8, purpose: Purpose) -> bool {
    if !text.contains('"') {
        return false;
    }
    let separator = char::from(delimiter);
    let mut width = None;
    let mut records = records(text, delimiter, true);
    let mut record = StringRecord::new();
    while let Ok(true) = records.read_record(&mut record) {
        if width.is_none() {
            let cells: Vec<Cell> = record.iter().map(Cell::text).collect();
            width = Columns::named_by(&cells).suffice(purpose).then_some(cells.len());
        }
        let is_record = |line: &str| width.is_some_and(|width| line.matches(separator).count() + 1 >= width);
        let swallows =
            |field: &str| field.matches('\n').count() > MOST_BREAKS_IN_CELL || field.lines().skip(1).any(is_record);
        if record.iter().any(swallows) {
            return true;
        }
    }
    false
}

fn records(text: &str, delimiter: u8, quoting: bool) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quoting(quoting)
        .from_reader(text.as_bytes())
}
