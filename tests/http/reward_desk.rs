//! At the desk: codes are not found by trying, what was sent twice is done once, what was handed over by mistake
//! is taken back; and what rewards look like.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp, id_of};
use time::Duration;
use uuid::Uuid;

use crate::books::Books;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

async fn offer(admin: &Client) -> Uuid {
    id_of(
        &admin.post("/rewards", &json!({"title": "毛巾", "price": 30, "stock": 5, "per_person": 1})).await.expect(201),
    )
}

/// Somebody of CX with 80 points who has chosen the reward.
async fn chosen(app: &TestApp, admin: &Client, reward: Uuid) -> (Client, Value) {
    let who = app.resident("CX").await;
    let award = json!({"residents": [{"id": who.resident_id.unwrap()}], "unit": "point", "amount": "80",
        "reason": "清洁日", "earned_on": "2026-11-20"});
    let _ = admin.post("/credit-awards", &award).await.expect(201);
    let redemption = who.post(&format!("/rewards/{reward}/redemptions"), &json!({})).await.expect(201);
    (who, redemption)
}

fn path(redemption: &Value, what: &str) -> String {
    format!("/redemptions/{}/{what}", redemption["id"].as_str().unwrap())
}

async fn points(who: &Client) -> Value {
    who.get("/me/credit-account").await.expect(200)["points"].clone()
}

async fn first_words(who: &Client) -> String {
    let rows = who.get("/me/credit-account/transfers").await.expect(200);
    rows["items"][0]["explanation"].as_str().unwrap().to_owned()
}

