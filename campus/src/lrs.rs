//! The line to a learning record store (xAPI 1.0.3): what is handed to it, and how it took it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use uuid::Uuid;

/// How long the store may take for one request, unless something else is said.
pub const PATIENCE: Duration = Duration::from_secs(20);
const CONNECTING: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 256 * 1024;
/// What is kept of what it says, in characters.
const SAID: usize = 1000;

/// Where the store is and who we are to it.
#[derive(Clone, PartialEq, Eq)]
pub struct LrsConfig {
    /// The address under which `/statements` lies, without a slash at the end.
    pub endpoint: String,
    /// For HTTP Basic.
    pub username: String,
    /// For HTTP Basic.
    pub password: String,
    /// How long it may take for one request, reading its answer included.
    pub patience: Duration,
}

impl std::fmt::Debug for LrsConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "LrsConfig({})", self.endpoint)
    }
}

/// What became of what was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The store has it.
    Taken,
    /// It has a statement of this id already, or of one of these.
    Conflict(String),
    /// It does not take this, now or later.
    Refused(String),
    /// It cannot be asked for the moment, or does not let us in.
    Later {
        /// What happened.
        reason: String,
        /// When the store says to come back.
        after: Option<Duration>,
    },
}

/// A learning record store.
pub struct Lrs {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    statements: Uri,
    authorization: HeaderValue,
    patience: Duration,
}

/// An answer as it came.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Lrs {
    /// Connects to nothing yet: the first call does.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(config: &LrsConfig) -> anyhow::Result<Self> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECTING));
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())?
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let secret = STANDARD.encode(format!("{}:{}", config.username, config.password));
        let mut authorization = HeaderValue::from_str(&format!("Basic {secret}"))?;
        authorization.set_sensitive(true);
        let statements = format!("{}/statements", config.endpoint).parse()?;
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, statements, authorization, patience: config.patience })
    }

    /// Hands over statements, all or none of them.
    pub async fn post(&self, statements: &[Value]) -> Reply {
        let body = Value::Array(statements.to_vec()).to_string();
        reply(self.ask(Method::POST, self.statements.clone(), body).await)
    }

    /// Hands over one statement.
    pub async fn put(&self, id: Uuid, statement: &Value) -> Reply {
        match self.address_of(id) {
            Ok(address) => reply(self.ask(Method::PUT, address, statement.to_string()).await),
            Err(error) => reply(Err(error)),
        }
    }

    /// The statement of this id as the store has it; `None` where it does not show it.
    ///
    /// # Errors
    /// [`Reply::Later`].
    pub async fn get(&self, id: Uuid) -> Result<Option<Value>, Reply> {
        let answer = match self.address_of(id) {
            Ok(address) => self.ask(Method::GET, address, String::new()).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) if answer.status.is_success() => Ok(serde_json::from_slice(&answer.body).ok()),
            Ok(answer) if answer.status == StatusCode::NOT_FOUND => Ok(None),
            other => Err(match reply(other) {
                later @ Reply::Later { .. } => later,
                other => Reply::Later { reason: format!("{other:?}"), after: None },
            }),
        }
    }

    fn address_of(&self, id: Uuid) -> anyhow::Result<Uri> {
        Ok(format!("{}?statementId={id}", self.statements).parse()?)
    }

    async fn ask(&self, method: Method, address: Uri, body: String) -> anyhow::Result<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("x-experience-api-version", "1.0.3")
            .body(Full::from(body))?;
        let answered = async {
            let (head, body) = self.client.request(request).await?.into_parts();
            let body = Limited::new(body, LARGEST_ANSWER).collect().await;
            let body = body.map_err(|error| anyhow::anyhow!("its answer cannot be read: {error}"))?.to_bytes();
            Ok(Answer { status: head.status, headers: head.headers, body })
        };
        tokio::time::timeout(self.patience, answered).await?
    }
}

/// What an answer means. Who is not let in, or does not find the store there, has been configured
/// wrongly: that is no fault of the statements, which wait until it is put right.
fn reply(answer: anyhow::Result<Answer>) -> Reply {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Reply::Later { reason: format!("{error:#}"), after: None },
    };
    let text: String = String::from_utf8_lossy(&answer.body).chars().filter(|sign| *sign != '\0').take(SAID).collect();
    let said = format!("{}: {text}", answer.status);
    match answer.status {
        status if status.is_success() => Reply::Taken,
        StatusCode::CONFLICT => Reply::Conflict(said),
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Reply::Refused(said)
        }
        _ => {
            let seconds = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
            Reply::Later { reason: said, after: seconds.map(Duration::from_secs) }
        }
    }
}
