//! Credits, watching and completions, as they enter the figures.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Client, TestApp};
use time::macros::datetime;

use super::{of, ranking};

async fn award(admin: &Client, resident: &Client, amount: &str, earned_on: &str) -> String {
    let body = json!({
        "residents": [{"id": resident.resident_id.unwrap()}], "unit": "credit", "amount": amount,
        "reason": format!("{earned_on} 社区讲座"), "earned_on": earned_on, "evidence": "listed", "dry_run": false,
    });
    let awarded = admin.post("/credit-awards", &body).await;
    assert!(matches!(awarded.status, 200 | 201), "{}", awarded.body);
    awarded.body["batch_id"].as_str().unwrap().to_owned()
}

async fn value(client: &Client, month: &str, metric: &str, code: &str) -> (Value, Value) {
    let ranking = ranking(client, month, metric).await;
    let item = of(&ranking, code);
    (item["value"].clone(), item["late"].clone())
}

#[tokio::test]
async fn credits_are_those_given_less_those_reversed() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (cx, wt) = (app.resident("CX").await, app.resident("WT").await);
    award(&admin, &cx, "2.50", "2026-11-20").await;
    award(&admin, &cx, "1.25", "2026-11-21").await;
    let taken_back = award(&admin, &wt, "3.00", "2026-11-20").await;
    assert_eq!(value(&admin, "2026-11", "credits", "CX").await, (json!(3.75), json!(0)));
    assert_eq!(value(&admin, "2026-11", "credits", "WT").await, (json!(3), json!(0)));
    // 3.75 × 1000 ÷ 263.
    assert_eq!(value(&admin, "2026-11", "credits_per_1000", "CX").await, (json!(14.26), json!(0)));
    assert_eq!(ranking(&admin, "2026-11", "credits").await["street"]["value"], json!(6.75));

    app.clock.set(datetime!(2026-12-06 09:00 +8));
    app.tick().await;
    admin.post(&format!("/credit-awards/{taken_back}/reversal"), &json!({"reason": "重复登记"})).await.expect(201);
    award(&admin, &cx, "1.00", "2026-11-22").await;
    award(&admin, &cx, "0.50", "2026-12-01").await;
    assert_eq!(value(&admin, "2026-11", "credits", "WT").await, (json!(3), json!(0)), "closed is closed");
    assert_eq!(value(&admin, "2026-12", "credits", "WT").await.0, json!(-3));
    assert_eq!(value(&admin, "2026-12", "credits", "CX").await, (json!(1.5), json!(1)));
}

/// Closing reads a few branches at a time then.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_month_closed_while_others_are_at_work_says_what_it_said_before() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    for (code, amount) in [("CX", "2.50"), ("WT", "3.00"), ("YX", "0.75"), ("CQ", "1.25")] {
        let resident = app.resident(code).await;
        award(&admin, &resident, amount, "2026-11-20").await;
        let day = format!(
            "INSERT INTO learning_days (resident_id, day, branch_id, counted_month, watched_ms) \
             VALUES ('{}', '2026-11-02', '{}', '2026-11-01', 5400000)",
            resident.resident_id.unwrap(),
            app.branch(code).id
        );
        execute(&app.config().database_url, &day).await;
    }
    app.clock.set(datetime!(2026-12-02 09:00 +8));
    let figures = async || {
        let mut found = Vec::new();
        for metric in ["credits", "active_learners", "learning_hours"] {
            let ranking = ranking(&admin, "2026-11", metric).await;
            found.push((ranking["status"].clone(), ranking["items"].clone()));
        }
        found
    };
    let open = figures().await;
    let stop = Arc::new(AtomicBool::new(false));
    let others: Vec<_> = (0..3)
        .map(|_| {
            let (database, stop) = (app.campus.database.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let connection = &mut *database.connection().await.unwrap();
                while !stop.load(Ordering::Relaxed) {
                    connection.batch_execute("SELECT 1").await.unwrap();
                }
            })
        })
        .collect();
    admin.post("/reports/months/2026-11/closing", &json!({})).await.expect(201);
    stop.store(true, Ordering::Relaxed);
    for other in others {
        other.await.unwrap();
    }
    let closed = figures().await;
    for ((was, before), (is, after)) in open.iter().zip(&closed) {
        assert_eq!((was, is), (&json!("open"), &json!("closed")));
        assert_eq!(before, after);
    }
}

#[tokio::test]
async fn hours_and_learners_are_those_of_the_days_that_count_in_the_month() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (first, second) = (app.resident("CX").await, app.resident("CX").await);
    let day = |resident: &Client, day: &str, counted: &str, milliseconds: i64| {
        format!(
            "INSERT INTO learning_days (resident_id, day, branch_id, counted_month, watched_ms) VALUES ('{}', '{day}', '{}', '{counted}', {milliseconds});",
            resident.resident_id.unwrap(),
            app.branch("CX").id
        )
    };
    let days = [
        day(&first, "2026-11-02", "2026-11-01", 5_400_000),
        day(&first, "2026-11-03", "2026-11-01", 18_000),
        day(&first, "2026-10-31", "2026-11-01", 360_000),
        day(&second, "2026-10-31", "2026-11-01", 36_000),
        day(&second, "2026-12-01", "2026-12-01", 36_000),
    ];
    execute(&app.config().database_url, &days.concat()).await;
    // 5,814,000 ms are 1.615 hours; of them 396,000 ms = 0.11 are late.
    assert_eq!(value(&admin, "2026-11", "learning_hours", "CX").await, (json!(1.62), json!(0.11)));
    assert_eq!(value(&admin, "2026-11", "active_learners", "CX").await, (json!(2), json!(1)));
    assert_eq!(value(&admin, "2026-12", "learning_hours", "CX").await, (json!(0.01), json!(0)));
    assert_eq!(value(&admin, "2026-11", "learning_hours", "WT").await, (json!(0), json!(0)));
}

#[tokio::test]
async fn a_course_counts_as_finished_in_the_month_of_the_zone() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let resident = app.resident("YX").await.resident_id.unwrap();
    let finished = |at: &str| {
        let course = uuid::Uuid::new_v4();
        format!(
            "INSERT INTO courses (id, branch_id, title, summary, topic, status, created_at, updated_at) \
                 VALUES ('{course}', '{}', '地震演练', '', 'earthquake_drill', 'published', now(), now()); \
             INSERT INTO course_versions (course_id, number, status, title, summary, topic, created_at, updated_at) \
                 SELECT id, 1, status, title, summary, topic, now(), now() FROM courses WHERE id = '{course}'; \
             INSERT INTO enrollments (course_id, resident_id, enrolled_at, completed_at) VALUES ('{course}', '{resident}', '{at}', '{at}');",
            app.branch("CQJD").id
        )
    };
    let rows = [finished("2026-11-30T15:59:59Z"), finished("2026-11-30T16:00:00Z"), finished("2026-10-31T16:00:00Z")];
    execute(&app.config().database_url, &rows.concat()).await;
    assert_eq!(value(&admin, "2026-11", "completions", "YX").await.0, json!(2));
    assert_eq!(value(&admin, "2026-12", "completions", "YX").await.0, json!(1));
    assert_eq!(value(&admin, "2026-10", "completions", "YX").await.0, json!(0));
}
