//! A frozen list as a file.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as CellFormat, Workbook};
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{Frozen, Honoured, Honours};
use super::{Measure, frozen};
use crate::Campus;
use crate::error::{Code, Error, Result};
use crate::language::Language;
use crate::reports::{ExportFile, Format, Hundredths};
use crate::spreadsheets::harmless;

/// A frozen list as a file that office programs open.
///
/// # Errors
/// [`crate::error::Code::NotFound`].
pub async fn export(campus: &Campus, id: Uuid, format: Format, language: Language) -> Result<ExportFile> {
    let frozen = frozen(campus, id).await?;
    let sheets = sheets(&frozen.honours, language);
    let content = match format {
        // A list is read on a screen or goes on into a sheet.
        Format::Pdf => return Err(Error::field("format", Code::FormatUnknown)),
        Format::Csv => comma(&frozen, &sheets, language)?,
        Format::Xlsx => workbook(&frozen, &sheets, language, campus.clock.local(frozen.summary.frozen_at))?,
    };
    let ending = format.ending();
    let day = campus.clock.date_of(frozen.summary.frozen_at);
    Ok(ExportFile {
        name: format!("{day}-{}.{ending}", language.pick("年度表彰", "honours")),
        plain_name: format!("{day}-honours.{ending}"),
        content_type: format.content_type(),
        content,
    })
}

struct Sheet {
    name: &'static str,
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

enum Cell {
    Text(String),
    Rank(u32),
    Value(Hundredths),
}

impl Cell {
    fn written(&self) -> String {
        match self {
            Self::Text(text) => harmless(text),
            Self::Rank(rank) => rank.to_string(),
            Self::Value(value) => value.to_string(),
        }
    }
}

fn sheets(honours: &Honours, language: Language) -> Vec<Sheet> {
    let measure = honours.criteria.measure;
    let value = match measure {
        Measure::Credits => language.pick("学分", "Credits"),
        Measure::Hours => language.pick("学时（小时）", "Hours"),
    };
    let (rank, note) = (language.pick("名次", "Rank"), language.pick("备注", "Remark"));
    let (name, branch) = (language.pick("姓名", "Name"), language.pick("学校", "Branch"));
    let row = |one: &Honoured, middle: Vec<String>| {
        let remark = if one.tied { language.pick("末位并列", "Tied for the last place") } else { "" };
        let mut row = vec![Cell::Rank(one.rank)];
        row.extend(middle.into_iter().map(Cell::Text));
        row.extend([Cell::Value(measure.figure(one.value)), Cell::Text(remark.to_owned())]);
        row
    };
    let called = |one: &Honoured| one.name.clone().unwrap_or_else(|| language.pick("（已注销）", "(left)").to_owned());
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        Sheet {
            name: language.pick("学习个人", "Individuals"),
            headings: vec![rank, name, language.pick("学员号", "Learner number"), branch, value, note],
            rows: honours
                .individuals
                .iter()
                .map(|one| row(one, vec![called(one), text(&one.learner_number), text(&one.branch)]))
                .collect(),
        },
        Sheet {
            name: language.pick("学习家庭", "Families"),
            headings: vec![rank, name, language.pick("家庭成员", "Members"), branch, value, note],
            rows: honours
                .families
                .iter()
                .map(|one| row(one, vec![called(one), one.members.join("、"), text(&one.branch)]))
                .collect(),
        },
        Sheet {
            name: language.pick("学习单位", "Units"),
            headings: vec![rank, language.pick("单位", "Unit"), value, note],
            rows: honours.units.iter().map(|one| row(one, vec![called(one)])).collect(),
        },
    ]
}

/// What stands under the title: who froze it, when, and the hash.
fn remark(frozen: &Frozen, language: Language) -> String {
    let hash = &frozen.summary.hash;
    match language {
        Language::Chinese => format!("已定稿，校验码 {hash}"),
        Language::English => format!("Frozen, hash {hash}"),
    }
}

fn comma(frozen: &Frozen, sheets: &[Sheet], language: Language) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        // The byte order mark: without it Excel takes UTF-8 for the machine's code page.
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut line = |cells: &[String]| writer.write_record(cells).map_err(Error::internal);
    line(&[harmless(&frozen.summary.title)])?;
    line(&[remark(frozen, language)])?;
    for sheet in sheets {
        line(&[sheet.name.to_owned()])?;
        line(&sheet.headings.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>())?;
        for row in &sheet.rows {
            line(&row.iter().map(Cell::written).collect::<Vec<_>>())?;
        }
    }
    writer.into_inner().map_err(Error::internal)
}

fn workbook(frozen: &Frozen, sheets: &[Sheet], language: Language, at: OffsetDateTime) -> Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    // Said, for the file is the same whenever it is taken.
    let made = ExcelDateTime::from_timestamp(at.unix_timestamp()).map_err(Error::internal)?;
    workbook.set_properties(&DocProperties::new().set_title(&frozen.summary.title).set_creation_datetime(&made));
    let bold = CellFormat::new().set_bold();
    let decimals = CellFormat::new().set_num_format("0.00");
    for sheet in sheets {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(sheet.name).map_err(Error::internal)?;
        worksheet.set_freeze_panes(3, 0).map_err(Error::internal)?;
        worksheet.write_string_with_format(0, 0, &frozen.summary.title, &bold).map_err(Error::internal)?;
        let frozen_on = format!("{}  {}", at.date(), remark(frozen, language));
        worksheet.write_string(1, 0, frozen_on).map_err(Error::internal)?;
        for (column, heading) in (0_u16..).zip(&sheet.headings) {
            worksheet.write_string_with_format(2, column, *heading, &bold).map_err(Error::internal)?;
        }
        for (line, row) in (3_u32..).zip(&sheet.rows) {
            for (column, cell) in (0_u16..).zip(row) {
                match cell {
                    // Never a formula, whatever somebody is called.
                    Cell::Text(text) => worksheet.write_string(line, column, text),
                    Cell::Rank(rank) => worksheet.write_number(line, column, *rank),
                    Cell::Value(value) => worksheet.write_number_with_format(line, column, value.to_float(), &decimals),
                }
                .map_err(Error::internal)?;
            }
        }
    }
    workbook.save_to_buffer().map_err(Error::internal)
}
