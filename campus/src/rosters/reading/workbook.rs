//! Reads xlsx, cell by cell, so that a sheet's claimed size costs nothing.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{
    Cell, Refusal,
    sheet::{MOST_COLUMNS, Next, RosterReader},
};

/// Feeds the visible sheets of an xlsx workbook to the reader.
pub(super) fn read(bytes: &[u8], reader: &mut RosterReader) -> Result<(), Refusal> {
    guarded(|| read_sheets(bytes, reader))
}

/// Runs a parser of foreign files; a panic on a damaged file is a damaged file.
pub(super) fn guarded(parse: impl FnOnce() -> Result<(), Refusal>) -> Result<(), Refusal> {
    catch_unwind(AssertUnwindSafe(parse)).unwrap_or_else(|_| Err(Refusal::unreadable("the parser gave up on it")))
}

fn read_sheets(bytes: &[u8], reader: &mut RosterReader) -> Result<(), Refusal> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(refusal)?;
    let sheets = workbook.sheets_metadata().to_vec();
    for sheet in sheets {
        if sheet.typ != SheetType::WorkSheet || sheet.visible != SheetVisible::Visible {
            reader.ignore_sheet(&sheet.name);
            continue;
        }
        reader.begin_sheet(&sheet.name);
        let mut cells = workbook.worksheet_cells_reader(&sheet.name).map_err(refusal)?;
        let mut line: Vec<Cell> = Vec::new();
        let mut current = 0;
        let mut wanted = Next::Line;
        while let Some(cell) = cells.next_cell().map_err(refusal)? {
            let (row, column) = cell.get_position();
            if row != current {
                wanted = reader.line(current.saturating_add(1), &line)?;
                line.clear();
                current = row;
                if wanted == Next::Sheet {
                    break;
                }
            }
            let Ok(column) = usize::try_from(column) else {
                continue;
            };
            let value = value(cell.get_value());
            if column < MOST_COLUMNS && value != Cell::Empty {
                if line.len() <= column {
                    line.resize(column + 1, Cell::Empty);
                }
                if let Some(slot) = line.get_mut(column) {
                    *slot = value;
                }
            }
        }
        if wanted == Next::Line {
            reader.line(current.saturating_add(1), &line)?;
        }
    }
    Ok(())
}

fn value(data: &DataRef<'_>) -> Cell {
    match data {
        DataRef::Int(number) => number.to_string().parse().map_or(Cell::Empty, Cell::Number),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::Bool(_) | DataRef::Empty => Cell::Empty,
        DataRef::DateTime(time) => super::binary_workbook::date_time(*time),
        DataRef::Error(_) => Cell::Failed,
    }
}

fn refusal(error: XlsxError) -> Refusal {
    match error {
        XlsxError::Password => Refusal::PasswordProtected,
        other => Refusal::unreadable(other),
    }
}
