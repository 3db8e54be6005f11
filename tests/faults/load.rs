//! Writers who ask until they are answered, and remember what they were told.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use campus::clock::Clock;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::stand::{ADMIN, PASSWORD, PATIENCE, Stand};

/// What a writer puts up with before it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Nothing: every request succeeds at once.
    None,
    /// 503, and nothing else.
    Unavailable,
    /// Broken lines too.
    Anything,
}

/// What was acknowledged.
#[derive(Debug, Default)]
pub struct Written {
    /// Learner numbers by resident.
    pub residents: Vec<(Uuid, String)>,
    /// Awards: their batch and how many people got something.
    pub batches: Vec<(Uuid, usize)>,
    /// Batches that were taken back.
    pub reversed: Vec<Uuid>,
    /// Seconds watched, by resident.
    pub watched: Vec<(Uuid, f64)>,
}

/// Writers at work.
pub struct Load {
    stopping: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Written>>,
    retries: Arc<AtomicU64>,
    patience: Patience,
}

/// One who asks.
#[derive(Clone)]
struct Asker {
    http: reqwest::Client,
    site: String,
    patience: Patience,
    retries: Arc<AtomicU64>,
    token: Option<String>,
    moves: u32,
}

/// What they write to.
#[derive(Clone)]
struct Ground {
    branch: Uuid,
    residents: Vec<(Uuid, String)>,
    course: Uuid,
    lesson: Uuid,
}

impl Load {
    /// Prepares what is written to, and starts: two who award, one who takes back, one who
    /// registers people, two who watch. They take turns at the addresses of `sites`.
    pub async fn start(stand: &Stand, sites: &[String], patience: Patience) -> Self {
        let retries = Arc::new(AtomicU64::new(0));
        let mut sites = sites.iter().cycle();
        let mut asker =
            async |patience, login: &str| Asker::new(sites.next().unwrap(), patience, &retries).logged_in(login).await;
        let ground = Ground::prepare(stand, &mut asker(Patience::None, ADMIN).await).await;
        let stopping = Arc::new(AtomicBool::new(false));
        let mut writers = Vec::new();
        let stopped = || Arc::clone(&stopping);
        for writer in 0..2 {
            let asker = asker(patience, ADMIN).await;
            writers.push(tokio::spawn(award(asker, ground.clone(), format!("甲{writer}"), false, stopped())));
        }
        let reverser = asker(patience, ADMIN).await;
        writers.push(tokio::spawn(award(reverser, ground.clone(), "乙".to_owned(), true, stopped())));
        writers.push(tokio::spawn(register(asker(patience, ADMIN).await, ground.clone(), stopped())));
        for (id, number) in ground.residents.iter().take(2) {
            writers.push(tokio::spawn(watch(asker(patience, number).await, *id, ground.clone(), stopped())));
        }
        Self { stopping, writers, retries, patience }
    }

    /// Lets every writer be acknowledged once more, and answers all that was.
    pub async fn stop(self) -> Written {
        self.stopping.store(true, Ordering::SeqCst);
        let mut all = Written::default();
        for writer in self.writers {
            let written = writer.await.unwrap();
            all.residents.extend(written.residents);
            all.batches.extend(written.batches);
            all.reversed.extend(written.reversed);
            all.watched.extend(written.watched);
        }
        let retries = self.retries.load(Ordering::SeqCst);
        println!(
            "acknowledged: {} residents, {} awards, {} reversals, watched {:?}; asked again {retries} times",
            all.residents.len(),
            all.batches.len(),
            all.reversed.len(),
            all.watched,
        );
        assert!(all.batches.len() > 10 && !all.residents.is_empty(), "too little was written to tell anything");
        if self.patience == Patience::None {
            assert_eq!(retries, 0);
        }
        all
    }
}

impl Asker {
    fn new(site: &str, patience: Patience, retries: &Arc<AtomicU64>) -> Self {
        Self {
            http: http_from(Ipv4Addr::LOCALHOST),
            site: site.to_owned(),
            patience,
            retries: Arc::clone(retries),
            token: None,
            moves: 0,
        }
    }

    /// One who is logged in before anything goes wrong: who may try again how often is
    /// another matter.
    async fn logged_in(mut self, login: &str) -> Self {
        let session = json!({"login": login, "password": PASSWORD});
        let answer = self.ask(Method::POST, "/session", &session).await;
        self.token = answer["access_token"].as_str().map(str::to_owned);
        self
    }

    /// From one address so many register within a minute and no more, tries included: each
    /// try comes from another one.
    fn move_house(&mut self) {
        self.moves += 1;
        self.http = http_from(Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + self.moves));
    }

    /// Asks until there is an answer that is one.
    async fn ask(&mut self, method: Method, path: &str, body: &Value) -> Value {
        let key = Uuid::new_v4().to_string();
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < PATIENCE, "{method} {path} is not answered");
            let public = path == "/session" || path == "/residents";
            if path == "/residents" {
                self.move_house();
            }
            let mut request = self.http.request(method.clone(), format!("{}/api/v1{path}", self.site));
            if !public {
                request = request.bearer_auth(self.token.as_deref().unwrap_or_default());
            }
            request = request.header("idempotency-key", &key);
            if method != Method::GET {
                request = request.json(body);
            }
            match self.once(request).await {
                Some((status, answer)) if status.is_success() => return answer,
                Some((status, answer)) => panic!("{method} {path}: {status} {answer}"),
                None => {
                    self.retries.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// `None`: to be asked again.
    async fn once(&self, request: reqwest::RequestBuilder) -> Option<(StatusCode, Value)> {
        let broken = |error: reqwest::Error| {
            assert_eq!(self.patience, Patience::Anything, "no answer: {error:?}");
            None
        };
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return broken(error),
        };
        let status = answer.status();
        let body = match answer.bytes().await {
            Ok(body) => body,
            Err(error) => return broken(error),
        };
        let text = String::from_utf8_lossy(&body).into_owned();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            assert_ne!(self.patience, Patience::None, "{text}");
            return None;
        }
        Some((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }
}

/// Asks from an address of this machine.
fn http_from(address: Ipv4Addr) -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .local_address(IpAddr::V4(address))
        // Shorter than a writer's patience: a line to a dead server must not hold it up.
        .timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
}

