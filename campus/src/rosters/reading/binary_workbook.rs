//! Reads the old binary workbooks (xls).

use std::io::Cursor;

use calamine::{Data, ExcelDateTime, Range, Reader, SheetType, SheetVisible, Xls, XlsError};
use time::{Date, Month};

use super::{
    Cell, Refusal, binary_guard,
    sheet::{MOST_COLUMNS, Next, RosterReader},
    workbook::guarded,
};

/// Feeds the visible sheets of a binary workbook to the reader.
pub(super) fn read(bytes: &[u8], reader: &mut RosterReader) -> Result<(), Refusal> {
    let checked = binary_guard::check(bytes)?;
    guarded(|| read_sheets(checked, reader))
}

fn read_sheets(checked: Vec<u8>, reader: &mut RosterReader) -> Result<(), Refusal> {
    let mut workbook: Xls<_> = Xls::new(Cursor::new(checked)).map_err(refusal)?;
    let sheets = workbook.sheets_metadata().to_vec();
    for sheet in sheets {
        if sheet.typ != SheetType::WorkSheet || sheet.visible != SheetVisible::Visible {
            reader.ignore_sheet(&sheet.name);
            continue;
        }
        let range = workbook.worksheet_range(&sheet.name).map_err(refusal)?;
        reader.begin_sheet(&sheet.name);
        read_range(&range, reader)?;
    }
    Ok(())
}

fn read_range(range: &Range<Data>, reader: &mut RosterReader) -> Result<(), Refusal> {
    let Some((first_row, first_column)) = range.start() else {
        return Ok(());
    };
    let offset = usize::try_from(first_column).unwrap_or(MOST_COLUMNS).min(MOST_COLUMNS);
    let mut line = Vec::new();
    for (values, row) in range.rows().zip(first_row.saturating_add(1)..) {
        line.clear();
        line.resize(offset, Cell::Empty);
        line.extend(values.iter().map(value));
        if reader.line(row, &line)? == Next::Sheet {
            break;
        }
    }
    Ok(())
}

fn value(data: &Data) -> Cell {
    match data {
        Data::Int(number) => number.to_string().parse().map_or(Cell::Empty, Cell::Number),
        Data::Float(number) => Cell::Number(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::text(text),
        Data::Bool(_) | Data::Empty => Cell::Empty,
        Data::DateTime(time) => date_time(*time),
        Data::Error(_) => Cell::Failed,
    }
}

/// A number in a cell with the format of a date. One that is no date of our times (a
/// telephone number in such a cell, for one) stays a number.
pub(super) fn date_time(time: ExcelDateTime) -> Cell {
    const DAYS: std::ops::RangeInclusive<f64> = 1.0..=99_999.0;
    let number = time.as_f64();
    if time.is_duration() || !DAYS.contains(&number) {
        return Cell::Number(number);
    }
    let (year, month, day, ..) = time.to_ymd_hms_milli();
    Month::try_from(month)
        .ok()
        .and_then(|month| Date::from_calendar_date(i32::from(year), month, day).ok())
        .map_or(Cell::Failed, Cell::Date)
}

fn refusal(error: XlsError) -> Refusal {
    match error {
        XlsError::Password => Refusal::PasswordProtected,
        other => Refusal::unreadable(other),
    }
}
