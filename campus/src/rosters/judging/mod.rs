//! From the rows of a roster to people, or to what is wrong with a row.
//!
//! One row gets one verdict. The order is: who is it (name, birth date), have we had them
//! in this file already, and only then the rest (telephone, ID number, registration).

mod groups;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use time::Date;

pub use groups::{Group, groups_in};

use super::reading::{Cell, Field, RawRow, Roster};
use crate::residents::identity::{
    DateProblem, Gender, IdNumber, NameProblem, normalise_name, parse_date, parse_date_number, parse_id_number,
    parse_phone, plain_text,
};

/// Nobody on a roster is older than this, in years.
const OLDEST_AGE: i32 = 120;
/// Whole numbers above this have lost digits on their way through a spreadsheet.
const LARGEST_EXACT_NUMBER: f64 = 999_999_999_999_999.0;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Problem {
    /// No name.
    NameMissing,
    /// A name too long to be one, or with characters that were lost on the way.
    NameInvalid,
    /// No birth date, and no ID number that tells it.
    BirthDateMissing,
    /// A birth date that is no date, lacks its day, or makes a person impossibly old.
    BirthDateInvalid,
    /// A birth date after today.
    BirthDateInFuture,
    /// The same name and birth date as a good row above.
    Duplicate,
    /// Something is written for a telephone, but no number that can be called.
    PhoneInvalid,
    /// An ID number of the wrong length, date or check digit.
    IdNumberInvalid,
    /// A registration date that is no date, or before the birth date.
    RegisteredOnInvalid,
    /// A registration date after today.
    RegisteredOnInFuture,
}

impl Problem {
    /// The stable code for the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::NameMissing => "name_missing",
            Self::NameInvalid => "name_invalid",
            Self::BirthDateMissing => "birth_date_missing",
            Self::BirthDateInvalid => "birth_date_invalid",
            Self::BirthDateInFuture => "birth_date_in_future",
            Self::Duplicate => "duplicate",
            Self::PhoneInvalid => "phone_invalid",
            Self::IdNumberInvalid => "id_number_invalid",
            Self::RegisteredOnInvalid => "registered_on_invalid",
            Self::RegisteredOnInFuture => "registered_on_in_future",
        }
    }

    /// The column to look at.
    pub fn field(self) -> Field {
        match self {
            Self::NameMissing | Self::NameInvalid | Self::Duplicate => Field::Name,
            Self::BirthDateMissing | Self::BirthDateInvalid | Self::BirthDateInFuture => Field::BirthDate,
            Self::PhoneInvalid => Field::Phone,
            Self::IdNumberInvalid => Field::IdNumber,
            Self::RegisteredOnInvalid | Self::RegisteredOnInFuture => Field::RegisteredOn,
        }
    }
}

/// A person as a good row tells of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// In the form of [`normalise_name`].
    pub name: String,
    /// From its column, or from the ID number where that is empty.
    pub birth_date: Date,
    /// In the form of [`parse_phone`]; shared telephones are no fault.
    pub phone: Option<String>,
    /// 18 or 15 characters, checked.
    pub id_number: Option<String>,
    /// `None` where the roster does not say: the day of the import, then.
    pub registered_on: Option<Date>,
    /// From its column, or from the ID number where that is empty.
    pub gender: Option<Gender>,
    /// The groups that are known by their codes.
    pub groups: Vec<Group>,
    /// The groups as written, where anything is.
    pub groups_text: Option<String>,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A good row.
    Ok(Box<Person>),
    /// A row that must be put right first.
    Problem(Problem),
}

/// One data row of the roster with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedRow {
    /// Counts the data rows of the file from 1.
    pub row: u32,
    /// The line in the sheet or text file, counted from 1.
    pub sheet_row: u32,
    /// The sheet's name; empty for text files.
    pub sheet: Arc<str>,
    /// Good, or what is wrong.
    pub verdict: Verdict,
    /// The name, where one could be read, so that a person can be found on paper.
    pub name: Option<String>,
    /// For a problem: what stands in the column to look at, as written. ID numbers are not
    /// repeated.
    pub written: Option<String>,
    /// For [`Problem::Duplicate`]: the `row` of the good row above with the same person.
    pub duplicate_of: Option<u32>,
}

