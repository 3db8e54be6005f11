//! The HTTP side of the object storage: connections, and the headers that s3s leaves out.

use std::convert::Infallible;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderMap, HeaderName, HeaderValue, ORIGIN,
};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use s3s::Body;
use s3s::service::S3Service;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::lent::LentBody;

/// Time that running requests get when the storage stops.
const GRACE: Duration = Duration::from_secs(3);
/// Pause after a connection could not be taken (out of file descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The accept loop and its connections.
#[derive(Debug)]
pub(crate) struct Server {
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    pub(crate) fn start(listener: TcpListener, service: S3Service) -> Self {
        let stopping = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(accept(listener, service, stopping.clone(), tasks.clone()));
        Self { stopping, tasks }
    }

    pub(crate) async fn stop(self) {
        self.stopping.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!("object storage stopped with requests still running");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

async fn accept(listener: TcpListener, service: S3Service, stopping: CancellationToken, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            () = stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(serve(stream, service.clone(), stopping.clone()));
            }
            Err(error) => {
                tracing::error!(%error, "object storage cannot take a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, service: S3Service, stopping: CancellationToken) {
    let answer = service_fn(move |request| answer(service.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(GRACE, connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a client left object storage in the middle");
    }
}

async fn answer(service: S3Service, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let cross_origin = request.headers().contains_key(ORIGIN);
    if request.method() == Method::OPTIONS {
        return Ok(preflight());
    }
    let readable = matches!(*request.method(), Method::GET | Method::HEAD);
    let (head, body) = request.into_parts();
    let body = LentBody::new(body);
    let lent = Request::from_parts(head, Body::http_body(body.clone()));
    let mut response = match service.call(lent).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(?error, "object storage failed");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    };
    let status = response.status();
    if !status.is_success() {
        body.read_rest().await;
    }
    let headers = response.headers_mut();
    if readable && (status.is_success() || status == StatusCode::RANGE_NOT_SATISFIABLE) {
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    }
    if cross_origin {
        allow_origin(headers);
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("ETag, Accept-Ranges, Content-Range, Content-Length"),
        );
    }
    Ok(response)
}

/// A presigned URL is all the right there is; no cookie is ever looked at, so any origin may ask.
fn allow_origin(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}

fn preflight() -> Response<Body> {
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    allow_origin(headers);
    let answers: [(HeaderName, &'static str); 3] = [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, PUT"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, Content-MD5, Range"),
        (ACCESS_CONTROL_MAX_AGE, "3600"),
    ];
    for (name, value) in answers {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
