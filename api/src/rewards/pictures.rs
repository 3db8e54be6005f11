//! What rewards look like.

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, put};
use campus::access::ManageRewards;
use campus::error::Code;
use campus::rewards;

use super::RewardBody;
use crate::detach::detached;
use crate::input::Id;
use crate::limits::{self, UPLOAD_ACCOUNT};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;
use crate::upload::{Expected, receive};

const PICTURE: Expected =
    Expected { largest: rewards::LARGEST_REWARD_PICTURE, missing: Code::FileMissing, too_large: Code::FileTooLarge };

/// Show a reward by a picture (JPG, PNG, WebP or GIF, up to 5 MB). What it is is read from its content.
#[utoipa::path(tag = "rewards", params(("id" = Uuid, Path,)),
    request_body(content_type = "multipart/form-data", description = "The picture in the field `file`"),
    responses((status = 200, body = RewardBody)))]
#[put("/rewards/{id}/picture")]
pub async fn set_picture(
    state: Data<State>,
    request: HttpRequest,
    permit: Permit<ManageRewards>,
    id: Id,
    payload: Payload,
) -> Answer {
    limits::admit(&state, "reward_picture", &permit.account_id.to_string(), UPLOAD_ACCOUNT).await?;
    let file = receive(&request, payload, PICTURE).await?;
    let campus = state.campus.clone();
    let reward = detached(async move { rewards::set_picture(&campus, &permit, id.0, file.content).await }).await?;
    Ok(HttpResponse::Ok().json(RewardBody::from(reward)))
}

/// Show a reward without a picture.
#[utoipa::path(tag = "rewards", params(("id" = Uuid, Path,)), responses((status = 200, body = RewardBody)))]
#[delete("/rewards/{id}/picture")]
pub async fn remove_picture(state: Data<State>, permit: Permit<ManageRewards>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let reward = detached(async move { rewards::remove_picture(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::Ok().json(RewardBody::from(reward)))
}

/// What a reward looks like: sends on to where the picture lies.
#[utoipa::path(tag = "rewards", security(()), params(("id" = Uuid, Path,)),
    responses((status = 302, description = "Where the picture lies", headers(("Location" = String)))))]
#[get("/rewards/{id}/picture")]
pub async fn picture(state: Data<State>, request: HttpRequest, id: Id) -> Answer {
    let link = rewards::picture_link(&state.campus, &limits::site(&state, &request), id.0).await?;
    Ok(HttpResponse::Found()
        .insert_header((header::LOCATION, link))
        .insert_header((header::CACHE_CONTROL, "private, max-age=600"))
        .finish())
}
