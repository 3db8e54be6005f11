//! Trying out passwords is slowed down, and nobody is locked out by what strangers try.

use reqwest::Method;
use serde_json::json;
use tests::{Answer, PASSWORD, Person, TestApp};
use time::Duration;

const PHONE: &str = "13800000301";

async fn try_password(app: &TestApp, login: &str, password: &str, device: &str) -> Answer {
    let body = json!({"login": login, "password": password});
    Answer::of(app.anonymous().request(Method::POST, "/session").header("cookie", device).json(&body)).await
}

fn wait(answer: Answer) -> i64 {
    let wait = answer.header("retry-after").parse().unwrap();
    answer.expect_problem(429, "too_many_requests");
    wait
}

async fn started(redis: bool) -> TestApp {
    let mut app = if redis { TestApp::start().await } else { TestApp::start_without_redis().await };
    app.make_street().await;
    app
}

async fn delays_grow(app: &TestApp) {
    for login in ["guessed@example.org", "nobody@example.org"] {
        for _ in 0..5 {
            try_password(app, login, "a guess", "").await.expect_problem(401, "credentials_invalid");
        }
        let mut waits = Vec::new();
        for _ in 0..12 {
            let seconds = wait(try_password(app, &login.to_uppercase(), "a guess", "").await);
            waits.push(seconds);
            app.clock.advance(Duration::seconds(seconds));
            try_password(app, login, "a guess", "").await.expect_problem(401, "credentials_invalid");
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    }
    try_password(app, "other@example.org", "a guess", "").await.expect_problem(401, "credentials_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn delays_grow_with_each_wrong_password() {
    delays_grow(&started(true).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delays_grow_with_each_wrong_password_without_redis() {
    delays_grow(&started(false).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_delay_holds_in_every_api_and_for_every_spelling_until_the_right_password() {
    let app = started(true).await;
    let other = app.another();
    app.new_resident("CX", &Person { phone: Some(PHONE.to_owned()), ..Person::default() }).await;
    for (spelling, server) in
        [PHONE, "+86 138-0000-0301", "１３８０００００３０１", "138 0000 0301", "0086 138 0000 0301"]
            .iter()
            .zip([&app, &other].iter().cycle())
    {
        try_password(server, spelling, "a guess", "").await.expect_problem(401, "credentials_invalid");
    }
    // Who waits is not let in with the right one either, else waiting would tell.
    for server in [&app, &other] {
        assert_eq!(wait(try_password(server, PHONE, PASSWORD, "").await), 1);
    }
    app.clock.advance(Duration::seconds(1));
    try_password(&other, PHONE, PASSWORD, "").await.expect(201);
    for _ in 0..5 {
        try_password(&app, PHONE, "a guess", "").await.expect_problem(401, "credentials_invalid");
    }
    assert_eq!(wait(try_password(&app, PHONE, "a guess", "").await), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_gain_nothing() {
    let app = started(true).await;
    let tries = (0..30).map(|_| try_password(&app, "guessed@example.org", "a guess", ""));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_logins_from_one_address_are_slowed_too() {
    let app = started(true).await;
    let mut statuses = Vec::new();
    for number in 0..110 {
        statuses.push(try_password(&app, &format!("nobody{number}@example.org"), "a guess", "").await.status);
    }
    let refused = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!((statuses[99], statuses[100], refused), (401, 429, 10), "{statuses:?}");
}

/// Somebody hammers an account, from the address that its owner has too.
async fn the_owner_gets_in(app: &TestApp) {
    let person = Person { phone: Some(PHONE.to_owned()), ..Person::default() };
    let resident = app.new_resident("CX", &person).await;
    let staff = app.staff("CX").await;
    let opened = try_password(app, PHONE, PASSWORD, "").await;
    let device = opened.cookie_named("changqing_device");
    opened.expect(201);
    let hammer = async |rounds: usize| {
        for round in 0..rounds {
            let status = try_password(app, PHONE, &format!("guess {round}"), "").await.status;
            assert!([401, 429].contains(&status), "{status}");
            let given = json!({"login": PHONE, "code": format!("aaaa-bbbb-{round:04}"), "password": PASSWORD});
            let status = app.anonymous().post("/session/one-time-code", &given).await.status;
            assert!([401, 429].contains(&status), "{status}");
        }
    };
    hammer(100).await;
    assert!(wait(try_password(app, PHONE, PASSWORD, "").await) > 0, "the attack is slowed");

    // On a device that the account knows.
    try_password(app, PHONE, PASSWORD, &device).await.expect(201);
    // Mistyping there is counted there: ten times, then slowly.
    let mut statuses = Vec::new();
    for _ in 0..11 {
        statuses.push(try_password(app, PHONE, "mistyped", &device).await.status);
    }
    assert_eq!((statuses[9], statuses[10]), (401, 429), "{statuses:?}");
    app.clock.advance(Duration::seconds(1));
    try_password(app, PHONE, PASSWORD, &device).await.expect(201);
    hammer(20).await;
    try_password(app, PHONE, PASSWORD, &device).await.expect(201);
    let path = format!("/residents/{}/one-time-code", resident.resident_id.unwrap());
    let code = staff.post(&path, &json!({})).await.expect(201)["code"].clone();
    hammer(20).await;
    let given = json!({"login": PHONE, "code": code, "password": "a new password"});
    app.anonymous().post("/session/one-time-code", &given).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gets_in_while_the_account_is_hammered() {
    the_owner_gets_in(&started(true).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gets_in_while_the_account_is_hammered_without_redis() {
    the_owner_gets_in(&started(false).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_another_account_is_held_up_like_any() {
    let app = started(true).await;
    for phone in [PHONE, "13800000302"] {
        app.new_resident("CX", &Person { phone: Some(phone.to_owned()), ..Person::default() }).await;
    }
    let device = try_password(&app, "13800000302", PASSWORD, "").await.cookie_named("changqing_device");
    for _ in 0..5 {
        try_password(&app, PHONE, "a guess", &device).await.expect_problem(401, "credentials_invalid");
    }
    assert_eq!(wait(try_password(&app, PHONE, PASSWORD, &device).await), 1);
    let made_up = format!("changqing_device={}", "A".repeat(43));
    assert_eq!(wait(try_password(&app, PHONE, PASSWORD, &made_up).await), 1);
}
