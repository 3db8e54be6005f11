//! Finds the header of each sheet and collects the people below it.

use std::sync::Arc;

use super::{
    Cell, Field, Refusal, Roster, RosterSheet,
    columns::{Columns, tables},
    headings::is_about_others,
    notes::{self, Line},
};

/// How many lines with content are searched for the header.
const HEADER_WITHIN: usize = 25;
/// The most columns that are looked at; a roster has a dozen.
pub(super) const MOST_COLUMNS: usize = 256;

/// What a file is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Purpose {
    /// To register who is on it.
    #[default]
    Roster,
    /// To find who is on it among those who are registered.
    List,
}

/// Takes the lines of one sheet after the other and builds the roster from them.
#[derive(Default)]
pub(super) struct RosterReader {
    pub(super) purpose: Purpose,
    roster: Roster,
    sheet: Option<SheetReader>,
    best_missing: Option<Vec<Field>>,
}

struct SheetReader {
    name: Arc<str>,
    lines_searched: usize,
    /// The line before, while the header is searched for: what it names, and which it was.
    above: Option<(Columns, u32)>,
    /// Whether the line above the header has a heading over somebody else's columns.
    below_others: bool,
    header: Option<Header>,
}

struct Header {
    /// Where each table begins that stands beside another, and its columns.
    tables: Vec<(usize, Columns)>,
    row: u32,
    /// No person has been seen below it yet: second lines, hints and samples may stand here.
    follows: bool,
    people: u32,
}

/// Whether more lines of the sheet are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The next line, please.
    Line,
    /// This sheet holds no roster.
    Sheet,
}

impl RosterReader {
    pub(super) fn meant_for(purpose: Purpose) -> Self {
        Self { purpose, ..Self::default() }
    }

    /// Begins a sheet; the one before is closed.
    pub(super) fn begin_sheet(&mut self, name: &str) {
        self.end_sheet();
        self.sheet =
            Some(SheetReader { name: name.into(), lines_searched: 0, above: None, below_others: false, header: None });
    }

    /// Notes a sheet that is not read at all.
    pub(super) fn ignore_sheet(&mut self, name: &str) {
        self.roster.ignored_sheets.push(name.into());
    }

    /// Takes one line, `row` counted from 1.
    pub(super) fn line(&mut self, row: u32, cells: &[Cell]) -> Result<Next, Refusal> {
        let Some(sheet) = &mut self.sheet else {
            return Ok(Next::Sheet);
        };
        let line = cells.get(..MOST_COLUMNS).unwrap_or(cells);
        if line.iter().all(Cell::is_blank) {
            return Ok(Next::Line);
        }
        let Some(header) = &mut sheet.header else {
            return Ok(search(sheet, &mut self.best_missing, self.purpose, row, line));
        };
        if header.follows
            && let [(_, columns)] = header.tables.as_mut_slice()
            && refine(columns, line)
        {
            return Ok(Next::Line);
        }
        let mut people = Vec::new();
        for (place, (begin, columns)) in header.tables.iter().enumerate() {
            let end = header.tables.get(place + 1).map_or(line.len(), |(next, _)| line.len().min(*next));
            let cells = line.get(*begin..end).unwrap_or_default();
            match notes::classify(columns, cells, header.follows, self.purpose) {
                Line::Note => {}
                Line::Header => {
                    people.clear();
                    header.tables = tables(line, self.purpose, sheet.below_others);
                    header.follows = true;
                    break;
                }
                Line::Person => people.push(values(columns, cells)),
            }
        }
        for values in people {
            header.people += 1;
            header.follows = false;
            self.roster.take(row, values)?;
        }
        Ok(Next::Line)
    }

    /// Closes the last sheet and hands out the roster.
    pub(super) fn finish(mut self) -> Result<Roster, Refusal> {
        self.end_sheet();
        if self.roster.sheets.is_empty() {
            let missing = self.best_missing.unwrap_or_else(|| Columns::default().missing());
            return Err(Refusal::NotARoster { missing });
        }
        if self.roster.rows.is_empty() {
            return Err(Refusal::Empty);
        }
        Ok(self.roster)
    }

