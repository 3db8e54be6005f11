//! The way from the site's own port to the object storage: `/storage/…` is passed on as it is,
//! streaming both ways. Only presigned requests pass, and nothing that tells who is logged in.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::web::{self, Bytes, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::{StreamExt, TryStreamExt};
use http_body_util::{BodyExt, BodyStream, Either, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::refusal::Refusal;

/// Largest upload in one request, in bytes: parts of a video are presigned far below it.
const LARGEST_UPLOAD: u64 = 128 * 1024 * 1024;
/// Bytes of one upload that are read at most, wanted or not.
const LONGEST_READ: usize = 192 * 1024 * 1024;
/// Time to reach the storage on this machine.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// An upload from which nothing comes for this long is given up.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(60);
/// Time the storage may take to answer once it has the request.
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);
/// Chunks of an upload that may wait between the two connections.
const CHUNKS_IN_FLIGHT: usize = 8;

/// Request headers that are always passed on; others only where the signature covers them.
const REQUEST_HEADERS: [&str; 14] = [
    "host",
    "accept",
    "access-control-request-headers",
    "access-control-request-method",
    "content-length",
    "content-md5",
    "content-type",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "origin",
    "range",
];

/// Never passed on, signed or not: they speak of this connection or of the person.
const KEPT_BACK: [&str; 9] =
    ["authorization", "connection", "cookie", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

type UploadError = Box<dyn std::error::Error + Send + Sync>;
type Chunk = Result<Frame<Bytes>, UploadError>;
type UploadBody = StreamBody<futures_util::stream::BoxStream<'static, Chunk>>;
type RequestBody = Either<Empty<Bytes>, UploadBody>;

#[derive(Debug, Clone, Copy)]
struct Target(SocketAddr);

/// Registers `/storage/{tail}`: GET, HEAD, PUT and OPTIONS are passed on to the object storage at
/// `target`. Register it outside of any scope that compresses answers or limits bodies.
pub fn configure(config: &mut ServiceConfig, target: SocketAddr) {
    config.service(
        web::resource("/storage/{tail:.*}")
            .app_data(Data::new(Target(target)))
            .route(web::get().to(pass_on))
            .route(web::head().to(pass_on))
            .route(web::put().to(pass_on))
            .route(web::method(actix_web::http::Method::OPTIONS).to(pass_on))
            .default_service(web::to(refuse_method)),
    );
}

async fn refuse_method(request: HttpRequest) -> HttpResponse {
    Refusal::Method.response(&request)
}

async fn pass_on(request: HttpRequest, payload: Payload, target: Data<Target>) -> HttpResponse {
    let (sender, receiver) = mpsc::channel(CHUNKS_IN_FLIGHT);
    let forwarded = prepare(&request, receiver);
    // A browser shows an answer only after it has sent everything, so an upload is read to its
    // end even where nobody wants it: it was refused here, or its URL has expired.
    let reading = actix_web::rt::spawn(read_upload(payload, sender));
    let answered = match forwarded {
        Ok(forwarded) => send(forwarded, target.0).await,
        Err(refusal) => Err(refusal),
    };
    if request.method() == actix_web::http::Method::PUT && tokio::time::timeout(UPLOAD_PATIENCE, reading).await.is_err()
    {
        tracing::debug!("answered before the upload was at its end");
    }
    match answered {
        Ok(response) => answer(response),
        Err(refusal) => refusal.response(&request),
    }
}

/// Checks the request and turns it into the one for the storage.
fn prepare(request: &HttpRequest, chunks: mpsc::Receiver<Chunk>) -> Result<hyper::Request<RequestBody>, Refusal> {
    let signed = signed_headers(request.query_string()).ok_or(Refusal::Unsigned)?;
    let method = hyper::Method::from_bytes(request.method().as_str().as_bytes()).map_err(|_| Refusal::Malformed)?;
    let target = request.uri().path_and_query().map(|target| target.as_str()).ok_or(Refusal::Malformed)?;
    let mut forwarded = hyper::Request::builder().method(&method).uri(target);
    for (name, value) in request.headers() {
        if passes(name, &signed) {
            forwarded = forwarded.header(name.as_str(), value.as_bytes());
        }
    }
    let body = if method == hyper::Method::PUT {
        check_length(request.headers())?;
        Either::Right(upload(chunks))
    } else {
        Either::Left(Empty::new())
    };
    forwarded.body(body).map_err(|_| Refusal::Malformed)
}

/// The headers that the signature covers; `None` when there is no signature.
fn signed_headers(query: &str) -> Option<Vec<String>> {
    let fields: Vec<(&str, &str)> = query.split('&').filter_map(|field| field.split_once('=')).collect();
    let value = |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    value("X-Amz-Signature").filter(|signature| !signature.is_empty())?;
    let names = value("X-Amz-SignedHeaders").unwrap_or_default();
    Some(names.replace("%3B", ";").replace("%3b", ";").split(';').map(str::to_ascii_lowercase).collect())
}

fn passes(name: &HeaderName, signed: &[String]) -> bool {
    let name = name.as_str();
    !KEPT_BACK.contains(&name) && (REQUEST_HEADERS.contains(&name) || signed.iter().any(|covered| covered == name))
}

fn check_length(headers: &HeaderMap) -> Result<(), Refusal> {
    let length: Option<u64> =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    match length {
        Some(length) if length <= LARGEST_UPLOAD => Ok(()),
        Some(_) => Err(Refusal::TooLarge),
        None => Err(Refusal::NoLength),
    }
}

fn upload(chunks: mpsc::Receiver<Chunk>) -> UploadBody {
    let chunks = futures_util::stream::unfold(chunks, |mut chunks| async move {
        let chunk = chunks.recv().await?;
        Some((chunk, chunks))
    });
    StreamBody::new(chunks.boxed())
}

/// Hands an upload on chunk by chunk, and reads on without handing on once nobody takes them.
async fn read_upload(mut payload: Payload, chunks: mpsc::Sender<Chunk>) {
    let (mut wanted, mut length) = (true, 0_usize);
    while length <= LONGEST_READ {
        let chunk = match tokio::time::timeout(UPLOAD_PATIENCE, payload.next()).await {
            Ok(Some(Ok(chunk))) => {
                length = length.saturating_add(chunk.len());
                Ok(Frame::data(chunk))
            }
            Ok(Some(Err(error))) => Err(UploadError::from(error.to_string())),
            Ok(None) => return,
            Err(_) => Err(UploadError::from("the upload stands still")),
        };
        let failed = chunk.is_err();
        wanted = wanted && chunks.send(chunk).await.is_ok();
        if failed {
            return;
        }
    }
}

/// One connection per request: on loopback it costs less than keeping track of stale ones.
async fn send(request: hyper::Request<RequestBody>, target: SocketAddr) -> Result<hyper::Response<Incoming>, Refusal> {
    let is_upload = request.method() == hyper::Method::PUT;
    let stream = tokio::time::timeout(CONNECT_PATIENCE, TcpStream::connect(target))
        .await
        .map_err(unavailable)?
        .map_err(unavailable)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(unavailable)?;
    actix_web::rt::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to object storage ended early");
        }
    });
    let response = sender.send_request(request);
    if is_upload {
        // An upload takes as long as the browser's line needs; standing still ends it elsewhere.
        return response.await.map_err(unavailable);
    }
    tokio::time::timeout(ANSWER_PATIENCE, response).await.map_err(unavailable)?.map_err(unavailable)
}

