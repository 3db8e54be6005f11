//! How watch reports are saved.

use serde_json::json;
use tests::{Course, TestApp};
use time::Duration;
use time::macros::datetime;

use crate::books::Books;
use crate::watching::{enrolled, play};

/// Also where the plan was made before anybody had learned anything.
#[tokio::test(flavor = "multi_thread")]
async fn saving_a_report_reads_nobody_elses_day() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 60).await;
    let resident = enrolled(&app, id).await;
    let mut books = Books::of(&app).await;
    books.execute("ANALYZE learning_days").await;
    assert_eq!(play(&resident, lessons[0]).await.watch(json!([[0, 10]])).await, 10.0);
    let searches = books
        .number(&format!(
            "SELECT CASE save_watches(ARRAY[(resident_id, revision, '{}', branch_id, '{{[0,11000)}}', 11000, 1000, 11000, false, 1)::watch_report], \
                 now(), day, counted_month) WHEN '{{}}' THEN pg_stat_get_xact_numscans('learning_days_day'::regclass) END \
             FROM watch_budgets JOIN learning_days USING (resident_id)",
            lessons[0]
        ))
        .await;
    assert_eq!(searches, 0);
}

/// The clock of one server can be behind that of the one which has closed the month.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_to_a_closed_month_counts_in_the_next() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 60).await;
    let last_evening = datetime!(2026-11-30 23:50 +8);
    app.clock.set(last_evening);
    let resident = enrolled(&app, id).await;
    let player = play(&resident, lessons[0]).await;
    assert_eq!(player.watch(json!([[0, 10]])).await, 10.0);
    app.clock.set(datetime!(2026-12-03 10:00 +8));
    app.admin().await.post("/reports/months/2026-11/closing", &json!({})).await.expect(201);
    app.clock.set(last_evening + Duration::minutes(1));
    assert_eq!(player.watch(json!([[10, 25]])).await, 25.0);
    let mut books = Books::of(&app).await;
    for (month, watched_ms) in [("2026-11-01", 10_000), ("2026-12-01", 15_000)] {
        let counted = format!("SELECT sum(watched_ms) FROM learning_days WHERE counted_month = '{month}'");
        assert_eq!(books.number(&counted).await, watched_ms, "{month}");
    }
}