impl JudgedRow {
    /// The stable code of the verdict: `ok`, or that of the problem.
    pub fn code(&self) -> &'static str {
        match &self.verdict {
            Verdict::Ok(_) => "ok",
            Verdict::Problem(problem) => problem.code(),
        }
    }

    /// The person, on a good row.
    pub fn person(&self) -> Option<&Person> {
        match &self.verdict {
            Verdict::Ok(person) => Some(person),
            Verdict::Problem(_) => None,
        }
    }
}

/// Judges every row. `today` is the civil day of the deployment's time zone.
///
/// A row is a duplicate of an earlier *good* row only: where the first mention of a
/// person has a fault, the second may still bring them in.
pub fn judge(roster: &Roster, today: Date) -> Vec<JudgedRow> {
    judgements(roster, today).collect()
}

/// As [`judge`], one row after the other, for rosters too long to be held twice.
pub fn judgements(roster: &Roster, today: Date) -> impl Iterator<Item = JudgedRow> + '_ {
    let mut good: HashMap<(String, Date), u32> = HashMap::new();
    roster.rows.iter().map(move |row| judge_row(roster, row, today, &mut good))
}

fn judge_row(roster: &Roster, row: &RawRow, today: Date, good: &mut HashMap<(String, Date), u32>) -> JudgedRow {
    let name = name_of(row);
    let mut duplicate_of = None;
    let verdict = name
        .clone()
        .and_then(|name| {
            let id_number = id_number_of(row);
            let birth_date = birth_date_of(row, &id_number, today)?;
            match good.entry((name.clone(), birth_date)) {
                Entry::Occupied(earlier) => {
                    duplicate_of = Some(*earlier.get());
                    Err(Problem::Duplicate)
                }
                Entry::Vacant(place) => {
                    let person = the_rest(row, name, birth_date, id_number, today)?;
                    place.insert(row.row);
                    Ok(person)
                }
            }
        })
        .map_or_else(Verdict::Problem, |person| Verdict::Ok(Box::new(person)));
    JudgedRow {
        row: row.row,
        sheet_row: row.sheet_row,
        sheet: roster.sheets.get(row.sheet).map(|sheet| Arc::clone(&sheet.name)).unwrap_or_default(),
        written: written(row, &verdict),
        verdict,
        name: name.ok(),
        duplicate_of,
    }
}

fn written(row: &RawRow, verdict: &Verdict) -> Option<String> {
    let Verdict::Problem(problem) = verdict else {
        return None;
    };
    match problem.field() {
        Field::IdNumber => None,
        field => Some(row.value(field).as_text().into_owned()).filter(|text| !text.is_empty()),
    }
}

fn the_rest(
    row: &RawRow,
    name: String,
    birth_date: Date,
    id_number: Result<Option<IdNumber>, Problem>,
    today: Date,
) -> Result<Person, Problem> {
    let phone = phone_of(row)?;
    let id_number = id_number?;
    let registered_on = registered_on_of(row, today)?;
    if registered_on.is_some_and(|day| day < birth_date) {
        return Err(Problem::RegisteredOnInvalid);
    }
    let groups_text = plain_text(&row.value(Field::Groups).as_text());
    Ok(Person {
        name,
        birth_date,
        phone,
        gender: gender_of(row).or(id_number.as_ref().map(|id| id.gender)),
        id_number: id_number.map(|id| id.number),
        registered_on,
        groups: groups_in(&groups_text),
        groups_text: Some(groups_text).filter(|text| !text.is_empty()),
    })
}

