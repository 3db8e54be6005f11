//! Awards far above somebody's habit, and awards at night.

use serde_json::{Value, json};
use tests::{Answer, Client, TestApp, id_of};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{look, settle, settlement};

/// Asks to award new people that many credits each, for a reason of its own.
async fn ask(app: &TestApp, admin: &Client, amount: &str, people: usize) -> Answer {
    let mut residents = Vec::new();
    for _ in 0..people {
        residents.push(json!({"id": app.on_record("CX", &tests::Person::default()).await.id}));
    }
    let award = json!({
        "residents": residents, "unit": "credit", "amount": amount, "reason": Uuid::new_v4().to_string(),
        "earned_on": app.clock.today().to_string(),
    });
    admin.post("/credit-awards", &award).await
}

async fn award(app: &TestApp, admin: &Client, amount: &str, people: usize) -> Value {
    ask(app, admin, amount, people).await.expect(201)
}

/// An admin who has awarded that much on each of so many days.
async fn used_to(app: &TestApp, amount: &str, days: usize) -> Client {
    let admin = app.admin().await;
    for _ in 0..days {
        award(app, &admin, amount, 1).await;
        app.clock.advance(Duration::days(1));
    }
    admin
}

#[tokio::test(flavor = "multi_thread")]
async fn five_times_the_median_is_far_above_habit() {
    let app = TestApp::street().await;
    let other = app.admin().await;
    let admin = used_to(&app, "30.00", 10).await;
    award(&app, &admin, "74.99", 2).await;
    assert!(look(&app, &other).await.is_empty(), "149.98 of 150");
    award(&app, &admin, "0.02", 1).await;
    let found = look(&app, &other).await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["kind"], &found[0]["account_name"]), (&json!("unusual_awards"), &json!("王老师")));
    assert_eq!(
        found[0]["explanation"],
        "王老师12月2日给 3 人次发了 150.00 学分，平时一天发 30.00 学分左右（按前 90 天里发过的 10 天算）"
    );
    let batches: Vec<_> = found[0]["batches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|batch| (batch["amount"].as_str().unwrap(), batch["people"].as_i64(), batch["reversed"].as_i64()))
        .collect();
    assert_eq!(batches, [("149.98", Some(2), Some(0)), ("0.02", Some(1), Some(0))]);
    assert_eq!(found[0]["batches"][0]["recipients"].as_array().unwrap().len(), 2);
    assert_eq!(look(&app, &other).await, found);

    settle(&other, &found[0], "社区运动会，名单看过了").await;
    assert!(look(&app, &other).await.is_empty());
    let more = award(&app, &admin, "10.00", 1).await;
    let again = look(&app, &other).await;
    assert_eq!(again.len(), 1, "what was awarded since is new");
    assert_eq!(again[0]["batches"][2]["id"], more["batch_id"]);
    // The day after is looked at by itself.
    app.clock.advance(Duration::days(1));
    award(&app, &admin, "149.99", 1).await;
    assert_eq!(look(&app, &other).await, again);
}

#[tokio::test(flavor = "multi_thread")]
async fn little_is_nothing_to_ask_about_and_few_days_are_no_habit() {
    let app = TestApp::street().await;
    let other = app.admin().await;
    let small = used_to(&app, "1.00", 10).await;
    award(&app, &small, "99.99", 1).await;
    let new = used_to(&app, "1.00", 9).await;
    award(&app, &new, "500.00", 1).await;
    assert!(look(&app, &other).await.is_empty());
    award(&app, &small, "100.00", 1).await;
    assert_eq!(look(&app, &other).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_second_person_has_approved_is_left_out() {
    let app = TestApp::street().await;
    let other = app.admin().await;
    let admin = used_to(&app, "1.00", 10).await;
    app.clock.set(datetime!(2026-12-03 23:00 +8));
    let proposed = ask(&app, &admin, "600.00", 2).await.expect(202);
    let path = format!("/credit-award-proposals/{}/approval", proposed["proposal_id"].as_str().unwrap());
    let _ = other.post(&path, &json!({})).await.expect(200);
    assert!(look(&app, &app.admin().await).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn awards_between_ten_and_six_are_found_by_the_evening() {
    let app = TestApp::street().await;
    let (admin, other) = (app.admin().await, app.admin().await);
    let at = |moment: OffsetDateTime| app.clock.set(moment);
    for day in [datetime!(2026-11-23 06:00 +8), datetime!(2026-11-23 21:59:59 +8)] {
        at(day);
        award(&app, &admin, "1.00", 1).await;
    }
    assert!(look(&app, &other).await.is_empty());

    at(datetime!(2026-11-24 22:00 +8));
    award(&app, &admin, "1.00", 2).await;
    let found = look(&app, &other).await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["kind"], &found[0]["own"]), (&json!("awards_outside_hours"), &json!(false)));
    assert_eq!(found[0]["explanation"], "王老师11月24日夜里（22:00）一个人发了 1 次学分或积分，共 2 人次");
    // The small hours belong to the evening before; the next evening is another.
    at(datetime!(2026-11-25 05:59:59 +8));
    award(&app, &admin, "1.00", 1).await;
    let grown = look(&app, &other).await;
    assert_eq!((grown.len(), &grown[0]["id"]), (1, &found[0]["id"]));
    assert_eq!(grown[0]["explanation"], "王老师11月24日夜里（22:00 到 05:59）一个人发了 2 次学分或积分，共 3 人次");
    at(datetime!(2026-11-25 23:00 +8));
    award(&app, &admin, "1.00", 1).await;
    assert_eq!(look(&app, &other).await.len(), 2);
    let english = other.clone().reading("en").get("/anomalies?limit=1").await.expect(200);
    assert_eq!(
        english["items"][0]["explanation"],
        "In the night of 25 November, at 23:00, 王老师 awarded once, alone, to 1 person"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_settles_what_they_have_awarded_themselves() {
    let app = TestApp::street().await;
    let (admin, other) = (app.admin().await, app.admin().await);
    app.clock.set(datetime!(2026-11-24 23:00 +8));
    award(&app, &admin, "1.00", 1).await;
    let found = look(&app, &admin).await;
    assert_eq!(found[0]["own"], true);
    let note = json!({"note": "值班"});
    admin.post(&settlement(&found[0]), &note).await.expect_problem(409, "own_anomaly");
    let settled = other.post(&settlement(&found[0]), &note).await.expect(201);
    assert_eq!(id_of(&settled), id_of(&found[0]));
    admin.delete(&settlement(&found[0])).await.expect_problem(409, "own_anomaly");
}
