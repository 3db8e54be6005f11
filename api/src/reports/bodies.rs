//! What reports look like as JSON.

use campus::reports::{BranchMetric, Hundredths, Metric, RankedBranch, Words};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use time::OffsetDateTime;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use crate::branches::Branch;
use crate::permit::language;

/// A month's ranking of the branch schools. Figures have two decimals, rounded half up.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ranking {
    #[schema(example = "2026-11")]
    pub(super) month: String,
    #[schema(schema_with = status_schema)]
    pub(super) status: &'static str,
    #[schema(schema_with = metric_schema)]
    pub(super) metric: &'static str,
    /// Credits with this evidence or a stronger one alone; `null`: all.
    pub(super) evidence: Option<&'static str>,
    /// People of this group alone; `null`: everybody.
    pub(super) group: Option<&'static str>,
    pub(super) definition: MetricDefinition,
    /// The statement that counts it while a month is open, as PostgreSQL gets it; `null` where nothing is
    /// counted yet.
    pub(super) statement: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) closed_at: Option<OffsetDateTime>,
    /// SHA-256 over the month's figures; `null` while it is open.
    pub(super) hash: Option<String>,
    pub(super) items: Vec<RankingItem>,
    pub(super) street: StreetFigure,
}

/// What a metric is called and what it counts, in the reader's language.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricDefinition {
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
}

impl From<Metric> for MetricDefinition {
    fn from(metric: Metric) -> Self {
        let Words { name, unit, meaning } = metric.definition().words(language());
        Self { name, unit, meaning }
    }
}

/// The whole street, its centre included.
#[derive(Debug, Serialize, ToSchema)]
pub struct StreetFigure {
    #[schema(value_type = Option<f64>)]
    pub(super) value: Option<Number>,
}

/// A branch school in a ranking.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankingItem {
    pub(super) branch_id: Uuid,
    pub(super) code: String,
    pub(super) name: String,
    /// Standard competition rank (1, 2, 2, 4); `null` without a value.
    pub(super) rank: Option<u32>,
    /// `null` where the metric takes a population and the branch has none.
    #[schema(value_type = Option<f64>)]
    pub(super) value: Option<Number>,
    #[schema(value_type = Option<f64>)]
    pub(super) previous_value: Option<Number>,
    pub(super) previous_rank: Option<u32>,
    /// The value less that of the month before.
    #[schema(value_type = Option<f64>)]
    pub(super) delta: Option<Number>,
    /// To the next strictly greater value; 0 at the top.
    #[schema(value_type = Option<f64>)]
    pub(super) gap_to_next: Option<Number>,
    #[schema(value_type = Option<f64>)]
    pub(super) gap_to_first: Option<Number>,
    #[schema(value_type = Option<f64>)]
    pub(super) target: Option<Number>,
    #[schema(value_type = Option<f64>)]
    pub(super) gap_to_target: Option<Number>,
    /// How many people more that takes.
    pub(super) people_to_target: Option<i64>,
    /// What it has by the end of this month on the straight line to its target.
    #[schema(value_type = Option<f64>)]
    pub(super) expected: Option<Number>,
    /// What it has at the end of the year if it goes on as it has so far.
    #[schema(value_type = Option<f64>)]
    pub(super) forecast: Option<Number>,
    /// The part of the value that came late.
    #[schema(value_type = Option<f64>)]
    pub(super) late: Option<Number>,
}

/// Every metric of one branch, twelve months back.
#[derive(Debug, Serialize, ToSchema)]
pub struct BranchReport {
    #[schema(example = "2026-11")]
    pub(super) month: String,
    #[schema(schema_with = status_schema)]
    pub(super) status: &'static str,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) closed_at: Option<OffsetDateTime>,
    /// SHA-256 over the month's figures; `null` while it is open.
    pub(super) hash: Option<String>,
    pub(super) branch: Branch,
    pub(super) metrics: Vec<BranchMetricItem>,
}

