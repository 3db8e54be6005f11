//! What rules say to those they are for: what today may bring yet, and which limit was reached.

use campus::credits::{self, Earns, Posting, PostingKind, Source};
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Client, TestApp};
use time::Duration;
use time::macros::datetime;
use uuid::Uuid;

use crate::attestation::bank::spend_as;

fn rule(earns: &str, unit: &str, more: Value) -> Value {
    let mut rule = json!({"name_zh": "新规则", "name_en": "New rule", "earns": earns, "unit": unit,
        "valid_from": "2026-11-22"});
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    rule
}

async fn write(app: &TestApp, rule: &Value) {
    let _ = app.admin().await.post("/credit-rules", rule).await.expect(201);
}

async fn remaining(who: &Client) -> Value {
    who.get("/me/credit-account").await.expect(200)["today"]["remaining"].clone()
}

/// Finishes a lesson that is worth so much.
async fn learn(app: &TestApp, who: &Client, worth: i64) {
    let connection = &mut *app.campus.database.connection().await.unwrap();
    let source =
        Source { earns: Earns::LessonCompleted, id: Uuid::new_v4(), label: "地震演练", worth, at: app.clock.now() };
    let (id, branch) = (who.resident_id.unwrap(), who.branch_id.unwrap());
    let _ = credits::earn(connection, &app.clock, id, branch, &source).await.unwrap();
}