fn name_of(row: &RawRow) -> Result<String, Problem> {
    match row.value(Field::Name) {
        Cell::Text(text) => match normalise_name(text) {
            // What stands where a program did not know a rare character.
            Ok(name) if name.contains(['?', '□', '\u{FFFD}']) => Err(Problem::NameInvalid),
            Ok(name) => Ok(name),
            Err(NameProblem::Missing) => Err(Problem::NameMissing),
            Err(NameProblem::TooLong) => Err(Problem::NameInvalid),
        },
        _ => Err(Problem::NameMissing),
    }
}

fn date_in(cell: &Cell) -> Result<Option<Date>, DateProblem> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Date(date) => Ok(Some(*date)),
        Cell::Number(number) => parse_date_number(*number).map(Some),
        Cell::Text(text) => parse_date(text),
        Cell::Failed => Err(DateProblem::Unreadable),
    }
}

/// What the column says goes before what the ID number says. An unfinished date (1956年3月)
/// is finished by the ID number where the two agree.
fn birth_date_of(row: &RawRow, id_number: &Result<Option<IdNumber>, Problem>, today: Date) -> Result<Date, Problem> {
    let by_id = id_number.as_ref().ok().and_then(Option::as_ref).map(|id| id.birth_date);
    let date = match date_in(row.value(Field::BirthDate)) {
        Ok(Some(date)) => date,
        Ok(None) => match (by_id, id_number) {
            (Some(date), _) => date,
            (None, Err(problem)) => return Err(*problem),
            (None, Ok(_)) => return Err(Problem::BirthDateMissing),
        },
        Err(DateProblem::Incomplete { year, month }) => by_id
            .filter(|date| date.year() == year)
            .filter(|date| month.is_none_or(|month| u8::from(date.month()) == month))
            .ok_or(Problem::BirthDateInvalid)?,
        Err(DateProblem::Unreadable) => return Err(Problem::BirthDateInvalid),
    };
    if date > today {
        Err(Problem::BirthDateInFuture)
    } else if today.year() - date.year() > OLDEST_AGE {
        Err(Problem::BirthDateInvalid)
    } else {
        Ok(date)
    }
}

fn id_number_of(row: &RawRow) -> Result<Option<IdNumber>, Problem> {
    let cell = row.value(Field::IdNumber);
    let rounded = matches!(cell, Cell::Number(number) if *number > LARGEST_EXACT_NUMBER);
    if rounded || *cell == Cell::Failed {
        return Err(Problem::IdNumberInvalid);
    }
    let text = cell.as_text();
    match parse_id_number(&text) {
        // A passport or a permit says nothing about its holder: the birth date must stand elsewhere.
        Err(_) if is_another_document(&text) => Ok(None),
        read => read.map_err(|_| Problem::IdNumberInvalid),
    }
}

/// Passports, permits and the like have a letter or two and then seven to ten digits.
fn is_another_document(text: &str) -> bool {
    let plain = plain_text(text);
    let digits = plain.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letters = plain.len() - digits.len();
    (1..=2).contains(&letters) && (7..=10).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn phone_of(row: &RawRow) -> Result<Option<String>, Problem> {
    match row.value(Field::Phone) {
        Cell::Failed => Err(Problem::PhoneInvalid),
        cell => parse_phone(&cell.as_text()).map_err(|_| Problem::PhoneInvalid),
    }
}

fn registered_on_of(row: &RawRow, today: Date) -> Result<Option<Date>, Problem> {
    match date_in(row.value(Field::RegisteredOn)) {
        Ok(Some(date)) if date > today => Err(Problem::RegisteredOnInFuture),
        Ok(Some(date)) if today.year() - date.year() > OLDEST_AGE => Err(Problem::RegisteredOnInvalid),
        Ok(date) => Ok(date),
        Err(_) => Err(Problem::RegisteredOnInvalid),
    }
}

fn gender_of(row: &RawRow) -> Option<Gender> {
    let text = plain_text(&row.value(Field::Gender).as_text()).to_lowercase();
    match text.as_str() {
        "女" | "女性" | "女士" | "f" | "female" => Some(Gender::Female),
        "男" | "男性" | "男士" | "m" | "male" => Some(Gender::Male),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