/// One metric of one branch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BranchMetricItem {
    #[schema(schema_with = metric_schema)]
    pub(super) metric: &'static str,
    pub(super) definition: MetricDefinition,
    #[schema(value_type = Option<f64>)]
    pub(super) value: Option<Number>,
    /// `null` for the street centre, which is not ranked.
    pub(super) rank: Option<u32>,
    #[schema(value_type = Option<f64>)]
    pub(super) previous_value: Option<Number>,
    pub(super) previous_rank: Option<u32>,
    #[schema(value_type = Option<f64>)]
    pub(super) delta: Option<Number>,
    #[schema(value_type = Option<f64>)]
    pub(super) gap_to_next: Option<Number>,
    #[schema(value_type = Option<f64>)]
    pub(super) gap_to_first: Option<Number>,
    #[schema(value_type = Option<f64>)]
    pub(super) late: Option<Number>,
    /// Oldest first, this month last.
    pub(super) history: Vec<HistoryItem>,
}

/// A metric in one month.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryItem {
    #[schema(example = "2026-10")]
    pub(super) month: String,
    #[schema(value_type = Option<f64>)]
    pub(super) value: Option<Number>,
    pub(super) rank: Option<u32>,
}

/// A month that is closed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Closing {
    #[schema(example = "2026-11")]
    pub(super) month: String,
    #[schema(schema_with = status_schema)]
    pub(super) status: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) closed_at: OffsetDateTime,
    /// SHA-256 over the month's figures.
    pub(super) hash: String,
}

/// By what to rank.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RankingQuery {
    #[param(required = true, inline, value_type = MetricName)]
    pub(super) metric: Option<String>,
    /// Credits of this grade of evidence or a stronger one alone: `system`, `scanned`, `checked_in`, `listed`,
    /// `declared`. Goes with `credits` and `credits_per_1000`.
    pub(super) evidence: Option<String>,
    /// People of this group alone (see `GET /groups`). Goes with `trained` and `training_rate`.
    pub(super) group: Option<String>,
}

/// As what kind of file: paper is the only one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BranchExportQuery {
    /// `pdf`.
    #[param(required = true)]
    pub(super) format: Option<String>,
}

/// As what kind of file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    #[param(required = true, inline, value_type = FormatName)]
    pub(super) format: Option<String>,
}

fn one_of(names: impl IntoIterator<Item = &'static str>) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build().into()
}

pub(super) fn metric_schema() -> Schema {
    one_of(Metric::ALL.iter().map(|metric| metric.as_str()))
}

pub(super) fn status_schema() -> Schema {
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
        one_of(["csv", "xlsx", "pdf"]).into()
    }
}

impl ToSchema for FormatName {}

/// A whole number where the figure is whole.
pub(super) fn number(value: Hundredths) -> Option<Number> {
    if value.hundredths() % 100 == 0 {
        return Some(Number::from(value.hundredths() / 100));
    }
    Number::from_f64(value.to_float())
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
            target: item.progress.and_then(|progress| number(progress.target)),
            gap_to_target: item.progress.and_then(|progress| number(progress.gap)),
            people_to_target: item.progress.map(|progress| progress.people),
            expected: item.progress.and_then(|progress| number(progress.expected)),
            forecast: item.progress.and_then(|progress| number(progress.forecast)),
            late: item.figure.and_then(|figure| number(figure.late)),
        }
    }
}

impl From<BranchMetric> for BranchMetricItem {
    fn from(item: BranchMetric) -> Self {
        Self {
            metric: item.metric.as_str(),
            definition: item.metric.into(),
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_numbers_as_they_are_shown() {
        let json = |hundredths| serde_json::to_string(&number(Hundredths::new(hundredths))).unwrap();
        assert_eq!([json(1800), json(6844), json(-5), json(0), json(150)], ["18", "68.44", "-0.05", "0", "1.5"]);
    }
}
