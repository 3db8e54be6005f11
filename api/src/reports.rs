//! Rankings, reports, exports, and the closing of months.

mod bodies;
mod events;
mod mails;
mod targets;
mod years;

use actix_web::http::header::ContentType;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use campus::Campus;
use campus::access::{CloseMonths, ExportReports, ReadReports};
use campus::branches;
use campus::clock::Month;
use campus::credits::Evidence;
use campus::error::{Code, Error};
use campus::reports::{self, Asked, Format, Group, Status};
use time::OffsetDateTime;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) use self::years::year_of;

use self::bodies::{
    BranchMetricItem, BranchReport, Closing, ExportQuery, Ranking, RankingItem, RankingQuery, StreetFigure, number,
};
use crate::branches::Branch;
use crate::detach::detached;
use crate::download::download;
use crate::input::Query;
use crate::kept::{body, ranking_key};
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::state::State;

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

/// The branch schools by one metric.
#[utoipa::path(tag = "reports", params(("month" = String, Path, example = "2026-11"), RankingQuery),
    responses((status = 200, body = Ranking)))]
#[get("/reports/months/{month}/ranking")]
pub(crate) async fn ranking(
    state: Data<State>,
    permit: Permit<ReadReports>,
    request: HttpRequest,
    path: Path<String>,
    query: Query<RankingQuery>,
) -> Answer {
    let month = month(&path)?;
    let RankingQuery { metric, evidence, group } = query.0;
    let asked = Asked::parse(required("metric", metric.as_ref())?, evidence.as_deref(), group.as_deref())?;
    // Taken before reading: whatever changes later makes the answer one of the past.
    let generation = state.rankings.keeping();
    let ranking = reports::ranking(&state.campus, month, asked).await?;
    let stands = ranking.stands();
    let body = body(&Ranking::of(&state.campus, ranking))?;
    if let Some(generation) = generation.filter(|_| stands) {
        state.rankings.keep(generation, &ranking_key(request.uri(), permit.language), body.clone());
    }
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
}

impl Ranking {
    fn of(campus: &Campus, found: reports::Ranking) -> Self {
        let (closed_at, hash) = head(campus, &found.status);
        Self {
            month: found.month.to_string(),
            status: found.status.as_str(),
            metric: found.metric.as_str(),
            evidence: found.asked.evidence.map(Evidence::as_str),
            group: found.asked.group.map(Group::as_str),
            definition: found.metric.into(),
            statement: found.metric.statement(),
            closed_at,
            hash,
            items: found.items.into_iter().map(RankingItem::from).collect(),
            street: StreetFigure { value: found.street.and_then(|figure| number(figure.value)) },
        }
    }
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
        (String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (Vec<u8> = "application/pdf")))))]
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
    Ok(download(file))
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
    config.service(targets::year_targets).service(targets::set_year_targets).service(targets::composite_weights);
    config.service(targets::set_composite_weights).service(targets::composite).service(targets::unreached);
    config.service(years::year_report).service(years::year_export);
    config.service(mails::branch_page).service(mails::mails).service(mails::resend);
    config.service(ranking).service(events::events).service(branch).service(export).service(close);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use campus::reports::Metric;

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
        assert_eq!(file["content"].as_object().unwrap().len(), 3, "{file}");
    }
}
