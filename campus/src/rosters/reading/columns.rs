//! Which columns of a sheet hold what.

use super::{
    Cell,
    headings::{BY_PART, has_word, key, meaning},
    sheet::Purpose,
};
use crate::residents::identity::plain_text;

/// What a column of a roster holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// 姓名
    Name,
    /// 出生日期
    BirthDate,
    /// 联系电话
    Phone,
    /// 身份证号
    IdNumber,
    /// 登记日期
    RegisteredOn,
    /// 性别
    Gender,
    /// 人群类别
    Groups,
    /// 序号
    Serial,
}

impl Field {
    /// How many kinds of column there are.
    pub(super) const COUNT: usize = 8;
    /// Every kind.
    const ALL: [Self; Self::COUNT] = [
        Self::Name,
        Self::BirthDate,
        Self::Phone,
        Self::IdNumber,
        Self::RegisteredOn,
        Self::Gender,
        Self::Groups,
        Self::Serial,
    ];

    /// The column's usual name, in Chinese, as offices know it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "姓名",
            Self::BirthDate => "出生日期",
            Self::Phone => "联系电话",
            Self::IdNumber => "身份证号",
            Self::RegisteredOn => "登记日期",
            Self::Gender => "性别",
            Self::Groups => "人群类别",
            Self::Serial => "序号",
        }
    }

    /// The stable name for the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::BirthDate => "birth_date",
            Self::Phone => "phone",
            Self::IdNumber => "id_number",
            Self::RegisteredOn => "registered_on",
            Self::Gender => "gender",
            Self::Groups => "groups",
            Self::Serial => "serial",
        }
    }

    pub(super) fn place(self) -> usize {
        match self {
            Self::Name => 0,
            Self::BirthDate => 1,
            Self::Phone => 2,
            Self::IdNumber => 3,
            Self::RegisteredOn => 4,
            Self::Gender => 5,
            Self::Groups => 6,
            Self::Serial => 7,
        }
    }
}

/// Names of three neighbouring columns that hold a birth date between them.
const BIRTH_PARTS: [&str; 3] = ["出生年 出生年份 年 年份", "出生月 出生月份 月 月份", "出生日 日"];

/// Which columns of a sheet hold what.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    /// Column, meaning and rank; sorted so that the best column of a kind comes first.
    known: Vec<(usize, Field, usize)>,
    /// The first of three columns with the year, the month and the day of birth.
    birth_year: Option<usize>,
    /// The first of three columns that are named 年, 月, 日 and no more: whose they are, the
    /// line above must tell.
    bare_year: Option<usize>,
}

impl Columns {
    /// The columns that a row of cells names; most rows name none.
    pub(super) fn named_by(cells: &[Cell]) -> Self {
        let mut known: Vec<(usize, Field, usize)> = cells
            .iter()
            .enumerate()
            .filter_map(|(column, cell)| match cell {
                Cell::Text(text) => meaning(text).map(|(field, rank)| (column, field, rank)),
                _ => None,
            })
            .collect();
        sort(&mut known);
        let parts = birth_parts(cells);
        let mut columns = Self { known, birth_year: None, bare_year: None };
        match parts {
            Some((year, true)) => columns.set_birth_year(year),
            Some((year, false)) => columns.bare_year = Some(year),
            None => {}
        }
        columns
    }

    /// Where the columns of a second table begin that stands beside the first: at its name, or at the number
    /// in front of it.
    fn second_table(&self) -> Option<usize> {
        let (first, rank) = self.known.iter().find(|(_, field, _)| *field == Field::Name).map(|it| (it.0, it.2))?;
        let again = |it: &&(usize, Field, usize)| it.1 == Field::Name && it.2 == rank && it.0 > first;
        let name = self.known.iter().find(again)?.0;
        Some(if name > 0 && self.field_of(name - 1) == Some(Field::Serial) { name - 1 } else { name })
    }

    fn set_birth_year(&mut self, year: usize) {
        self.known.retain(|(column, _, _)| !(year..year + 3).contains(column));
        self.birth_year = Some(year);
    }

    /// The birth date that three columns hold between them, as text; `None` where there are
    /// no such columns.
    pub(super) fn birth_date_in_parts(&self, cells: &[Cell]) -> Option<Cell> {
        let year = self.birth_year?;
        let said: Vec<String> = (year..year + 3)
            .filter_map(|column| cells.get(column))
            .filter(|cell| !cell.says_nothing())
            .map(|cell| plain_text(&cell.as_text()).trim_end_matches(['年', '月', '日', '号']).to_owned())
            .collect();
        Some(Cell::text(&said.join("-")))
    }

