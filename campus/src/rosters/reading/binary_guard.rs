//! Looks into a binary workbook before the reader trusts it.
//!
//! The reader makes room for what the file claims: a table as large as its outermost
//! cells, a copy of a shared text for each cell that shows it. A few hundred bytes could so
//! take gigabytes. This walks the records of the workbook (MS-XLS 2.1.4), refuses what is
//! locked or out of bounds, blots out what the reader needs not see, and hands on a fresh
//! file with nothing but the checked stream.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Write},
    ops::Range,
};

use cfb::CompoundFile;

use super::{FileKind, LARGEST_FILE, Refusal};

/// Columns that are kept of a sheet; cells further right are blotted out.
const KEPT_COLUMNS: u16 = 64;
/// The most cells in the tables of all sheets together, empty ones included.
const MOST_CELLS: u64 = 8_000_000;
/// The most bytes of text in all cells together.
const MOST_TEXT: u64 = 128 * 1024 * 1024;

const BLANK: u16 = 0x0201;
const CONTINUE: u16 = 0x003C;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const FILE_PASS: u16 = 0x002F;
const BOUND_SHEET: u16 = 0x0085;
const SHARED_STRINGS: u16 = 0x00FC;
const DIMENSIONS: u16 = 0x0200;
const FORMULA: u16 = 0x0006;
const LABEL_OF_SHARED_STRING: u16 = 0x00FD;
const SEVERAL_NUMBERS: u16 = 0x00BD;
/// Numbers, labels, truth values and single compressed numbers: row and column first.
const CELLS: [u16; 6] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, LABEL_OF_SHARED_STRING];
/// Where a formula record holds the length of its tokens.
const FORMULA_LENGTH_AT: usize = 20;

/// Checks a compound file and returns a fresh one with its workbook only.
pub(super) fn check(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(Refusal::unreadable)?;
    if file.is_stream("/EncryptedPackage") {
        return Err(Refusal::PasswordProtected);
    }
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name));
    let Some(name) = name else {
        let kind = if file.is_stream("/WordDocument") { FileKind::TextDocument } else { FileKind::Unknown };
        return Err(Refusal::UnsupportedFormat { kind });
    };
    let mut stream = Vec::new();
    let limit = u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX);
    file.open_stream(name)
        .map_err(Refusal::unreadable)?
        .take(limit)
        .read_to_end(&mut stream)
        .map_err(Refusal::unreadable)?;
    Walk::default().over(&mut stream)?;
    rebuild(name, &stream).map_err(Refusal::unreadable)
}

fn rebuild(name: &str, stream: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut fresh = CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))?;
    fresh.create_stream(name)?.write_all(stream)?;
    fresh.flush()?;
    Ok(fresh.into_inner().into_inner())
}

/// What has been seen on the way through the records.
#[derive(Default)]
struct Walk {
    /// How many substreams (sheets, charts inside of sheets) are open.
    depth: usize,
    /// Where the outermost substreams begin, in order; the first is the workbook itself.
    beginnings: Vec<u64>,
    /// Where the workbook says that its sheets begin.
    announced: Vec<u64>,
    /// Lengths of the shared strings, in characters.
    strings: Option<Vec<u64>>,
    /// Outermost cells of each sheet, by its beginning.
    tables: BTreeMap<u64, Table>,
    /// Bytes of shared text that the cells show.
    text: u64,
}

/// First and last row, first and last column.
#[derive(Clone, Copy)]
struct Table {
    rows: (u16, u16),
    columns: (u16, u16),
}

impl Walk {
    fn over(mut self, stream: &mut [u8]) -> Result<(), Refusal> {
        let mut at = 0;
        while let Some((kind, body)) = record(stream, at) {
            let next = body.end;
            self.visit(stream, kind, at, body)?;
            at = next;
        }
        self.judge()
    }

    fn visit(&mut self, stream: &mut [u8], kind: u16, at: usize, body: Range<usize>) -> Result<(), Refusal> {
        match kind {
            FILE_PASS => return Err(Refusal::PasswordProtected),
            BEGIN => {
                if self.depth == 0 {
                    self.beginnings.push(position(at));
                }
                self.depth += 1;
            }
            END => self.depth = self.depth.saturating_sub(1),
            BOUND_SHEET => {
                let low = number(stream, body.start).unwrap_or(0);
                let high = number(stream, body.start + 2).unwrap_or(0);
                self.announced.push((u64::from(high) << 16) | u64::from(low));
            }
            SHARED_STRINGS => {
                let again = self.strings.replace(string_lengths(&segments(stream, body))).is_some();
                if again || self.beginnings.len() > 1 {
                    return Err(Refusal::unreadable("more than one table of strings"));
                }
            }
            DIMENSIONS => stream.get_mut(body).unwrap_or_default().fill(0),
            FORMULA => {
                // The tokens are of no use; without a length they are passed over.
                let length = body.start + FORMULA_LENGTH_AT..body.start + FORMULA_LENGTH_AT + 2;
                if length.end <= body.end {
                    stream.get_mut(length).unwrap_or_default().fill(0);
                }
                self.cell(stream, kind, at, body);
            }
            SEVERAL_NUMBERS => self.cell(stream, kind, at, body),
            other if CELLS.contains(&other) => self.cell(stream, kind, at, body),
            _ => {}
        }
        Ok(())
    }

