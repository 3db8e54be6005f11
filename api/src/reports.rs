//! Rankings, reports, exports, and the closing of months.

use actix_web::http::header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use campus::Campus;
use campus::access::{CloseMonths, ExportReports, ReadReports};
use campus::branches;
use campus::clock::Month;
use campus::error::{Code, Error};
use campus::reports::{self, BranchMetric, Format, Hundredths, Metric, RankedBranch, Status};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use time::OffsetDateTime;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::branches::Branch;
use crate::detach::detached;
use crate::input::Query;
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::state::State;

/// A month's ranking of the branch schools. Figures have two decimals, rounded half up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ranking {
    #[schema(example = "2026-11")]
    month: String,
    #[schema(schema_with = status_schema)]
    status: &'static str,
    #[schema(schema_with = metric_schema)]
    metric: &'static str,
    #[serde(with = "time::serde::rfc3339::option")]
    closed_at: Option<OffsetDateTime>,
    /// SHA-256 over the month's figures; `null` while it is open.
    hash: Option<String>,
    items: Vec<RankingItem>,
    street: StreetFigure,
}

/// The whole street, its centre included.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StreetFigure {
    #[schema(value_type = Option<f64>)]
    value: Option<Number>,
}

/// A branch school in a ranking.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RankingItem {
    branch_id: Uuid,
    code: String,
    name: String,
    /// Standard competition rank (1, 2, 2, 4); `null` without a value.
    rank: Option<u32>,
    /// `null` where the metric takes a population and the branch has none.
    #[schema(value_type = Option<f64>)]
    value: Option<Number>,
    #[schema(value_type = Option<f64>)]
    previous_value: Option<Number>,
    previous_rank: Option<u32>,
    /// The value less that of the month before.
    #[schema(value_type = Option<f64>)]
    delta: Option<Number>,
    /// To the next strictly greater value; 0 at the top.
    #[schema(value_type = Option<f64>)]
    gap_to_next: Option<Number>,
    #[schema(value_type = Option<f64>)]
    gap_to_first: Option<Number>,
    #[schema(value_type = Option<f64>)]
    target: Option<Number>,
    #[schema(value_type = Option<f64>)]
    gap_to_target: Option<Number>,
    /// The part of the value that came late.
    #[schema(value_type = Option<f64>)]
    late: Option<Number>,
}

/// Every metric of one branch, twelve months back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BranchReport {
    #[schema(example = "2026-11")]
    month: String,
    #[schema(schema_with = status_schema)]
    status: &'static str,
    #[serde(with = "time::serde::rfc3339::option")]
    closed_at: Option<OffsetDateTime>,
    /// SHA-256 over the month's figures; `null` while it is open.
    hash: Option<String>,
    branch: Branch,
    metrics: Vec<BranchMetricItem>,
}

/// One metric of one branch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BranchMetricItem {
    #[schema(schema_with = metric_schema)]
    metric: &'static str,
    #[schema(value_type = Option<f64>)]
    value: Option<Number>,
    /// `null` for the street centre, which is not ranked.
    rank: Option<u32>,
    #[schema(value_type = Option<f64>)]
    previous_value: Option<Number>,
    previous_rank: Option<u32>,
    #[schema(value_type = Option<f64>)]
    delta: Option<Number>,
    #[schema(value_type = Option<f64>)]
    gap_to_next: Option<Number>,
    #[schema(value_type = Option<f64>)]
    gap_to_first: Option<Number>,
    #[schema(value_type = Option<f64>)]
    late: Option<Number>,
    /// Oldest first, this month last.
    history: Vec<HistoryItem>,
}

/// A metric in one month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryItem {
    #[schema(example = "2026-10")]
    month: String,
    #[schema(value_type = Option<f64>)]
    value: Option<Number>,
    rank: Option<u32>,
}

/// A month that is closed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Closing {
    #[schema(example = "2026-11")]
    month: String,
    #[schema(schema_with = status_schema)]
    status: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    closed_at: OffsetDateTime,
    /// SHA-256 over the month's figures.
    hash: String,
}

/// By what to rank.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RankingQuery {
    #[param(required = true, inline, value_type = MetricName)]
    metric: Option<String>,
}

/// As what kind of file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    #[param(required = true, inline, value_type = FormatName)]
    format: Option<String>,
}

