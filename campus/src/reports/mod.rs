//! Reports: what branches did in a month, how they compare, and the closing of months.

mod closing;
mod export;
mod figures;
mod jobs;
mod letters;
mod live;
mod metrics;
mod queries;
mod ranking;
mod rows;
mod rule_trial;
mod scope;
mod standings;
mod value;

pub use closing::{Closing, close, close_due, closing_moment};
pub use export::{ExportFile, Format};
pub use figures::Figure;
pub use jobs::{CloseMonths, handlers, schedules};
pub use live::{Keeper, revision};
pub use metrics::{Definition, Measure, Metric, Words};
pub use ranking::{BranchMetric, BranchReport, HistoryPoint, RankedBranch, Ranking, Status};
pub use rule_trial::{RuleTrial, TrialFigures, TrialRow, try_rule};
pub use standings::Standing;
pub use value::Hundredths;

use self::figures::Figures;
use crate::Campus;
use crate::access::CanView;
use crate::branches::{self, Branch};
use crate::clock::Month;
use crate::error::Result;
use crate::language::Language;

/// How many months a branch's report goes back, its own included.
const HISTORY_MONTHS: usize = 12;

/// The branch schools by `metric` in `month`, beside the month before.
///
/// # Errors
/// What the database says.
pub async fn ranking(campus: &Campus, month: Month, metric: Metric) -> Result<Ranking> {
    let figures = load(campus, &[month.previous(), month], &[metric.definition().measure]).await?;
    ranking::ranking(&figures, month, metric)
}

/// Every metric of one branch in `month`, twelve months back.
///
/// # Errors
/// What the database says.
pub async fn branch_report(campus: &Campus, proof: &CanView<Branch>, month: Month) -> Result<BranchReport> {
    let months = month.back(HISTORY_MONTHS);
    let figures = load(campus, &months, Measure::ALL).await?;
    ranking::branch_report(&figures, &months, month, proof.object())
}

/// The rankings of `month` by every metric as a file, with headings in `language`.
///
/// # Errors
/// What the database says; a file that cannot be made.
pub async fn export(campus: &Campus, month: Month, format: Format, language: Language) -> Result<ExportFile> {
    let figures = load(campus, &[month.previous(), month], Measure::ALL).await?;
    let rankings: Vec<Ranking> =
        Metric::ALL.iter().map(|metric| ranking::ranking(&figures, month, *metric)).collect::<Result<_>>()?;
    export::write(month, &rankings, format, language, campus.clock.now())
}

/// Open months from their boards as far as they are kept. The connection goes back before anything is
/// worked out.
async fn load(campus: &Campus, months: &[Month], measures: &[Measure]) -> Result<Figures> {
    let standing = live::standing(campus, months).await;
    let connection = &mut *campus.database.connection().await?;
    let branches = branches::list(connection).await?;
    let known = live::brought_up_to_date(campus, connection, &branches, measures, standing).await?;
    figures::load(connection, &campus.clock, branches, months, measures, known).await
}
