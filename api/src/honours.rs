//! Honours at the end of a year.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use campus::access::{ExportHonours, ManageHonours};
use campus::error::{Code, Error};
use campus::honours::{self, Criteria, Measure};
use campus::idempotency::Request;
use campus::reports::Format;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::credits::PageQuery;
use crate::detach::detached;
use crate::download::download;
use crate::input::{Id, IdempotencyKey, Input, Query};
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::residents::parse_date;
use crate::state::State;

/// By what, for whom, and how many of each.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct HonoursInput {
    /// `credits` (where nothing is said) or `hours`.
    measure: Option<String>,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    from: String,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    to: String,
    /// Only of this branch and those below.
    branch_id: Option<Uuid>,
    /// Only people of this target group.
    group: Option<String>,
    /// Only credits known in these ways, with commas: `system,scanned`.
    evidence: Option<String>,
    /// How many people (70 where nothing is said).
    individuals: Option<u16>,
    /// How many families (30).
    families: Option<u16>,
    /// How many branch schools and teaching points (10).
    units: Option<u16>,
}

impl HonoursInput {
    fn read(self) -> Result<Criteria, Problem> {
        let measure = self.measure.as_deref().map_or(Some(Measure::Credits), Measure::from_name);
        let evidence = self.evidence.unwrap_or_default();
        Ok(Criteria {
            measure: measure.ok_or_else(|| Error::field("measure", Code::ValueInvalid))?,
            from: parse_date("from", &self.from)?,
            to: parse_date("to", &self.to)?,
            branch_id: self.branch_id,
            group: self.group.filter(|group| !group.is_empty()),
            evidence: evidence.split(',').filter(|grade| !grade.is_empty()).map(str::to_owned).collect(),
            individuals: self.individuals.unwrap_or(70),
            families: self.families.unwrap_or(30),
            units: self.units.unwrap_or(10),
        })
    }
}

/// One who is honoured.
#[derive(Debug, Serialize, ToSchema)]
pub struct HonouredBody {
    /// Standard competition rank: 1, 2, 2, 4.
    rank: u32,
    /// More share the last place than there are places for.
    tied: bool,
    /// The resident, of a family the one who did most, or the branch.
    id: Uuid,
    /// `null` for who has left.
    name: Option<String>,
    learner_number: Option<String>,
    branch: Option<String>,
    /// Of a family: the names of everybody in it.
    members: Vec<String>,
    /// Credits, or hours: a decimal string.
    value: String,
}

/// Who is honoured.
#[derive(Debug, Serialize, ToSchema)]
pub struct HonoursBody {
    /// `credits` or `hours`.
    measure: &'static str,
    from: String,
    to: String,
    individuals: Vec<HonouredBody>,
    /// People who share a telephone.
    families: Vec<HonouredBody>,
    units: Vec<HonouredBody>,
}

impl From<honours::Honours> for HonoursBody {
    fn from(found: honours::Honours) -> Self {
        let measure = found.criteria.measure;
        let bodies = |list: Vec<honours::Honoured>| {
            list.into_iter()
                .map(|one| HonouredBody {
                    rank: one.rank,
                    tied: one.tied,
                    id: one.id,
                    name: one.name,
                    learner_number: one.learner_number,
                    branch: one.branch,
                    members: one.members,
                    value: measure.figure(one.value).to_string(),
                })
                .collect()
        };
        Self {
            measure: measure.as_str(),
            from: found.criteria.from.to_string(),
            to: found.criteria.to.to_string(),
            individuals: bodies(found.individuals),
            families: bodies(found.families),
            units: bodies(found.units),
        }
    }
}

/// Who would be honoured.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawnHonours {
    /// SHA-256 over ids and figures: freezing asks for it.
    digest: String,
    #[serde(flatten)]
    honours: HonoursBody,
}

/// What is frozen for good.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HonourListInput {
    title: String,
    criteria: HonoursInput,
    /// That of the lists as they were drawn up and looked at.
    digest: String,
}

/// A frozen list in the list of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct HonourListSummary {
    id: Uuid,
    title: String,
    /// SHA-256 over ids and figures.
    hash: String,
    #[serde(with = "time::serde::rfc3339")]
    frozen_at: OffsetDateTime,
    frozen_by: String,
}