fn one_of(names: impl IntoIterator<Item = &'static str>) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build().into()
}

fn metric_schema() -> Schema {
    one_of(Metric::ALL.iter().map(|metric| metric.as_str()))
}

fn status_schema() -> Schema {
    one_of(["open", "closed"])
}

/// One of the metrics.
struct MetricName;

impl PartialSchema for MetricName {
    fn schema() -> RefOr<Schema> {
        metric_schema().into()
    }
}

impl ToSchema for MetricName {}

/// One of the formats.
struct FormatName;

impl PartialSchema for FormatName {
    fn schema() -> RefOr<Schema> {
        one_of(["csv", "xlsx"]).into()
    }
}

impl ToSchema for FormatName {}

/// A whole number where the figure is whole.
fn number(value: Hundredths) -> Option<Number> {
    if value.hundredths() % 100 == 0 {
        return Some(Number::from(value.hundredths() / 100));
    }
    Number::from_f64(value.to_float())
}

fn head(campus: &Campus, status: &Status) -> (Option<OffsetDateTime>, Option<String>) {
    match status {
        Status::Open => (None, None),
        Status::Closed { at, hash } => (Some(campus.clock.local(*at)), Some(hash.clone())),
    }
}

fn month(text: &str) -> Result<Month, Problem> {
    Ok(text.parse()?)
}

fn required<'a>(field: &str, value: Option<&'a String>) -> Result<&'a str, Problem> {
    value.map(String::as_str).ok_or_else(|| Error::field(field, Code::Required).into())
}

impl From<RankedBranch> for RankingItem {
    fn from(item: RankedBranch) -> Self {
        Self {
            branch_id: item.branch.id,
            code: item.branch.code,
            name: item.branch.name,
            rank: item.standing.map(|standing| standing.rank),
            value: item.figure.and_then(|figure| number(figure.value)),
            previous_value: item.previous_value.and_then(number),
            previous_rank: item.previous_rank,
            delta: item.delta.and_then(number),
            gap_to_next: item.standing.and_then(|standing| number(standing.gap_to_next)),
            gap_to_first: item.standing.and_then(|standing| number(standing.gap_to_first)),
            target: None,
            gap_to_target: None,
            late: item.figure.and_then(|figure| number(figure.late)),
        }
    }
}

impl From<BranchMetric> for BranchMetricItem {
    fn from(item: BranchMetric) -> Self {
        Self {
            metric: item.metric.as_str(),
            value: item.figure.and_then(|figure| number(figure.value)),
            rank: item.standing.map(|standing| standing.rank),
            previous_value: item.previous_value.and_then(number),
            previous_rank: item.history.iter().rev().nth(1).and_then(|point| point.rank),
            delta: item.delta.and_then(number),
            gap_to_next: item.standing.and_then(|standing| number(standing.gap_to_next)),
            gap_to_first: item.standing.and_then(|standing| number(standing.gap_to_first)),
            late: item.figure.and_then(|figure| number(figure.late)),
            history: item
                .history
                .into_iter()
                .map(|point| HistoryItem {
                    month: point.month.to_string(),
                    value: point.value.and_then(number),
                    rank: point.rank,
                })
                .collect(),
        }
    }
}

/// The branch schools by one metric.
#[utoipa::path(tag = "reports", params(("month" = String, Path, example = "2026-11"), RankingQuery),
    responses((status = 200, body = Ranking)))]
#[get("/reports/months/{month}/ranking")]
pub(crate) async fn ranking(
    state: Data<State>,
    _permit: Permit<ReadReports>,
    path: Path<String>,
    query: Query<RankingQuery>,
) -> Answer {
    let month = month(&path)?;
    let metric = Metric::parse(required("metric", query.0.metric.as_ref())?)?;
    let ranking = reports::ranking(&state.campus, month, metric).await?;
    let (closed_at, hash) = head(&state.campus, &ranking.status);
    Ok(HttpResponse::Ok().json(Ranking {
        month: ranking.month.to_string(),
        status: ranking.status.as_str(),
        metric: ranking.metric.as_str(),
        closed_at,
        hash,
        items: ranking.items.into_iter().map(RankingItem::from).collect(),
        street: StreetFigure { value: ranking.street.and_then(|figure| number(figure.value)) },
    }))
}