    fn end_sheet(&mut self) {
        let Some(sheet) = self.sheet.take() else {
            return;
        };
        match sheet.header {
            Some(header) => {
                self.roster.sheets.push(RosterSheet { name: sheet.name, header_row: header.row, rows: header.people })
            }
            None => self.roster.ignored_sheets.push(sheet.name),
        }
    }
}

fn search(
    sheet: &mut SheetReader,
    best_missing: &mut Option<Vec<Field>>,
    purpose: Purpose,
    row: u32,
    cells: &[Cell],
) -> Next {
    let columns = Columns::named_by(cells);
    if columns.suffice(purpose) {
        let tables = tables(cells, purpose, sheet.below_others);
        sheet.header = Some(Header { tables, row, follows: true, people: 0 });
        return Next::Line;
    }
    // 身份证号 below 证件信息: the two lines are enough together.
    if let Some((mut both, first)) = sheet.above.take() {
        both.refine(columns.clone());
        if both.suffice(purpose) {
            sheet.header = Some(Header { tables: vec![(0, both)], row: first, follows: true, people: 0 });
            return Next::Line;
        }
    }
    sheet.below_others = cells.iter().any(|cell| matches!(cell, Cell::Text(text) if is_about_others(text)));
    sheet.above = columns.refine_anything().then(|| (columns.clone(), row));
    let missing = columns.missing();
    let fewer = |best: &Vec<Field>| missing.len() < best.len();
    if columns.kinds() > 1 && best_missing.as_ref().is_none_or(fewer) {
        *best_missing = Some(missing);
    }
    sheet.lines_searched += 1;
    if sheet.lines_searched < HEADER_WITHIN { Next::Line } else { Next::Sheet }
}

/// Takes the line below the header as a second header line (手机 below 联系方式), where it names columns,
/// says nothing below the name and, beside what names a column, holds no digit, as a person's would.
fn refine(columns: &mut Columns, cells: &[Cell]) -> bool {
    let second = Columns::named_by(cells);
    let has_digits = cells
        .iter()
        .enumerate()
        .any(|(column, cell)| second.field_of(column).is_none() && cell.as_text().contains(char::is_numeric));
    let name_is_blank = columns.first(Field::Name).and_then(|column| cells.get(column)).is_none_or(Cell::is_blank);
    let is_second_line =
        second.refine_anything() && second.first(Field::Name).is_none() && name_is_blank && !has_digits;
    if is_second_line {
        columns.refine(second);
    }
    is_second_line
}

/// The values of the known columns. Two telephone columns are both kept, the better
/// first; of other kinds the first that says something counts.
fn values(columns: &Columns, cells: &[Cell]) -> [Cell; Field::COUNT] {
    let mut values: [Cell; Field::COUNT] = Default::default();
    for field in [
        Field::Name,
        Field::BirthDate,
        Field::Phone,
        Field::IdNumber,
        Field::RegisteredOn,
        Field::Gender,
        Field::Groups,
    ] {
        let mut said = columns.all(field).filter_map(|column| cells.get(column)).filter(|cell| !cell.says_nothing());
        let Some(first) = said.next() else { continue };
        let value = match (field, said.next()) {
            (Field::Phone, Some(second)) => Cell::text(&format!("{}\n{}", first.as_text(), second.as_text())),
            _ => first.clone(),
        };
        if let Some(slot) = values.get_mut(field.place()) {
            *slot = value;
        }
    }
    if let Some(birth_date) = columns.birth_date_in_parts(cells)
        && let Some(slot) = values.get_mut(Field::BirthDate.place())
        && (*slot == Cell::Empty || birth_date != Cell::Empty)
    {
        *slot = birth_date;
    }
    values
}
