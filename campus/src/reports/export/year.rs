//! The year as a file: a workbook with a sheet for each table, or the same tables on A4.

use rust_xlsxwriter::{Worksheet, XlsxError};
use time::OffsetDateTime;

use super::paper::{MARGIN, Pages, Place, SMALL, TITLE, WIDTH, bars, paragraph, with_unit};
use super::workbook::{Styles, workbook};
use super::{ExportFile, Format, code_heading, metric_name, name_heading};
use crate::error::{Error, Result};
use crate::language::Language;
use crate::reports::measures::Group;
use crate::reports::metrics::{Metric, OverYear};
use crate::reports::ranking::Status;
use crate::reports::value::Hundredths;
use crate::reports::year::{YearReport, summary};
use crate::spreadsheets::harmless;

/// What the schools are laid side by side by on paper, where there is room for few.
const ON_PAPER: [Metric; 5] = [
    Metric::NewRegistrations,
    Metric::TotalRegistrations,
    Metric::Trained,
    Metric::TrainingRate,
    Metric::LearningHours,
];

/// The report of a year. One whose months are all closed is the same file whenever it is made.
pub(in crate::reports) fn write(
    report: &YearReport,
    format: Format,
    language: Language,
    now: OffsetDateTime,
) -> Result<ExportFile> {
    let content = match format {
        Format::Csv => return Err(Error::internal("a year is several tables")),
        Format::Xlsx => sheets(report, language, made_at(report, now)).map_err(Error::internal)?,
        Format::Pdf => paper(report, language)?,
    };
    let (year, ending) = (report.year, format.ending());
    let (name, code) = match &report.branch {
        Some(branch) => (branch.name.replace(['/', '\\'], "-"), branch.code.clone()),
        None => (language.pick("全街道", "street").to_owned(), "street".to_owned()),
    };
    Ok(ExportFile {
        name: format!("{year}-{name}-{}.{ending}", language.pick("年报", "report")),
        plain_name: format!("{year}-{code}-report.{ending}"),
        content_type: format.content_type(),
        content,
    })
}

fn made_at(report: &YearReport, now: OffsetDateTime) -> OffsetDateTime {
    match report.months.last() {
        Some((_, Status::Closed { at, .. })) if report.stands() => *at,
        _ => now,
    }
}

/// What stands in a table.
enum Cell {
    Text(String),
    Whole(i64),
    Figure(Metric, Hundredths),
    /// A figure with its rank behind it.
    Ranked(Metric, Hundredths, u32),
    Empty,
}

impl Cell {
    fn figure(metric: Metric, value: Option<Hundredths>) -> Self {
        value.map_or(Self::Empty, |value| Self::Figure(metric, value))
    }

    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Figure(metric, value) if metric.definition().whole => value.plain(),
            Self::Figure(_, value) => value.to_string(),
            Self::Ranked(metric, value, rank) => format!("{}（{rank}）", Self::Figure(*metric, *value).text()),
            Self::Empty => "–".to_owned(),
        }
    }
}

