//! Targets of a year, the composite rank, and whom nobody has reached.

use serde_json::{Value, json};
use tests::database::execute;
use tests::{Client, Person, TestApp};
use time::Duration;
use time::macros::datetime;
use uuid::Uuid;

use super::training::make_elderly;
use super::{of, ranking};

async fn learned(app: &TestApp, resident: Uuid, code: &str) {
    let branch = app.branch(code).id;
    let sql = format!("INSERT INTO learning_days VALUES ('{resident}', '2026-11-03', '{branch}', '2026-11-01', 60000)");
    execute(&app.config().database_url, &sql).await;
}

async fn set(client: &Client, metric: &str, targets: Value) -> tests::Answer {
    client.put(&format!("/reports/years/2026/targets?metric={metric}"), &json!({"targets": targets})).await
}

#[tokio::test]
async fn a_target_says_what_is_missing_and_stands_in_a_closed_month() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (cx, wt) = (app.branch("CX").id, app.branch("WT").id);
    for _ in 0..3 {
        let who = app.on_record("CX", &Person::default()).await.id;
        learned(&app, who, "CX").await;
    }
    let standing = set(&admin, "training_rate", json!({cx.to_string(): 67, wt.to_string(): 80.5})).await.expect(200);
    assert_eq!(standing["targets"], json!({cx.to_string(): 67, wt.to_string(): 80.5}));
    let item = of(&ranking(&admin, "2026-11", "training_rate").await, "CX").clone();
    // 3 of 263 are 1.14 %; 67 % are 176.21, so 177.
    assert_eq!(
        (&item["target"], &item["gap_to_target"], &item["people_to_target"]),
        (&json!(67), &json!(65.86), &json!(174))
    );
    // 67 × 11 ÷ 12, and 1.14 × 12 ÷ 11.
    assert_eq!((&item["expected"], &item["forecast"]), (&json!(61.42), &json!(1.24)));
    app.clock.set(datetime!(2026-12-06 09:00 +8));
    app.tick().await;
    app.clock.advance(Duration::MINUTE);
    let admin = app.admin().await;
    let _ = set(&admin, "training_rate", json!({cx.to_string(): 90, wt.to_string(): null})).await.expect(200);
    let closed = ranking(&admin, "2026-11", "training_rate").await;
    assert_eq!((&closed["status"], &of(&closed, "CX")["target"]), (&json!("closed"), &json!(67)));
    let open = ranking(&admin, "2026-12", "training_rate").await;
    assert_eq!((&of(&open, "CX")["target"], &of(&open, "WT")["target"]), (&json!(90), &Value::Null));
    let said = admin.get("/audit-entries?action=targets.set").await.expect(200);
    assert_eq!(said["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn wrong_targets_are_refused_and_nothing_is_set() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (cx, wt) = (app.branch("CX").id.to_string(), app.branch("WT").id.to_string());
    let nobody = Uuid::new_v4().to_string();
    for (wrong, code) in [
        (json!(0), "target_invalid"),
        (json!(-5), "target_invalid"),
        (json!(1.234), "target_invalid"),
        (json!(100.01), "target_invalid"),
    ] {
        let refused = set(&admin, "training_rate", json!({cx.clone(): wrong, wt.clone(): 50})).await.expect_fields();
        assert_eq!(refused, [(format!("targets.{cx}"), code.to_owned())], "{wrong}");
    }
    let many: Value = serde_json::from_str(&"9".repeat(40)).unwrap();
    let _ = set(&admin, "trained", json!({cx.clone(): many})).await.expect_fields();
    let refused = set(&admin, "trained", json!({nobody.clone(): 50})).await.expect_fields();
    assert_eq!(refused, [(format!("targets.{nobody}"), "branch_unknown".to_owned())]);
    for (address, field, code) in [
        ("2026/targets?metric=credits", "metric", "metric_has_no_target"),
        ("2026/targets?metric=shoe_size", "metric", "metric_unknown"),
        ("9999/targets?metric=trained", "year", "year_invalid"),
        ("MMXXVI/targets?metric=trained", "year", "year_invalid"),
        ("2026/targets", "metric", "required"),
    ] {
        let refused = admin.get(&format!("/reports/years/{address}")).await.expect_fields();
        assert_eq!(refused, [(field.to_owned(), code.to_owned())], "{address}");
    }
    let standing = admin.get("/reports/years/2026/targets?metric=training_rate").await.expect(200);
    assert_eq!(standing["targets"], json!({}));
}

#[tokio::test]
async fn the_composite_rank_shows_its_arithmetic() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    for (code, people) in [("CX", 2), ("WT", 1)] {
        for _ in 0..people {
            app.on_record(code, &Person::default()).await;
        }
    }
    let weigh = async |weights: Value| admin.put("/reports/composite-weights", &json!({"weights": weights})).await;
    for wrong in [json!({"credits": 99}), json!({"credits": 120, "trained": -20}), json!({"shoe_size": 100}), json!({})]
    {
        assert_eq!(weigh(wrong).await.expect_fields()[0].0, "weights");
    }
    let _ = weigh(json!({"total_registrations": 60, "credits": 40, "trained": 0})).await.expect(200);
    let found = admin.get("/reports/months/2026-11/composite-ranking").await.expect(200);
    let metrics: Vec<&str> =
        found["metrics"].as_array().unwrap().iter().map(|one| one["metric"].as_str().unwrap()).collect();
    assert_eq!(metrics, ["total_registrations", "credits"]);
    let (cx, wt) = (of(&found, "CX"), of(&found, "WT"));
    assert_eq!(
        (&cx["rank"], &cx["points"], &wt["rank"], &wt["points"]),
        (&json!(1), &json!(60), &json!(2), &json!(30))
    );
    assert_eq!(wt["parts"][0], json!({"value": 1, "best": 2, "points": 30}));
    assert_eq!(of(&found, "YX")["rank"], json!(3));
}

