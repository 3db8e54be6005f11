//! Targets of a year, what metrics weigh together, and whom nobody has reached yet.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, put};
use campus::access::{ReadReports, SeeResidents, SetTargets};
use campus::branches;
use campus::error::{Code, Error, FieldError};
use campus::paging::PageRequest;
use campus::reports::{self, Group, Hundredths, WeighedBranch, WeighedPart};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bodies::{MetricDefinition, metric_schema, number, status_schema};
use super::{month, required};
use crate::detach::detached;
use crate::input::{Input, Query};
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::residents::Resident;
use crate::state::State;

/// What targets are for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TargetQuery {
    /// `trained`, `training_rate`, `total_registrations` or `registrations_per_1000`.
    #[param(required = true)]
    metric: Option<String>,
    /// A group's alone (see `GET /groups`); goes with `trained` and `training_rate`.
    group: Option<String>,
}

/// What branches are to reach by the end of a year.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TargetList {
    year: i32,
    #[schema(schema_with = metric_schema)]
    metric: &'static str,
    group: Option<&'static str>,
    /// By the branch's id; branches without one are left out.
    #[schema(value_type = BTreeMap<Uuid, f64>)]
    targets: BTreeMap<Uuid, Option<Number>>,
}

/// Targets to be set.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TargetsInput {
    /// By the branch's id, with two decimals at most; `null` takes one away, a branch that is not named keeps its.
    #[schema(value_type = BTreeMap<Uuid, Option<f64>>)]
    targets: BTreeMap<Uuid, Option<Number>>,
}

fn asked(year: &str, query: &TargetQuery) -> Result<(i32, reports::Asked), Problem> {
    let year = year.parse().map_err(|_| Error::field("year", Code::YearInvalid))?;
    Ok(reports::target_of(year, required("metric", query.metric.as_ref())?, query.group.as_deref())?)
}

fn list(year: i32, asked: reports::Asked, targets: reports::Targets) -> HttpResponse {
    HttpResponse::Ok().json(TargetList {
        year,
        metric: asked.metric.as_str(),
        group: asked.group.map(Group::as_str),
        targets: targets.into_iter().map(|(branch, value)| (branch, number(value))).collect(),
    })
}

/// What branches are to reach by the end of a year.
#[utoipa::path(tag = "reports", params(("year" = String, Path, example = "2026"), TargetQuery),
    responses((status = 200, body = TargetList)))]
#[get("/reports/years/{year}/targets")]
pub(crate) async fn year_targets(
    state: Data<State>,
    _permit: Permit<ReadReports>,
    path: Path<String>,
    query: Query<TargetQuery>,
) -> Answer {
    let (year, asked) = asked(&path, &query.0)?;
    Ok(list(year, asked, reports::targets(&state.campus, year, asked).await?))
}

/// Set what branches are to reach by the end of a year: all that are named, or none.
#[utoipa::path(tag = "reports", params(("year" = String, Path, example = "2026"), TargetQuery),
    request_body = TargetsInput, responses((status = 200, body = TargetList)))]
#[put("/reports/years/{year}/targets")]
pub(crate) async fn set_year_targets(
    state: Data<State>,
    permit: Permit<SetTargets>,
    path: Path<String>,
    query: Query<TargetQuery>,
    input: Input<TargetsInput>,
) -> Answer {
    let (year, asked) = asked(&path, &query.0)?;
    let mut wanted = BTreeMap::new();
    for (branch, value) in input.0.targets {
        let value = value.map(|value| hundredths(&value, branch)).transpose()?;
        wanted.insert(branch, value);
    }
    let campus = state.campus.clone();
    let standing = detached(async move { reports::set_targets(&campus, &permit, year, asked, &wanted).await }).await?;
    Ok(list(year, asked, standing))
}

/// A number as it was written, which has two decimals at most.
fn hundredths(value: &Number, branch: Uuid) -> Result<Hundredths, Problem> {
    let wrong = || FieldError { field: format!("targets.{branch}"), code: Code::TargetInvalid };
    Hundredths::parse(&value.to_string()).ok_or_else(|| Error::fields(vec![wrong()]).into())
}

/// What each metric weighs in the composite rank.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WeightList {
    /// By metric; together 100. Those that weigh nothing are left out.
    weights: BTreeMap<&'static str, i64>,
}

/// The same, to be set.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WeightsInput {
    /// By metric, whole numbers that add up to 100.
    weights: BTreeMap<String, i64>,
}

fn weight_list(weights: reports::Weights) -> WeightList {
    WeightList { weights: weights.into_iter().map(|(metric, weight)| (metric.as_str(), weight)).collect() }
}

