//! Two records of one person: joined, and taken apart again.

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post};
use campus::access::MergeResidents;
use campus::credits::Unit;
use campus::paging::PageRequest;
use campus::stewardship::{self, Holdings, Joining, Likeness, MergeItem};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{Id, Input, Query};
use crate::permit::Permit;
use crate::problem::{Answer, Problem};
use crate::residents::Resident;
use crate::state::State;

/// Which record is joined to the one that stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MergeInput {
    /// The record that goes into it.
    other_id: Uuid,
    /// Only say what would be joined.
    #[serde(default)]
    dry_run: Option<bool>,
}

/// What is held under one record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Holdings)]
pub struct HoldingsBody {
    /// `"2.50"`.
    credits: String,
    points: i64,
    enrollments: i64,
    completions: i64,
    /// Whether there is an account to log in with.
    account: bool,
}

impl From<Holdings> for HoldingsBody {
    fn from(holdings: Holdings) -> Self {
        let Holdings { credits, points, enrollments, completions, account } = holdings;
        Self { credits: Unit::Credit.write(credits), points, enrollments, completions, account }
    }
}

/// Two records that are, or would be, joined.
#[derive(Debug, Serialize, ToSchema)]
pub struct Merge {
    /// `null`: a dry run.
    id: Option<Uuid>,
    /// The record that stays.
    kept: Resident,
    /// The record that goes into it, as it stands.
    merged: Resident,
    /// `null`: a dry run.
    #[serde(with = "time::serde::rfc3339::option")]
    merged_at: Option<OffsetDateTime>,
    /// What each brings along, in a dry run.
    kept_holds: Option<HoldingsBody>,
    merged_holds: Option<HoldingsBody>,
}

impl Merge {
    fn preview(state: &State, joining: Joining) -> Result<Self, Problem> {
        Ok(Self {
            id: None,
            kept: Resident::shown(state, joining.kept)?,
            merged: Resident::shown(state, joining.merged)?,
            merged_at: None,
            kept_holds: Some(joining.kept_holds.into()),
            merged_holds: Some(joining.merged_holds.into()),
        })
    }

    fn new(state: &State, item: MergeItem) -> Result<Self, Problem> {
        Ok(Self {
            id: Some(item.merge.id),
            kept: Resident::shown(state, item.kept)?,
            merged: Resident::shown(state, item.merged)?,
            merged_at: Some(state.campus.clock.local(item.merge.merged_at)),
            kept_holds: None,
            merged_holds: None,
        })
    }
}

/// Two records that look alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duplicate {
    /// The older record.
    first: Resident,
    second: Resident,
    /// `same_id_number`, `same_name_alike_birth_date`, `alike_name_same_phone`.
    reasons: Vec<String>,
}

/// Pairs that look alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicateList {
    items: Vec<Duplicate>,
    /// More may come even after a page that is short.
    next_cursor: Option<String>,
}

/// Which pairs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DuplicateQuery {
    branch_id: Option<Uuid>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Another record.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DistinctionInput {
    /// The record that is another person's.
    other_id: Uuid,
}

/// Two records of two persons.
#[derive(Debug, Serialize, ToSchema)]
pub struct Distinction {
    resident_id: Uuid,
    other_id: Uuid,
}

/// Merges that stand, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeList {
    items: Vec<Merge>,
    next_cursor: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MergeQuery {
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Join another record of the same person to this one, which stays. With `dry_run` nothing is
/// written, and the answer (200) is a preview.
#[utoipa::path(tag = "residents", params(("id" = Uuid, Path,)), request_body = MergeInput,
    responses((status = 201, body = Merge), (status = 200, body = Merge)))]
#[post("/residents/{id}/merges")]
pub async fn merge(state: Data<State>, permit: Permit<MergeResidents>, id: Id, input: Input<MergeInput>) -> Answer {
    let Input(input) = input;
    if input.dry_run == Some(true) {
        let joining = stewardship::preview(&state.campus, &permit, id.0, input.other_id).await?;
        return Ok(HttpResponse::Ok().json(Merge::preview(&state, joining)?));
    }
    let campus = state.campus.clone();
    let (item, new) = detached(async move { stewardship::merge(&campus, &permit, id.0, input.other_id).await }).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(Merge::new(&state, item)?))
}

/// Merges of records of one's branches that stand.
#[utoipa::path(tag = "residents", params(MergeQuery), responses((status = 200, body = MergeList)))]
#[get("/resident-merges")]
pub async fn merges(state: Data<State>, permit: Permit<MergeResidents>, query: Query<MergeQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let connection = &mut *state.campus.database.connection().await?;
    let page = stewardship::merges(connection, &permit, &request).await?;
    let items = page.items.into_iter().map(|item| Merge::new(&state, item)).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(MergeList { items, next_cursor: page.next_cursor }))
}

/// Undo a merge: both are persons again. What was written since stays with the record that stayed.
#[utoipa::path(tag = "residents", params(("id" = Uuid, Path,)), responses((status = 204)))]
#[delete("/resident-merges/{id}")]
pub async fn undo(state: Data<State>, permit: Permit<MergeResidents>, id: Id) -> Answer {
    let campus = state.campus.clone();
    detached(async move { stewardship::undo(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Pairs of one's branches that look alike and that nobody has told apart.
#[utoipa::path(tag = "residents", params(DuplicateQuery), responses((status = 200, body = DuplicateList)))]
#[get("/resident-duplicates")]
pub async fn duplicates(state: Data<State>, permit: Permit<MergeResidents>, query: Query<DuplicateQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let connection = &mut *state.campus.database.connection().await?;
    let page = stewardship::duplicates(connection, &permit, query.branch_id, &request).await?;
    let shown = |pair: stewardship::Duplicate| -> Result<Duplicate, Problem> {
        Ok(Duplicate {
            first: Resident::shown(&state, pair.first)?,
            second: Resident::shown(&state, pair.second)?,
            reasons: pair.likenesses.into_iter().map(Likeness::as_str).map(str::to_owned).collect(),
        })
    };
    let items = page.items.into_iter().map(shown).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(DuplicateList { items, next_cursor: page.next_cursor }))
}

/// Say that two records which look alike are of two persons.
#[utoipa::path(tag = "residents", params(("id" = Uuid, Path,)), request_body = DistinctionInput,
    responses((status = 201, body = Distinction), (status = 200, body = Distinction)))]
#[post("/residents/{id}/distinctions")]
pub async fn tell_apart(
    state: Data<State>,
    permit: Permit<MergeResidents>,
    id: Id,
    input: Input<DistinctionInput>,
) -> Answer {
    let Input(DistinctionInput { other_id }) = input;
    let campus = state.campus.clone();
    let resident_id = id.0;
    let new = detached(async move { stewardship::tell_apart(&campus, &permit, resident_id, other_id).await }).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(Distinction { resident_id, other_id }))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(merge).service(merges).service(undo).service(duplicates).service(tell_apart);
}