    fn cell(&mut self, stream: &mut [u8], kind: u16, at: usize, body: Range<usize>) {
        let row = number(stream, body.start).unwrap_or(0);
        let column = number(stream, body.start + 2).unwrap_or(u16::MAX);
        let last = match kind {
            SEVERAL_NUMBERS => number(stream, body.end.saturating_sub(2)).unwrap_or(u16::MAX),
            _ => column,
        };
        if last >= KEPT_COLUMNS || last < column {
            if let Some(kind) = stream.get_mut(at..at + 2) {
                kind.copy_from_slice(&BLANK.to_le_bytes());
            }
            return;
        }
        if kind == LABEL_OF_SHARED_STRING {
            let place = number(stream, body.start + 6).zip(number(stream, body.start + 8));
            let place = place.map(|(low, high)| (usize::from(high) << 16) | usize::from(low));
            let strings = self.strings.as_deref().unwrap_or_default();
            let length = place.and_then(|place| strings.get(place)).copied().unwrap_or(0);
            // Three bytes hold any character of the basic plane.
            self.text = self.text.saturating_add(length.saturating_mul(3));
        }
        let Some(sheet) = self.beginnings.last() else {
            return;
        };
        let table = self.tables.entry(*sheet).or_insert(Table { rows: (row, row), columns: (column, last) });
        table.rows = (table.rows.0.min(row), table.rows.1.max(row));
        table.columns = (table.columns.0.min(column), table.columns.1.max(last));
    }

    fn judge(mut self) -> Result<(), Refusal> {
        let announced = self.announced.len();
        self.announced.sort_unstable();
        self.announced.dedup();
        let sheets = self.beginnings.get(1..).unwrap_or_default();
        let known = self.announced.iter().all(|at| sheets.binary_search(at).is_ok());
        if announced != self.announced.len() || !known {
            return Err(Refusal::unreadable("the places of its sheets"));
        }
        let cells = self.tables.values().fold(0_u64, |sum, table| {
            let rows = u64::from(table.rows.1 - table.rows.0) + 1;
            let columns = u64::from(table.columns.1 - table.columns.0) + 1;
            sum.saturating_add(rows * columns)
        });
        if cells > MOST_CELLS || self.text > MOST_TEXT {
            return Err(Refusal::ZipBomb { limit: MOST_TEXT });
        }
        Ok(())
    }
}

/// The kind of the record at a place, and where its body stands.
fn record(stream: &[u8], at: usize) -> Option<(u16, Range<usize>)> {
    let kind = number(stream, at)?;
    let start = at + 4;
    let end = start + usize::from(number(stream, at + 2)?);
    (end <= stream.len()).then_some((kind, start..end))
}

fn number(stream: &[u8], at: usize) -> Option<u16> {
    let bytes = stream.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn position(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX)
}

/// A record's body and those of the records that continue it.
fn segments(stream: &[u8], body: Range<usize>) -> Vec<&[u8]> {
    let mut at = body.end;
    let mut segments = vec![stream.get(body).unwrap_or_default()];
    while let Some((CONTINUE, body)) = record(stream, at) {
        at = body.end;
        segments.push(stream.get(body).unwrap_or_default());
    }
    segments
}

/// Lengths of the strings of the shared string table, as far as they can be followed; a
/// table that breaks off is refused by the reader itself.
fn string_lengths(segments: &[&[u8]]) -> Vec<u64> {
    const HEADER: usize = 8;
    let mut lengths = Vec::new();
    let mut rest = segments.iter().copied();
    let mut data = rest.next().and_then(|data| data.get(HEADER..)).unwrap_or_default();
    loop {
        if data.is_empty() {
            match rest.next() {
                Some(segment) => data = segment,
                None => return lengths,
            }
        }
        let Some(string) = StringHeader::read(&mut data) else {
            return lengths;
        };
        lengths.push(u64::from(string.characters));
        let mut left = usize::from(string.characters);
        let mut width = string.width;
        loop {
            let here = left.min(data.len() / width);
            data = data.get(here * width..).unwrap_or_default();
            left -= here;
            if left == 0 {
                break;
            }
            // The text goes on in the next record, which begins with its own width.
            let Some(segment) = rest.next() else {
                return lengths;
            };
            let Some((flags, tail)) = segment.split_first() else {
                return lengths;
            };
            width = 1 + usize::from(flags & 1);
            data = tail;
        }
        let mut skip = string.trailing;
        while skip > data.len() {
            skip -= data.len();
            match rest.next() {
                Some(segment) => data = segment,
                None => return lengths,
            }
        }
        data = data.get(skip..).unwrap_or_default();
    }
}

struct StringHeader {
    characters: u16,
    width: usize,
    /// Bytes of formatting and phonetics behind the text.
    trailing: usize,
}

impl StringHeader {
    fn read(data: &mut &[u8]) -> Option<Self> {
        const RICH: u8 = 0x08;
        const PHONETIC: u8 = 0x04;
        let characters = number(data, 0)?;
        let flags = *data.get(2)?;
        let mut at = 3;
        let mut trailing = 0;
        if flags & RICH != 0 {
            trailing += usize::from(number(data, at)?) * 4;
            at += 2;
        }
        if flags & PHONETIC != 0 {
            let (low, high) = (number(data, at)?, number(data, at + 2)?);
            trailing += (usize::from(high) << 16) | usize::from(low);
            at += 4;
        }
        *data = data.get(at..)?;
        Some(Self { characters, width: 1 + usize::from(flags & 1), trailing })
    }
}
