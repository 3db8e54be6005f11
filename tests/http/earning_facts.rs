//! What is found afterwards: who was here on a day, and who learned on it.

use campus::credits::Earns;
use reqwest::Method;
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Answer, Client, PASSWORD, TestApp};
use time::Duration;
use time::macros::datetime;

use crate::books::Books;

fn rule(earns: Earns, more: Value) -> Value {
    let mut rule = json!({"name_zh": "新规则", "name_en": "New rule", "earns": earns.as_str(), "unit": "point",
        "amount": "1", "valid_from": "2026-11-22"});
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    rule
}

async fn write(app: &TestApp, rule: &Value) -> Value {
    app.admin().await.post("/credit-rules", rule).await.expect(201)
}

async fn log_in(app: &TestApp, who: &Client) -> Answer {
    let login = json!({"login": app.learner_number(who.resident_id.unwrap()).await, "password": PASSWORD});
    let answer = app.anonymous().post("/session", &login).await;
    assert_eq!(answer.status, 201);
    answer
}

async fn points(app: &TestApp, who: &Client) -> i64 {
    let account = app.client_of(who.account_id.unwrap()).get("/me/credit-account").await.expect(200);
    account["points"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_the_app_in_a_session_that_goes_on_has_logged_in() {
    let app = TestApp::street().await;
    let _ = write(&app, &rule(Earns::DailyLogIn, json!({}))).await;
    let who = app.resident("CX").await;
    let mut cookie = log_in(&app, &who).await.cookie();
    app.tick().await;
    assert_eq!(points(&app, &who).await, 1);
    for (days, refreshes) in [(1, 1), (2, 3), (3, 2)] {
        app.clock.advance(Duration::days(1));
        for _ in 0..refreshes {
            app.clock.advance(Duration::minutes(20));
            let request = app.anonymous().request(Method::POST, "/session/refreshment").header("cookie", &cookie);
            let answer = Answer::of(request).await;
            assert_eq!(answer.status, 200);
            cookie = answer.cookie();
            app.tick().await;
        }
        assert_eq!(points(&app, &who).await, 1 + days);
    }
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_comes_later_in_the_day_gives_beside_the_one_before() {
    let app = TestApp::street().await;
    let _ = write(&app, &rule(Earns::DailyLogIn, json!({}))).await;
    let who = app.resident("CX").await;
    let _ = log_in(&app, &who).await;
    app.tick().await;
    assert_eq!(points(&app, &who).await, 1);
    let _ = write(&app, &rule(Earns::DailyLogIn, json!({"amount": "3", "branch_id": app.branch("CX").id}))).await;
    app.clock.advance(Duration::minutes(5));
    app.tick().await;
    assert_eq!(points(&app, &who).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_ins_are_for_those_the_rule_names_and_up_to_its_caps() {
    let app = TestApp::street().await;
    let of_branch = json!({"branch_id": app.branch("CX").id, "target_group": "elderly", "month_cap": "2"});
    let _ = write(&app, &rule(Earns::DailyLogIn, of_branch)).await;
    let (old, young, elsewhere) = (app.resident("CX").await, app.resident("CX").await, app.resident("WT").await);
    let groups = |group: &str, who: &Client| {
        format!("UPDATE residents SET groups = '{{{group}}}' WHERE id = '{}'", who.resident_id.unwrap())
    };
    for (group, who) in [("elderly", &old), ("", &young), ("elderly", &elsewhere)] {
        execute(&app.owner_url(), &groups(group, who)).await;
    }
    for expected in [1, 2, 2] {
        for who in [&old, &young, &elsewhere] {
            let _ = log_in(&app, who).await;
        }
        app.tick().await;
        assert_eq!(points(&app, &old).await, expected);
        app.clock.advance(Duration::days(1));
    }
    assert_eq!((points(&app, &young).await, points(&app, &elsewhere).await), (0, 0));
    // Who is at a cap is not found any more, and neither is who was given something today.
    let mut books = Books::of(&app).await;
    let has_room = format!(
        "SELECT has_room('{}', 'point', rule.code, jsonb_build_array(jsonb_build_object('period', 'month', \
         'start', '2026-11-01', 'limit', 2))) FROM credit_rules AS rule WHERE earns = 'daily_log_in'",
        old.resident_id.unwrap()
    );
    assert_eq!(books.ask(&has_room).await, ["false"]);
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_of_a_morning_are_given_late_the_next_evening() {
    let app = TestApp::street().await;
    let _ = write(&app, &rule(Earns::Minutes, json!({"per_minutes": 10}))).await;
    let course = app.published_course("CX", 1, 3600).await;
    app.clock.set(datetime!(2026-11-23 00:30 +8));
    let who = app.resident("CX").await;
    let _ = who.put(&format!("/courses/{}/enrollment", course.id), &json!({})).await.expect(201);
    let lesson = course.lessons[0];
    let viewing = who.get(&format!("/lessons/{lesson}/playback")).await.expect(200)["viewing_id"].clone();
    app.clock.advance(Duration::minutes(20));
    let who = app.client_of(who.account_id.unwrap());
    let report = json!({"viewing_id": viewing, "position": 1200, "watched": [[0, 1200]]});
    let _ = who.put(&format!("/lessons/{lesson}/progress"), &report).await.expect(200);
    // No worker has run since.
    app.clock.set(datetime!(2026-11-24 23:00 +8));
    app.tick().await;
    assert_eq!(points(&app, &who).await, 2);
    let given = "SELECT earned_on FROM credit_transfers WHERE source_kind = 'minutes'";
    assert_eq!(Books::of(&app).await.ask(given).await, ["2026-11-23", "2026-11-23"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_on_which_nobody_was_there_to_give_are_made_up_for() {
    let app = TestApp::street().await;
    let _ = write(&app, &rule(Earns::Minutes, json!({"per_minutes": 10}))).await;
    let _ = write(&app, &rule(Earns::DailyLogIn, json!({"amount": "5"}))).await;
    let who = app.resident("CX").await;
    for day in [22, 23, 24] {
        app.clock.set(datetime!(2026-11-01 21:50 +8).replace_day(day).unwrap());
        let _ = log_in(&app, &who).await;
        let (resident, branch) = (who.resident_id.unwrap(), app.branch("CX").id);
        let learned = format!(
            "INSERT INTO learning_days VALUES ('{resident}', '2026-11-{day}', '{branch}', '2026-11-01', 1200000)"
        );
        execute(&app.owner_url(), &learned).await;
    }
    // The site was off until the week after: of the first day nothing is known for sure any more.
    app.clock.set(datetime!(2026-11-29 08:00 +8));
    app.tick().await;
    assert_eq!(points(&app, &who).await, 2 * (2 + 5));
    app.clock.advance(Duration::hours(1));
    app.tick().await;
    let mut books = Books::of(&app).await;
    let given = "SELECT earned_on || ' ' || sum(amount) FROM credit_transfers WHERE kind = 'earning' GROUP BY earned_on ORDER BY earned_on";
    assert_eq!(books.ask(given).await, ["2026-11-23 7", "2026-11-24 7"]);
    books.prove().await;
}
