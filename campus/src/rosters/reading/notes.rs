//! Telling people from the titles, footers and notes around them.

use super::{Cell, Field, columns::Columns, sheet::Purpose};
use crate::residents::identity::{is_han, parse_date, parse_date_number, parse_id_number, parse_phone, plain_text};

/// What a line below the header is.
pub(super) enum Line {
    /// Nothing, a footer, a heading, an example: not about a person.
    Note,
    /// The header once more (a second page or a second table).
    Header,
    /// One person.
    Person,
}

/// Words a footer, a signature line or a note begins with.
const FOOTERS: [&str; 50] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "总人数",
    "总数",
    "学员总",
    "人数",
    "填表",
    "制表",
    "填报",
    "登记人:",
    "录入",
    "签字",
    "签名",
    "签章",
    "上报",
    "报送",
    "审核",
    "复核",
    "审批",
    "批准",
    "负责人",
    "经办",
    "经手",
    "采集人",
    "联系人",
    "联系电话:",
    "电话:",
    "主管",
    "校长",
    "说明",
    "备注:",
    "备注",
    "注:",
    "注意",
    "附注",
    "提示",
    "填写",
    "以上",
    "以下",
    "本页",
    "本表",
    "盖章",
    "(盖章",
    "(公章",
    "单位",
    "日期:",
    "统计",
    "打印",
];
/// What a line that an office signs holds.
const SEALS: [&str; 4] = ["盖章", "公章", "签字", "签章"];
/// What the name of an office ends with.
const OFFICES: [&str; 6] = ["办事处", "居委会", "委员会", "市民学校", "教育中心", "服务中心"];
/// What the name of somebody's part ends with: 登记人, 管理员, 主任.
const ROLES: [char; 9] = ['人', '员', '者', '长', '任', '位', '校', '期', '话'];
/// The most Han characters in the number of a person (二组3).
const LONGEST_SERIAL: usize = 3;
/// What stands in front of a sample row of a form.
const EXAMPLES: [&str; 8] = ["例", "示例", "样例", "范例", "例如", "举例", "填写示例", "例子"];
/// What a row of hints below the header says in the column of the name.
const HINTS: [&str; 12] =
    ["必填", "选填", "必填项", "选填项", "必输", "非必填", "文本", "文本格式", "汉字", "填写", "中文", "text"];

/// Says what a line below the header is. `follows_header` is true until the first person,
/// where hints and column numbers stand.
pub(super) fn classify(columns: &Columns, cells: &[Cell], follows_header: bool, purpose: Purpose) -> Line {
    let filled: Vec<usize> =
        cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank()).map(|(column, _)| column).collect();
    let Some(first) = filled.first().copied() else {
        return Line::Note;
    };
    if repeats_header(columns, cells, purpose) {
        return Line::Header;
    }
    let label = label(cells.get(first));
    if EXAMPLES.contains(&label.trim_end_matches(':')) || (follows_header && is_hints(columns, cells)) {
        return Line::Note;
    }
    let row = Row { columns, cells };
    let person = if filled.len() == 1 {
        row.stands_alone(first)
    } else {
        row.is_about_somebody() && !row.is_footer(first, &label)
    };
    if person { Line::Person } else { Line::Note }
}