#[tokio::test]
async fn the_list_to_call_has_whom_nobody_has_taught() {
    let app = TestApp::street().await;
    let (admin, staff, other) = (app.admin().await, app.staff("CX").await, app.staff("WT").await);
    let taught = app.on_record("CX", &Person::default()).await.id;
    let reachable = Person { phone: Some("13812345678".to_owned()), ..Person::default() };
    let missing = [app.on_record("CX", &reachable).await.id, app.on_record("CX", &Person::default()).await.id];
    app.on_record("WT", &Person::default()).await;
    make_elderly(&app, missing[0]).await;
    learned(&app, taught, "CX").await;
    let path = format!("/reports/months/2026-11/branches/{}/unreached", app.branch("CX").id);
    let list = staff.get(&path).await.expect(200);
    let ids: Vec<&str> = list["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(
        (ids, &list["total"]),
        (missing.map(|id| id.to_string()).iter().map(String::as_str).collect(), &json!(2))
    );
    assert!(list["items"][0]["phone"].as_str().unwrap().contains('*'), "{list}");
    let first = staff.get(&format!("{path}?limit=1")).await.expect(200);
    let next = first["next_cursor"].as_str().unwrap();
    let second = staff.get(&format!("{path}?limit=1&cursor={next}")).await.expect(200);
    assert_eq!((&second["items"][0]["id"], &second["next_cursor"]), (&json!(missing[1]), &Value::Null));
    let old = admin.get(&format!("{path}?group=elderly")).await.expect(200);
    assert_eq!((&old["total"], &old["items"][0]["id"]), (&json!(1), &json!(missing[0])));
    let _ = other.get(&path).await.expect_problem(404, "not_found");
    // Who leaves is called by nobody.
    let _ = staff.post(&format!("/residents/{}/departure", missing[0]), &json!({"reason": "asked"})).await.expect(201);
    assert_eq!(staff.get(&path).await.expect(200)["total"], json!(1));
}
