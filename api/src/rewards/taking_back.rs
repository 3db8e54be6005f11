//! Taking back what was handed over by mistake.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use campus::access::HandOverRewards;
use campus::idempotency::Request;
use campus::rewards;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RedemptionBody;
use crate::detach::detached;
use crate::input::{Id, IdempotencyKey, Input};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// Why it is taken back: its holder reads it in their account.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TakingBackInput {
    reason: String,
}

/// Take back what was handed over: the points and the reward return.
#[utoipa::path(tag = "rewards", params(("id" = Uuid, Path,), ("Idempotency-Key" = Uuid, Header,)),
    request_body = TakingBackInput, responses((status = 200, body = RedemptionBody)))]
#[post("/redemptions/{id}/reversal")]
pub async fn take_back(
    state: Data<State>,
    permit: Permit<HandOverRewards>,
    id: Id,
    key: IdempotencyKey,
    input: Input<TakingBackInput>,
) -> Answer {
    let Input(input) = input;
    let request = Request::new(permit.account_id, "redemption_reversal", key.required()?, &(id.0, &input))?;
    let campus = state.campus.clone();
    let taking = async move { rewards::take_back(&campus, &permit, &request, id.0, &input.reason).await };
    let redemption = detached(taking).await?;
    Ok(HttpResponse::Ok().json(RedemptionBody::for_staff(&state, redemption)))
}
