//! Limits on what may be tried how often. They hold over all APIs through Redis, and per
//! process while Redis is down.

use actix_web::HttpRequest;
use campus::error::Error;
use campus::signals::Limit;

use crate::problem::Problem;
use crate::state::State;

/// Codes for one account: six digits must not be found by trying.
pub const CODE_ACCOUNT: Limit = Limit { count: 10, seconds: 900 };
/// Registrations from one address: a classroom registers together.
pub const REGISTRATION_ADDRESS: Limit = Limit { count: 100, seconds: 60 };
/// Uploads by one account: sixty rosters or videos a minute are admitted.
pub const UPLOAD_ACCOUNT: Limit = Limit { count: 60, seconds: 60 };

/// Counts one attempt.
///
/// # Errors
/// 429 with the seconds to wait.
pub async fn admit(state: &State, name: &str, who: &str, limit: Limit) -> Result<(), Problem> {
    state
        .campus
        .signals
        .admit(&format!("{name}:{who}"), limit)
        .await
        .map_err(|retry_after_seconds| Error::TooMany { retry_after_seconds }.into())
}

/// The client's address: the connection's own, or what the proxy in front says.
#[must_use]
pub fn client_address(state: &State, request: &HttpRequest) -> String {
    if state.settings.behind_proxy {
        // The last entry is the one that our own proxy wrote.
        let said = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
        if let Some(last) = said.and_then(|list| list.rsplit(',').next()) {
            return last.trim().to_owned();
        }
    }
    request.peer_addr().map_or_else(|| "unknown".to_owned(), |address| address.ip().to_string())
}

/// The site as the browser sees it: scheme and host, e.g. `http://192.168.1.5:8080`.
#[must_use]
pub fn site(state: &State, request: &HttpRequest) -> String {
    let host = request.headers().get("host").and_then(|value| value.to_str().ok()).unwrap_or("localhost");
    let forwarded = request.headers().get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    let scheme = match forwarded {
        Some("https") if state.settings.behind_proxy => "https",
        _ => "http",
    };
    format!("{scheme}://{host}")
}