    /// Whether these columns are enough: for a roster a name, and a birth date or an ID number that
    /// tells it; for a list a name and a telephone.
    pub(super) fn suffice(&self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Roster => self.missing().is_empty(),
            Purpose::List => self.has(Field::Name) && self.has(Field::Phone),
        }
    }

    /// The columns a roster cannot do without that are not among these.
    pub(super) fn missing(&self) -> Vec<Field> {
        let mut missing = Vec::new();
        if !self.has(Field::Name) {
            missing.push(Field::Name);
        }
        if !self.has(Field::BirthDate) && !self.has(Field::IdNumber) {
            missing.push(Field::BirthDate);
        }
        missing
    }

    /// How many kinds of column are known.
    pub(super) fn kinds(&self) -> usize {
        Field::ALL.iter().filter(|field| self.has(**field)).count()
    }

    /// Whether a column of this kind is known.
    fn has(&self, field: Field) -> bool {
        self.first(field).is_some() || (field == Field::BirthDate && self.birth_year.is_some())
    }

    /// Whether these are a second header line: it names columns, or parts of a date.
    pub(super) fn refine_anything(&self) -> bool {
        self.kinds() > 0 || self.bare_year.is_some()
    }

    /// The best column of a kind.
    pub(super) fn first(&self, field: Field) -> Option<usize> {
        self.all(field).next()
    }

    /// All columns of a kind, the best first.
    pub(super) fn all(&self, field: Field) -> impl Iterator<Item = usize> {
        self.known.iter().filter(move |(_, kind, _)| *kind == field).map(|(column, _, _)| *column)
    }

    /// What a column holds.
    pub(super) fn field_of(&self, column: usize) -> Option<Field> {
        self.known.iter().find(|(known, _, _)| *known == column).map(|(_, field, _)| *field)
    }

    /// Adds the columns of a second header line below merged headings (手机 below 联系方式);
    /// what the second line says about a column is the more exact.
    pub(super) fn refine(&mut self, second: Self) {
        let below_birth_date = second.bare_year.filter(|year| self.field_of(*year) == Some(Field::BirthDate));
        self.known.retain(|(column, _, _)| second.field_of(*column).is_none());
        self.known.extend(second.known);
        sort(&mut self.known);
        if let Some(year) = second.birth_year.or(below_birth_date) {
            self.set_birth_year(year);
        }
    }
}

/// The columns of each table that a header names, with where it begins: mostly one, or two side by side that
/// have the same columns. Else what follows upon a second name is somebody else's, as it is below a heading that
/// says so (`below_others`).
pub(super) fn tables(cells: &[Cell], purpose: Purpose, below_others: bool) -> Vec<(usize, Columns)> {
    let mut all = Columns::named_by(cells);
    let Some((start, (left, right))) = all.second_table().and_then(|at| Some((at, cells.split_at_checked(at)?))) else {
        return vec![(0, all)];
    };
    let (left, right) = (Columns::named_by(left), Columns::named_by(right));
    if !left.suffice(purpose) {
        return vec![(0, all)];
    }
    if !below_others && right.suffice(purpose) && Field::ALL.iter().all(|field| left.has(*field) == right.has(*field)) {
        return vec![(0, left), (start, right)];
    }
    all.known.retain(|(column, field, _)| *column < start || !left.has(*field));
    vec![(0, all)]
}

/// Sorts columns so that the best of a kind comes first. Beside a name, what only sounds like one is somebody
/// else's: where the resident's is forgotten, nobody is registered under it.
fn sort(known: &mut Vec<(usize, Field, usize)>) {
    known.sort_by_key(|(column, _, rank)| (*rank, *column));
    let mut named = false;
    known.retain(|(_, field, rank)| {
        let doubtful = *field == Field::Name && named && *rank >= BY_PART;
        named |= *field == Field::Name;
        !doubtful
    });
}

/// The first of three neighbouring columns with year, month and day, and whether their names
/// tell that they are those of birth.
fn birth_parts(cells: &[Cell]) -> Option<(usize, bool)> {
    let keys: Vec<String> = cells
        .iter()
        .map(|cell| match cell {
            Cell::Text(text) => key(&plain_text(text)),
            _ => String::new(),
        })
        .collect();
    let found = |names: &[String]| names.iter().zip(BIRTH_PARTS).all(|(key, part)| has_word(part, key));
    let year = keys.windows(BIRTH_PARTS.len()).position(found)?;
    let of_birth = keys.iter().skip(year).take(BIRTH_PARTS.len()).any(|key| key.starts_with("出生"));
    Some((year, of_birth))
}
