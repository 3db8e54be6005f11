//! An Excel workbook: a sheet a metric, numbers as numbers.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use time::OffsetDateTime;

use super::{COLUMNS, Cell, code_heading, metric_name, name_heading, whole_street};
use crate::error::{Error, Result};
use crate::language::Language;
use crate::reports::metrics::Metric;
use crate::reports::ranking::Ranking;
use crate::reports::value::Hundredths;

pub(super) struct Styles {
    pub(super) head: Format,
    pub(super) whole: Format,
    pub(super) decimals: Format,
    street: Format,
}

impl Styles {
    pub(super) fn new() -> Self {
        Self {
            head: Format::new().set_bold().set_background_color("E8F3EC").set_text_wrap(),
            whole: Format::new().set_num_format("0"),
            decimals: Format::new().set_num_format("0.00"),
            street: Format::new().set_bold(),
        }
    }
}

/// An empty workbook that says when it was made.
pub(super) fn workbook(made: OffsetDateTime) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_timestamp(made.unix_timestamp())?;
    workbook.set_properties(&DocProperties::new().set_author("常青学堂").set_creation_datetime(&made));
    Ok(workbook)
}

pub(super) fn write(rankings: &[Ranking], language: Language, now: OffsetDateTime) -> Result<Vec<u8>> {
    build(rankings, language, now).map_err(Error::internal)
}

fn build(rankings: &[Ranking], language: Language, now: OffsetDateTime) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = workbook(now)?;
    let styles = Styles::new();
    for ranking in rankings {
        let sheet = workbook.add_worksheet();
        sheet.set_name(metric_name(ranking.metric, language))?;
        fill(sheet, ranking, language, &styles)?;
    }
    workbook.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, ranking: &Ranking, language: Language, styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_column_width(0, 10)?;
    sheet.set_column_width(1, 28)?;
    sheet.write_string_with_format(0, 0, code_heading(language), &styles.head)?;
    sheet.write_string_with_format(0, 1, name_heading(language), &styles.head)?;
    for (column, about) in (2_u16..).zip(COLUMNS) {
        sheet.set_column_width(column, 12)?;
        sheet.write_string_with_format(0, column, about.heading(language), &styles.head)?;
    }
    let mut row = 1_u32;
    for item in &ranking.items {
        sheet.write_string(row, 0, &item.branch.code)?;
        sheet.write_string(row, 1, &item.branch.name)?;
        for (column, about) in (2_u16..).zip(COLUMNS) {
            match (about.read)(item) {
                Some(Cell::Rank(rank)) => {
                    sheet.write_number_with_format(row, column, rank, &styles.whole)?;
                }
                Some(Cell::Figure(value)) => figure(sheet, (row, column), ranking.metric, value, styles)?,
                None => {}
            }
        }
        row += 1;
    }
    sheet.write_string_with_format(row, 1, whole_street(language), &styles.street)?;
    let (this, before) = (ranking.street, ranking.previous_street);
    let street = [
        (2, this.map(|it| it.value)),
        (4, before.map(|it| it.value)),
        (6, this.zip(before).map(|(this, before)| this.value - before.value)),
        (11, this.map(|it| it.late)),
    ];
    for (column, value) in street {
        if let Some(value) = value {
            figure(sheet, (row, column), ranking.metric, value, styles)?;
        }
    }
    Ok(())
}

fn figure(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    metric: Metric,
    value: Hundredths,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let style = if metric.definition().whole { &styles.whole } else { &styles.decimals };
    sheet.write_number_with_format(row, column, value.to_float(), style)?;
    Ok(())
}
