//! What may change something at all: requests to this site, from this site or from no site, with a
//! body of a kind that a page elsewhere cannot send without being asked first.

use std::net::IpAddr;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, ResponseError};
use campus::error::Code;

use crate::problem::Problem;
use crate::state::State;

/// Bodies that a form of another site can send.
const FORMS: [&str; 3] = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];
/// Where files are handed in as a form.
const FILES: [&str; 5] = ["/roster-imports", "/files", "/photos", "/picture", "/credit-award-lists"];
/// Ends of names that only a local network knows.
const LOCAL: [&str; 5] = [".localhost", ".local", ".lan", ".internal", ".home.arpa"];

/// Turns away what comes to another host, from another site, or as another site's form.
///
/// # Errors
/// Those of the inner services.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    match refused(&request) {
        None => next.call(request).await.map(ServiceResponse::map_into_left_body),
        Some(code) => {
            let answer = Problem::from(code).error_response();
            Ok(request.into_response(answer).map_into_right_body())
        }
    }
}

fn refused(request: &ServiceRequest) -> Option<Code> {
    if request.method().is_safe() {
        return None;
    }
    let site = request.app_data::<Data<State>>().map_or("", |state| state.campus.config.site_url.as_str());
    let headers = request.headers();
    let own = host_of(site);
    let host = only(headers, header::HOST).filter(|host| is_ours(host, own));
    // An address in full names the host too, and takes precedence (RFC 9112, 3.2.2).
    let named = request.uri().authority().map(|authority| authority.as_str());
    let Some(host) = host.filter(|_| named.is_none_or(|named| is_ours(named, own))) else {
        return Some(Code::HostUnknown);
    };
    if is_foreign(headers, host, site) {
        return Some(Code::OriginForeign);
    }
    let kind = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let kind = kind.and_then(|value| value.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
    let files = kind == "multipart/form-data" && FILES.iter().any(|end| request.path().ends_with(end));
    (FORMS.contains(&kind.as_str()) && !files).then_some(Code::UnsupportedContentType)
}

/// A header that is there once, as text.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut all = headers.get_all(name);
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

fn host_of(site: &str) -> &str {
    site.split_once("://").map_or(site, |(_, host)| host)
}

/// Whether a request may name this host: the site's own, an address, or a name that only the local
/// network knows. A name of the world's could be anybody's who points it here.
fn is_ours(host: &str, own: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let name = without_port(&host);
    if name == without_port(own) {
        return true;
    }
    let address = name.trim_start_matches('[').trim_end_matches(']');
    if address.parse::<IpAddr>().is_ok() {
        return true;
    }
    let single = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    single || LOCAL.iter().any(|end| name.ends_with(end))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

/// Whether a browser says that another site's page sends this.
fn is_foreign(headers: &HeaderMap, host: &str, site: &str) -> bool {
    let fetched = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if fetched == Some("cross-site") {
        return true;
    }
    if !headers.contains_key(header::ORIGIN) {
        return false;
    }
    let Some(origin) = only(headers, header::ORIGIN) else { return true };
    let from_here = ["http://", "https://"]
        .iter()
        .any(|scheme| origin.strip_prefix(scheme).is_some_and(|from| from.eq_ignore_ascii_case(host)));
    !from_here && !origin.eq_ignore_ascii_case(site)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_the_site_and_of_the_local_network() {
        let own = "learn.example.org";
        for host in [
            "learn.example.org",
            "LEARN.example.org:443",
            "127.0.0.1:8080",
            "192.168.1.5",
            "[::1]:8080",
            "localhost:8080",
            "xuetang",
            "xuetang.local:8080",
            "api.internal",
        ] {
            assert!(is_ours(host, own), "{host}");
        }
        for host in [
            "",
            "example.org",
            "learn.example.org.evil.example",
            "evil.example:8080",
            "evil-learn.example.org",
            "learn.example.org@evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evil.example#.local/",
        ] {
            assert!(!is_ours(host, own), "{host}");
        }
    }
}
