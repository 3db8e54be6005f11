//! Remembered devices: what is kept of them, who sees them, and what revoking one does.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, PASSWORD, Person, TestApp, id_of};
use time::Duration;

const WECHAT: &str = "Mozilla/5.0 (Linux; Android 10) Chrome/86.0 Safari/537.36 MicroMessenger/8.0.30";

async fn log_in(app: &TestApp, login: &str, device: &str) -> Answer {
    let request = app.anonymous().request(Method::POST, "/session").header("user-agent", WECHAT);
    let body = json!({"login": login, "password": PASSWORD});
    Answer::of(request.header("cookie", device).json(&body)).await
}

fn token(body: &Value) -> String {
    body["access_token"].as_str().unwrap().to_owned()
}

async fn devices(app: &TestApp, token: &str) -> Vec<Value> {
    let list = Answer::of(app.anonymous().request(Method::GET, "/me/devices").bearer_auth(token)).await.expect(200);
    assert_eq!(list["next_cursor"], Value::Null);
    list["items"].as_array().unwrap().clone()
}

async fn revoke(app: &TestApp, token: &str, device: &Value) -> Answer {
    let path = format!("/me/devices/{}", id_of(device));
    Answer::of(app.anonymous().request(Method::DELETE, &path).bearer_auth(token)).await
}

async fn person(app: &TestApp, phone: &str) {
    app.new_resident("CX", &Person { phone: Some(phone.to_owned()), ..Person::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_remembered_beyond_logging_out_and_listed() {
    let app = TestApp::street().await;
    person(&app, "13800000101").await;
    let opened = log_in(&app, "13800000101", "").await;
    let set = opened.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned());
    let set = set.into_iter().find(|cookie| cookie.starts_with("changqing_device=")).unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/api/v1", "Max-Age=15552000"] {
        assert!(set.contains(attribute), "{set}");
    }
    let (device, refresh) = (opened.cookie_named("changqing_device"), opened.cookie());
    let left = Answer::of(app.anonymous().request(Method::DELETE, "/session").header("cookie", &refresh)).await;
    assert_eq!(left.cookie_named("changqing_device"), "");
    left.expect(204);

    app.clock.advance(Duration::days(100));
    let again = log_in(&app, "13800000101", &device).await;
    assert_eq!(again.cookie_named("changqing_device"), device, "the same device, for longer");
    let here = token(&again.expect(201));
    let elsewhere = token(&log_in(&app, "13800000101", "").await.expect(201));
    app.clock.advance(Duration::minutes(1));
    let [newest, oldest] = devices(&app, &here).await.try_into().unwrap();
    assert_eq!((&oldest["current"], &newest["current"]), (&json!(true), &json!(false)));
    assert_eq!(oldest["label"], "WeChat, Android");
    assert_eq!(oldest["created_at"], "2026-11-22T10:00:00+08:00");
    assert_eq!(oldest["expires_at"], "2027-08-29T10:00:00+08:00");
    assert_eq!(devices(&app, &elsewhere).await[0]["current"], true);
    // In the database there is nothing that opens anything.
    let secret = device.split_once('=').unwrap().1;
    let found = format!("SELECT count(*) FROM known_devices WHERE encode(token_hash, 'escape') LIKE '%{secret}%'");
    assert_eq!(crate::books::Books::of(&app).await.number(&found).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_logged_out_and_known_no_more() {
    let app = TestApp::street().await;
    person(&app, "13800000102").await;
    person(&app, "13800000103").await;
    let lost = log_in(&app, "13800000102", "").await;
    let (lost_device, lost_refresh, lost_token) =
        (lost.cookie_named("changqing_device"), lost.cookie(), token(&lost.expect(201)));
    app.clock.advance(Duration::seconds(1));
    let here = token(&log_in(&app, "13800000102", "").await.expect(201));
    let stranger = token(&log_in(&app, "13800000103", "").await.expect(201));
    let [own, other] = devices(&app, &here).await.try_into().unwrap();
    revoke(&app, &stranger, &other).await.expect_problem(404, "not_found");
    revoke(&app, &here, &other).await.expect(204);
    revoke(&app, &here, &other).await.expect_problem(404, "not_found");
    let request = app.anonymous().request(Method::GET, "/me").bearer_auth(&lost_token);
    Answer::of(request).await.expect_problem(401, "token_invalid");
    let request = app.anonymous().request(Method::POST, "/session/refreshment").header("cookie", &lost_refresh);
    Answer::of(request).await.expect_problem(401, "refresh_invalid");
    assert_eq!(devices(&app, &here).await, [own]);
    // Who logs in on it again comes as a stranger does.
    let again = log_in(&app, "13800000102", &lost_device).await;
    assert_ne!(again.cookie_named("changqing_device"), lost_device);
    again.expect(201);
    assert_eq!(devices(&app, &here).await.len(), 2);
    let admin = app.admin().await;
    let audit = admin.get("/audit-entries?action=device.revoked").await.expect(200);
    assert_eq!(audit["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_phone_is_known_to_each_and_a_planted_token_to_nobody_else() {
    let app = TestApp::street().await;
    person(&app, "13800000104").await;
    person(&app, "13800000105").await;
    let planted = log_in(&app, "13800000104", "").await.cookie_named("changqing_device");
    let second = log_in(&app, "13800000105", &planted).await;
    let shared = second.cookie_named("changqing_device");
    assert_ne!(shared, planted, "a token that somebody else may have is not taken over");
    second.expect(201);
    // Both are known on it now.
    for phone in ["13800000104", "13800000105"] {
        let opened = log_in(&app, phone, &shared).await;
        assert_eq!(opened.cookie_named("changqing_device"), shared);
        assert_eq!(devices(&app, &token(&opened.expect(201))).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_forgotten_after_half_a_year_and_when_there_are_too_many() {
    let app = TestApp::street().await;
    person(&app, "13800000106").await;
    for _ in 0..52 {
        log_in(&app, "13800000106", "").await.expect(201);
    }
    let count = async || crate::books::Books::of(&app).await.number("SELECT count(*) FROM known_devices").await;
    app.tick().await;
    assert_eq!(count().await, 50);
    app.clock.advance(Duration::days(188));
    app.tick().await;
    assert_eq!(count().await, 0);
}
