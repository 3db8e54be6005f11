//! Every request gets an id, and the id stands in every log line and error.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use campus::language::Language;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is known of the request that is being answered.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its id.
    pub id: Arc<str>,
    /// The reader's language.
    pub language: Language,
}

tokio::task_local! {
    static CURRENT: Request;
}

/// The request that this task answers.
#[must_use]
pub fn current() -> Option<Request> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Carries the request over into another task.
pub async fn within<T>(request: Option<Request>, work: impl Future<Output = T>) -> T {
    match request {
        Some(request) => {
            let span = tracing::info_span!("request", id = %request.id);
            CURRENT.scope(request, work.instrument(span)).await
        }
        None => work.await,
    }
}

/// A new id: unique over processes by its random half, cheap by its counted half.
fn new_request_id() -> Arc<str> {
    static PROCESS: LazyLock<u32> = LazyLock::new(|| uuid::Uuid::new_v4().as_fields().0);
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    format!("{:08x}-{:x}", *PROCESS, COUNTER.fetch_add(1, Ordering::Relaxed)).into()
}

fn given_id(request: &ServiceRequest) -> Option<Arc<str>> {
    let id = request.headers().get(&REQUEST_ID)?.to_str().ok()?;
    let fits = (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then(|| id.into())
}

/// The language that a request asks for.
pub(crate) fn language_of(headers: &HeaderMap) -> Language {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map_or(Language::Chinese, Language::from_accept_language)
}

/// The outermost layer: id, language, security headers, figures, one log line for what failed.
///
/// # Errors
/// Those of the inner services.
pub async fn request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let id = given_id(&request).unwrap_or_else(new_request_id);
    let language = language_of(request.headers());
    let secure = request.connection_info().scheme() == "https";
    let span = tracing::info_span!("request", %id);
    let known = Request { id: id.clone(), language };
    let mut response = CURRENT.scope(known, next.call(request).instrument(span.clone())).await?;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if secure {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let status = response.status();
    let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let seconds = began.elapsed().as_secs_f64();
    metrics::histogram!("http_request_seconds", "route" => route.clone(), "status" => status.as_str().to_owned())
        .record(seconds);
    if status.is_server_error() {
        span.in_scope(|| tracing::warn!(method = %response.request().method(), route, status = status.as_u16(), seconds, "answered"));
    } else {
        span.in_scope(|| tracing::debug!(method = %response.request().method(), route, status = status.as_u16(), seconds, "answered"));
    }
    Ok(response)
}
