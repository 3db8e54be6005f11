//! Who was taught in the year, how much is proved by what, and teaching points.

use serde_json::{Value, json};
use tests::database::execute;
use tests::{Client, Person, TestApp};
use time::macros::datetime;
use uuid::Uuid;

use super::{of, ranking};

/// What of a metric one branch has.
async fn value(client: &Client, month: &str, asked: &str, code: &str) -> Value {
    of(&ranking(client, month, asked).await, code)["value"].clone()
}

/// Somebody learned for a minute on a day.
pub async fn learned(app: &TestApp, resident: Uuid, code: &str, day: &str, counted: &str) {
    let branch = app.branch(code).id;
    let sql = format!("INSERT INTO learning_days VALUES ('{resident}', '{day}', '{branch}', '{counted}', 60000)");
    execute(&app.config().database_url, &sql).await;
}

/// Puts somebody among the older people.
pub async fn make_elderly(app: &TestApp, resident: Uuid) {
    execute(&app.owner_url(), &format!("UPDATE residents SET groups = '{{elderly}}' WHERE id = '{resident}'")).await;
}

#[tokio::test]
async fn everybody_taught_in_the_year_counts_once_where_they_belong_at_the_months_end() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let first = app.on_record("CX", &Person::default()).await.id;
    let second = app.on_record("CX", &Person::default()).await.id;
    make_elderly(&app, first).await;
    learned(&app, first, "CX", "2026-10-03", "2026-10-01").await;
    learned(&app, first, "CX", "2026-11-03", "2026-11-01").await;
    learned(&app, second, "CX", "2026-11-04", "2026-11-01").await;
    learned(&app, second, "CX", "2025-12-04", "2025-12-01").await;
    for (month, people) in [("2026-09", 0), ("2026-10", 1), ("2026-11", 2), ("2025-12", 1)] {
        assert_eq!(value(&admin, month, "trained", "CX").await, json!(people), "{month}");
    }
    assert_eq!(value(&admin, "2026-11", "trained&group=elderly", "CX").await, json!(1));
    // 2 of 263.
    assert_eq!(value(&admin, "2026-11", "training_rate", "CX").await, json!(0.76));
    // How many older people live there nobody has said yet.
    assert_eq!(value(&admin, "2026-11", "training_rate&group=elderly", "CX").await, Value::Null);
    let path = format!("/branches/{}/group-populations", app.branch("CX").id);
    let _ = admin.put(&path, &json!({"populations": {"elderly": 80}})).await.expect(200);
    assert_eq!(value(&admin, "2026-11", "training_rate&group=elderly", "CX").await, json!(1.25));
    // Who moves in December was still there at the end of November.
    app.clock.set(datetime!(2026-12-01 09:00 +8));
    let to = json!({"branch_id": app.branch("YX").id, "moved_on": "2026-12-01"});
    let admin = app.admin().await;
    let _ = admin.post(&format!("/residents/{first}/moves"), &to).await.expect(201);
    assert_eq!(value(&admin, "2026-11", "trained", "CX").await, json!(2));
    assert_eq!(value(&admin, "2026-12", "trained", "CX").await, json!(1));
    assert_eq!(value(&admin, "2026-12", "trained", "YX").await, json!(1));
    assert_eq!(ranking(&admin, "2026-12", "trained").await["street"]["value"], json!(2));
    // A new year begins with nobody.
    assert_eq!(value(&admin, "2027-01", "trained", "CX").await, json!(0));
}

#[tokio::test]
async fn people_of_groups_are_entered_by_admins_and_wrong_ones_refused() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let path = format!("/branches/{}/group-populations", app.branch("CX").id);
    let set = async |populations: Value| admin.put(&path, &json!({"populations": populations})).await;
    let refused = set(json!({"elderly": 0, "giants": 3})).await.expect_fields();
    let expected = [("populations.elderly", "population_invalid"), ("populations.giants", "group_unknown")];
    assert_eq!(refused, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let _ = set(json!({"elderly": 90, "youth": 12})).await.expect(200);
    let _ = set(json!({"elderly": 91})).await.expect(200);
    assert_eq!(admin.get(&path).await.expect(200)["populations"], json!({"elderly": 91}));
}

#[tokio::test]
async fn credits_are_counted_by_what_proves_them() {
    let app = TestApp::street().await;
    let (admin, who) = (app.admin().await, app.resident("CX").await);
    for (evidence, amount) in [("listed", "2.00"), ("declared", "0.50"), ("scanned", "1.00")] {
        let award = json!({"residents": [{"id": who.resident_id.unwrap()}], "unit": "credit", "amount": amount,
            "reason": format!("讲座 {evidence}"), "earned_on": "2026-11-03", "evidence": evidence});
        let _ = admin.post("/credit-awards", &award).await.expect(201);
    }
    for (evidence, credits) in
        [("system", 0.0), ("scanned", 1.0), ("checked_in", 1.0), ("listed", 3.0), ("declared", 3.5)]
    {
        let found = value(&admin, "2026-11", &format!("credits&evidence={evidence}"), "CX").await;
        assert_eq!(found.as_f64().unwrap(), credits, "{evidence}");
    }
    for (asked, field) in [("learning_hours&evidence=system", "evidence"), ("credits&group=elderly", "group")] {
        let refused = admin.get(&format!("/reports/months/2026-11/ranking?metric={asked}")).await.expect_fields();
        assert_eq!(refused, [(field.to_owned(), "metric_has_no_part".to_owned())]);
    }
}

#[tokio::test]
async fn a_school_takes_its_teaching_points_in() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let school = app.branch("CX");
    let point = json!({"code": "CX1", "name": "春晓教学点", "parent_id": school.id, "population": 40});
    let point: Uuid = admin.post("/branches", &point).await.expect(201)["id"].as_str().unwrap().parse().unwrap();
    let who = app.on_record("CX", &Person::default()).await.id;
    learned(&app, who, "CX", "2026-11-03", "2026-11-01").await;
    let _ = admin
        .post(
            &format!("/residents/{who}/moves"),
            &json!({"branch_id": point, "moved_on": app.clock.today().to_string()}),
        )
        .await
        .expect(201);
    let sql = format!("INSERT INTO learning_days VALUES ('{who}', '2026-11-20', '{point}', '2026-11-01', 60000)");
    execute(&app.config().database_url, &sql).await;
    for (metric, expected) in [("active_learners", 1.0), ("total_registrations", 1.0), ("trained", 1.0)] {
        let found = ranking(&admin, "2026-11", metric).await;
        assert_eq!(found["items"].as_array().unwrap().len(), 12, "a teaching point is not ranked");
        assert_eq!(of(&found, "CX")["value"].as_f64().unwrap(), expected, "{metric}");
        assert_eq!(found["street"]["value"].as_f64().unwrap(), expected, "{metric}");
    }
    // 2 minutes are 0.03 hours; people are those entered for the school.
    assert_eq!(value(&admin, "2026-11", "learning_hours", "CX").await, json!(0.03));
    assert_eq!(value(&admin, "2026-11", "registrations_per_1000", "CX").await, json!(3.8));
}