fn unavailable(error: impl std::fmt::Display) -> Refusal {
    tracing::warn!(%error, "object storage did not answer");
    Refusal::Unavailable
}

fn answer(response: hyper::Response<Incoming>) -> HttpResponse {
    let (head, body) = response.into_parts();
    let status = StatusCode::from_u16(head.status.as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut answer = HttpResponse::build(status);
    let mut length = None;
    for (name, value) in &head.headers {
        let name = name.as_str();
        if name == "content-length" {
            length = value.to_str().ok().and_then(|value| value.parse().ok());
        } else if !KEPT_BACK.contains(&name) {
            answer.append_header((name, value.as_bytes()));
        }
    }
    harden(&mut answer, &head.headers);
    let chunks = BodyStream::new(body.map_err(actix_web::error::ErrorBadGateway))
        .try_filter_map(|frame| async move { Ok(frame.into_data().ok()) });
    match length {
        Some(length) => answer.body(SizedStream::new(length, chunks)),
        None => answer.streaming(chunks),
    }
}

/// What staff upload is served from the site's own origin, so a browser must neither guess its
/// type nor run it. A named encoding keeps middleware from compressing answers to ranges.
fn harden(answer: &mut HttpResponseBuilder, present: &hyper::HeaderMap) {
    answer
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
    for (name, value) in [("content-encoding", "identity"), ("cache-control", "private")] {
        if !present.contains_key(name) {
            answer.insert_header((name, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsigned_query_is_told_from_a_signed_one() {
        assert_eq!(signed_headers(""), None);
        assert_eq!(signed_headers("list-type=2&X-Amz-Signature="), None);
        assert_eq!(
            signed_headers("X-Amz-SignedHeaders=content-length%3Bhost&X-Amz-Signature=ab"),
            Some(vec!["content-length".to_owned(), "host".to_owned()])
        );
    }

    #[test]
    fn who_is_logged_in_stays_here_and_unsigned_storage_headers_too() {
        let signed = vec!["host".to_owned(), "x-amz-meta-a".to_owned(), "cookie".to_owned()];
        let passes = |name: &'static str| passes(&HeaderName::from_static(name), &signed);
        assert!(passes("range") && passes("x-amz-meta-a"));
        assert!(!passes("cookie") && !passes("authorization"));
        assert!(!passes("x-amz-copy-source"));
    }
}
