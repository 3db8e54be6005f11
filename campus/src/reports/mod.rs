//! Reports: what branches did in a month, how they compare, and the closing of months.

mod asked;
mod background;
mod closing;
mod composite;
mod export;
mod figures;
mod jobs;
mod letters;
mod live;
mod measures;
mod metrics;
mod pace;
mod parts;
mod queries;
mod ranking;
mod resending;
mod rows;
mod rule_trial;
mod scope;
mod standings;
mod statements;
mod targets;
mod unreached;
mod value;
mod year;

pub use asked::Asked;
pub use closing::{Closing, close, close_due, closing_moment};
pub use composite::{CompositeRanking, WeighedBranch, WeighedPart, Weights, set_weights, weights};
pub use export::{ExportFile, Format};
pub use figures::Figure;
pub use jobs::{CloseMonths, handlers, schedules};
pub use letters::files as mail_files;
pub use live::{Keeper, revision};
pub use measures::{Group, Measure};
pub use metrics::{Definition, Metric, OverYear, Words};
pub use ranking::{BranchMetric, BranchReport, HistoryPoint, RankedBranch, Ranking, Status};
pub use resending::{month_mails, resend};
pub use rule_trial::{RuleTrial, TrialFigures, TrialRow, try_rule};
pub use standings::Standing;
pub use targets::{Progress, Targets, can_have_targets, set_targets, target_of, targets};
pub use unreached::{Unreached, unreached};
pub use value::Hundredths;
pub use year::{
    YearGroup, YearMetric, YearRank, YearReport, YearSchool, begun, file as year_file, months_of, summary, year_export,
    year_report,
};

use uuid::Uuid;

use self::figures::Figures;
use crate::Campus;
use crate::access::CanView;
use crate::branches::{self, Branch};
use crate::clock::Month;
use crate::error::{Code, Error, Result};
use crate::language::Language;

/// How many months a branch's report goes back, its own included.
const HISTORY_MONTHS: usize = 12;

/// The branch schools by what is asked for in `month`, beside the month before.
///
/// # Errors
/// What the database says.
pub async fn ranking(campus: &Campus, month: Month, asked: impl Into<Asked>) -> Result<Ranking> {
    let asked = asked.into();
    let mut months = vec![month.previous(), month];
    if targets::can_have_targets(asked.metric) {
        months.push(ranking::year_began(month));
    }
    let figures = load(campus, &months, &asked.needed(), Some(month)).await?;
    if !targets::can_have_targets(asked.metric) {
        return ranking::ranking(&figures, month, asked);
    }
    ranking::with_targets(&mut *campus.database.connection().await?, &figures, month, asked).await
}

/// The branch schools by several metrics together in `month`; of a closed month with what they weighed then.
///
/// # Errors
/// What the database says.
pub async fn composite_ranking(campus: &Campus, month: Month) -> Result<CompositeRanking> {
    let figures = load(campus, &[month.previous(), month], Measure::ALL, Some(month)).await?;
    let status = Status::of(figures.month(month)?);
    let at = match &status {
        Status::Closed { at, .. } => Some(*at),
        Status::Open => None,
    };
    let weights = composite::standing_weights(&mut *campus.database.connection().await?, at).await?;
    let rankings: Vec<Ranking> =
        weights.keys().map(|metric| ranking::ranking(&figures, month, *metric)).collect::<Result<_>>()?;
    Ok(composite::weigh(status, weights, &rankings))
}

/// Every metric of one branch in `month`, twelve months back.
///
/// # Errors
/// What the database says.
pub async fn branch_report(campus: &Campus, proof: &CanView<Branch>, month: Month) -> Result<BranchReport> {
    let months = month.back(HISTORY_MONTHS);
    let figures = load(campus, &months, Measure::ALL, Some(month)).await?;
    ranking::branch_report(&figures, &months, month, proof.object())
}

/// The rankings of `month` by every metric as a file, with headings in `language`.
///
/// # Errors
/// What the database says; a file that cannot be made.
pub async fn export(campus: &Campus, month: Month, format: Format, language: Language) -> Result<ExportFile> {
    let (_, rankings) = every_ranking(campus, month).await?;
    export::write(month, &rankings, format, language, campus.clock.now())
}

/// One page about a branch in `month`, in Chinese: for its staff to print and hang up.
///
/// # Errors
/// What the database says; [`Code::NotFound`] for a branch that is absent.
pub async fn branch_page(campus: &Campus, month: Month, branch: Uuid) -> Result<ExportFile> {
    let months = month.back(HISTORY_MONTHS);
    let figures = load(campus, &months, Measure::ALL, Some(month)).await?;
    let found = figures.branches.iter().find(|one| one.id == branch).cloned();
    let report = ranking::branch_report(&figures, &months, month, &found.ok_or_else(|| Error::code(Code::NotFound))?)?;
    let (figures, rankings) = every_ranking(campus, month).await?;
    let taught = |group: &Group| {
        let asked = Asked { metric: Metric::Trained, evidence: None, group: Some(*group) };
        let current = figures.month(month).ok()?;
        figures.figure(current, asked, branch).map(|figure| (*group, figure.amount))
    };
    let trained: Vec<(Group, i64)> = Group::ALL.iter().filter_map(taught).collect();
    export::branch_page(month, &report, &rankings, &trained)
}

/// The rankings of `month` by every metric, with their targets.
async fn every_ranking(campus: &Campus, month: Month) -> Result<(Figures, Vec<Ranking>)> {
    let mut figures = load(campus, &[month.previous(), month], Measure::ALL, Some(month)).await?;
    figures::with_december(&mut *campus.database.connection().await?, &campus.clock, &mut figures, month).await?;
    let mut rankings = Vec::with_capacity(Metric::ALL.len());
    for metric in Metric::ALL {
        let connection = &mut *campus.database.connection().await?;
        rankings.push(ranking::with_targets(connection, &figures, month, (*metric).into()).await?);
    }
    Ok((figures, rankings))
}

/// Open months from their boards as far as they are kept, and those before the `reported` month as they were when
/// it was closed. The connection goes back before anything is worked out.
async fn load(campus: &Campus, months: &[Month], measures: &[Measure], reported: Option<Month>) -> Result<Figures> {
    let standing = live::standing(campus, months).await;
    let connection = &mut *campus.database.connection().await?;
    let branches = branches::list(connection).await?;
    let known = live::brought_up_to_date(campus, connection, &branches, measures, standing).await?;
    let asked = figures::Wanted { months, measures, reported };
    figures::load(connection, &campus.clock, branches, &asked, known).await
}
