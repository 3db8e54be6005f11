//! A forgotten password, set anew with a link that comes by mail.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use campus::accounts::{self, LINK_SERVES};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::detach::detached;
use crate::input::Input;
use crate::permit::language;
use crate::problem::Answer;
use crate::session::{Session, session_answer};
use crate::state::State;
use crate::visitor::visitor;

/// Who has forgotten the password.
#[derive(Deserialize, ToSchema)]
pub struct PasswordResetInput {
    /// A telephone number, an e-mail address or a learner number.
    #[schema(max_length = 254)]
    login: String,
}

/// The same for everybody, known or not.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordResetAsked {
    /// How long the link serves that is mailed to whoever has an e-mail address, in seconds.
    expires_in: i64,
}

/// A new password, with the token of a link.
#[derive(Deserialize, ToSchema)]
pub struct PasswordResetConfirmationInput {
    #[schema(max_length = 128)]
    token: String,
    #[schema(max_length = 128)]
    password: String,
    /// Whether everybody uses this device.
    #[serde(default)]
    shared_device: bool,
}

/// Ask for a link by mail with which to set a new password. The answer is the same, after the same
/// time, for every login; where there is no e-mail address, staff of the branch give a code.
#[utoipa::path(tag = "session", security(()), request_body = PasswordResetInput,
    responses((status = 202, body = PasswordResetAsked)))]
#[post("/session/password-reset")]
pub async fn ask(state: Data<State>, request: HttpRequest, input: Input<PasswordResetInput>) -> Answer {
    let Input(given) = input;
    let (campus, visitor, language) = (state.campus.clone(), visitor(&state, &request, false), language());
    // Longer than any login: nobody's.
    let login: String = given.login.chars().take(254).collect();
    detached(async move { accounts::request_reset(&campus, &visitor, &login, language).await }).await?;
    Ok(HttpResponse::Accepted().json(PasswordResetAsked { expires_in: LINK_SERVES.whole_seconds() }))
}

/// Set a new password with the token of a link, and log in with it.
#[utoipa::path(tag = "session", security(()), request_body = PasswordResetConfirmationInput,
    responses((status = 201, body = Session)))]
#[post("/session/password-reset/confirmation")]
pub async fn confirm(state: Data<State>, request: HttpRequest, input: Input<PasswordResetConfirmationInput>) -> Answer {
    let Input(given) = input;
    let visitor = visitor(&state, &request, given.shared_device);
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    let opened =
        detached(
            async move { accounts::confirm_reset(&campus, &sessions, &visitor, &given.token, &given.password).await },
        )
        .await?;
    Ok(session_answer(&request, opened, StatusCode::CREATED))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(confirm).service(ask);
}