struct Table {
    name: &'static str,
    head: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

fn headings(words: &[(&'static str, &'static str)], language: Language) -> Vec<String> {
    words.iter().map(|(chinese, english)| language.pick(*chinese, *english).to_owned()).collect()
}

/// Every metric, its year and the year before; with its months where there is room.
fn figures(report: &YearReport, language: Language, months: bool) -> Table {
    let words =
        [("指标", "Metric"), ("单位", "Unit"), ("本年", "This year"), ("上年同期", "Year before"), ("增减", "Change")];
    let mut head = headings(&words, language);
    if months {
        head.extend(report.months.iter().map(|(month, _)| month.to_string()));
    }
    let row = |one: &crate::reports::YearMetric| {
        let unit = one.metric.definition().words(language).unit;
        let mut row = vec![
            Cell::Text(metric_name(one.metric, language).to_owned()),
            Cell::Text(unit.to_owned()),
            Cell::figure(one.metric, one.value),
            Cell::figure(one.metric, one.previous),
            Cell::figure(one.metric, one.delta),
        ];
        if months {
            row.extend(one.months.iter().map(|value| Cell::figure(one.metric, *value)));
        }
        row
    };
    Table { name: language.pick("本年", "Year"), head, rows: report.metrics.iter().map(row).collect() }
}

fn groups(report: &YearReport, language: Language) -> Table {
    let words = [
        ("培训人群", "Group"),
        ("辖区人口", "Population"),
        ("本年学过", "Taught this year"),
        ("培训率 %", "Training rate %"),
        ("上年同期", "Year before"),
        ("目标 %", "Target %"),
        ("还差（人）", "People missing"),
    ];
    let name = |group: Option<Group>| match group {
        None => language.pick("合计", "Everybody").to_owned(),
        Some(group) => language.pick(group.chinese(), group.english()).to_owned(),
    };
    let row = |one: &crate::reports::YearGroup| {
        vec![
            Cell::Text(name(one.group)),
            one.population.map_or(Cell::Empty, Cell::Whole),
            Cell::Whole(one.trained),
            Cell::figure(Metric::TrainingRate, one.rate),
            Cell::Whole(one.previous),
            Cell::figure(Metric::TrainingRate, one.progress.map(|progress| progress.target)),
            one.progress.map_or(Cell::Empty, |progress| Cell::Whole(progress.people)),
        ]
    };
    Table {
        name: language.pick("培训人群", "Groups"),
        head: headings(&words, language),
        rows: report.groups.iter().map(row).collect(),
    }
}

/// The schools side by side, each figure with its rank.
fn schools(report: &YearReport, language: Language) -> Table {
    let shown: Vec<Metric> =
        Metric::ALL.iter().copied().filter(|metric| metric.over_year() != OverYear::Nothing).collect();
    let mut head = vec![code_heading(language).to_owned(), name_heading(language).to_owned()];
    for metric in &shown {
        head.push(metric_name(*metric, language).to_owned());
        head.push(language.pick("名次", "Rank").to_owned());
    }
    let row = |school: &crate::reports::YearSchool| {
        let mut row = vec![Cell::Text(school.branch.code.clone()), Cell::Text(school.branch.name.clone())];
        for rank in &school.ranks {
            row.push(Cell::figure(rank.metric, rank.value));
            row.push(rank.rank.map_or(Cell::Empty, |rank| Cell::Whole(i64::from(rank))));
        }
        row
    };
    Table { name: language.pick("各分校", "Schools"), head, rows: report.schools.iter().map(row).collect() }
}

/// The same by few metrics, the rank behind each figure: a column of its own would leave too little room.
fn schools_on_paper(report: &YearReport, language: Language) -> Table {
    let mut head = vec![code_heading(language).to_owned(), name_heading(language).to_owned()];
    head.extend(ON_PAPER.iter().map(|metric| metric_name(*metric, language).to_owned()));
    let cell = |rank: &crate::reports::YearRank| match rank.value.zip(rank.rank) {
        Some((value, place)) => Cell::Ranked(rank.metric, value, place),
        None => Cell::Empty,
    };
    let row = |school: &crate::reports::YearSchool| {
        let mut row = vec![Cell::Text(school.branch.code.clone()), Cell::Text(school.branch.name.clone())];
        for metric in ON_PAPER {
            row.push(school.ranks.iter().find(|rank| rank.metric == metric).map_or(Cell::Empty, cell));
        }
        row
    };
    let name = language.pick("各分校（括号里是名次）", "Schools (rank in brackets)");
    Table { name, head, rows: report.schools.iter().map(row).collect() }
}

/// Which months the figures stand on.
fn months(report: &YearReport, language: Language) -> Table {
    let words = [("月份", "Month"), ("状态", "State"), ("月结校验码", "SHA-256 of the closed month")];
    let row = |(month, status): &(crate::clock::Month, Status)| {
        let (state, hash) = match status {
            Status::Open => (language.pick("未月结，数字还会变", "open: figures will change"), ""),
            Status::Closed { hash, .. } => (language.pick("已月结", "closed"), hash.as_str()),
        };
        vec![Cell::Text(month.to_string()), Cell::Text(state.to_owned()), Cell::Text(hash.to_owned())]
    };
    Table {
        name: language.pick("月结情况", "Months"),
        head: headings(&words, language),
        rows: report.months.iter().map(row).collect(),
    }
}

fn sheets(report: &YearReport, language: Language, made: OffsetDateTime) -> Result<Vec<u8>, XlsxError> {
    let mut tables = vec![figures(report, language, true), groups(report, language)];
    if !report.schools.is_empty() {
        tables.push(schools(report, language));
    }
    tables.push(months(report, language));
    let (mut workbook, styles) = (workbook(made)?, Styles::new());
    for table in &tables {
        let sheet = workbook.add_worksheet();
        sheet.set_name(table.name)?;
        fill(sheet, table, &styles)?;
    }
    workbook.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, table: &Table, styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 0)?;
    for (column, heading) in (0_u16..).zip(&table.head) {
        sheet.set_column_width(column, if column < 2 { 20 } else { 12 })?;
        sheet.write_string_with_format(0, column, heading, &styles.head)?;
    }
    for (row, cells) in (1_u32..).zip(&table.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(text) => sheet.write_string(row, column, harmless(text))?,
                Cell::Whole(number) => sheet.write_number_with_format(
                    row,
                    column,
                    Hundredths::new(number.saturating_mul(100)).to_float(),
                    &styles.whole,
                )?,
                Cell::Figure(metric, value) => {
                    let style = if metric.definition().whole { &styles.whole } else { &styles.decimals };
                    sheet.write_number_with_format(row, column, value.to_float(), style)?
                }
                Cell::Ranked(..) => sheet.write_string(row, column, cell.text())?,
                Cell::Empty => sheet,
            };
        }
    }
    Ok(())
}

