//! Logging in, staying in, logging out, and who one is.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use campus::access::{SeeOneself, SetSecondFactor};
use campus::accounts::{self, ACCESS_SECONDS, Leaving, Opened, PUBLISHED_FOR, second_factor as second_factors};
use campus::error::{Code, Kind};
use campus::residents;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::detach::detached;
use crate::input::Input;
use crate::limits::{self, CODE_ACCOUNT};
use crate::permit::{Permit, bearer};
use crate::problem::{Answer, Problem};
use crate::state::State;
use crate::visitor::{device_cookie, visitor};

const COOKIE: &str = "changqing_refresh";
const COOKIE_PATH: &str = "/api/v1/session";

/// How one logs in.
#[derive(Deserialize, ToSchema)]
pub struct Credentials {
    /// A telephone number, an e-mail address or a learner number.
    #[schema(max_length = 254)]
    login: String,
    #[schema(max_length = 128)]
    password: String,
    /// Whether everybody uses this device: it remembers nobody, and the session ends after a
    /// quarter of an hour without use.
    #[serde(default)]
    shared_device: bool,
}

/// An open session. The refresh token is in an HttpOnly cookie.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// In seconds.
    expires_in: i64,
    account: Account,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    id: Uuid,
    /// `resident`, `branch_staff` or `admin`.
    role: String,
    name: String,
    branch_id: Option<Uuid>,
}

impl From<&accounts::Account> for Account {
    fn from(account: &accounts::Account) -> Self {
        Self { id: account.id, role: account.role.clone(), name: account.name.clone(), branch_id: account.branch_id }
    }
}

/// Who one is and what one may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    account: Account,
    resident: Option<MyResident>,
    permissions: Vec<String>,
    /// Whether logging in asks for a code.
    second_factor: bool,
    /// From when on staff do nothing else before they have a second factor; `null` once they have one.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(with = "time::serde::rfc3339::option")]
    second_factor_due: Option<OffsetDateTime>,
}

/// The resident behind an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyResident {
    id: Uuid,
    learner_number: String,
    name: String,
    branch_id: Uuid,
}

pub(crate) fn session_answer(
    request: &HttpRequest,
    opened: Opened,
    status: actix_web::http::StatusCode,
) -> HttpResponse {
    let secure = request.connection_info().scheme() == "https";
    let cookie = Cookie::build(COOKIE, opened.refresh_token)
        .path(COOKIE_PATH)
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Strict)
        .max_age(Duration::seconds(opened.refresh_seconds))
        .finish();
    let device = opened.device_token.map(|token| device_cookie(token, secure));
    let mut answer = HttpResponse::build(status);
    answer.cookie(cookie);
    if let Some(device) = device {
        answer.cookie(device);
    }
    answer.json(Session {
        access_token: opened.access_token,
        token_type: "Bearer",
        expires_in: ACCESS_SECONDS,
        account: Account::from(&opened.account),
    })
}

/// Log in.
#[utoipa::path(tag = "session", security(()), request_body = Credentials, responses((status = 201, body = Session)))]
#[post("/session")]
pub async fn log_in(state: Data<State>, request: HttpRequest, input: Input<Credentials>) -> Answer {
    let Input(credentials) = input;
    if credentials.password.len() > 512 || credentials.login.len() > 254 {
        return Err(Code::CredentialsInvalid.into());
    }
    let visitor = visitor(&state, &request, credentials.shared_device);
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    let opened = detached(async move {
        accounts::open(&campus, &sessions, &visitor, &credentials.login, &credentials.password).await
    })
    .await?;
    Ok(session_answer(&request, opened, actix_web::http::StatusCode::CREATED))
}

/// A code of the second factor.
#[derive(Deserialize, ToSchema)]
pub struct SecondFactorInput {
    /// From the answer that asked for the code.
    #[schema(max_length = 128)]
    challenge: String,
    /// The six digits of the authenticator, or a recovery code.
    #[schema(max_length = 64)]
    code: String,
    /// As at the first step.
    #[serde(default)]
    shared_device: bool,
}

/// The second step of logging in.
#[utoipa::path(tag = "session", security(()), request_body = SecondFactorInput, responses((status = 201, body = Session)))]
#[post("/session/second-factor")]
pub async fn second_factor(state: Data<State>, request: HttpRequest, input: Input<SecondFactorInput>) -> Answer {
    let Input(given) = input;
    let visitor = visitor(&state, &request, given.shared_device);
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    let opened =
        detached(async move { accounts::answer(&campus, &sessions, &visitor, &given.challenge, &given.code).await })
            .await?;
    Ok(session_answer(&request, opened, actix_web::http::StatusCode::CREATED))
}

/// What shows once more who one is.
#[derive(Deserialize, ToSchema)]
pub struct ProofInput {
    #[schema(max_length = 128)]
    password: String,
    /// Where there is a second factor.
    #[schema(max_length = 64)]
    code: Option<String>,
}

/// Show once more who one is, for work that needs it: serves for 15 minutes.
#[utoipa::path(tag = "session", request_body = ProofInput, responses((status = 200, body = Session)))]
#[post("/session/proof")]
pub async fn prove(state: Data<State>, permit: Permit<SeeOneself>, input: Input<ProofInput>) -> Answer {
    let Input(given) = input;
    limits::admit(&state, "proof_account", &permit.account_id.to_string(), CODE_ACCOUNT).await?;
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    let (account, access_token) =
        detached(
            async move { accounts::prove(&campus, &sessions, &permit, &given.password, given.code.as_deref()).await },
        )
        .await?;
    Ok(HttpResponse::Ok().json(Session {
        access_token,
        token_type: "Bearer",
        expires_in: ACCESS_SECONDS,
        account: Account::from(&account),
    }))
}

