//! Logging in, staying in, logging out.

use campus::accounts;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, PASSWORD, Person, TestApp};

async fn log_in(client: &Client, login: &str, password: &str) -> Answer {
    client.post("/session", &json!({"login": login, "password": password})).await
}

async fn refresh(client: &Client, cookie: &str) -> Answer {
    Answer::of(client.request(Method::POST, "/session/refreshment").header("cookie", cookie)).await
}

fn with_phone(phone: &str) -> Person {
    Person { phone: Some(phone.to_owned()), ..Person::default() }
}

/// Everything in a problem but what differs from request to request.
fn without_request_id(mut body: Value) -> Value {
    body.as_object_mut().unwrap().remove("request_id");
    body
}

#[tokio::test]
async fn each_kind_of_login_opens_a_session() {
    let app = TestApp::street().await;
    let person = Person { email: Some("Zhang@Example.org".to_owned()), ..with_phone("13800000001") };
    let resident = app.new_resident("CX", &person).await;
    let number = app.learner_number(resident.resident_id.unwrap()).await;
    let anonymous = app.anonymous();
    let logins = [
        "13800000001",
        "+86 138-0000-0001",
        "１３８０００００００１",
        "zhang@example.org",
        " ZHANG@EXAMPLE.ORG ",
        number.as_str(),
    ];
    for login in logins {
        let answer = log_in(&anonymous, login, PASSWORD).await;
        let cookie = answer.header("set-cookie").to_owned();
        let body = answer.expect(201);
        assert_eq!(body["token_type"], "Bearer", "{login}");
        assert_eq!(body["expires_in"], 600);
        assert_eq!(body["account"]["id"], json!(resident.account_id));
        assert_eq!(body["account"]["role"], "resident");
        for attribute in ["HttpOnly", "SameSite=Strict", "Path=/api/v1/session", "Max-Age="] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        let token = body["access_token"].as_str().unwrap();
        let me = Answer::of(anonymous.request(Method::GET, "/me").bearer_auth(token)).await.expect(200);
        assert_eq!(me["resident"]["learner_number"], number);
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_are_answered_alike() {
    let app = TestApp::street().await;
    let resident = app.new_resident("CX", &with_phone("13800000002")).await;
    let number = app.learner_number(resident.resident_id.unwrap()).await;
    let anonymous = app.anonymous();
    let mut bodies = Vec::new();
    for (login, password) in [
        ("13800000002", "not the password"),
        (number.as_str(), "not the password"),
        ("13899999999", PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("99999999", PASSWORD),
        ("", ""),
        ("'; DROP TABLE accounts; --", PASSWORD),
    ] {
        let answer = log_in(&anonymous, login, password).await;
        assert_eq!(answer.cookie(), "", "{login}");
        bodies.push(without_request_id(answer.expect_problem(401, "credentials_invalid")));
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:#?}");
}

#[tokio::test]
async fn a_shared_telephone_opens_for_the_one_whose_password_it_is() {
    let app = TestApp::street().await;
    let phone = "13800000003";
    let first = app.new_resident("CX", &with_phone(phone)).await;
    let anonymous = app.anonymous();
    let version = anonymous.get("/consents/current").await.expect(200)["version"].clone();
    let other = json!({
        "name": "李四", "phone": phone, "password": "another password", "branch_id": app.branch("CX").id,
        "birth_date": "1960-01-01", "consent": {"version": version},
    });
    anonymous.post("/residents", &other).await.expect(201);

    let body = log_in(&anonymous, phone, PASSWORD).await.expect(201);
    assert_eq!(body["account"]["id"], json!(first.account_id));
    let body = log_in(&anonymous, phone, "another password").await.expect(201);
    assert_eq!(body["account"]["name"], "李四");

    let third = app.new_resident("WT", &with_phone(phone)).await;
    log_in(&anonymous, phone, PASSWORD).await.expect_problem(409, "choose_learner_number");
    let number = app.learner_number(third.resident_id.unwrap()).await;
    let body = log_in(&anonymous, &number, PASSWORD).await.expect(201);
    assert_eq!(body["account"]["id"], json!(third.account_id));
}

#[tokio::test]
async fn a_refresh_token_is_replaced_and_a_copied_one_ends_the_session() {
    let app = TestApp::street().await;
    app.new_resident("CX", &with_phone("13800000004")).await;
    let anonymous = app.anonymous();
    let first = log_in(&anonymous, "13800000004", PASSWORD).await.cookie();
    let renewed = refresh(&anonymous, &first).await;
    let second = renewed.cookie();
    let body = renewed.expect(200);
    assert_ne!(first, second);
    let token = body["access_token"].as_str().unwrap();
    Answer::of(anonymous.request(Method::GET, "/me").bearer_auth(token)).await.expect(200);

    // A tab that was a moment late.
    app.clock.advance(time::Duration::seconds(14));
    let third = refresh(&anonymous, &first).await.cookie();
    app.clock.advance(time::Duration::seconds(2));
    refresh(&anonymous, &first).await.expect_problem(401, "refresh_invalid");
    for ended in [second, third] {
        refresh(&anonymous, &ended).await.expect_problem(401, "refresh_invalid");
    }
}

#[tokio::test]
async fn five_tabs_refresh_at_once() {
    let app = TestApp::street().await;
    app.new_resident("CX", &with_phone("13800000005")).await;
    let anonymous = app.anonymous();
    let cookie = log_in(&anonymous, "13800000005", PASSWORD).await.cookie();
    let answers = join_all((0..5).map(|_| refresh(&anonymous, &cookie))).await;
    let mut cookies = Vec::new();
    for answer in answers {
        cookies.push(answer.cookie());
        answer.expect(200);
    }
    app.clock.advance(time::Duration::minutes(9));
    for cookie in cookies {
        refresh(&anonymous, &cookie).await.expect(200);
    }
}

#[tokio::test]
async fn after_logging_out_nothing_is_renewed() {
    let app = TestApp::street().await;
    app.new_resident("CX", &with_phone("13800000006")).await;
    let anonymous = app.anonymous();
    let cookie = log_in(&anonymous, "13800000006", PASSWORD).await.cookie();
    for _ in 0..2 {
        let answer = Answer::of(anonymous.request(Method::DELETE, "/session").header("cookie", &cookie)).await;
        assert!(answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.header("set-cookie"));
        answer.expect(204);
    }
    refresh(&anonymous, &cookie).await.expect_problem(401, "refresh_invalid");
    anonymous.delete("/session").await.expect(204);
}

#[tokio::test]
async fn sessions_end_by_themselves() {
    let app = TestApp::street().await;
    app.new_resident("CX", &with_phone("13800000007")).await;
    let staff = app.staff("CX").await;
    let anonymous = app.anonymous();
    let resident = log_in(&anonymous, "13800000007", PASSWORD).await.cookie();
    let connection = &mut *app.campus.database.connection().await.unwrap();
    let email = accounts::find(connection, staff.account_id.unwrap()).await.unwrap().email.unwrap();
    let office = log_in(&anonymous, &email, PASSWORD).await.cookie();

    app.clock.advance(time::Duration::hours(12));
    refresh(&anonymous, &office).await.expect_problem(401, "refresh_invalid");
    let renewed = refresh(&anonymous, &resident).await;
    let resident = renewed.cookie();
    renewed.expect(200);
    app.clock.advance(time::Duration::days(60));
    refresh(&anonymous, &resident).await.expect_problem(401, "refresh_invalid");
}

#[tokio::test]
async fn an_access_token_ends_after_ten_minutes() {
    let app = TestApp::street().await;
    let resident = app.resident("CX").await;
    let token = resident.token();
    let me = || app.anonymous().request(Method::GET, "/me").bearer_auth(&token);
    Answer::of(me()).await.expect(200);
    app.clock.advance(time::Duration::seconds(599));
    Answer::of(me()).await.expect(200);
    app.clock.advance(time::Duration::seconds(1));
    Answer::of(me()).await.expect_problem(401, "token_invalid");
}

#[tokio::test]
async fn a_classroom_logs_in_within_a_minute() {
    let app = TestApp::street().await;
    for number in 0..50 {
        app.new_resident("CX", &with_phone(&format!("138000001{number:02}"))).await;
    }
    let anonymous = app.anonymous();
    let logins: Vec<String> = (0..50).map(|number| format!("138000001{number:02}")).collect();
    // Within the minute, not within the second: a hash takes its time.
    let answers = stream::iter(&logins).map(|login| log_in(&anonymous, login, PASSWORD)).buffered(4);
    for answer in answers.collect::<Vec<Answer>>().await {
        answer.expect(201);
    }
}

#[tokio::test]
async fn problems_speak_the_readers_language() {
    let app = TestApp::start().await;
    let chinese = app.anonymous().get("/me").await.expect_problem(401, "not_logged_in");
    let english = app.anonymous().reading("en-GB,en;q=0.9").get("/me").await.expect_problem(401, "not_logged_in");
    assert_eq!(chinese["detail"], "请先登录。");
    assert_eq!(english["detail"], "Log in first.");
}