fn label(cell: Option<&Cell>) -> String {
    let text = cell.map(Cell::as_text).unwrap_or_default();
    plain_text(&text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// The header again: one cell says "name", and the line names enough for a roster.
fn repeats_header(columns: &Columns, cells: &[Cell], purpose: Purpose) -> bool {
    // Looking up every cell of every line would cost more than all the rest of the reading.
    let may_be = cells.iter().any(|cell| matches!(cell, Cell::Text(text) if text.contains('名')));
    if !may_be {
        return false;
    }
    let named = Columns::named_by(cells);
    named.suffice(purpose) && (named.kinds() > 2 || columns.kinds() <= 2)
}

/// "必填" and the like, or the columns numbered 1, 2, 3.
fn is_hints(columns: &Columns, cells: &[Cell]) -> bool {
    let name = columns.first(Field::Name).and_then(|column| cells.get(column));
    let name = label(name);
    let bare = name.trim_matches(['(', ')', '[', ']', '*']);
    if HINTS.contains(&bare) {
        return true;
    }
    let numbers: Vec<String> = cells
        .iter()
        .filter(|cell| !cell.is_blank())
        .map(|cell| label(Some(cell)).trim_matches(['(', ')']).to_owned())
        .collect();
    numbers.len() > 2
        && numbers
            .iter()
            .zip(1_usize..)
            .all(|(number, place)| *number == place.to_string() || *number == (place - 1).to_string())
}

struct Row<'a> {
    columns: &'a Columns,
    cells: &'a [Cell],
}

impl Row<'_> {
    fn values(&self, field: Field) -> impl Iterator<Item = &Cell> {
        self.columns.all(field).filter_map(|column| self.cells.get(column))
    }

    fn says(&self, field: Field) -> bool {
        self.values(field).any(|cell| !cell.says_nothing())
    }

    /// A name; or, where the name was forgotten, something that only a person has; or a
    /// numbered line with at least two facts in it.
    fn is_about_somebody(&self) -> bool {
        const FACTS: [Field; 6] =
            [Field::BirthDate, Field::Phone, Field::IdNumber, Field::Gender, Field::Groups, Field::RegisteredOn];
        self.says(Field::Name)
            || self.tells_birth()
            || self.values(Field::Phone).any(|cell| matches!(parse_phone(&cell.as_text()), Ok(Some(_))))
            || (self.is_numbered() && FACTS.into_iter().filter(|field| self.says(*field)).count() > 1)
    }

    fn is_numbered(&self) -> bool {
        self.values(Field::Serial).any(|cell| {
            let label = label(Some(cell));
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit())
        })
    }

    /// Whether a birth date or an ID number can really be read: a footer has none.
    fn tells_birth(&self) -> bool {
        let in_parts = self.columns.birth_date_in_parts(self.cells);
        let dated = self.values(Field::BirthDate).chain(in_parts.as_ref()).any(|cell| match cell {
            Cell::Date(_) => true,
            Cell::Number(number) => parse_date_number(*number).is_ok(),
            Cell::Text(text) => matches!(parse_date(text), Ok(Some(_))),
            Cell::Empty | Cell::Failed => false,
        });
        dated || self.values(Field::IdNumber).any(|cell| matches!(parse_id_number(&cell.as_text()), Ok(Some(_))))
    }

    /// A line with one cell is a person only where that cell is a likely name or a valid
    /// ID number; otherwise it is a heading or a note.
    fn stands_alone(&self, column: usize) -> bool {
        let text = label(self.cells.get(column));
        match self.columns.field_of(column) {
            Some(Field::Name) => !begins_like_footer(&text) && !is_heading(&text) && is_likely_name(&text),
            Some(Field::IdNumber) => matches!(parse_id_number(&text), Ok(Some(_))),
            _ => false,
        }
    }

    /// Whether the line begins with an office, or with somebody's part and then who it is (登记人：李四),
    /// and tells nothing that only a person has. `label` is what stands in its first filled cell.
    fn is_signature(&self, column: usize, label: &str) -> bool {
        let sealed = SEALS.iter().any(|seal| label.contains(seal));
        let part = label.split_once(':').map_or("", |(part, _)| part);
        match self.columns.field_of(column) {
            Some(Field::Name) => {
                let signed = sealed || part.ends_with(ROLES) || OFFICES.iter().any(|office| label.ends_with(office));
                signed && !self.is_known_by_more_than_dates()
            }
            _ if self.says(Field::Name) => label.ends_with(':') && !self.is_known_by_more_than_dates(),
            Some(Field::Serial) => {
                sealed || !part.is_empty() || label.chars().filter(|c| is_han(*c)).count() > LONGEST_SERIAL
            }
            _ => sealed || part.chars().any(is_han),
        }
    }

    fn is_known_by_more_than_dates(&self) -> bool {
        let has_id = self.values(Field::IdNumber).any(|cell| matches!(parse_id_number(&cell.as_text()), Ok(Some(_))));
        has_id || (self.tells_birth() && (self.says(Field::Gender) || self.says(Field::Phone)))
    }

    fn is_footer(&self, column: usize, label: &str) -> bool {
        if self.is_signature(column, label) {
            return true;
        }
        if !begins_like_footer(label) {
            return false;
        }
        match self.columns.field_of(column) {
            Some(Field::Serial) => true,
            Some(Field::Name) => label.contains(':') || !self.is_known_by_more_than_dates(),
            _ => !(self.says(Field::Name) && self.tells_birth()),
        }
    }
}

fn begins_like_footer(label: &str) -> bool {
    let counted = ["共", "第"]
        .iter()
        .any(|word| label.strip_prefix(word).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
    counted || FOOTERS.iter().any(|word| label.starts_with(word))
}

/// 第一小组, 二班: a heading over those who follow.
fn is_heading(text: &str) -> bool {
    text.ends_with(['组', '班', '队'])
        && text.starts_with(|c: char| c.is_ascii_digit() || "第一二三四五六七八九十甲乙丙丁".contains(c))
}

/// Names of one person are short and hold neither digits nor the marks of a sentence.
fn is_likely_name(text: &str) -> bool {
    const LONGEST_HAN_NAME: usize = 5;
    let han = text.chars().filter(|c| is_han(*c)).count();
    let transcribed = text.contains(['·', '•', '.']);
    let sentence = text.chars().any(|c| c.is_ascii_digit() || ":;,、。,《》【】!?/".contains(c));
    !sentence && (transcribed || han <= LONGEST_HAN_NAME)
}