impl HonourListSummary {
    fn new(state: &State, summary: honours::FrozenSummary) -> Self {
        Self {
            id: summary.id,
            title: summary.title,
            hash: summary.hash,
            frozen_at: state.campus.clock.local(summary.frozen_at),
            frozen_by: summary.frozen_by,
        }
    }
}

/// Frozen lists, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct HonourLists {
    items: Vec<HonourListSummary>,
    next_cursor: Option<String>,
}

/// A frozen list, with names as they stand now.
#[derive(Debug, Serialize, ToSchema)]
pub struct HonourListBody {
    summary: HonourListSummary,
    /// Whether its content is the one that was hashed.
    intact: bool,
    honours: HonoursBody,
}

impl HonourListBody {
    fn new(state: &State, frozen: honours::Frozen) -> Self {
        Self {
            summary: HonourListSummary::new(state, frozen.summary),
            intact: frozen.intact,
            honours: frozen.honours.into(),
        }
    }
}

/// Draw up who would be honoured. Nothing is kept.
#[utoipa::path(tag = "honours", params(HonoursInput), responses((status = 200, body = DrawnHonours)))]
#[get("/honours")]
pub async fn draw_up(state: Data<State>, _permit: Permit<ManageHonours>, query: Query<HonoursInput>) -> Answer {
    let criteria = query.0.read()?;
    let found = honours::draw_up(&state.campus, &criteria).await?;
    Ok(HttpResponse::Ok().json(DrawnHonours { digest: found.digest, honours: found.honours.into() }))
}

/// Freeze who is honoured, for good: those who were drawn up and looked at, 409 where others would be by now.
#[utoipa::path(tag = "honours", params(("Idempotency-Key" = Uuid, Header,)), request_body = HonourListInput,
    responses((status = 201, body = HonourListBody)))]
#[post("/honour-lists")]
pub async fn freeze(
    state: Data<State>,
    permit: Permit<ManageHonours>,
    key: IdempotencyKey,
    input: Input<HonourListInput>,
) -> Answer {
    let (title, criteria, digest) = (input.0.title, input.0.criteria.read()?, input.0.digest);
    let request = Request::new(permit.account_id, "honour_list", key.required()?, &(&title, &criteria, &digest))?;
    let campus = state.campus.clone();
    let freezing = async move { honours::freeze(&campus, &permit, &request, &title, &criteria, &digest).await };
    let frozen = detached(freezing).await?;
    Ok(HttpResponse::Created().json(HonourListBody::new(&state, frozen)))
}

/// What was frozen, the newest first.
#[utoipa::path(tag = "honours", params(PageQuery), responses((status = 200, body = HonourLists)))]
#[get("/honour-lists")]
pub async fn all_lists(state: Data<State>, _permit: Permit<ManageHonours>, query: Query<PageQuery>) -> Answer {
    let page = honours::frozen_lists(&state.campus, &query.0.into()).await?;
    let items = page.items.into_iter().map(|summary| HonourListSummary::new(&state, summary)).collect();
    Ok(HttpResponse::Ok().json(HonourLists { items, next_cursor: page.next_cursor }))
}

/// One of them.
#[utoipa::path(tag = "honours", params(("id" = Uuid, Path,)), responses((status = 200, body = HonourListBody)))]
#[get("/honour-lists/{id}")]
pub async fn one_list(state: Data<State>, _permit: Permit<ManageHonours>, id: Id) -> Answer {
    let frozen = honours::frozen(&state.campus, id.0).await?;
    Ok(HttpResponse::Ok().json(HonourListBody::new(&state, frozen)))
}

/// What kind of file.
#[derive(Debug, Deserialize, IntoParams)]
pub struct HonoursExportQuery {
    /// `csv` or `xlsx`.
    format: String,
}

/// A frozen list as a file.
#[utoipa::path(tag = "honours", params(("id" = Uuid, Path,), HonoursExportQuery),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
#[get("/honour-lists/{id}/export")]
pub async fn export(
    state: Data<State>,
    permit: Permit<ExportHonours>,
    id: Id,
    query: Query<HonoursExportQuery>,
) -> Answer {
    let format = Format::parse(&query.0.format)?;
    let file = honours::export(&state.campus, id.0, format, permit.language).await?;
    Ok(download(file))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(draw_up).service(freeze).service(all_lists).service(export).service(one_list);
}
