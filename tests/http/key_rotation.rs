//! Signing keys that change while everybody goes on working.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use campus::accounts;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, PASSWORD, Person, TestApp};
use time::Duration;

fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

async fn published(app: &TestApp) -> Vec<String> {
    let keys = Answer::of(app.anonymous().request_at_root(Method::GET, "/.well-known/jwks.json")).await.expect(200);
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Puts a new key into the folder, as one does: under another name first.
fn put_key(app: &TestApp, name: &str) {
    let (folder, made) = (app.config().signing_keys, tempfile::tempdir().unwrap());
    accounts::make_key(made.path()).unwrap();
    std::fs::copy(made.path().join("0001.pem"), folder.join("new")).unwrap();
    std::fs::rename(folder.join("new"), folder.join(name)).unwrap();
}

/// One person who asks through both APIs and renews through either, again and again.
struct Asking {
    servers: [Client; 2],
    cookie: String,
    token: String,
    kids: Vec<String>,
    asked: usize,
}

impl Asking {
    async fn log_in(servers: [Client; 2], phone: &str) -> Self {
        let opened = servers[0].post("/session", &json!({"login": phone, "password": PASSWORD})).await;
        let cookie = opened.cookie();
        let token = opened.expect(201)["access_token"].as_str().unwrap().to_owned();
        Self { servers, cookie, kids: vec![kid(&token)], token, asked: 0 }
    }

    async fn round(&mut self) {
        for server in &self.servers {
            Answer::of(server.request(Method::GET, "/me").bearer_auth(&self.token)).await.expect(200);
        }
        self.asked += 1;
        if self.asked.is_multiple_of(3) {
            let server = &self.servers[self.asked % 2];
            let request = server.request(Method::POST, "/session/refreshment").header("cookie", &self.cookie);
            let renewed = Answer::of(request).await;
            self.cookie = renewed.cookie();
            self.token = renewed.expect(200)["access_token"].as_str().unwrap().to_owned();
            self.kids.push(kid(&self.token));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_under_load_and_no_request_fails() {
    let app = TestApp::street().await;
    let other = app.another();
    let [old] = published(&app).await.try_into().unwrap();
    let (stop, rounds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut people = Vec::new();
    for number in 0..4 {
        let phone = format!("1380000020{number}");
        app.new_resident("CX", &Person { phone: Some(phone.clone()), ..Person::default() }).await;
        let mut asking = Asking::log_in([app.anonymous(), other.anonymous()], &phone).await;
        let (stop, rounds) = (Arc::clone(&stop), Arc::clone(&rounds));
        people.push(tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                asking.round().await;
                rounds.fetch_add(1, Ordering::SeqCst);
            }
            asking
        }));
    }
    // Every step of the clock sees everybody ask and renew several times.
    let step = async |by: Duration| {
        app.clock.advance(by);
        let before = rounds.load(Ordering::SeqCst);
        while rounds.load(Ordering::SeqCst) < before + 24 {
            assert!(!people.iter().any(tokio::task::JoinHandle::is_finished), "somebody's request failed");
            tokio::task::yield_now().await;
        }
    };
    put_key(&app, "0002.pem");
    step(Duration::seconds(10)).await;
    let [known, new] = published(&app).await.try_into().unwrap();
    assert_eq!((&known, published(&other).await.len()), (&old, 2));
    for _ in 0..4 {
        step(Duration::seconds(10)).await;
    }
    for _ in 0..10 {
        step(Duration::minutes(1)).await;
    }
    std::fs::remove_file(app.config().signing_keys.join("0001.pem")).unwrap();
    for _ in 0..3 {
        step(Duration::seconds(10)).await;
    }
    stop.store(true, Ordering::SeqCst);
    for asking in people {
        let kids = asking.await.expect("no request failed").kids;
        assert_eq!((kids.first(), kids.last()), (Some(&old), Some(&new)));
        let changes = kids.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!(changes, 1, "both APIs sign with the new key from one moment on: {kids:?}");
    }
    assert_eq!((published(&app).await, published(&other).await), (vec![new.clone()], vec![new]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_signed_that_was_taken_away_is_refused_though_it_was_remembered() {
    let app = TestApp::street().await;
    let resident = app.resident("CX").await;
    let token = resident.token();
    let me = || app.anonymous().request(Method::GET, "/me").bearer_auth(&token);
    for _ in 0..2 {
        Answer::of(me()).await.expect(200);
    }
    put_key(&app, "0002.pem");
    std::fs::remove_file(app.config().signing_keys.join("0001.pem")).unwrap();
    app.clock.advance(Duration::seconds(10));
    Answer::of(me()).await.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_has_not_yet_read_a_key_looks_for_it() {
    let app = TestApp::street().await;
    let resident = app.resident("CX").await;
    let other = app.another();
    put_key(&app, "0002.pem");
    app.clock.advance(Duration::seconds(2));
    // A process that starts now with the new key alone signs with it.
    std::fs::rename(app.config().signing_keys.join("0001.pem"), app.folder().join("0001.pem")).unwrap();
    let started = app.another();
    std::fs::rename(app.folder().join("0001.pem"), app.config().signing_keys.join("0001.pem")).unwrap();
    let token = started.client_of(resident.account_id.unwrap()).token();
    for server in [&app, &other] {
        Answer::of(server.anonymous().request(Method::GET, "/me").bearer_auth(&token)).await.expect(200);
    }
}
