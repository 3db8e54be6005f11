//! The month's figures as a file.

mod comma;
mod paper;
mod workbook;
mod year;

use time::OffsetDateTime;

pub(super) use year::write as year;

use super::measures::Group;
use super::metrics::{Definition, Metric};
use super::ranking::{BranchReport, RankedBranch, Ranking, Status};
use super::value::Hundredths;
use crate::clock::Month;
use crate::error::{Code, Error, Result};
use crate::language::Language;

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values: UTF-8 with a byte order mark, so that Excel reads the Chinese.
    Csv,
    /// An Excel workbook, a sheet a metric.
    Xlsx,
    /// A4 to be printed, a table a metric.
    Pdf,
}

impl Format {
    /// The format of this name, as a request gives it.
    ///
    /// # Errors
    /// [`Code::FormatUnknown`] on the field `format`.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "csv" => Ok(Self::Csv),
            "xlsx" => Ok(Self::Xlsx),
            "pdf" => Ok(Self::Pdf),
            _ => Err(Error::field("format", Code::FormatUnknown)),
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
        }
    }

    /// What the names of such files end in.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
        }
    }
}

/// A file that was made.
#[derive(Debug, Clone)]
pub struct ExportFile {
    /// What to call it: `2026-11-月报.xlsx`.
    pub name: String,
    /// The same in ASCII, for programs that know no other.
    pub plain_name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// What is in it.
    pub content: Vec<u8>,
}

pub(super) fn write(
    month: Month,
    rankings: &[Ranking],
    format: Format,
    language: Language,
    now: OffsetDateTime,
) -> Result<ExportFile> {
    let content = match format {
        Format::Csv => comma::write(rankings, language)?,
        // A closed month is the same file whenever it is made.
        Format::Xlsx => workbook::write(rankings, language, made_at(rankings, now))?,
        Format::Pdf => paper::write(month, rankings, language)?,
    };
    let ending = format.ending();
    Ok(ExportFile {
        name: format!("{month}-{}.{ending}", language.pick("月报", "report")),
        plain_name: format!("{month}-report.{ending}"),
        content_type: format.content_type(),
        content,
    })
}

/// When the file says that it was made: of a closed month, when it was closed.
fn made_at(rankings: &[Ranking], now: OffsetDateTime) -> OffsetDateTime {
    match rankings.first().map(|ranking| &ranking.status) {
        Some(Status::Closed { at, .. }) => *at,
        _ => now,
    }
}

/// A branch's page.
pub(super) fn branch_page(
    month: Month,
    report: &BranchReport,
    rankings: &[Ranking],
    trained: &[(Group, i64)],
) -> Result<ExportFile> {
    let code = &report.branch.code;
    Ok(ExportFile {
        name: format!("{month}-{}-月报.pdf", report.branch.name.replace(['/', '\\'], "-")),
        plain_name: format!("{month}-{code}-report.pdf"),
        content_type: Format::Pdf.content_type(),
        content: paper::write_branch(month, report, rankings, trained)?,
    })
}

/// A column of figures about a ranked branch.
struct Column {
    chinese: &'static str,
    english: &'static str,
    read: fn(&RankedBranch) -> Option<Cell>,
}

/// A figure with the way it is shown.
#[derive(Clone, Copy)]
enum Cell {
    Rank(u32),
    Figure(Hundredths),
}

impl Column {
    const fn heading(&self, language: Language) -> &'static str {
        language.pick(self.chinese, self.english)
    }
}

impl Cell {
    fn text(self, definition: &Definition) -> String {
        match self {
            Self::Rank(rank) => rank.to_string(),
            Self::Figure(value) if definition.whole => value.plain(),
            Self::Figure(value) => value.to_string(),
        }
    }
}

/// What is said about each metric, in both kinds of file.
const COLUMNS: &[Column] = &[
    Column { chinese: "本月", english: "This month", read: |item| item.figure.map(|it| Cell::Figure(it.value)) },
    Column { chinese: "排名", english: "Rank", read: |item| item.standing.map(|it| Cell::Rank(it.rank)) },
    Column { chinese: "上月", english: "Last month", read: |item| item.previous_value.map(Cell::Figure) },
    Column { chinese: "上月排名", english: "Last rank", read: |item| item.previous_rank.map(Cell::Rank) },
    Column { chinese: "增减", english: "Change", read: |item| item.delta.map(Cell::Figure) },
    Column {
        chinese: "距上一名",
        english: "Gap to next",
        read: |item| item.standing.map(|it| Cell::Figure(it.gap_to_next)),
    },
    Column {
        chinese: "距第一名",
        english: "Gap to first",
        read: |item| item.standing.map(|it| Cell::Figure(it.gap_to_first)),
    },
    Column {
        chinese: "全年目标",
        english: "Target of the year",
        read: |item| item.progress.map(|it| Cell::Figure(it.target)),
    },
    Column {
        chinese: "距目标", english: "Gap to target", read: |item| item.progress.map(|it| Cell::Figure(it.gap))
    },
    Column { chinese: "其中补报", english: "Of it late", read: |item| item.figure.map(|it| Cell::Figure(it.late)) },
];

const fn whole_street(language: Language) -> &'static str {
    language.pick("全街道", "Whole street")
}

const fn code_heading(language: Language) -> &'static str {
    language.pick("代码", "Code")
}

const fn name_heading(language: Language) -> &'static str {
    language.pick("分校", "Branch")
}

const fn metric_name(metric: Metric, language: Language) -> &'static str {
    metric.definition().words(language).name
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
