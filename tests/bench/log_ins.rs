//! Logging in: how much of what the cores can hash comes through, and whether the time of a refusal
//! tells who is known.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use serde_json::{Value, json};

use crate::Line;
use crate::ground::{Ground, PASSWORD, PEOPLE};
use crate::load::{request, run};

/// As many log in at once as report and award in the other measures.
const CLIENTS: usize = 16;
/// How long each side of the measure runs, in seconds.
const SECONDS: u64 = 5;
/// How many refusals of each kind are timed.
const REFUSALS: usize = 150;

/// Each attempt comes from an address of its own: what slows guessing down is not measured here.
fn address() -> String {
    static COUNTER: AtomicUsize = AtomicUsize::new(0);
    let [_, a, b, c] = u32::try_from(COUNTER.fetch_add(1, Ordering::Relaxed)).unwrap_or(0).to_be_bytes();
    format!("10.{a}.{b}.{c}")
}

fn login(number: usize) -> String {
    format!("p{}@bench.example", number % PEOPLE)
}

/// Log-ins over HTTP, against argon2 alone on as many threads.
pub async fn rate(ground: &Ground) -> Line {
    let ours = run(ground.address, CLIENTS, SECONDS, |client, number| {
        let body = json!({"login": login(client * 131 + number), "password": PASSWORD}).to_string();
        request("POST", "/api/v1/session", &format!("x-forwarded-for: {}\r\n", address()), &body)
    })
    .await;
    let hash = ground.password_hash.clone();
    let threads = ground.campus.config.password_hashing;
    let baseline = tokio::task::spawn_blocking(move || argon2_alone(&hash, threads)).await.expect("it ends");
    Line { name: "log-ins over HTTP vs argon2 alone", ours, baseline, goal: 0.9, at_most: false }
}

fn argon2_alone(hash: &str, threads: usize) -> f64 {
    let began = Instant::now();
    let until = began + Duration::from_secs(SECONDS);
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let hash = PasswordHash::new(hash).expect("a hash");
                while Instant::now() < until {
                    Argon2::default().verify_password(PASSWORD.as_bytes(), &hash).expect("it fits");
                    let _ = count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    count.into_inner() as f64 / began.elapsed().as_secs_f64()
}

/// The slower p95 of refusing a known and an unknown login, against the faster, in milliseconds.
pub async fn refusal_gap(ground: &Ground) -> Line {
    let wrong = |login: String| json!({"login": login, "password": "not the password"});
    gap(ground, "log-in refused, known vs unknown, p95 ms", "/session", wrong).await
}

/// The same for asking for a link by mail.
pub async fn link_gap(ground: &Ground) -> Line {
    let ask = |login: String| json!({"login": login});
    gap(ground, "link asked for, known vs unknown, p95 ms", "/session/password-reset", ask).await
}

async fn gap(ground: &Ground, name: &'static str, path: &str, body: impl Fn(String) -> Value) -> Line {
    static ROUND: AtomicUsize = AtomicUsize::new(0);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}/api/v1{path}", ground.address);
    let start = ROUND.fetch_add(1, Ordering::Relaxed) * REFUSALS;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // In turn, so that a slow moment hits both.
    for number in start..start + REFUSALS {
        for (login, times) in [(login(number), &mut known), (format!("nobody{number}@bench.example"), &mut unknown)] {
            let request = client.post(&url).header("x-forwarded-for", address()).json(&body(login));
            let began = Instant::now();
            let answer = request.send().await.expect("the server answers");
            let _ = answer.bytes().await.expect("a body");
            times.push(began.elapsed().as_secs_f64());
        }
    }
    let (known, unknown) = (percentile_95(known), percentile_95(unknown));
    Line { name, ours: known.max(unknown) * 1000.0, baseline: known.min(unknown) * 1000.0, goal: 1.1, at_most: true }
}

fn percentile_95(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() * 95 / 100]
}