async fn stock(app: &TestApp) -> Value {
    app.anonymous().get("/rewards").await.expect(200)["items"][0]["stock"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_found_by_trying() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let (_, redemption) = chosen(&app, &admin, offer(&admin).await).await;
    let code = redemption["code"].as_str().unwrap().to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let hand_over = path(&redemption, "hand-over");
    // Right ones are not counted, however many.
    for _ in 0..12 {
        let found = staff.get(&format!("/redemptions?code={code}")).await.expect(200);
        assert_eq!(found["items"][0]["id"], redemption["id"]);
    }
    for _ in 0..5 {
        assert_eq!(staff.get(&format!("/redemptions?code={wrong}")).await.expect(200)["items"], json!([]));
        let _ = staff.post(&hand_over, &json!({"code": wrong})).await.expect_fields();
    }
    let refused = staff.post(&hand_over, &json!({"code": code})).await;
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    refused.expect_problem(429, "too_many_requests");
    staff.get(&format!("/redemptions?code={code}")).await.expect_problem(429, "too_many_requests");
    // Others go on, and so does looking through the list.
    let _ = staff.get("/redemptions?status=held").await.expect(200);
    let tried = admin.get("/audit-entries?action=redemption.code_wrong").await.expect(200);
    assert_eq!(tried["items"].as_array().unwrap().len(), 10);
    let _ = app.staff("CX").await.post(&hand_over, &json!({"code": code})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_again_after_a_lost_answer_is_answered_again() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let reward = offer(&admin).await;
    let (who, redemption) = chosen(&app, &admin, reward).await;
    let hand_over = path(&redemption, "hand-over");
    let code = json!({"code": redemption["code"]});
    let first = staff.post(&hand_over, &code).await.expect(200);
    assert_eq!(staff.post(&hand_over, &code).await.expect(200), first);
    // To whoever shows that they chose it, and to nobody else.
    let _ = staff.post(&hand_over, &json!({"code": "no"})).await.expect_fields();
    staff.post(&path(&redemption, "cancellation"), &json!({})).await.expect_problem(409, "redemption_settled");
    let (other, second) = chosen(&app, &admin, reward).await;
    let own = format!("/me{}", path(&second, "cancellation"));
    let cancelled = other.post(&own, &json!({})).await.expect(200);
    assert_eq!(other.post(&own, &json!({})).await.expect(200), cancelled);
    assert_eq!(staff.post(&path(&second, "cancellation"), &json!({})).await.expect(200)["status"], "cancelled");
    staff
        .post(&path(&second, "hand-over"), &json!({"code": second["code"]}))
        .await
        .expect_problem(409, "redemption_settled");
    assert_eq!((points(&who).await, points(&other).await, stock(&app).await), (json!(50), json!(80), json!(4)));
    assert_eq!(first_words(&other).await, "11月22日 《毛巾》的兑换已取消或过期，退回 +30 积分");
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_handed_over_by_mistake_is_taken_back() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let reward = offer(&admin).await;
    let (who, redemption) = chosen(&app, &admin, reward).await;
    let (reversal, reason) = (path(&redemption, "reversal"), json!({"reason": "发错了人"}));
    staff.post(&reversal, &reason).await.expect_problem(409, "redemption_not_handed_over");
    let _ = staff.post(&path(&redemption, "hand-over"), &json!({"code": redemption["code"]})).await.expect(200);
    assert_eq!(staff.post(&reversal, &json!({"reason": " "})).await.expect_fields()[0].0, "reason");
    app.staff("WT").await.post(&reversal, &reason).await.expect_problem(404, "not_found");
    let keyless = Answer::of(staff.request(Method::POST, &reversal).json(&reason)).await;
    keyless.expect_problem(400, "idempotency_key_required");
    app.clock.advance(Duration::minutes(5));
    let taken = app.staff("CX").await.post(&reversal, &reason).await.expect(200);
    assert_eq!(taken["status"], "taken_back");
    assert_eq!(staff.post(&reversal, &reason).await.expect(200), taken);
    assert_eq!((points(&who).await, stock(&app).await), (json!(80), json!(5)));
    assert_eq!(first_words(&who).await, "11月22日 冲正 +30 积分：发错了人");
    let own = who.get("/me/redemptions").await.expect(200);
    assert_eq!((&own["items"][0]["status"], &own["items"][0]["code"]), (&json!("taken_back"), &Value::Null));
    staff
        .post(&path(&redemption, "hand-over"), &json!({"code": redemption["code"]}))
        .await
        .expect_problem(409, "redemption_settled");
    let noted = admin.get("/audit-entries?action=redemption.taken_back").await.expect(200);
    assert_eq!(noted["items"].as_array().unwrap().len(), 1);
    // It was the only one that they may have: they may again.
    let _ = who.post(&format!("/rewards/{reward}/redemptions"), &json!({})).await.expect(201);
    Books::of(&app).await.prove().await;
}

async fn send(admin: &Client, reward: Uuid, content: &[u8]) -> Answer {
    let form = Form::new().part("file", Part::bytes(content.to_vec()).file_name("毛巾.txt"));
    Answer::of(admin.request(Method::PUT, &format!("/rewards/{reward}/picture")).multipart(form)).await
}

/// What lies in the store and is named by nothing.
async fn unnamed(app: &TestApp, admin: &Client) -> Vec<String> {
    let _ = admin.post("/storage-reports", &Value::Null).await;
    app.run_jobs().await;
    let report = admin.get("/storage-reports?limit=1").await.expect(200)["items"][0].clone();
    assert_eq!(report["counts"]["objects"], 2);
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|one| one["object_key"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rewards_have_pictures() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let reward = offer(&admin).await;
    let picture = format!("/rewards/{reward}/picture");
    app.anonymous().get(&picture).await.expect_problem(404, "not_found");
    assert_eq!(app.anonymous().get("/rewards").await.expect(200)["items"][0]["picture_url"], Value::Null);
    let first = send(&admin, reward, PNG).await.expect(200)["picture_url"].clone();
    let shown = first.as_str().unwrap().strip_prefix("/api/v1").unwrap().to_owned();
    let link = app.anonymous().get(&shown).await.header("location").to_owned();
    let answer = reqwest::get(link).await.unwrap().error_for_status().unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.bytes().await.unwrap(), PNG);
    // What it is is read from its content, and another one has another address.
    assert_eq!(send(&admin, reward, b"<svg/>").await.expect_fields()[0].1, "picture_type_not_allowed");
    let second = send(&admin, reward, PNG).await.expect(200)["picture_url"].clone();
    assert_ne!(first, second);
    // The one before leaves the store with the next comparison, the one that is shown stays.
    let name = first.as_str().unwrap().rsplit('=').next().unwrap().to_owned();
    assert_eq!(unnamed(&app, &admin).await, [name]);
    let changed = admin.patch(&format!("/rewards/{reward}"), &json!({"added_stock": 1})).await.expect(200);
    assert_eq!(changed["picture_url"], second);
    assert_eq!(send(&admin, Uuid::new_v4(), PNG).await.status, 404);
    let removed = admin.delete(&picture).await.expect(200);
    assert_eq!(removed["picture_url"], Value::Null);
    app.anonymous().get(&picture).await.expect_problem(404, "not_found");
}
