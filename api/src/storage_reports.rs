//! What the store holds, compared with what the database names.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use campus::access::OperateDeployment;
use campus::paging::PageRequest;
use campus::reconciliation::{self, Counts, Finding};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::credits::PageQuery;
use crate::detach::detached;
use crate::input::Query;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// How many of what was seen, found and mended.
#[derive(Debug, Serialize, ToSchema)]
pub struct StorageCounts {
    /// Objects in the store.
    objects: u64,
    /// What they hold.
    bytes: u64,
    /// Objects that nothing names.
    unnamed_objects: u64,
    /// Of those, the ones that were removed.
    removed_objects: u64,
    /// Objects that are named and not there.
    missing_objects: u64,
    /// Videos that are made again from their original.
    remade_videos: u64,
    /// Videos whose original is lost too.
    lost_videos: u64,
    /// Open uploads that nothing names.
    open_uploads: u64,
    /// Of those, the ones that were aborted.
    aborted_uploads: u64,
}

impl From<Counts> for StorageCounts {
    fn from(counts: Counts) -> Self {
        Self {
            objects: counts.objects,
            bytes: counts.bytes,
            unnamed_objects: counts.unnamed_objects,
            removed_objects: counts.removed_objects,
            missing_objects: counts.missing_objects,
            remade_videos: counts.remade_videos,
            lost_videos: counts.lost_videos,
            open_uploads: counts.open_uploads,
            aborted_uploads: counts.aborted_uploads,
        }
    }
}

/// One thing that is at odds. Nothing is done about it on the first day.
#[derive(Debug, Serialize, ToSchema)]
pub struct StorageFinding {
    /// `unnamed_object`, `missing_object` or `open_upload`.
    kind: &'static str,
    object_key: String,
    /// `listed`, `removed`, `aborted`, `remade` or `lost`.
    outcome: &'static str,
}

/// One comparison.
#[derive(Debug, Serialize, ToSchema)]
pub struct StorageReport {
    id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    started_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    finished_at: OffsetDateTime,
    counts: StorageCounts,
    /// The first hundred.
    findings: Vec<StorageFinding>,
}

impl StorageReport {
    fn new(state: &State, report: reconciliation::StorageReport) -> Result<Self, campus::error::Error> {
        let clock = &state.campus.clock;
        let counts: Counts = serde_json::from_value(report.counts)?;
        let findings: Vec<Finding> = serde_json::from_value(report.findings)?;
        let finding = |finding: Finding| StorageFinding {
            kind: finding.kind.as_str(),
            outcome: finding.outcome.as_str(),
            object_key: finding.object_key,
        };
        Ok(Self {
            id: report.id,
            started_at: clock.local(report.started_at),
            finished_at: clock.local(report.finished_at),
            counts: counts.into(),
            findings: findings.into_iter().map(finding).collect(),
        })
    }
}

/// Comparisons, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct StorageReportList {
    items: Vec<StorageReport>,
    next_cursor: Option<String>,
}

/// The comparisons of the store with the database, newest first.
#[utoipa::path(tag = "operations", params(PageQuery), responses((status = 200, body = StorageReportList)))]
#[get("/storage-reports")]
pub async fn list(state: Data<State>, _permit: Permit<OperateDeployment>, query: Query<PageQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest::from(query);
    let page = reconciliation::reports(&mut *state.campus.database.connection().await?, &request).await?;
    let items = page.items.into_iter().map(|report| StorageReport::new(&state, report));
    let items = items.collect::<Result<Vec<_>, _>>()?;
    Ok(HttpResponse::Ok().json(StorageReportList { items, next_cursor: page.next_cursor }))
}

/// Have the store compared with the database now; the worker does it, and the newest report says what came
/// of it.
#[utoipa::path(tag = "operations",
    responses((status = 202, headers(("Location" = String, description = "Where to look")))))]
#[post("/storage-reports")]
pub async fn compare(state: Data<State>, permit: Permit<OperateDeployment>) -> Answer {
    let campus = state.campus.clone();
    detached(async move { reconciliation::request(&campus, &permit).await }).await?;
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, "/api/v1/storage-reports")).finish())
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(compare);
}
