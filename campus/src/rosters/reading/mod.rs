//! From the bytes of a file to the rows of a roster.
//!
//! A file is known by its content, never by its name. What is read is bounded before it
//! is read: bytes, inflated bytes, rows, columns. Nothing here judges a value; that is
//! done by [`super::judging`].

mod archive;
mod binary_guard;
mod binary_workbook;
mod cell;
mod columns;
mod format;
mod headings;
mod notes;
mod refusal;
mod sheet;
mod text;
mod workbook;

use std::sync::Arc;

pub use cell::Cell;
pub use columns::Field;
pub use refusal::{FileKind, Refusal};

/// The largest file that is read, in bytes.
pub const LARGEST_FILE: usize = 20 * 1024 * 1024;
/// The most people one file may hold, over all its sheets.
pub const MOST_ROWS: usize = 300_000;

/// The most bytes of text in all rows together, some 220 in each of the most rows: a workbook writes a text
/// once that stands in every cell.
const MOST_TEXT: usize = 64 * 1024 * 1024;

/// A file, read: who is on it, as it is written there.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// The sheets that hold a roster, in the order of the file; never empty.
    pub sheets: Vec<RosterSheet>,
    /// Names of the sheets that were left out: covers, notes, hidden sheets.
    pub ignored_sheets: Vec<Arc<str>>,
    /// The data rows of all sheets, in the order of the file.
    pub rows: Vec<RawRow>,
    /// Bytes of text in the rows.
    text: usize,
}

impl Roster {
    /// Takes in a person of the sheet that is being read.
    fn take(&mut self, sheet_row: u32, values: [Cell; Field::COUNT]) -> Result<(), Refusal> {
        if self.rows.len() >= MOST_ROWS {
            return Err(Refusal::TooManyRows { limit: MOST_ROWS });
        }
        self.text += values.iter().map(Cell::bytes).sum::<usize>();
        if self.text > MOST_TEXT {
            return Err(Refusal::ZipBomb { limit: u64::try_from(MOST_TEXT).unwrap_or(u64::MAX) });
        }
        let count = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.rows.push(RawRow { row: count.saturating_add(1), sheet: self.sheets.len(), sheet_row, values });
        Ok(())
    }

    /// The line, counted from 1, of the header of the first sheet that holds a roster.
    pub fn header_row(&self) -> Option<u32> {
        self.sheets.first().map(|sheet| sheet.header_row)
    }
}

/// One sheet that holds a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterSheet {
    /// The sheet's name; empty for text files, which have none.
    pub name: Arc<str>,
    /// The line of its header, counted from 1.
    pub header_row: u32,
    /// How many data rows it holds.
    pub rows: u32,
}

/// One data row, its values as they are written.
#[derive(Debug, Clone)]
pub struct RawRow {
    /// Counts the data rows of the whole file from 1, without blank rows, titles and footers.
    pub row: u32,
    /// Place of the sheet in [`Roster::sheets`].
    pub sheet: usize,
    /// The line in the sheet, or in the text file, counted from 1.
    pub sheet_row: u32,
    values: [Cell; Field::COUNT],
}

impl RawRow {
    /// What the row says in the column of this kind; empty where there is no such column.
    pub fn value(&self, field: Field) -> &Cell {
        self.values.get(field.place()).unwrap_or(&Cell::Empty)
    }
}

/// Reads a roster out of a file's bytes.
///
/// Reads xlsx, the old binary xls, and CSV or TXT in UTF-8, UTF-16 and GB18030 with
/// commas, tabs, semicolons or bars. All sheets that are visible and have a header with
/// a name and a birth date or an ID number are read.
///
/// # Errors
/// A [`Refusal`] that says what is wrong with the file and what to do.
pub fn read(bytes: &[u8]) -> Result<Roster, Refusal> {
    read_for(sheet::Purpose::Roster, bytes)
}

/// Reads a list of people who are registered: like [`read`], but a name and a telephone will do.
///
/// # Errors
/// As there.
pub fn read_list(bytes: &[u8]) -> Result<Roster, Refusal> {
    read_for(sheet::Purpose::List, bytes)
}

fn read_for(purpose: sheet::Purpose, bytes: &[u8]) -> Result<Roster, Refusal> {
    if bytes.len() > LARGEST_FILE {
        return Err(Refusal::TooLarge { limit: LARGEST_FILE });
    }
    let mut reader = sheet::RosterReader::meant_for(purpose);
    match format::recognise(bytes)? {
        format::Format::Workbook => workbook::read(bytes, &mut reader)?,
        format::Format::BinaryWorkbook => binary_workbook::read(bytes, &mut reader)?,
        format::Format::Text => text::read(bytes, &mut reader)?,
    }
    reader.finish()
}

#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod tests;
