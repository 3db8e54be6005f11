//! Whether the process lives, whether it can serve, and its figures.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::problem::{Answer, Problem};
use crate::state::State;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    postgres: &'static str,
    redis: &'static str,
    storage: &'static str,
}

const fn word(up: bool) -> &'static str {
    if up { "ok" } else { "down" }
}

/// The process answers.
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "ok"}))
}

/// 200 once accounts exist and no demo video is still on its way; without Redis or the
/// store `degraded`, without PostgreSQL 503.
async fn ready(state: Data<State>) -> HttpResponse {
    let campus = &state.campus;
    let (postgres, redis, storage) =
        tokio::join!(campus::deployment::is_ready(campus), campus.signals.is_up(), campus.storage.is_up());
    let (set_up, postgres) = match postgres {
        Ok(set_up) => (set_up, true),
        Err(_) => (false, false),
    };
    let status = match (postgres && set_up, redis && storage) {
        (false, _) => "down",
        (true, false) => "degraded",
        (true, true) => "ok",
    };
    let code = if status == "down" { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let mut answer = HttpResponse::build(code);
    if status == "down" {
        answer.insert_header(("retry-after", "5"));
    }
    answer.json(Health { status, postgres: word(postgres), redis: word(redis), storage: word(storage) })
}

/// For Prometheus: with the token where one is set, from loopback otherwise.
async fn figures(state: Data<State>, request: HttpRequest) -> Answer {
    let allowed = match &state.settings.metrics_token {
        Some(token) => request
            .headers()
            .get("authorization")
            .is_some_and(|value| value.as_bytes() == format!("Bearer {token}").as_bytes()),
        None => request.peer_addr().is_some_and(|address| address.ip().is_loopback()),
    };
    if !allowed {
        return Err(Problem::from(campus::error::Code::NotFound));
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(state.metrics.render()))
}

/// Routes at the root.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/health/live", web::get().to(live))
        .route("/health/ready", web::get().to(ready))
        .route("/metrics", web::get().to(figures));
}