/// What each metric weighs in the composite rank.
#[utoipa::path(tag = "reports", responses((status = 200, body = WeightList)))]
#[get("/reports/composite-weights")]
pub(crate) async fn composite_weights(state: Data<State>, _permit: Permit<ReadReports>) -> Answer {
    Ok(HttpResponse::Ok().json(weight_list(reports::weights(&state.campus).await?)))
}

/// Say what each metric weighs from now on.
#[utoipa::path(tag = "reports", request_body = WeightsInput, responses((status = 200, body = WeightList)))]
#[put("/reports/composite-weights")]
pub(crate) async fn set_composite_weights(
    state: Data<State>,
    permit: Permit<SetTargets>,
    input: Input<WeightsInput>,
) -> Answer {
    let campus = state.campus.clone();
    let standing = detached(async move { reports::set_weights(&campus, &permit, &input.0.weights).await }).await?;
    Ok(HttpResponse::Ok().json(weight_list(standing)))
}

/// The branch schools by several metrics together.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompositeRanking {
    month: String,
    #[schema(schema_with = status_schema)]
    status: &'static str,
    /// What they weigh, and what they are called.
    metrics: Vec<WeighedMetric>,
    items: Vec<CompositeItem>,
}

/// A metric that weighs something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WeighedMetric {
    #[schema(schema_with = metric_schema)]
    metric: &'static str,
    definition: MetricDefinition,
    weight: i64,
}

/// A branch school in the composite ranking.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompositeItem {
    branch_id: Uuid,
    code: String,
    name: String,
    rank: Option<u32>,
    /// At most 100.
    #[schema(value_type = Option<f64>)]
    points: Option<Number>,
    /// In the order of `metrics`.
    parts: Vec<CompositePart>,
}

/// What a metric adds: value ÷ best × weight.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompositePart {
    #[schema(value_type = Option<f64>)]
    value: Option<Number>,
    #[schema(value_type = Option<f64>)]
    best: Option<Number>,
    #[schema(value_type = Option<f64>)]
    points: Option<Number>,
}

impl From<WeighedPart> for CompositePart {
    fn from(part: WeighedPart) -> Self {
        Self { value: part.value.and_then(number), best: number(part.best), points: number(part.points) }
    }
}

impl From<WeighedBranch> for CompositeItem {
    fn from(item: WeighedBranch) -> Self {
        Self {
            branch_id: item.branch.id,
            code: item.branch.code,
            name: item.branch.name,
            rank: item.standing.map(|standing| standing.rank),
            points: number(item.points),
            parts: item.parts.into_iter().map(CompositePart::from).collect(),
        }
    }
}

/// The branch schools by several metrics together, with the arithmetic.
#[utoipa::path(tag = "reports", params(("month" = String, Path, example = "2026-11")),
    responses((status = 200, body = CompositeRanking)))]
#[get("/reports/months/{month}/composite-ranking")]
pub(crate) async fn composite(state: Data<State>, _permit: Permit<ReadReports>, path: Path<String>) -> Answer {
    let month = month(&path)?;
    let ranking = reports::composite_ranking(&state.campus, month).await?;
    Ok(HttpResponse::Ok().json(CompositeRanking {
        month: month.to_string(),
        status: ranking.status.as_str(),
        metrics: ranking
            .weights
            .into_iter()
            .map(|(metric, weight)| WeighedMetric { metric: metric.as_str(), definition: metric.into(), weight })
            .collect(),
        items: ranking.items.into_iter().map(CompositeItem::from).collect(),
    }))
}

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UnreachedQuery {
    /// Of this group alone (see `GET /groups`).
    group: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Who was not taught this year.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnreachedList {
    /// On all pages together.
    total: i64,
    items: Vec<Resident>,
    next_cursor: Option<String>,
}

/// Residents of a branch who were not taught in the year up to the month's end: the list to call.
#[utoipa::path(tag = "reports", params(("month" = String, Path, example = "2026-11"), ("id" = Uuid, Path,), UnreachedQuery),
    responses((status = 200, body = UnreachedList)))]
#[get("/reports/months/{month}/branches/{id}/unreached")]
pub(crate) async fn unreached(
    state: Data<State>,
    permit: Permit<SeeResidents>,
    path: Path<(String, String)>,
    query: Query<UnreachedQuery>,
) -> Answer {
    let (month_text, id) = path.into_inner();
    let id = Uuid::try_parse(&id).map_err(|_| Problem::from(Code::NotFound))?;
    let proof = branches::manageable(&mut *state.campus.database.connection().await?, &permit, id).await?;
    let Query(query) = query;
    let group = query.group.as_deref().map(Group::parse).transpose()?;
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let found = reports::unreached(&state.campus, &proof, month(&month_text)?, group, &request).await?;
    let items = found.page.items.into_iter().map(|each| Resident::shown(&state, each)).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(UnreachedList { total: found.total, items, next_cursor: found.page.next_cursor }))
}
