//! Files for the tests, made as offices make them.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use time::{Date, macros::date};

use super::{
    judging::{JudgedRow, judge},
    reading::{Refusal, Roster, read},
};

/// The day on which all samples are judged.
pub(super) const TODAY: Date = date!(2026 - 10 - 31);

/// A cell of a sample workbook.
#[derive(Clone, Copy)]
pub(super) enum Sample<'a> {
    Nothing,
    Text(&'a str),
    Number(f64),
    /// A number in a cell with the format of a date.
    Date(f64),
}

impl<'a> From<&'a str> for Sample<'a> {
    fn from(text: &'a str) -> Self {
        if text.is_empty() { Self::Nothing } else { Self::Text(text) }
    }
}

/// Lines of text cells.
pub(super) fn lines<'a>(lines: &[&[&'a str]]) -> Vec<Vec<Sample<'a>>> {
    lines.iter().map(|line| line.iter().map(|cell| Sample::from(*cell)).collect()).collect()
}

/// A workbook with one sheet for each name and its lines.
pub(super) fn workbook(sheets: &[(&str, Vec<Vec<Sample<'_>>>)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, lines) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        fill(sheet, lines);
    }
    workbook.save_to_buffer().unwrap()
}

/// Writes lines into a sheet, from its first cell.
pub(super) fn fill(sheet: &mut Worksheet, lines: &[Vec<Sample<'_>>]) {
    let dates = Format::new().set_num_format("yyyy-mm-dd");
    for (row, line) in (0_u32..).zip(lines) {
        for (column, cell) in (0_u16..).zip(line) {
            match cell {
                Sample::Nothing => continue,
                Sample::Text(text) => sheet.write_string(row, column, *text),
                Sample::Number(number) => sheet.write_number(row, column, *number),
                Sample::Date(serial) => {
                    let date = ExcelDateTime::from_serial_datetime(*serial).unwrap();
                    sheet.write_datetime_with_format(row, column, &date, &dates)
                }
            }
            .unwrap();
        }
    }
}

/// Lines as separated text.
pub(super) fn separated(lines: &[&[&str]], delimiter: u8) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    for line in lines {
        writer.write_record(*line).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// Reads and judges.
pub(super) fn judged(bytes: &[u8]) -> Vec<JudgedRow> {
    judge(&roster(bytes), TODAY)
}

/// Reads a file that must be readable.
pub(super) fn roster(bytes: &[u8]) -> Roster {
    match read(bytes) {
        Ok(roster) => roster,
        Err(refusal) => panic!("{refusal}"),
    }
}

/// The refusal of a file that must be refused.
pub(super) fn refused(bytes: &[u8]) -> Refusal {
    match read(bytes) {
        Ok(roster) => panic!("was read: {} rows", roster.rows.len()),
        Err(refusal) => refusal,
    }
}

/// Line in the sheet and verdict of each row.
pub(super) fn verdicts(rows: &[JudgedRow]) -> Vec<(u32, &'static str)> {
    rows.iter().map(|row| (row.sheet_row, row.code())).collect()
}

/// A zip archive with these parts.
pub(super) fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A compound file with these streams.
pub(super) fn compound_file(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, content) in streams {
        file.create_stream(name).unwrap().write_all(content).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// A record of a binary workbook.
pub(super) fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
}

/// The stream of a binary workbook: shared strings, and records of each of its sheets.
pub(super) fn binary_stream(strings: &[&str], sheets: &[(&str, Vec<Vec<u8>>)]) -> Vec<u8> {
    const BEGIN: [u8; 16] = [0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let begin = record(0x0809, &BEGIN);
    let end = record(0x000A, &[]);
    let count = u32::try_from(strings.len()).unwrap().to_le_bytes();
    let texts = strings.iter().flat_map(|text| unicode_text(text));
    let strings = record(0x00FC, &count.iter().chain(&count).copied().chain(texts).collect::<Vec<_>>());
    let names: Vec<Vec<u8>> = sheets.iter().map(|(name, _)| short_text(name)).collect();
    let bodies: Vec<Vec<u8>> =
        sheets.iter().map(|(_, records)| [begin.clone(), records.concat(), end.clone()].concat()).collect();
    let announcements: usize = names.iter().map(|name| 4 + 6 + name.len()).sum();
    let mut at = begin.len() + announcements + strings.len() + end.len();
    let mut stream = begin.clone();
    for (name, body) in names.iter().zip(&bodies) {
        let place = u32::try_from(at).unwrap().to_le_bytes();
        stream.extend(record(0x0085, &[place.as_slice(), &[0, 0], name].concat()));
        at += body.len();
    }
    [stream, strings, end, bodies.concat()].concat()
}

/// A cell that shows a shared string.
pub(super) fn shared_cell(row: u16, column: u16, place: u32) -> Vec<u8> {
    let body = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
    record(0x00FD, &[body, place.to_le_bytes().to_vec()].concat())
}

fn unicode_text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let length = u16::try_from(units.len()).unwrap().to_le_bytes();
    length.into_iter().chain([1]).chain(units.into_iter().flat_map(u16::to_le_bytes)).collect()
}

fn short_text(text: &str) -> Vec<u8> {
    let mut bytes = unicode_text(text);
    bytes.remove(1);
    bytes
}