fn id(value: &Value) -> Uuid {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no id: {value}"))
}

fn registration(branch: Uuid, number: usize) -> Value {
    let letter = |place: usize| char::from_u32(u32::try_from(0x4E00 + place % 5000).unwrap()).unwrap();
    json!({
        "name": format!("赵{}{}", letter(number / 5000), letter(number)), "phone": format!("138{number:08}"),
        "password": PASSWORD, "branch_id": branch, "birth_date": "1956-03-02", "consent": {"version": "2026-11"},
    })
}

impl Ground {
    async fn prepare(stand: &Stand, admin: &mut Asker) -> Self {
        let branch = json!({"code": "CX", "name": "春晓社区市民学校", "population": 263});
        let branch = id(&admin.ask(Method::POST, "/branches", &branch).await["id"]);
        let mut residents = Vec::new();
        for number in 0..8 {
            let made = admin.ask(Method::POST, "/residents", &registration(branch, number)).await;
            let number = made["resident"]["learner_number"].as_str().unwrap().to_owned();
            residents.push((id(&made["resident"]["id"]), number));
        }
        let course = json!({"title": "太极拳", "topic": "health", "branch_id": branch});
        let course = id(&admin.ask(Method::POST, "/courses", &course).await["id"]);
        let account = id(&admin.ask(Method::GET, "/me", &Value::Null).await["account"]["id"]);
        let video = tests::courses::insert_ready_video(&stand.owner_url(), branch, account, 3600).await;
        let lesson = json!({"title": "第一课", "video_id": video});
        let lesson = admin.ask(Method::POST, &format!("/courses/{course}/lessons"), &lesson).await;
        for step in ["submission", "approval", "publication"] {
            admin.ask(Method::POST, &format!("/courses/{course}/{step}"), &Value::Null).await;
        }
        Self { branch, residents, course, lesson: id(&lesson["id"]) }
    }
}

/// Awards to three people at a time, and takes every batch back where `reverse` says so.
async fn award(mut asker: Asker, ground: Ground, name: String, reverse: bool, stopping: Arc<AtomicBool>) -> Written {
    let mut written = Written::default();
    let mut number = 0;
    while !stopping.load(Ordering::SeqCst) {
        number += 1;
        let people: Vec<Value> =
            (0..3).map(|place| json!({"id": ground.residents[(number + place) % ground.residents.len()].0})).collect();
        let award = json!({
            "residents": people, "unit": "credit", "amount": "1.00", "reason": format!("{name}第{number}次"),
            "earned_on": today(),
        });
        let answer = asker.ask(Method::POST, "/credit-awards", &award).await;
        assert_eq!(answer["awarded"], 3, "{answer}");
        let batch = id(&answer["batch_id"]);
        written.batches.push((batch, 3));
        if reverse {
            let reason = json!({"reason": "弄错了"});
            asker.ask(Method::POST, &format!("/credit-awards/{batch}/reversal"), &reason).await;
            written.reversed.push(batch);
        }
    }
    written
}

fn today() -> String {
    Clock::live("Asia/Shanghai").unwrap().today().to_string()
}

async fn register(mut asker: Asker, ground: Ground, stopping: Arc<AtomicBool>) -> Written {
    let mut written = Written::default();
    let mut number = 100;
    while !stopping.load(Ordering::SeqCst) {
        number += 1;
        let made = asker.ask(Method::POST, "/residents", &registration(ground.branch, number)).await;
        let learner_number = made["resident"]["learner_number"].as_str().unwrap().to_owned();
        written.residents.push((id(&made["resident"]["id"]), learner_number));
    }
    written
}

/// Watches on and on; what has been counted once never becomes less.
async fn watch(mut asker: Asker, resident: Uuid, ground: Ground, stopping: Arc<AtomicBool>) -> Written {
    asker.ask(Method::PUT, &format!("/courses/{}/enrollment", ground.course), &Value::Null).await;
    let playback = asker.ask(Method::GET, &format!("/lessons/{}/playback", ground.lesson), &Value::Null).await;
    let viewing = id(&playback["viewing_id"]);
    let path = format!("/lessons/{}/progress", ground.lesson);
    let (mut position, mut counted) = (0.0, 0.0);
    while !stopping.load(Ordering::SeqCst) {
        let next = position + 0.1;
        let report = json!({"viewing_id": viewing, "position": next, "watched": [[position, next]]});
        let answer = asker.ask(Method::PUT, &path, &report).await;
        let now = answer["watched_seconds"].as_f64().unwrap();
        assert!(now >= counted, "{now} < {counted}: what was acknowledged is lost");
        assert!(now <= next + 0.001, "{now} > {next}: counted twice");
        (position, counted) = (next, now);
    }
    Written { watched: vec![(resident, counted)], ..Written::default() }
}
