//! Errors as `application/problem+json` (RFC 9457), in the reader's language.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};
use campus::error::{Code, Error, FieldError, Kind};
use campus::language::Language;
use serde::Serialize;
use utoipa::ToSchema;

use crate::observe;

/// What a handler answers.
pub type Answer<T = HttpResponse> = Result<T, Problem>;

/// An error on its way out.
#[derive(Debug)]
pub struct Problem {
    error: Error,
    status: Option<StatusCode>,
}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// A URI for this kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The status.
    pub status: u16,
    /// Stable and machine-read.
    pub code: String,
    /// What happened and what to do, in the language of `Accept-Language`.
    pub detail: String,
    /// The id to quote when asking for help.
    pub request_id: Option<String>,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldBody>,
    /// Further members that depend on the code.
    #[serde(flatten)]
    #[schema(ignore)]
    pub extra: Option<serde_json::Value>,
}

/// One field at fault.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemField)]
pub struct FieldBody {
    /// Its name in the request.
    pub field: String,
    /// Stable and machine-read.
    pub code: String,
    /// What is wrong, in the reader's language.
    pub detail: String,
}

impl FieldBody {
    fn new(error: &FieldError, language: Language) -> Self {
        Self {
            field: error.field.clone(),
            code: error.code.as_str().to_owned(),
            detail: error.code.detail(language).to_owned(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self { error, status: None }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Error::code(code).into()
    }
}

impl Problem {
    /// A problem whose status is not that of its code's kind (405).
    #[must_use]
    pub const fn with_status(error: Error, status: StatusCode) -> Self {
        Self { error, status: Some(status) }
    }

    fn status(&self) -> StatusCode {
        self.status.unwrap_or_else(|| match self.error.kind() {
            Kind::Malformed => StatusCode::BAD_REQUEST,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        })
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(formatter)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status();
        let (language, request_id) = observe::current()
            .map_or((Language::Chinese, None), |request| (request.language, Some(request.id.to_string())));
        if status.is_server_error() {
            tracing::error!(error = ?self.error, "request failed");
        }
        let (fields, extra) = match &self.error {
            Error::Refused { fields, extra, .. } => (fields.as_slice(), extra.as_deref().cloned()),
            _ => (&[][..], None),
        };
        let code = self.error.stable_code();
        let body = ProblemBody {
            kind: format!("urn:changqing:problem:{}", code.as_str()),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            code: code.as_str().to_owned(),
            detail: self.error.detail(language).to_owned(),
            request_id,
            errors: fields.iter().map(|field| FieldBody::new(field, language)).collect(),
            extra,
        };
        let mut answer = HttpResponseBuilder::new(status);
        answer.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")));
        answer.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
        match (&self.error, self.error.kind()) {
            (Error::TooMany { retry_after_seconds }, _) => {
                answer.insert_header((header::RETRY_AFTER, retry_after_seconds.to_string()));
            }
            (_, Kind::Unavailable) => {
                answer.insert_header((header::RETRY_AFTER, "5"));
            }
            (_, Kind::Unauthenticated) => {
                answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            _ => {}
        }
        answer.json(body)
    }
}

/// For addresses that are none.
pub async fn no_such_address(_request: HttpRequest) -> Answer {
    Err(Code::NotFound.into())
}
