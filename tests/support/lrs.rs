//! A learning record store for tests: a real server that takes what xAPI 1.0.3 allows, says what is
//! wrong with the rest, and fails when it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use campus::lrs::{LrsConfig, PATIENCE};
use serde_json::{Value, json};
use tokio::sync::Notify;
use uuid::Uuid;

const USER: &str = "changqing";
const PASSWORD: &str = "a secret of the 库";

/// How the store takes what comes next.
#[derive(Debug, Clone, Default)]
pub enum Mood {
    /// As xAPI says.
    #[default]
    Well,
    /// Answers this, with these seconds to come back after, and keeps nothing.
    Answers(u16, Option<u32>),
    /// Keeps what it is given, and does not answer until the mood is another.
    Silent,
    /// Refuses whatever says this.
    Dislikes(String),
    /// Answers 409 to whatever it has already, the same or not, as some do.
    Jealous,
}

#[derive(Default)]
struct Shelf {
    mood: Mood,
    /// By id, as they came first.
    kept: HashMap<Uuid, Value>,
    /// In the order in which they came; one that came twice is there twice.
    order: Vec<Uuid>,
    /// Of each request: its method and how many statements it had.
    requests: Vec<(String, usize)>,
    /// What was wrong, by the rules; nothing ever should be.
    faults: Vec<String>,
}

/// A running store.
pub struct RecordStore {
    address: String,
    shelf: Arc<Mutex<Shelf>>,
    moved: Arc<Notify>,
    handle: ServerHandle,
    patience: Duration,
}

#[derive(Clone)]
struct Desk {
    shelf: Arc<Mutex<Shelf>>,
    moved: Arc<Notify>,
}

