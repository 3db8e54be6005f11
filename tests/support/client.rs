//! Somebody who talks to the API over HTTP.

use std::sync::{Arc, Mutex, OnceLock};

use campus::Campus;
use campus::access::SessionProof;
use campus::accounts::Sessions;
use reqwest::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use uuid::Uuid;

use crate::database::{apart, execute};

/// A client, anonymous or with an account whose access token it keeps fresh.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    site: String,
    login: Option<Arc<Login>>,
    language: &'static str,
    /// The account, where it has one.
    pub account_id: Option<Uuid>,
    /// The resident behind it, where there is one.
    pub resident_id: Option<Uuid>,
    /// The branch it works for or belongs to.
    pub branch_id: Option<Uuid>,
}

struct Login {
    campus: Campus,
    sessions: Arc<Sessions>,
    account_id: Uuid,
    session: OnceLock<Uuid>,
    token: Mutex<Option<(i64, String)>>,
}

impl Login {
    /// As if its holder had just logged in.
    fn issue(&self) -> campus::error::Result<String> {
        let id = *self.session.get_or_init(|| self.open());
        let session = SessionProof { id, proved_at: self.campus.clock.now() };
        self.sessions.issue(&self.campus, self.account_id, &session)
    }

    /// A session that lasts longer than any test's clock runs.
    fn open(&self) -> Uuid {
        let (id, account, url) = (campus::ids::new_id(), self.account_id, self.campus.database.url().to_owned());
        let row = format!(
            "INSERT INTO session_families (id, account_id, created_at, expires_at, proved_at)
            VALUES ('{id}', '{account}', now(), '2200-01-01', now())"
        );
        // In a thread: this one may be driving a runtime already.
        std::thread::spawn(move || apart(execute(&url, &row))).join().expect("a session can be opened");
        id
    }

    /// A new token before the old one ends by the application's own clock.
    fn token(&self) -> String {
        let now = self.campus.clock.now().unix_timestamp();
        let mut held = self.token.lock().expect("no test panics while it holds a token");
        match &*held {
            Some((since, token)) if (0..540).contains(&(now - since)) => token.clone(),
            _ => {
                let token = self.issue().expect("a token can be signed");
                *held = Some((now, token.clone()));
                token
            }
        }
    }
}

impl Client {
    pub(crate) fn anonymous(site: &str) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // A kept line may be closed by the server at the very moment it is used again.
            .pool_max_idle_per_host(0)
            .build()
            .expect("a client can be made");
        Self {
            http,
            site: site.to_owned(),
            login: None,
            language: "zh-CN",
            account_id: None,
            resident_id: None,
            branch_id: None,
        }
    }

    pub(crate) fn logged_in(mut self, campus: &Campus, sessions: &Arc<Sessions>, account_id: Uuid) -> Self {
        self.account_id = Some(account_id);
        let (campus, sessions) = (campus.clone(), Arc::clone(sessions));
        self.login =
            Some(Arc::new(Login { campus, sessions, account_id, session: OnceLock::new(), token: Mutex::new(None) }));
        self
    }

    /// The same client reading another language (`en`).
    #[must_use]
    pub fn reading(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    /// The access token it would send now.
    ///
    /// # Panics
    /// For an anonymous client.
    #[must_use]
    pub fn token(&self) -> String {
        self.login.as_ref().expect("this client has no account").token()
    }

    /// A request under `/api/v1`, with the token where there is one; for what the shorter
    /// calls below do not do.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_at_root(method, &format!("/api/v1{path}"))
    }

    /// A request to `/health/ready`, `/metrics` or a page.
    pub fn request_at_root(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.site)).header(ACCEPT_LANGUAGE, self.language);
        match &self.login {
            Some(login) => request.header(AUTHORIZATION, format!("Bearer {}", login.token())),
            None => request,
        }
    }

    /// `GET` under `/api/v1`.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// `POST` under `/api/v1`, with an `Idempotency-Key` of its own.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with_key(path, Uuid::new_v4(), body).await
    }

    /// `POST` under `/api/v1` with this `Idempotency-Key`.
    pub async fn post_with_key(&self, path: &str, key: Uuid, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).header("idempotency-key", key.to_string()).json(body)).await
    }

    /// `PUT` under `/api/v1`.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PUT, path).json(body)).await
    }

    /// `PATCH` under `/api/v1`.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    /// `DELETE` under `/api/v1`.
    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }
}

/// What the API answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body as JSON; null where it is none.
    pub body: Value,
}

impl Answer {
    /// Sends a request and reads the whole answer.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn of(request: RequestBuilder) -> Self {
        Self::read(request.send().await.expect("the API answers")).await
    }

    async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("the answer arrives whole").to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Self { status, headers, bytes, body }
    }

    /// The body of an answer with this status.
    ///
    /// # Panics
    /// When the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self.body
    }

    /// Checks a refusal: its status, its code, and that it is a problem document.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Value {
        let kind = self.header("content-type").to_owned();
        let body = self.expect(status);
        assert_eq!(kind, "application/problem+json", "{body}");
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status, "{body}");
        assert!(body["detail"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        assert!(body["request_id"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        body
    }

    /// Checks a 422 and answers its fields with their codes, in order.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn expect_fields(self) -> Vec<(String, String)> {
        let body = self.expect_problem(422, "fields_invalid");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = body["errors"].as_array().expect("a 422 names its fields");
        errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
    }

    /// A header's value; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The refresh token that a log-in or a refreshment set, as a `Cookie` header sends it.
    #[must_use]
    pub fn cookie(&self) -> String {
        self.cookie_named("changqing_refresh")
    }

    /// The cookie of this name that was set, as a `Cookie` header sends it; empty where none was.
    #[must_use]
    pub fn cookie_named(&self, name: &str) -> String {
        let set = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let pairs = set.filter_map(|text| text.split(';').next());
        let found = pairs.into_iter().find(|pair| pair.split('=').next() == Some(name));
        found.unwrap_or_default().to_owned()
    }
}
