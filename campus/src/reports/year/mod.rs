//! The year: what its months come to, who was taught, and how the schools compare by it.

mod groups;
mod sums;
mod words;

use uuid::Uuid;

pub use groups::YearGroup;
pub use sums::{YearMetric, YearRank, YearSchool};
pub use words::summary;

use super::figures::Figures;
use super::measures::Measure;
use super::ranking::Status;
use super::{ExportFile, Format, export, load};
use crate::Campus;
use crate::access::CanView;
use crate::branches::Branch;
use crate::clock::Month;
use crate::error::{Code, Error, Result};
use crate::language::Language;

/// What was done in a year, by the whole street or by one branch.
#[derive(Debug, Clone)]
pub struct YearReport {
    /// The calendar year.
    pub year: i32,
    /// Whose it is; `None`: the whole street's.
    pub branch: Option<Branch>,
    /// Its months from January on, of the year that runs up to this one.
    pub months: Vec<(Month, Status)>,
    /// Every metric, in the order of reports.
    pub metrics: Vec<YearMetric>,
    /// Who was taught: everybody first, then the target groups.
    pub groups: Vec<YearGroup>,
    /// The schools side by side; none where the report is one branch's.
    pub schools: Vec<YearSchool>,
}

impl YearReport {
    /// Whether all its months are closed, so that it says the same for good.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.months.len() == MONTHS && self.months.iter().all(|(_, status)| matches!(status, Status::Closed { .. }))
    }
}

const MONTHS: usize = 12;

/// Checks a year that somebody asks about: one that has begun.
///
/// # Errors
/// [`Code::YearInvalid`] on `year`.
pub fn begun(campus: &Campus, year: i32) -> Result<i32> {
    if (2000..=campus.clock.today().year()).contains(&year) {
        Ok(year)
    } else {
        Err(Error::field("year", Code::YearInvalid))
    }
}

/// The months of a year that have begun, the first first.
///
/// # Errors
/// [`Code::YearInvalid`].
pub fn months_of(campus: &Campus, year: i32) -> Result<Vec<Month>> {
    let year = begun(campus, year)?;
    let december: Month = format!("{year}-12").parse()?;
    let this = campus.clock.this_month();
    Ok(december.back(MONTHS).into_iter().filter(|month| *month <= this).collect())
}

/// The report of a year, of the whole street or of one branch, beside the year before.
///
/// # Errors
/// [`Code::YearInvalid`]; what the database says.
pub async fn year_report(campus: &Campus, proof: Option<&CanView<Branch>>, year: i32) -> Result<YearReport> {
    of_branch(campus, proof.map(|proof| proof.object().id), year).await
}

/// The report of a year as a file, with headings in `language`.
///
/// # Errors
/// As [`year_report`]; [`Code::FormatUnknown`] on `format` for `csv`: a year is several tables.
pub async fn year_export(
    campus: &Campus,
    proof: Option<&CanView<Branch>>,
    year: i32,
    format: Format,
    language: Language,
) -> Result<ExportFile> {
    file(campus, proof.map(|proof| proof.object().id), year, format, language).await
}

/// As [`year_export`], for the worker, who was sent by somebody with the proof.
///
/// # Errors
/// As there; [`Code::NotFound`] for a branch that is absent.
pub async fn file(
    campus: &Campus,
    branch: Option<Uuid>,
    year: i32,
    format: Format,
    language: Language,
) -> Result<ExportFile> {
    if format == Format::Csv {
        return Err(Error::field("format", Code::FormatUnknown));
    }
    let report = of_branch(campus, branch, year).await?;
    export::year(&report, format, language, campus.clock.now())
}

async fn of_branch(campus: &Campus, branch: Option<Uuid>, year: i32) -> Result<YearReport> {
    let months = months_of(campus, year)?;
    let last = *months.last().ok_or_else(|| Error::field("year", Code::YearInvalid))?;
    // The same months of the year before, so that a year that runs is compared with as much of it.
    let before: Vec<Month> = months.iter().filter_map(|month| month.back(MONTHS + 1).first().copied()).collect();
    let mut all: Vec<Month> = before.iter().chain(&months).copied().collect();
    all.sort_unstable();
    let figures = load(campus, &all, Measure::ALL, None).await?;
    let connection = &mut *campus.database.connection().await?;
    let found = branch.map(|id| named(&figures, last, id)).transpose()?;
    let of = sums::Of::new(&figures, branch);
    let metrics = sums::metrics(of, &months, &before)?;
    let groups = groups::groups(connection, of, last, before.last().copied()).await?;
    let schools = if branch.is_none() { sums::schools(&figures, &months)? } else { Vec::new() };
    let months =
        months.into_iter().map(|month| Ok((month, Status::of(figures.month(month)?)))).collect::<Result<Vec<_>>>()?;
    Ok(YearReport { year, branch: found, months, metrics, groups, schools })
}

/// The branch as it is called in the last month.
fn named(figures: &Figures, last: Month, id: Uuid) -> Result<Branch> {
    let found = figures.branches.iter().find(|branch| branch.id == id).ok_or_else(|| Error::code(Code::NotFound))?;
    Ok(figures.month(last)?.named(found))
}
