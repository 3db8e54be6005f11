//! The accounts of staff and admins, and one-time codes.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use campus::access::{ChangeResidents, ManageAccounts, SeeAccounts};
use campus::accounts::{self, OneTimeCode, StaffAccount, StaffChange, StaffInvitation};
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
use crate::session::session_answer;
use crate::state::State;
use crate::visitor::visitor;

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StaffQuery {
    /// Part of a name or an e-mail address.
    #[param(max_length = 254)]
    q: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// An account of staff or an admin.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StaffAccount)]
pub struct StaffAccountBody {
    id: Uuid,
    /// `branch_staff` or `admin`.
    role: String,
    name: String,
    email: Option<String>,
    branch_id: Option<Uuid>,
    /// Whether its log-in asks for a code.
    second_factor: bool,
    /// Whether a password has been set.
    has_password: bool,
    /// Whether it is shut out.
    disabled: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl StaffAccountBody {
    fn new(state: &State, found: StaffAccount) -> Self {
        let account = found.account;
        Self {
            id: account.id,
            role: account.role,
            name: account.name,
            email: account.email,
            branch_id: account.branch_id,
            second_factor: found.second_factor,
            has_password: found.has_password,
            disabled: account.disabled_at.is_some(),
            created_at: state.campus.clock.local(found.created_at),
        }
    }
}

/// Accounts, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffList {
    items: Vec<StaffAccountBody>,
    next_cursor: Option<String>,
}

/// A code with which somebody sets a password of their own. It is not shown again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OneTimeCode)]
pub struct OneTimeCodeBody {
    code: String,
    /// Until when it serves.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl OneTimeCodeBody {
    fn new(state: &State, made: OneTimeCode) -> Self {
        Self { code: made.code, expires_at: state.campus.clock.local(made.expires_at) }
    }
}

/// A new account and the code for its owner.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invited {
    account: StaffAccountBody,
    one_time_code: OneTimeCodeBody,
}

/// An account to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct InvitationInput {
    /// `branch_staff` or `admin`.
    role: String,
    #[schema(max_length = 50)]
    name: String,
    #[schema(max_length = 254)]
    email: String,
    /// For branch staff.
    branch_id: Option<Uuid>,
}

/// What is changed; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StaffChangeInput {
    /// `branch_staff` or `admin`.
    role: Option<String>,
    #[schema(max_length = 50)]
    name: Option<String>,
    branch_id: Option<Uuid>,
    disabled: Option<bool>,
}

/// A password set with a one-time code.
#[derive(Deserialize, ToSchema)]
pub struct RedemptionInput {
    /// A telephone number, an e-mail address or a learner number.
    #[schema(max_length = 254)]
    login: String,
    #[schema(max_length = 64)]
    code: String,
    #[schema(max_length = 128)]
    password: String,
    /// Whether everybody uses this device.
    #[serde(default)]
    shared_device: bool,
}

/// Accounts of staff and admins, by name.
#[utoipa::path(tag = "accounts", params(StaffQuery), responses((status = 200, body = StaffList)))]
#[get("/accounts")]
pub async fn list(state: Data<State>, _permit: Permit<SeeAccounts>, query: Query<StaffQuery>) -> Answer {
    let Query(query) = query;
    let request = PageRequest { limit: query.limit, cursor: query.cursor };
    let text = query.q.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let page = accounts::staff(&mut *state.campus.database.connection().await?, text, &request).await?;
    let items = page.items.into_iter().map(|found| StaffAccountBody::new(&state, found)).collect();
    Ok(HttpResponse::Ok().json(StaffList { items, next_cursor: page.next_cursor }))
}

/// Make an account. Its owner sets the password with the code that is answered.
#[utoipa::path(tag = "accounts", request_body = InvitationInput, responses((status = 201, body = Invited)))]
#[post("/accounts")]
pub async fn invite(state: Data<State>, permit: Permit<ManageAccounts>, input: Input<InvitationInput>) -> Answer {
    let Input(input) = input;
    let new = StaffInvitation { role: input.role, name: input.name, email: input.email, branch_id: input.branch_id };
    let campus = state.campus.clone();
    let (account, code) = detached(async move { accounts::invite(&campus, &permit, &new).await }).await?;
    Ok(HttpResponse::Created().json(Invited {
        account: StaffAccountBody::new(&state, account),
        one_time_code: OneTimeCodeBody::new(&state, code),
    }))
}

/// Change an account, shut it out or let it in again: from its next request on.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path,)), request_body = StaffChangeInput,
    responses((status = 200, body = StaffAccountBody)))]
#[patch("/accounts/{id}")]
pub async fn change(
    state: Data<State>,
    permit: Permit<ManageAccounts>,
    id: Id,
    input: Input<StaffChangeInput>,
) -> Answer {
    let Input(input) = input;
    let change =
        StaffChange { role: input.role, name: input.name, branch_id: input.branch_id, disabled: input.disabled };
    let campus = state.campus.clone();
    let account = detached(async move { accounts::change_staff(&campus, &permit, id.0, &change).await }).await?;
    state.sessions.forget_account(id.0);
    Ok(HttpResponse::Ok().json(StaffAccountBody::new(&state, account)))
}

/// A one-time code for staff who have forgotten their password.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path,)), responses((status = 201, body = OneTimeCodeBody)))]
#[post("/accounts/{id}/one-time-code")]
pub async fn help_staff_in(state: Data<State>, permit: Permit<ManageAccounts>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let code = detached(async move { accounts::help_in(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::Created().json(OneTimeCodeBody::new(&state, code)))
}

/// Take the second factor away from whoever has lost phone and recovery codes.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path,)), responses((status = 204)))]
#[delete("/accounts/{id}/second-factor")]
pub async fn remove_second_factor(state: Data<State>, permit: Permit<ManageAccounts>, id: Id) -> Answer {
    let campus = state.campus.clone();
    detached(async move { accounts::remove_second_factor(&campus, &permit, id.0).await }).await?;
    state.sessions.forget_account(id.0);
    Ok(HttpResponse::NoContent().finish())
}

/// A one-time code for a resident who has no password or has forgotten it; who has no account
/// gets one.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path,)), responses((status = 201, body = OneTimeCodeBody)))]
#[post("/residents/{id}/one-time-code")]
pub async fn help_resident_in(state: Data<State>, permit: Permit<ChangeResidents>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let code = detached(async move {
        let proof = residents::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        accounts::help_resident_in(&campus, &permit, &proof).await
    })
    .await?;
    Ok(HttpResponse::Created().json(OneTimeCodeBody::new(&state, code)))
}

/// Set a password with a one-time code, and log in with it.
#[utoipa::path(tag = "session", security(()), request_body = RedemptionInput,
    responses((status = 201, body = crate::session::Session)))]
#[post("/session/one-time-code")]
pub async fn redeem(state: Data<State>, request: HttpRequest, input: Input<RedemptionInput>) -> Answer {
    let Input(given) = input;
    let visitor = visitor(&state, &request, given.shared_device);
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    let opened = detached(async move {
        accounts::redeem(&campus, &sessions, &visitor, &given.login, &given.code, &given.password).await
    })
    .await?;
    Ok(session_answer(&request, opened, actix_web::http::StatusCode::CREATED))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(redeem)
        .service(list)
        .service(invite)
        .service(change)
        .service(help_staff_in)
        .service(remove_second_factor)
        .service(help_resident_in);
}
