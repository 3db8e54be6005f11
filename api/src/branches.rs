//! Branches, and the words that go with them.

mod populations;

use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch, post, put};
use campus::access::{MakeCourses, ManageBranches};
use campus::branches::{self, BranchChange, NewBranch};
use campus::quotas::{self, Share};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{Id, Input};
use crate::permit::{Permit, language};
use crate::problem::Answer;
use crate::state::State;

/// A branch school, or the street centre.
#[derive(Debug, Serialize, ToSchema)]
pub struct Branch {
    id: Uuid,
    code: String,
    name: String,
    /// `null` for the street centre.
    parent_id: Option<Uuid>,
    population: Option<i32>,
}

impl From<branches::Branch> for Branch {
    fn from(branch: branches::Branch) -> Self {
        Self {
            id: branch.id,
            code: branch.code,
            name: branch.name,
            parent_id: branch.parent_id,
            population: branch.population,
        }
    }
}

/// Every branch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BranchList {
    items: Vec<Branch>,
    next_cursor: Option<String>,
}

/// A branch to be set up.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BranchInput {
    /// 1 to 12 capital letters or digits.
    code: String,
    name: String,
    parent_id: Option<Uuid>,
    population: Option<i32>,
}

/// What to change.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BranchChangeInput {
    name: Option<String>,
    population: Option<i32>,
}

/// A code and its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedCode {
    code: String,
    name: String,
}

/// Codes and their names, in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedCodes {
    items: Vec<NamedCode>,
}

impl From<Vec<branches::NamedCode>> for NamedCodes {
    fn from(items: Vec<branches::NamedCode>) -> Self {
        Self { items: items.into_iter().map(|item| NamedCode { code: item.code, name: item.name }).collect() }
    }
}

/// Every branch, the street centre first.
#[utoipa::path(tag = "branches", security(()), responses((status = 200, body = BranchList)))]
#[get("/branches")]
pub async fn list(state: Data<State>) -> Answer {
    let items = branches::list(&mut *state.campus.database.connection().await?).await?;
    Ok(HttpResponse::Ok().json(BranchList { items: items.into_iter().map(Branch::from).collect(), next_cursor: None }))
}

/// Set up a branch.
#[utoipa::path(tag = "branches", request_body = BranchInput, responses((status = 201, body = Branch)))]
#[post("/branches")]
pub async fn create(state: Data<State>, permit: Permit<ManageBranches>, input: Input<BranchInput>) -> Answer {
    let Input(input) = input;
    let new =
        NewBranch { code: input.code, name: input.name, parent_id: input.parent_id, population: input.population };
    let campus = state.campus.clone();
    let branch = detached(async move { branches::create(&campus, &permit, &new).await }).await?;
    Ok(HttpResponse::Created().json(Branch::from(branch)))
}

/// Change a branch's name or population.
#[utoipa::path(tag = "branches", params(("id" = Uuid, Path,)), request_body = BranchChangeInput, responses((status = 200, body = Branch)))]
#[patch("/branches/{id}")]
pub async fn change(
    state: Data<State>,
    permit: Permit<ManageBranches>,
    id: Id,
    input: Input<BranchChangeInput>,
) -> Answer {
    let Input(input) = input;
    let change = BranchChange { name: input.name, population: input.population };
    let campus = state.campus.clone();
    let branch = detached(async move {
        let proof = branches::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        branches::change(&campus, &permit, &proof, &change).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Branch::from(branch)))
}

/// What of the store a branch may fill. In bytes.
#[derive(Debug, Serialize, ToSchema)]
pub struct StorageShare {
    quota_bytes: i64,
    /// What it holds: originals, also those that are still being sent, renditions, files of courses.
    used_bytes: i64,
    left_bytes: i64,
}

impl From<Share> for StorageShare {
    fn from(share: Share) -> Self {
        Self { quota_bytes: share.quota, used_bytes: share.used, left_bytes: share.left() }
    }
}

/// What a branch may fill.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StorageQuotaInput {
    /// From 0 to 1 PiB.
    quota_bytes: i64,
}

/// How much of the store a branch may fill, and does.
#[utoipa::path(tag = "branches", params(("id" = Uuid, Path,)), responses((status = 200, body = StorageShare)))]
#[get("/branches/{id}/storage-quota")]
pub async fn storage_share(state: Data<State>, permit: Permit<MakeCourses>, id: Id) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = branches::manageable(connection, &permit, id.0).await?;
    let share = quotas::share(connection, &proof).await?;
    Ok(HttpResponse::Ok().json(StorageShare::from(share)))
}

/// Set how much of the store a branch may fill.
#[utoipa::path(tag = "branches", params(("id" = Uuid, Path,)), request_body = StorageQuotaInput, responses((status = 200, body = StorageShare)))]
#[put("/branches/{id}/storage-quota")]
pub async fn set_storage_quota(
    state: Data<State>,
    permit: Permit<ManageBranches>,
    id: Id,
    input: Input<StorageQuotaInput>,
) -> Answer {
    let quota = input.0.quota_bytes;
    let campus = state.campus.clone();
    let share = detached(async move {
        let proof = branches::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        quotas::set(&campus, &permit, &proof, quota).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(StorageShare::from(share)))
}

/// The course topics.
#[utoipa::path(tag = "branches", security(()), responses((status = 200, body = NamedCodes)))]
#[get("/topics")]
pub async fn topics(state: Data<State>) -> Answer {
    let items = branches::topics(&mut *state.campus.database.connection().await?, language()).await?;
    Ok(HttpResponse::Ok().json(NamedCodes::from(items)))
}

/// The target groups.
#[utoipa::path(tag = "branches", security(()), responses((status = 200, body = NamedCodes)))]
#[get("/groups")]
pub async fn groups(state: Data<State>) -> Answer {
    let items = branches::groups(&mut *state.campus.database.connection().await?, language()).await?;
    Ok(HttpResponse::Ok().json(NamedCodes::from(items)))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(populations::group_populations).service(populations::set_group_populations);
    config.service(list).service(create).service(change).service(topics).service(groups);
    config.service(storage_share).service(set_storage_quota);
}