impl RecordStore {
    /// Starts an empty one, on a port of its own.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start() -> Self {
        let desk = Desk { shelf: Arc::default(), moved: Arc::default() };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = format!("http://{}/xapi", listener.local_addr().expect("a listener has an address"));
        let (told, hear) = std::sync::mpsc::channel();
        let at_desk = desk.clone();
        // A thread of its own: it goes on whatever becomes of the test's runtime.
        std::thread::spawn(move || {
            let served = actix_web::rt::System::new().block_on(async {
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(Data::new(at_desk.clone()))
                        .app_data(PayloadConfig::new(64 * 1024 * 1024))
                        .default_service(web::to(serve))
                });
                let server = server.workers(1).disable_signals().listen(listener)?.run();
                told.send(server.handle()).ok();
                server.await
            });
            served.expect("the record store serves");
        });
        let handle = hear.recv().expect("the record store starts");
        Self { address, shelf: desk.shelf, moved: desk.moved, handle, patience: PATIENCE }
    }

    /// Whoever is told of it now waits for no longer than this.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Where it is and who may hand something over.
    #[must_use]
    pub fn config(&self) -> LrsConfig {
        LrsConfig {
            endpoint: self.address.clone(),
            username: USER.to_owned(),
            password: PASSWORD.to_owned(),
            patience: self.patience,
        }
    }

    /// Changes how it takes what comes.
    ///
    /// # Panics
    /// Never: nobody panics at the shelf.
    pub fn set_mood(&self, mood: Mood) {
        self.shelf.lock().expect("nobody panics at the shelf").mood = mood;
        self.moved.notify_waiters();
    }

    /// What it has, each once, in the order in which they came first.
    ///
    /// # Panics
    /// When something came that xAPI does not allow.
    #[must_use]
    pub fn statements(&self) -> Vec<Value> {
        let shelf = self.shelf.lock().expect("nobody panics at the shelf");
        assert_eq!(shelf.faults, Vec::<String>::new());
        let mut seen = Vec::new();
        for id in &shelf.order {
            if !seen.contains(id) {
                seen.push(*id);
            }
        }
        seen.iter().filter_map(|id| shelf.kept.get(id)).cloned().collect()
    }

    /// The ids that came, in order, as often as they came.
    #[must_use]
    pub fn arrivals(&self) -> Vec<Uuid> {
        self.shelf.lock().expect("nobody panics at the shelf").order.clone()
    }

    /// Each request since the last time: its method and how many statements it had.
    #[must_use]
    pub fn take_requests(&self) -> Vec<(String, usize)> {
        std::mem::take(&mut self.shelf.lock().expect("nobody panics at the shelf").requests)
    }

    /// What was wrong with what came, since the last time.
    #[must_use]
    pub fn take_faults(&self) -> Vec<String> {
        std::mem::take(&mut self.shelf.lock().expect("nobody panics at the shelf").faults)
    }

    /// Puts something in that nobody sent.
    pub fn plant(&self, id: Uuid, statement: Value) {
        self.shelf.lock().expect("nobody panics at the shelf").kept.insert(id, statement);
    }

    /// Waits until something has been asked of it.
    pub async fn until_asked(&self) {
        while self.shelf.lock().expect("nobody panics at the shelf").requests.is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for RecordStore {
    fn drop(&mut self) {
        self.set_mood(Mood::Well);
        drop(self.handle.stop(false));
    }
}

async fn serve(desk: Data<Desk>, request: HttpRequest, body: Bytes) -> HttpResponse {
    // Heard of before it changes, so that no change is missed.
    let moved = desk.moved.notified();
    let (answer, silent) = {
        let shelf = &mut *desk.shelf.lock().expect("nobody panics at the shelf");
        (shelf.take(&request, &body), matches!(shelf.mood, Mood::Silent))
    };
    if silent {
        moved.await;
    }
    answer
}

impl Shelf {
    fn take(&mut self, request: &HttpRequest, body: &Bytes) -> HttpResponse {
        if let Some(fault) = manners(request) {
            self.faults.push(fault.clone());
            return HttpResponse::BadRequest().body(fault);
        }
        let id = request.query_string().strip_prefix("statementId=").and_then(|id| id.parse().ok());
        let given: Value = serde_json::from_slice(body).unwrap_or_default();
        let count = given.as_array().map_or(usize::from(given.is_object()), Vec::len);
        self.requests.push((request.method().to_string(), count));
        if let Mood::Answers(status, after) = self.mood {
            let status = actix_web::http::StatusCode::from_u16(status).expect("a status");
            let mut answer = HttpResponse::build(status);
            if let Some(seconds) = after {
                answer.insert_header(("retry-after", seconds));
            }
            return answer.body("as it was told");
        }
        match (request.method().as_str(), id) {
            ("GET", Some(id)) => match self.kept.get(&id) {
                Some(statement) => HttpResponse::Ok().json(stored(statement)),
                None => HttpResponse::NotFound().finish(),
            },
            ("PUT", Some(id)) if given["id"] == json!(id) => self.keep(&[given], false),
            ("POST", None) if given.is_array() => self.keep(given.as_array().map_or(&[][..], Vec::as_slice), true),
            _ => {
                self.faults.push(format!("{} {}", request.method(), request.uri()));
                HttpResponse::BadRequest().finish()
            }
        }
    }

    /// All of them or none.
    fn keep(&mut self, statements: &[Value], batch: bool) -> HttpResponse {
        let mut ids = Vec::new();
        for statement in statements {
            if let Mood::Dislikes(what) = &self.mood
                && statement.to_string().contains(what.as_str())
            {
                return HttpResponse::BadRequest().body(format!("{what} is not liked here"));
            }
            if let Err(fault) = rules(statement) {
                self.faults.push(format!("{fault}: {statement}"));
                return HttpResponse::BadRequest().body(fault);
            }
            let id: Uuid = statement["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
            let jealous = matches!(self.mood, Mood::Jealous);
            if self.kept.get(&id).is_some_and(|known| jealous || known != statement) || ids.contains(&id) {
                return HttpResponse::Conflict().body(format!("{id} is here already"));
            }
            ids.push(id);
        }
        for (id, statement) in ids.iter().zip(statements) {
            self.order.push(*id);
            self.kept.entry(*id).or_insert_with(|| statement.clone());
        }
        if batch { HttpResponse::Ok().json(ids) } else { HttpResponse::NoContent().finish() }
    }
}

/// What a store adds.
fn stored(statement: &Value) -> Value {
    let mut statement = statement.clone();
    statement["stored"] = json!("2026-11-22T02:00:00.000Z");
    statement["authority"] = json!({"objectType": "Agent", "account": {"homePage": "http://lrs.example", "name": "a"}});
    statement
}

/// What a request must bring, whatever it hands over.
fn manners(request: &HttpRequest) -> Option<String> {
    use base64::Engine;
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let secret = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
    if header("x-experience-api-version") != "1.0.3" {
        return Some(format!("the version is {:?}", header("x-experience-api-version")));
    }
    if header("authorization") != format!("Basic {secret}") {
        return Some("this is not who may".to_owned());
    }
    let path = request.path() == "/xapi/statements";
    let json = request.method() == "GET" || header("content-type") == "application/json";
    (!path || !json).then(|| format!("{} {}", request.path(), header("content-type")))
}

type Rule = std::result::Result<(), String>;

fn must(holds: bool, what: &str) -> Rule {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

/// The rules of xAPI 1.0.3 that matter here (sections 2.2 to 2.4 of its part two).
fn rules(statement: &Value) -> Rule {
    let known = ["id", "actor", "verb", "object", "result", "context", "timestamp"];
    only(statement, &known)?;
    must(is_uuid(&statement["id"]), "the id is no UUID")?;
    let actor = &statement["actor"];
    only(actor, &["objectType", "account"])?;
    only(&actor["account"], &["homePage", "name"])?;
    must(actor["objectType"] == "Agent" && is_iri(&actor["account"]["homePage"]), "the actor is no account")?;
    must(actor["account"]["name"].as_str().is_some_and(|name| !name.is_empty()), "the account has no name")?;
    only(&statement["verb"], &["id", "display"])?;
    must(is_iri(&statement["verb"]["id"]), "the verb is no IRI")?;
    language_map(&statement["verb"]["display"])?;
    activity(&statement["object"])?;
    moment(&statement["timestamp"])?;
    if let Some(result) = statement.get("result") {
        outcome(result)?;
    }
    context(&statement["context"])
}

fn only(value: &Value, known: &[&str]) -> Rule {
    let members = value.as_object().ok_or("something is no object")?;
    must(members.values().all(|value| !value.is_null()), "something is null")?;
    members.keys().try_for_each(|name| must(known.contains(&name.as_str()), &format!("what is {name}?")))
}

/// Of a version that RFC 4122 knows, as strict stores ask.
fn is_uuid(value: &Value) -> bool {
    let id = value.as_str().and_then(|text| text.parse::<Uuid>().ok());
    id.is_some_and(|id| (1..=5).contains(&id.get_version_num()))
}

fn is_iri(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.split_once("://").is_some_and(|(scheme, rest)| scheme.starts_with("http") && !rest.is_empty())
        && !text.contains([' ', '<', '>', '"'])
}

fn language_map(value: &Value) -> Rule {
    let map = value.as_object().ok_or("a language map is no object")?;
    must(map.keys().all(|tag| ["zh-CN", "en"].contains(&tag.as_str())), "a language has no tag")?;
    must(map.values().all(Value::is_string), "a language map has no texts")
}

fn activity(value: &Value) -> Rule {
    only(value, &["objectType", "id", "definition"])?;
    must(value["objectType"] == "Activity" && is_iri(&value["id"]), "the activity has no IRI")?;
    only(&value["definition"], &["type", "name"])?;
    must(is_iri(&value["definition"]["type"]), "the type is no IRI")?;
    language_map(&value["definition"]["name"])
}

fn moment(value: &Value) -> Rule {
    let text = value.as_str().unwrap_or_default();
    let known = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339);
    must(known.is_ok() && !text.ends_with("-00:00"), "the timestamp is none")
}

fn outcome(value: &Value) -> Rule {
    only(value, &["completion", "success", "score", "duration", "extensions"])?;
    let flags = ["completion", "success"].iter().filter_map(|name| value.get(name));
    must(flags.into_iter().all(Value::is_boolean), "a flag is none")?;
    if let Some(duration) = value.get("duration") {
        let text = duration.as_str().unwrap_or_default();
        must(text.starts_with("PT") && text.ends_with('S'), "the duration is none of ISO 8601")?;
    }
    if let Some(score) = value.get("score") {
        let [scaled, raw, min, max] = ["scaled", "raw", "min", "max"].map(|part| score[part].as_f64().unwrap_or(-9.0));
        must((-1.0..=1.0).contains(&scaled) && min < max && (min..=max).contains(&raw), "the score is none")?;
    }
    let extensions = value.get("extensions").and_then(Value::as_object);
    must(extensions.is_none_or(|all| all.keys().all(|name| is_iri(&json!(name)))), "an extension is no IRI")
}

fn context(value: &Value) -> Rule {
    only(value, &["platform", "language", "registration", "revision", "contextActivities"])?;
    must(value.get("registration").is_none_or(is_uuid), "the registration is no UUID")?;
    let Some(groups) = value.get("contextActivities") else { return Ok(()) };
    only(groups, &["parent", "grouping"])?;
    let groups = groups.as_object().into_iter().flat_map(|groups| groups.values());
    groups.flat_map(|group| group.as_array().cloned().unwrap_or_default()).try_for_each(|each| activity(&each))
}