async fn words(who: &Client) -> Vec<String> {
    let rows = who.get("/me/credit-account/transfers").await.expect(200);
    let rows = rows["items"].as_array().unwrap().iter();
    rows.map(|row| row["explanation"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn today_may_bring_what_the_rules_for_this_person_leave() {
    let app = TestApp::street().await;
    let (who, elsewhere) = (app.resident("CX").await, app.resident("WT").await);
    // The rule that is shipped: at most six credits a day.
    assert_eq!(remaining(&who).await, "6.00");
    let of_branch = json!({"multiplier": 50, "day_cap": "3.00", "branch_id": app.branch("WT").id});
    write(&app, &rule("lesson_completed", "credit", of_branch)).await;
    assert_eq!((remaining(&who).await, remaining(&elsewhere).await), (json!("6.00"), json!("9.00")));
    learn(&app, &elsewhere, 200).await;
    assert_eq!(remaining(&elsewhere).await, "6.00");
    // A month or a year may leave less than the day does.
    let tight = json!({"code": "lesson", "day_cap": "6.00", "month_cap": "5.00", "year_cap": "50.00"});
    write(&app, &rule("lesson_completed", "credit", tight)).await;
    learn(&app, &who, 150).await;
    assert_eq!(remaining(&who).await, "3.50");
    assert_eq!(words(&who).await[0], "11月22日 学完一课《地震演练》 +1.50 学分；今天还可得 3.50 学分");
    // A rule that is stopped brings nothing, and one without limits as much as one likes.
    let stopped = json!({"code": "lesson", "multiplier": 0, "day_cap": "6.00"});
    write(&app, &rule("lesson_completed", "credit", stopped)).await;
    assert_eq!((remaining(&who).await, remaining(&elsewhere).await), (Value::Null, json!("2.00")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_more_is_said_of_a_day_that_is_over() {
    let app = TestApp::street().await;
    let who = app.resident("CX").await;
    learn(&app, &who, 100).await;
    app.clock.advance(Duration::days(1));
    learn(&app, &who, 50).await;
    assert_eq!(
        words(&who).await,
        ["11月23日 学完一课《地震演练》 +0.50 学分；今天还可得 5.50 学分", "11月22日 学完一课《地震演练》 +1.00 学分"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn points_that_move_are_explained_in_both_languages() {
    let app = TestApp::street().await;
    let who = app.resident("CX").await;
    spend_as(&app, who.resident_id.unwrap()).await;
    let chinese = [
        "11月22日 毛巾及以前得到的积分到期 −20 积分",
        "11月22日 冲正 +30 积分",
        "11月22日 已领取《毛巾》，用去 30 积分",
        "11月22日 兑换《毛巾》 −30 积分（等待领取）",
        "11月22日 《毛巾》的兑换已取消或过期，退回 +30 积分",
        "11月22日 兑换《毛巾》 −30 积分（等待领取）",
        "11月22日 学完课程《毛巾》 +100 积分",
    ];
    assert_eq!(words(&who).await, chinese);
    let english = [
        "22 November: points of 毛巾 and before expired, −20 points",
        "22 November: +30 points given back",
        "22 November: picked up “毛巾” for 30 points",
        "22 November: chose “毛巾”, −30 points (to be picked up)",
        "22 November: “毛巾” was cancelled or not picked up in time, +30 points given back",
        "22 November: chose “毛巾”, −30 points (to be picked up)",
        "22 November: finished the course “毛巾”, +100 points",
    ];
    assert_eq!(words(&app.client_of(who.account_id.unwrap()).reading("en")).await, english);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_that_is_named_is_the_one_that_was_reached() {
    let app = TestApp::street().await;
    let capped = async |caps: Value, expected: &str| {
        let mut terms = json!({"code": "lesson"});
        terms.as_object_mut().unwrap().extend(caps.as_object().unwrap().clone());
        write(&app, &rule("lesson_completed", "credit", terms)).await;
        let who = app.resident("CX").await;
        learn(&app, &who, 300).await;
        let said = words(&who).await.remove(0);
        assert!(said.contains(expected), "{said}");
    };
    capped(json!({"day_cap": "2.00"}), "（原为 3.00，每天最多 2.00）").await;
    capped(json!({"month_cap": "2.00"}), "（原为 3.00，每月最多 2.00）").await;
    capped(json!({"year_cap": "2.00"}), "（原为 3.00，每年最多 2.00）").await;
    capped(json!({"day_cap": "6.00", "month_cap": "2.00"}), "（原为 3.00，已到上限）").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_looks_at_what_came_of_its_own_rule() {
    let app = TestApp::street().await;
    let person = app.on_record("CX", &tests::Person::default()).await;
    let another = "INSERT INTO credit_rules (id, code, version, name_zh, name_en, earns, unit, valid_from) VALUES \
        (gen_random_uuid(), 'award_of_old', 1, '旧授予', 'Old award', 'award', 'credit', '2026-01-01')";
    execute(&app.owner_url(), another).await;
    let rules = credits::list_rules(&app.campus).await.unwrap();
    for (code, amount) in [("award", 200), ("award_of_old", 700)] {
        let rule = rules.iter().find(|listed| listed.rule.code == code).unwrap().rule.clone();
        let posting = Posting {
            resident_id: person.id,
            branch_id: person.branch_id,
            amount,
            kind: PostingKind::Award,
            source_kind: "award".to_owned(),
            source_id: Uuid::new_v4(),
            source_label: String::new(),
            rule,
            evidence: "listed".to_owned(),
            actor_id: None,
            earned_at: app.clock.now(),
            earned_on: app.clock.today(),
        };
        let connection = &mut *app.campus.database.connection().await.unwrap();
        let _ = credits::post(connection, &app.clock, &[posting]).await.unwrap();
    }
    app.clock.set(datetime!(2026-12-05 10:00 +8));
    let admin = app.admin().await;
    let next = rule("award", "credit", json!({"code": "award", "day_cap": "1.50", "valid_from": "2026-12-05"}));
    let trial = admin.post("/credit-rules/trial", &next).await.expect(200);
    assert_eq!(trial["total"], json!({"before": "2.00", "after": "1.50", "capped": "0.50"}));
    assert_eq!(trial["is_partial"], false);
    // Log-ins are forgotten with their sessions.
    let log_ins = rule("daily_log_in", "point", json!({"amount": "1", "valid_from": "2026-12-05"}));
    assert_eq!(admin.post("/credit-rules/trial", &log_ins).await.expect(200)["is_partial"], true);
}
