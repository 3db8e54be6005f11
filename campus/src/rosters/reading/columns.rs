//! Which column means what, under the many names offices give them.

use super::{Cell, sheet::Purpose};
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

/// Names that mean exactly this column, best first: where two columns of one kind are
/// there, the one whose name stands earlier is looked at first.
const NAMES: [(Field, &str); Field::COUNT] = [
    (
        Field::Name,
        "姓名 学员姓名 居民姓名 学生姓名 老人姓名 人员姓名 成员姓名 本人姓名 真实姓名 名字 学员名字 \
         学员名 学员 学生 居民 报名人 报名人姓名 参加人 参加人员 参训人员 申请人 会员姓名 name fullname",
    ),
    (
        Field::BirthDate,
        "出生日期 出生年月日 生日 出生时间 出生日 公历生日 阳历生日 出生年月 出生 出生年 出生年份 \
         birthday birthdate dateofbirth dob",
    ),
    (
        Field::Phone,
        "手机号 手机号码 手机 本人手机 本人电话 移动电话 联系手机 联系电话 电话号码 电话 联系方式 \
         联系号码 固定电话 座机 座机号码 住宅电话 家庭电话 phone mobile tel telephone phonenumber \
         mobilephone",
    ),
    (
        Field::IdNumber,
        "身份证号码 身份证号 身份证 公民身份号码 公民身份证号码 居民身份证号码 居民身份证号 身份号码 \
         证件号码 证件号 证件编号 idnumber idcard idno",
    ),
    (
        Field::RegisteredOn,
        "登记日期 登记时间 注册日期 注册时间 报名日期 报名时间 入学日期 入学时间 登记年月日 入校时间 \
         入会日期 入会时间 建档日期 建档时间 录入日期 录入时间 办理日期 填表日期 填写日期 填报日期 \
         日期 registeredon registrationdate",
    ),
    (Field::Gender, "性别 gender sex"),
    (
        Field::Groups,
        "人群类别 人员类别 学员类别 人群 人群分类 人员分类 人员类型 人群类型 学员类型 学员分类 \
         身份类别 类别 分类 类型 人员身份 身份 group groups category",
    ),
    (Field::Serial, "序号 编号 序 号 顺序 行号 no no. num number #"),
];

/// Parts of a longer name that tell the column, in the order they are looked for.
const PARTS: [(Field, &str); 6] = [
    (Field::IdNumber, "身份证 身份号码 证件号"),
    (Field::BirthDate, "出生 生日"),
    (Field::Phone, "手机 电话 联系方式"),
    (Field::RegisteredOn, "登记日期 登记时间 注册日期 注册时间 报名日期 报名时间 入学日期 入学时间"),
    (Field::Name, "姓名"),
    (Field::Groups, "人群 人员类别 学员类别"),
];

/// Words that make a column somebody else's or something else: the emergency contact's
/// telephone is not the resident's.
const NOT_THE_RESIDENT: &str = "紧急 监护 家长 家属 亲属 子女 儿女 配偶 父亲 母亲 联系人 老师 教师 \
    负责人 推荐 介绍人 经办 登记人 录入人 填表人 年龄 地址 住址 地点 出生地 有效 到期 类型 拼音 英文 \
    曾用 照片 复印 是否";
/// Whose telephone it is, where it is not the resident's.
const OFFICES: &str = "单位 社区 学校 办公";
/// Names that mean a column only where nothing else stands in the header: 学员 联系电话 is
/// a telephone.
const ONLY_ALONE: &str = "学员 学生 居民 报名人 参加人 参加人员 参训人员 申请人 人群 身份 类型 分类 \
    类别 出生 日期 编号 序 号 no";

/// Names of three neighbouring columns that hold a birth date between them.
const BIRTH_PARTS: [&str; 3] = ["出生年 出生年份 年 年份", "出生月 出生月份 月 月份", "出生日 日"];

/// The longest header, in characters, that is searched for a part of a name; longer ones
/// are sentences.
const LONGEST_HEADER: usize = 24;
/// Rank of a name that was recognised by a part only.
const BY_PART: usize = 100;

/// What a header cell means, and how well its name says so (0 is best).
pub(super) fn meaning(label: &str) -> Option<(Field, usize)> {
    let folded = plain_text(label).to_lowercase();
    let whole = key(&folded);
    let first_line = folded.lines().map(key).find(|line| !line.is_empty()).unwrap_or_default();
    let first_word = folded.split_whitespace().next().map(key).unwrap_or_default();
    let exact_beginning = |beginning: &str| {
        if has_word(ONLY_ALONE, beginning) { None } else { exact(beginning) }
    };
    exact(&whole)
        .or_else(|| exact_beginning(&first_line))
        .or_else(|| exact_beginning(&first_word))
        .or_else(|| part(&whole))
        .or_else(|| part(&first_line))
}

/// A header's name without spaces, notes in brackets, asterisks and colons.
fn key(folded: &str) -> String {
    let mut depth = 0_u32;
    let mut key = String::with_capacity(folded.len());
    for character in folded.chars() {
        match character {
            '(' | '[' | '{' | '【' | '〔' | '<' | '《' => depth += 1,
            ')' | ']' | '}' | '】' | '〕' | '>' | '》' => depth = depth.saturating_sub(1),
            '*' | ':' | '★' | '☆' | '※' | '▲' | '_' | '"' | '\'' | '“' | '”' => {}
            other if depth == 0 && !other.is_whitespace() => key.push(other),
            _ => {}
        }
    }
    key
}

fn exact(key: &str) -> Option<(Field, usize)> {
    NAMES
        .iter()
        .find_map(|(field, names)| names.split_whitespace().position(|name| name == key).map(|rank| (*field, rank)))
}

fn part(key: &str) -> Option<(Field, usize)> {
    if key.chars().count() > LONGEST_HEADER || contains_any(key, NOT_THE_RESIDENT) {
        return None;
    }
    let (field, _) = PARTS.iter().find(|(_, parts)| contains_any(key, parts))?;
    let of_an_office = *field == Field::Phone && contains_any(key, OFFICES);
    (!of_an_office).then_some((*field, BY_PART))
}

fn has_word(words: &str, key: &str) -> bool {
    words.split_whitespace().any(|word| word == key)
}

fn contains_any(key: &str, words: &str) -> bool {
    words.split_whitespace().any(|word| key.contains(word))
}

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
        known.sort_by_key(|(column, _, rank)| (*rank, *column));
        let parts = birth_parts(cells);
        let mut columns = Self { known, birth_year: None, bare_year: None };
        match parts {
            Some((year, true)) => columns.set_birth_year(year),
            Some((year, false)) => columns.bare_year = Some(year),
            None => {}
        }
        columns
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
        NAMES.iter().filter(|(field, _)| self.has(*field)).count()
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
        self.known.sort_by_key(|(column, _, rank)| (*rank, *column));
        if let Some(year) = second.birth_year.or(below_birth_date) {
            self.set_birth_year(year);
        }
    }
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
