//! Bodies, queries and headers, read strictly and answered clearly.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use campus::error::{Code, Error, FieldError};
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use uuid::Uuid;

use crate::problem::Problem;

/// The largest JSON body, in bytes: a list of 10,000 people fits.
const LARGEST_BODY: usize = 4 * 1024 * 1024;
/// How JSON writes the one character that no database keeps.
const NUL: &[u8] = br"\u0000";

/// A JSON body. Unknown members are ignored, so that nobody can set what a type does not name.
#[derive(Debug)]
pub struct Input<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Input<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let mut payload = payload.take();
        Box::pin(async move {
            if !is_json {
                return Err(Code::UnsupportedContentType.into());
            }
            let mut body = BytesMut::new();
            while let Some(piece) = payload.next().await {
                let piece = piece.map_err(|_| Problem::from(Code::Malformed))?;
                if body.len() + piece.len() > LARGEST_BODY {
                    return Err(Code::TooLarge.into());
                }
                body.extend_from_slice(&piece);
            }
            read_json(&body.freeze()).map(Self)
        })
    }
}

fn read_json<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    // Every body is an object; serde would take a list for its members in order.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Code::Malformed.into());
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        // A list with a member too many is a syntax error to serde_json, though the body is JSON.
        let is_json = error.inner().is_data() || serde_json::from_slice::<IgnoredAny>(body).is_ok();
        if !is_json {
            return Problem::from(Code::Malformed);
        }
        let message = error.inner().to_string();
        let parent = error.path().to_string();
        // serde names a missing member only in its message.
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        let (field, code) = match missing {
            Some(name) if parent == "." => (name.to_owned(), Code::Required),
            Some(name) => (format!("{parent}.{name}"), Code::Required),
            None => (parent, Code::ValueInvalid),
        };
        Error::fields(vec![FieldError { field, code }]).into()
    })?;
    reader.end().map_err(|_| Problem::from(Code::Malformed))?;
    // PostgreSQL keeps no such character, in whatever field it stands.
    if body.windows(NUL.len()).any(|part| part == NUL) {
        let members: Value = serde_json::from_slice(body).map_err(|_| Problem::from(Code::Malformed))?;
        if let Some(field) = field_with_nul(&members, String::new()) {
            return Err(Error::field(&field, Code::TextInvalid).into());
        }
    }
    Ok(value)
}

/// The first field with a NUL in it, as `residents[0].name`.
fn field_with_nul(value: &Value, path: String) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then_some(path),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| field_with_nul(item, format!("{path}[{index}]")))
        }
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if name.contains('\0') { Some(path.replace('\0', "")) } else { field_with_nul(member, path) }
        }),
        _ => None,
    }
}

/// A query string. What cannot be read is a field at fault.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let text = request.query_string();
        let read = actix_web::web::Query::<T>::from_query(text);
        // PostgreSQL knows no such character: it is in nothing that could be looked for.
        if let Some(pair) = text.split('&').find(|pair| pair.contains("%00")) {
            let field = pair.split('=').next().unwrap_or("query");
            return std::future::ready(Err(Error::field(field, Code::TextInvalid).into()));
        }
        std::future::ready(match read {
            Ok(query) => Ok(Self(query.into_inner())),
            Err(_) => Err(Error::field("query", Code::ValueInvalid).into()),
        })
    }
}

/// The id in the path. One that is no UUID names nothing.
#[derive(Debug, Clone, Copy)]
pub struct Id(pub Uuid);

impl FromRequest for Id {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|text| Uuid::try_parse(text).ok());
        std::future::ready(id.map(Self).ok_or_else(|| Code::NotFound.into()))
    }
}

/// The course in a path that is about something else too (`{course_id}`).
#[derive(Debug, Clone, Copy)]
pub struct CourseId(pub Uuid);

impl FromRequest for CourseId {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let id = request.match_info().get("course_id").and_then(|text| Uuid::try_parse(text).ok());
        std::future::ready(id.map(Self).ok_or_else(|| Code::NotFound.into()))
    }
}

/// The `Idempotency-Key` header.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyKey(Option<Uuid>);

impl IdempotencyKey {
    /// The key, where one is needed.
    ///
    /// # Errors
    /// [`Code::IdempotencyKeyRequired`].
    pub fn required(self) -> Result<Uuid, Problem> {
        self.0.ok_or_else(|| Code::IdempotencyKeyRequired.into())
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let key = match request.headers().get("idempotency-key") {
            None => Ok(Self(None)),
            Some(value) => value
                .to_str()
                .ok()
                .and_then(|text| Uuid::try_parse(text).ok())
                .map(|key| Self(Some(key)))
                .ok_or_else(|| Problem::from(Code::IdempotencyKeyRequired)),
        };
        std::future::ready(key)
    }
}