fn paper(report: &YearReport, language: Language) -> Result<Vec<u8>> {
    let whose = report.branch.as_ref().map_or(language.pick("全街道", "The whole street"), |branch| &branch.name);
    let title = format!("{whose} {} {}", report.year, language.pick("年报", "report of the year"));
    let mut pages = Pages::new();
    pages.line(TITLE, title.clone());
    pages.gap(2.0);
    let state = if report.stands() {
        language.pick("全年已月结", "All months are closed")
    } else {
        language.pick("还有月份没有月结，数字还会变", "Some months are not closed: figures will change")
    };
    pages.line(SMALL, state);
    pages.gap(2.0);
    paragraph(&mut pages, &summary(report, language));
    lay(&mut pages, &figures(report, language, false), 44.0);
    lay(&mut pages, &groups(report, language), 34.0);
    for metric in [Metric::NewRegistrations, Metric::LearningHours] {
        let Some(found) = report.metrics.iter().find(|one| one.metric == metric) else { continue };
        let points: Vec<_> = report.months.iter().map(|(month, _)| *month).zip(found.months.iter().copied()).collect();
        let words = metric.definition().words(language);
        pages.gap(4.0);
        bars(&mut pages, &with_unit(words.name, words.unit, language), &points);
    }
    if !report.schools.is_empty() {
        lay(&mut pages, &schools_on_paper(report, language), 16.0);
    }
    lay(&mut pages, &months(report, language), 24.0);
    pages.finish(&title, language.pick("常青学堂", "Changqing"))
}

/// A table on paper: text from the left, figures to the right, the first column `first` millimetres wide.
fn lay(pages: &mut Pages, table: &Table, first: f32) {
    pages.gap(4.0);
    pages.heading(table.name);
    let right = |column: usize| {
        table
            .rows
            .iter()
            .any(|row| matches!(row.get(column), Some(Cell::Whole(_) | Cell::Figure(..) | Cell::Ranked(..))))
    };
    let texts = (1..table.head.len()).take_while(|column| !right(*column)).count();
    let second = if texts > 0 && table.head.len() > texts + 1 { 46.0_f32.min(first + 12.0) } else { 30.0 };
    let begins = first + second * u16::try_from(texts).map_or(0.0, f32::from);
    let figures = u16::try_from(table.head.len() - texts - 1).map_or(1.0, f32::from).max(1.0);
    let each = (WIDTH - begins) / figures;
    let mut places = vec![Place { x: MARGIN, right: false }];
    for column in 1..table.head.len() {
        let x = if column <= texts {
            first + second * u16::try_from(column - 1).map_or(0.0, f32::from)
        } else {
            begins + each * u16::try_from(column - texts).map_or(0.0, f32::from)
        };
        places.push(Place { x: MARGIN + x, right: column > texts });
    }
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(Cell::text).collect()).collect();
    pages.table(&places, &table.head, &rows);
}
