//! At the desk: codes are not found by trying, and what was sent twice is done once.

use serde_json::{Value, json};
use tests::{Client, TestApp, id_of};
use uuid::Uuid;

use crate::books::Books;

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
