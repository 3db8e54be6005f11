//! Why the way to the object storage is closed, as `application/problem+json`.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

/// A request that is not passed on, or was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Another method than reading and uploading.
    Method,
    /// No signature in the query.
    Unsigned,
    /// Not a request that can be passed on.
    Malformed,
    /// An upload that does not tell its length.
    NoLength,
    /// An upload beyond the limit.
    TooLarge,
    /// The storage does not answer.
    Unavailable,
}

impl Refusal {
    /// The answer, in the reader's language: Chinese unless English is asked for.
    pub(crate) fn response(self, request: &HttpRequest) -> HttpResponse {
        let (status, code, chinese, english) = self.parts();
        let wants_english = request
            .headers()
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.trim_start().starts_with("en"));
        let mut response = HttpResponse::build(status).content_type("application/problem+json").body(
            serde_json::json!({
                "type": "about:blank",
                "title": status.canonical_reason().unwrap_or_default(),
                "status": status.as_u16(),
                "code": code,
                "detail": if wants_english { english } else { chinese },
            })
            .to_string(),
        );
        let hint = match self {
            Self::Method => Some((header::ALLOW, "GET, HEAD, PUT, OPTIONS")),
            Self::Unavailable => Some((header::RETRY_AFTER, "5")),
            _ => None,
        };
        if let Some((name, value)) = hint {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }

    fn parts(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "这里只支持 GET、HEAD、PUT 和 OPTIONS。",
                "Only GET, HEAD, PUT and OPTIONS are possible here.",
            ),
            Self::Unsigned => (
                StatusCode::FORBIDDEN,
                "signature_required",
                "此地址必须带有签发时的签名才能使用。",
                "This address only works with the signature it was given out with.",
            ),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "request_malformed",
                "请求格式不正确，无法转给对象存储。",
                "The request cannot be passed on to the object storage.",
            ),
            Self::NoLength => (
                StatusCode::LENGTH_REQUIRED,
                "length_required",
                "上传必须注明长度（Content-Length）。",
                "An upload has to tell its length (Content-Length).",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "upload_too_large",
                "单次上传不能超过 128 MiB，请分块上传。",
                "One upload may have 128 MiB; send the file in parts.",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "storage_unavailable",
                "暂时无法读取文件和视频，请稍后再试。",
                "Files and videos cannot be reached at the moment; please try again shortly.",
            ),
        }
    }
}
