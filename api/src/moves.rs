//! Residents who move to another branch.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use campus::access::{MoveResidents, SeeResidents};
use campus::paging::PageRequest;
use campus::residents;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::{Id, Input, Query};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::residents::parse_date;
use crate::state::State;

/// Where somebody moves.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MoveInput {
    /// The branch they belong to from then on.
    branch_id: Uuid,
    /// The first day there, today at the latest, in a month that is open.
    #[schema(value_type = String, format = Date)]
    moved_on: String,
}

/// A move to another branch.
#[derive(Debug, Serialize, ToSchema)]
pub struct Move {
    id: Uuid,
    resident_id: Uuid,
    /// The branch they left.
    from_branch_id: Uuid,
    /// The branch they belong to from then on.
    branch_id: Uuid,
    #[schema(value_type = String, format = Date)]
    moved_on: String,
    #[serde(with = "time::serde::rfc3339")]
    recorded_at: OffsetDateTime,
}

impl Move {
    fn new(state: &State, moved: residents::Move) -> Self {
        Self {
            id: moved.id,
            resident_id: moved.resident_id,
            from_branch_id: moved.from_branch_id,
            branch_id: moved.to_branch_id,
            moved_on: moved.moved_on.to_string(),
            recorded_at: state.campus.clock.local(moved.recorded_at),
        }
    }
}

/// Somebody's moves, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveList {
    items: Vec<Move>,
    next_cursor: Option<String>,
}

/// Which moves.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MoveQuery {
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Move a resident to another branch. What was earned and registered before stays with the old
/// one. A move back on the same day cancels it.
#[utoipa::path(tag = "residents", params(("id" = Uuid, Path,)), request_body = MoveInput,
    responses((status = 201, body = Move), (status = 200, body = Move)))]
#[post("/residents/{id}/moves")]
pub async fn move_resident(
    state: Data<State>,
    permit: Permit<MoveResidents>,
    id: Id,
    input: Input<MoveInput>,
) -> Answer {
    let Input(input) = input;
    let moved_on = parse_date("moved_on", &input.moved_on)?;
    let campus = state.campus.clone();
    let (moved, new) =
        detached(async move { residents::move_to(&campus, &permit, id.0, input.branch_id, moved_on).await }).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(Move::new(&state, moved)))
}

/// A resident's moves.
#[utoipa::path(tag = "residents", params(("id" = Uuid, Path,), MoveQuery), responses((status = 200, body = MoveList)))]
#[get("/residents/{id}/moves")]
pub async fn moves(state: Data<State>, permit: Permit<SeeResidents>, id: Id, query: Query<MoveQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let connection = &mut *state.campus.database.connection().await?;
    let proof = residents::manageable(connection, &permit, id.0).await?;
    let page = residents::moves(connection, &proof, &request).await?;
    let items = page.items.into_iter().map(|moved| Move::new(&state, moved)).collect();
    Ok(HttpResponse::Ok().json(MoveList { items, next_cursor: page.next_cursor }))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(move_resident).service(moves);
}