/// A second factor that is being set up.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondFactorSetup {
    /// For typing it into an authenticator: base 32.
    secret: String,
    /// The same as an `otpauth:` address.
    uri: String,
    /// The same as a picture to scan: SVG.
    picture: String,
}

/// Begin to set up a second factor; the one in force stays so until the new one is confirmed.
#[utoipa::path(tag = "session", responses((status = 201, body = SecondFactorSetup)))]
#[post("/me/second-factor")]
pub async fn begin_second_factor(state: Data<State>, permit: Permit<SetSecondFactor>) -> Answer {
    let campus = state.campus.clone();
    let setup = detached(async move { second_factors::begin(&campus, &permit).await }).await?;
    let second_factors::Setup { secret, uri, picture } = setup;
    Ok(HttpResponse::Created().json(SecondFactorSetup { secret, uri, picture }))
}

/// A first code of a new second factor.
#[derive(Deserialize, ToSchema)]
pub struct ConfirmationInput {
    /// The six digits that the authenticator shows.
    #[schema(max_length = 16)]
    code: String,
}

/// What helps whoever has lost the authenticator.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each serves once; they are not shown again.
    recovery_codes: Vec<String>,
}

/// Put the second factor in force with a first code.
#[utoipa::path(tag = "session", request_body = ConfirmationInput, responses((status = 200, body = RecoveryCodes)))]
#[post("/me/second-factor/confirmation")]
pub async fn confirm_second_factor(
    state: Data<State>,
    permit: Permit<SetSecondFactor>,
    input: Input<ConfirmationInput>,
) -> Answer {
    let Input(given) = input;
    limits::admit(&state, "proof_account", &permit.account_id.to_string(), CODE_ACCOUNT).await?;
    let campus = state.campus.clone();
    let account = permit.account_id;
    let recovery_codes = detached(async move { second_factors::confirm(&campus, &permit, &given.code).await }).await?;
    state.sessions.forget_account(account);
    Ok(HttpResponse::Ok().json(RecoveryCodes { recovery_codes }))
}

/// A new access token, for the refresh token in the cookie.
#[utoipa::path(tag = "session", security(()), responses((status = 200, body = Session)))]
#[post("/session/refreshment")]
pub async fn refresh(state: Data<State>, request: HttpRequest) -> Answer {
    let Some(token) = request.cookie(COOKIE) else { return Err(Code::RefreshInvalid.into()) };
    let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
    let opened = detached(async move { accounts::refresh(&campus, &sessions, token.value()).await }).await?;
    Ok(session_answer(&request, opened, actix_web::http::StatusCode::OK))
}

/// Log out: ends the session of the refresh token in the cookie, or else that of the access token.
/// Its access tokens are refused from the next request on. Without a session there is nothing to do.
#[utoipa::path(tag = "session", security((), ("bearer" = [])), responses((status = 204)))]
#[delete("/session")]
pub async fn log_out(state: Data<State>, request: HttpRequest) -> Answer {
    let leaving = match (request.cookie(COOKIE), bearer(&request)) {
        (Some(token), _) => Some(Leaving::RefreshToken(token.value().to_owned())),
        // A token that holds no longer has no session to end.
        (None, Some(token)) => match state.sessions.actor(&state.campus, token).await {
            Ok(actor) => Some(Leaving::Session(actor)),
            Err(error) if error.kind() == Kind::Unauthenticated => None,
            Err(error) => return Err(error.into()),
        },
        (None, None) => None,
    };
    if let Some(leaving) = leaving {
        let (campus, sessions) = (state.campus.clone(), state.sessions.clone());
        detached(async move { accounts::close(&campus, &sessions, &leaving).await }).await?;
    }
    let mut gone = Cookie::build(COOKIE, "").path(COOKIE_PATH).http_only(true).same_site(SameSite::Strict).finish();
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

/// Who am I, what may I do?
#[utoipa::path(tag = "session", responses((status = 200, body = Me)))]
#[get("/me")]
pub async fn me(state: Data<State>, permit: Permit<SeeOneself>) -> Answer {
    let connection = &mut *state.campus.database.connection().await.map_err(Problem::from)?;
    let account = accounts::find(connection, permit.account_id).await?;
    let resident = match permit.resident_id {
        None => None,
        Some(id) => {
            let resident = residents::find(connection, id).await?;
            Some(MyResident {
                id: resident.id,
                learner_number: resident.learner_number,
                name: resident.name,
                branch_id: resident.branch_id,
            })
        }
    };
    Ok(HttpResponse::Ok().json(Me {
        account: Account::from(&account),
        resident,
        permissions: permit.permissions(state.campus.clock.now()).into_iter().map(str::to_owned).collect(),
        second_factor_due: permit.second_factor_due,
        second_factor: second_factors::is_set(connection, permit.account_id).await?,
    }))
}

async fn public_keys(state: Data<State>) -> HttpResponse {
    let kept = format!("public, max-age={PUBLISHED_FOR}");
    HttpResponse::Ok().insert_header(("cache-control", kept)).json(state.sessions.public_keys(&state.campus))
}

/// Routes at the root.
pub fn root_routes(config: &mut web::ServiceConfig) {
    config.route("/.well-known/jwks.json", web::get().to(public_keys));
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(refresh)
        .service(second_factor)
        .service(prove)
        .service(log_in)
        .service(log_out)
        .service(confirm_second_factor)
        .service(begin_second_factor)
        .service(me);
}
