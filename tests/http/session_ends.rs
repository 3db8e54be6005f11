//! A session that has ended: its access tokens too are refused from the next request on, in every
//! process.

use std::time::{Duration, Instant};

use campus::accounts;
use reqwest::Method;
use serde_json::json;
use tests::{Answer, Client, PASSWORD, Person, TestApp, id_of};

/// Somebody logged in through one API, whose access token a second API knows too.
struct LoggedIn {
    app: TestApp,
    other: TestApp,
    phone: &'static str,
    cookie: String,
    token: String,
    account: uuid::Uuid,
}

async fn log_in(client: &Client, phone: &str) -> Answer {
    client.post("/session", &json!({"login": phone, "password": PASSWORD})).await
}

async fn me(app: &TestApp, token: &str) -> Answer {
    Answer::of(app.anonymous().request(Method::GET, "/me").bearer_auth(token)).await
}

async fn refresh(app: &TestApp, cookie: &str) -> Answer {
    Answer::of(app.anonymous().request(Method::POST, "/session/refreshment").header("cookie", cookie)).await
}

impl LoggedIn {
    async fn prepare() -> Self {
        let app = TestApp::street().await;
        let other = app.another();
        let phone = "13800000008";
        app.new_resident("CX", &Person { phone: Some(phone.to_owned()), ..Person::default() }).await;
        let opened = log_in(&app.anonymous(), phone).await;
        let cookie = opened.cookie();
        let body = opened.expect(201);
        let token = body["access_token"].as_str().unwrap().to_owned();
        // Twice: the second answer comes out of the cache.
        for server in [&app, &other, &app, &other] {
            me(server, &token).await.expect(200);
        }
        Self { app, other, phone, cookie, token, account: id_of(&body["account"]) }
    }

    /// At once where it was ended; the other process hears of it within moments.
    async fn assert_refused(&self) {
        me(&self.app, &self.token).await.expect_problem(401, "token_invalid");
        self.assert_refused_elsewhere().await;
    }

    async fn assert_refused_elsewhere(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        for server in [&self.app, &self.other] {
            while me(server, &self.token).await.status != 401 {
                assert!(Instant::now() < deadline, "still let in");
            }
            me(server, &self.token).await.expect_problem(401, "token_invalid");
        }
        refresh(&self.app, &self.cookie).await.expect_problem(401, "refresh_invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_logging_out_the_access_token_opens_nothing() {
    let session = LoggedIn::prepare().await;
    // Somewhere else the same person stays logged in.
    let elsewhere = log_in(&session.app.anonymous(), session.phone).await.expect(201);
    let request = session.app.anonymous().request(Method::DELETE, "/session").header("cookie", &session.cookie);
    Answer::of(request).await.expect(204);
    session.assert_refused().await;
    me(&session.other, elsewhere["access_token"].as_str().unwrap()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_cookie_logs_out_with_the_access_token() {
    let session = LoggedIn::prepare().await;
    for _ in 0..2 {
        let request = session.app.anonymous().request(Method::DELETE, "/session").bearer_auth(&session.token);
        Answer::of(request).await.expect(204);
    }
    session.assert_refused().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_refresh_token_ends_the_access_tokens_too() {
    let session = LoggedIn::prepare().await;
    let renewed = refresh(&session.app, &session.cookie).await.expect(200);
    session.app.clock.advance(time::Duration::seconds(16));
    refresh(&session.app, &session.cookie).await.expect_problem(401, "refresh_invalid");
    session.assert_refused().await;
    me(&session.app, renewed["access_token"].as_str().unwrap()).await.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_sessions_of_before() {
    let session = LoggedIn::prepare().await;
    let staff = session.app.staff("CX").await;
    let resident = staff.get(&format!("/residents?q={}", &session.phone[3..])).await.expect(200);
    let path = format!("/residents/{}/one-time-code", id_of(&resident["items"][0]));
    let code = staff.post(&path, &json!({})).await.expect(201)["code"].clone();
    let given = json!({"login": session.phone, "code": code, "password": "another password"});
    let opened = session.app.anonymous().post("/session/one-time-code", &given).await.expect(201);
    session.assert_refused().await;
    me(&session.other, opened["access_token"].as_str().unwrap()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_is_shut_out_of_every_server_within_moments() {
    let session = LoggedIn::prepare().await;
    accounts::disable(&session.app.campus, None, session.account).await.unwrap();
    session.assert_refused_elsewhere().await;
    log_in(&session.app.anonymous(), session.phone).await.expect_problem(401, "credentials_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_the_second_factor_is_logged_out_everywhere() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let other = app.another();
    let token = staff.token();
    me(&other, &token).await.expect(200);
    admin.delete(&format!("/accounts/{}/second-factor", staff.account_id.unwrap())).await.expect(204);
    let deadline = Instant::now() + Duration::from_secs(10);
    for server in [&app, &other] {
        while me(server, &token).await.status != 401 {
            assert!(Instant::now() < deadline, "still let in");
        }
    }
}
