//! The report of a year, on the screen and as a file.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use campus::access::{Actor, CanView, ExportReports, ReadReports};
use campus::branches;
use campus::error::{Code, Error};
use campus::reports::{self, Format, Group, Status};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bodies::{MetricDefinition, metric_schema, number, status_schema};
use super::required;
use crate::branches::Branch;
use crate::download::download;
use crate::input::Query;
use crate::permit::{Permit, language};
use crate::problem::{Answer, Problem};
use crate::state::State;

/// Whose year.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct YearQuery {
    /// A branch's; without it the whole street's.
    branch_id: Option<Uuid>,
}

/// Whose year, and as what kind of file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct YearExportQuery {
    /// `xlsx` or `pdf`.
    #[param(required = true)]
    format: Option<String>,
    /// A branch's; without it the whole street's.
    branch_id: Option<Uuid>,
}

/// What was done in a year. Figures have two decimals, rounded half up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearReport {
    year: i32,
    /// `null`: the whole street.
    branch: Option<Branch>,
    /// The year in sentences, in the reader's language.
    summary: String,
    /// From January on; of the year that runs up to this month.
    months: Vec<YearMonth>,
    metrics: Vec<YearMetric>,
    /// Who was taught: everybody first, then the target groups.
    groups: Vec<YearGroup>,
    /// The schools side by side; none in a branch's report.
    schools: Vec<YearSchool>,
}

/// A month of the year.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearMonth {
    #[schema(example = "2026-11")]
    month: String,
    #[schema(schema_with = status_schema)]
    status: &'static str,
}

/// A metric over the year.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearMetric {
    #[schema(schema_with = metric_schema)]
    metric: &'static str,
    definition: MetricDefinition,
    /// By month.
    #[schema(value_type = Vec<Option<f64>>)]
    months: Vec<Option<Number>>,
    /// What they come to: their sum, or for what stands at a month's end the last of them. `null` where nothing
    /// is known, or where somebody would count several times.
    #[schema(value_type = Option<f64>)]
    value: Option<Number>,
    /// What the same months of the year before came to.
    #[schema(value_type = Option<f64>)]
    previous_value: Option<Number>,
    #[schema(value_type = Option<f64>)]
    delta: Option<Number>,
}

/// How many of a target group were taught at least once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearGroup {
    /// See `GET /groups`; `null`: everybody.
    group: Option<&'static str>,
    name: &'static str,
    population: Option<i64>,
    trained: i64,
    /// Of a hundred.
    #[schema(value_type = Option<f64>)]
    rate: Option<Number>,
    previous_trained: i64,
    /// The rate that the branch is to reach.
    #[schema(value_type = Option<f64>)]
    target: Option<Number>,
    /// How many people more it takes.
    missing_people: Option<i64>,
}

/// A school beside the others.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearSchool {
    branch_id: Uuid,
    code: String,
    name: String,
    ranks: Vec<YearRank>,
}

/// Where a school stands by one metric.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearRank {
    #[schema(schema_with = metric_schema)]
    metric: &'static str,
    #[schema(value_type = Option<f64>)]
    value: Option<Number>,
    rank: Option<u32>,
}

impl From<reports::YearReport> for YearReport {
    fn from(report: reports::YearReport) -> Self {
        let summary = reports::summary(&report, language());
        let shown = |value: Option<reports::Hundredths>| value.and_then(number);
        let months = report
            .months
            .iter()
            .map(|(month, status)| YearMonth { month: month.to_string(), status: Status::as_str(status) });
        let metrics = report.metrics.into_iter().map(|one| YearMetric {
            metric: one.metric.as_str(),
            definition: one.metric.into(),
            months: one.months.into_iter().map(shown).collect(),
            value: shown(one.value),
            previous_value: shown(one.previous),
            delta: shown(one.delta),
        });
        let groups = report.groups.into_iter().map(|one| YearGroup {
            group: one.group.map(Group::as_str),
            name: one.group.map_or(language().pick("合计", "Everybody"), |group| {
                language().pick(group.chinese(), group.english())
            }),
            population: one.population,
            trained: one.trained,
            rate: shown(one.rate),
            previous_trained: one.previous,
            target: shown(one.progress.map(|progress| progress.target)),
            missing_people: one.progress.map(|progress| progress.people),
        });
        let schools = report.schools.into_iter().map(|school| YearSchool {
            branch_id: school.branch.id,
            code: school.branch.code,
            name: school.branch.name,
            ranks: school
                .ranks
                .into_iter()
                .map(|rank| YearRank { metric: rank.metric.as_str(), value: shown(rank.value), rank: rank.rank })
                .collect(),
        });
        Self {
            year: report.year,
            branch: report.branch.map(Branch::from),
            summary,
            months: months.collect(),
            metrics: metrics.collect(),
            groups: groups.collect(),
            schools: schools.collect(),
        }
    }
}

pub(crate) fn year_of(text: &str) -> Result<i32, Problem> {
    Ok(text.parse().map_err(|_| Error::field("year", Code::YearInvalid))?)
}

async fn whose(
    state: &State,
    actor: &Actor,
    branch: Option<Uuid>,
) -> Result<Option<CanView<campus::branches::Branch>>, Problem> {
    match branch {
        Some(id) => Ok(Some(branches::viewable(&mut *state.campus.database.connection().await?, actor, id).await?)),
        None => Ok(None),
    }
}

/// What was done in a year, by the whole street or by one branch.
#[utoipa::path(tag = "reports", params(("year" = String, Path, example = "2026"), YearQuery),
    responses((status = 200, body = YearReport)))]
#[get("/reports/years/{year}")]
pub(crate) async fn year_report(
    state: Data<State>,
    permit: Permit<ReadReports>,
    path: Path<String>,
    query: Query<YearQuery>,
) -> Answer {
    let year = year_of(&path)?;
    let proof = whose(&state, &permit, query.0.branch_id).await?;
    let report = reports::year_report(&state.campus, proof.as_ref(), year).await?;
    Ok(HttpResponse::Ok().json(YearReport::from(report)))
}

/// The same as a file.
#[utoipa::path(tag = "reports", params(("year" = String, Path, example = "2026"), YearExportQuery),
    responses((status = 200, description = "The file", content(
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (Vec<u8> = "application/pdf")))))]
#[get("/reports/years/{year}/export")]
pub(crate) async fn year_export(
    state: Data<State>,
    permit: Permit<ExportReports>,
    path: Path<String>,
    query: Query<YearExportQuery>,
) -> Answer {
    let year = year_of(&path)?;
    let format = Format::parse(required("format", query.0.format.as_ref())?)?;
    let proof = whose(&state, &permit, query.0.branch_id).await?;
    Ok(download(reports::year_export(&state.campus, proof.as_ref(), year, format, permit.language).await?))
}
