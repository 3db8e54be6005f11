//! How many people of each target group live at a branch.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use campus::access::{ManageBranches, ReadReports};
use campus::branches;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::detach::detached;
use crate::input::{Id, Input};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// People by target group (see `GET /groups`); groups of which none are known are left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupPopulations {
    populations: BTreeMap<String, i32>,
}

/// The same, in place of what was entered before.
#[derive(Debug, Deserialize, ToSchema)]
pub struct GroupPopulationsInput {
    /// At least 1 each.
    populations: BTreeMap<String, i32>,
}

/// How many people of each target group live at a branch.
#[utoipa::path(tag = "branches", params(("id" = Uuid, Path,)), responses((status = 200, body = GroupPopulations)))]
#[get("/branches/{id}/group-populations")]
pub async fn group_populations(state: Data<State>, permit: Permit<ReadReports>, id: Id) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    let proof = branches::viewable(connection, &permit, id.0).await?;
    let populations = branches::group_populations(connection, &proof).await?;
    Ok(HttpResponse::Ok().json(GroupPopulations { populations }))
}

/// Enter how many people of each target group live at a branch.
#[utoipa::path(tag = "branches", params(("id" = Uuid, Path,)), request_body = GroupPopulationsInput,
    responses((status = 200, body = GroupPopulations)))]
#[put("/branches/{id}/group-populations")]
pub async fn set_group_populations(
    state: Data<State>,
    permit: Permit<ManageBranches>,
    id: Id,
    input: Input<GroupPopulationsInput>,
) -> Answer {
    let asked = input.0.populations;
    let campus = state.campus.clone();
    let populations = detached(async move {
        let proof = branches::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        branches::set_group_populations(&campus, &permit, &proof, &asked).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(GroupPopulations { populations }))
}