/// Every metric of one branch, twelve months back.
#[utoipa::path(tag = "reports", params(("month" = String, Path, example = "2026-11"), ("id" = Uuid, Path,)),
    responses((status = 200, body = BranchReport)))]
#[get("/reports/months/{month}/branches/{id}")]
pub(crate) async fn branch(state: Data<State>, permit: Permit<ReadReports>, path: Path<(String, String)>) -> Answer {
    let (month_text, id) = path.into_inner();
    let id = Uuid::try_parse(&id).map_err(|_| Problem::from(Code::NotFound))?;
    let proof = branches::viewable(&mut *state.campus.database.connection().await?, &permit, id).await?;
    let report = reports::branch_report(&state.campus, &proof, month(&month_text)?).await?;
    let (closed_at, hash) = head(&state.campus, &report.status);
    Ok(HttpResponse::Ok().json(BranchReport {
        month: report.month.to_string(),
        status: report.status.as_str(),
        closed_at,
        hash,
        branch: Branch::from(report.branch),
        metrics: report.metrics.into_iter().map(BranchMetricItem::from).collect(),
    }))
}

/// The month's rankings as a file.
#[utoipa::path(tag = "reports", params(("month" = String, Path, example = "2026-11"), ExportQuery),
    responses((status = 200, description = "The file", content(
        (String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/reports/months/{month}/export")]
pub(crate) async fn export(
    state: Data<State>,
    permit: Permit<ExportReports>,
    path: Path<String>,
    query: Query<ExportQuery>,
) -> Answer {
    let month = month(&path)?;
    let format = Format::parse(required("format", query.0.format.as_ref())?)?;
    let file = reports::export(&state.campus, month, format, permit.language).await?;
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![
            DispositionParam::Filename(file.plain_name),
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: file.name.into_bytes(),
            }),
        ],
    };
    Ok(HttpResponse::Ok().insert_header(disposition).content_type(file.content_type).body(file.content))
}

/// Close a month early, or hear that it is closed.
#[utoipa::path(tag = "reports", params(("month" = String, Path, example = "2026-11")),
    responses((status = 201, body = Closing), (status = 200, description = "It was closed before", body = Closing)))]
#[post("/reports/months/{month}/closing")]
pub(crate) async fn close(state: Data<State>, permit: Permit<CloseMonths>, path: Path<String>) -> Answer {
    let month = month(&path)?;
    let campus = state.campus.clone();
    let actor = permit.into_actor();
    let closing = detached(async move { reports::close(&campus, Some(&actor), month).await }).await?;
    let mut answer = if closing.newly { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(Closing {
        month: closing.month.to_string(),
        status: "closed",
        closed_at: state.campus.clock.local(closing.closed_at),
        hash: closing.hash,
    }))
}

/// Routes under `/api/v1`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(ranking).service(branch).service(export).service(close);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_numbers_as_they_are_shown() {
        let json = |hundredths| serde_json::to_string(&number(Hundredths::new(hundredths))).unwrap();
        assert_eq!([json(1800), json(6844), json(-5), json(0), json(150)], ["18", "68.44", "-0.05", "0", "1.5"]);
    }

    #[test]
    fn the_document_names_every_metric() {
        let document = serde_json::to_value(crate::document()).unwrap();
        let operation = &document["paths"]["/api/v1/reports/months/{month}/ranking"]["get"];
        let metric = operation["parameters"].as_array().unwrap().iter().find(|it| it["name"] == "metric").unwrap();
        assert_eq!(metric["required"], true);
        let names: Vec<&str> = Metric::ALL.iter().map(|metric| metric.as_str()).collect();
        assert_eq!(metric["schema"]["enum"], serde_json::json!(names));
        for (path, method) in [("branches/{id}", "get"), ("export", "get"), ("closing", "post")] {
            let operation = &document["paths"][format!("/api/v1/reports/months/{{month}}/{path}")][method];
            assert!(operation["responses"]["422"].is_object(), "{path}: {operation}");
        }
        let file = &document["paths"]["/api/v1/reports/months/{month}/export"]["get"]["responses"]["200"];
        assert_eq!(file["content"].as_object().unwrap().len(), 2, "{file}");
    }
}
