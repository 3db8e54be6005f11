//! Reports of watching as no player sends them.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, Course, TestApp};
use time::Duration;
use uuid::Uuid;

use crate::books::Books;

async fn enrolled(app: &TestApp, course: Uuid) -> Client {
    let resident = app.resident("CX").await;
    let _ = resident.put(&format!("/courses/{course}/enrollment"), &json!({})).await.expect(201);
    resident
}

async fn viewing(client: &Client, lesson: Uuid) -> String {
    let playback = client.get(&format!("/lessons/{lesson}/playback")).await.expect(200);
    playback["viewing_id"].as_str().unwrap().to_owned()
}

fn report(viewing: &str, position: f64, watched: &Value) -> Value {
    json!({"viewing_id": viewing, "position": position, "watched": watched})
}

async fn send(client: &Client, lesson: Uuid, report: &Value) -> Answer {
    client.put(&format!("/lessons/{lesson}/progress"), report).await
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_out_of_order_and_several_times_come_to_the_same() {
    let app = TestApp::street().await;
    let elsewhere = app.another();
    let Course { id, lessons, .. } = app.published_course("CX", 1, 60).await;
    for seed in [7, 11, 13] {
        let resident = enrolled(&app, id).await;
        let second = elsewhere.client_of(resident.account_id.unwrap());
        let viewing = viewing(&resident, lessons[0]).await;
        app.clock.advance(Duration::minutes(2));
        // Thirty pieces of two seconds, each three times, in an order of its own and over two servers.
        let reports: Vec<Value> = (0..90)
            .map(|turn| turn * seed % 30)
            .map(|piece| report(&viewing, f64::from(piece) * 2.0, &json!([[piece * 2, piece * 2 + 2]])))
            .collect();
        let sent = reports.iter().enumerate().map(|(turn, report)| {
            let client = if turn % 2 == 0 { &resident } else { &second };
            send(client, lessons[0], report)
        });
        let answers: Vec<Value> = join_all(sent).await.into_iter().map(|answer| answer.expect(200)).collect();
        let earned: usize = answers.iter().map(|answer| answer["earned"].as_array().unwrap().len()).sum();
        assert_eq!(earned, 2, "the lesson and the course, once");
        let most = answers.iter().map(|answer| answer["watched_seconds"].as_f64().unwrap()).fold(0.0, f64::max);
        assert_eq!(most, 60.0);
        let mut books = Books::of(&app).await;
        let resident = resident.resident_id.unwrap();
        for (table, column) in
            [("lesson_progress", "watched_ms"), ("learning_days", "watched_ms"), ("watch_budgets", "spent_ms")]
        {
            let sum = format!("SELECT sum({column})::bigint FROM {table} WHERE resident_id = '{resident}'");
            assert_eq!(books.number(&sum).await, 60_000, "{table}");
        }
        // All of it once more, a day later.
        app.clock.advance(Duration::days(1));
        let replayed = send(&second, lessons[0], &report(&viewing, 60.0, &json!([[0, 60]]))).await.expect(200);
        assert_eq!((&replayed["watched_seconds"], &replayed["earned"]), (&json!(60.0), &json!([])));
        let days = format!("SELECT sum(watched_ms)::bigint FROM learning_days WHERE resident_id = '{resident}'");
        assert_eq!(books.number(&days).await, 60_000);
    }
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_from_the_future_bring_nothing_forward() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 600).await;
    let resident = enrolled(&app, id).await;
    let viewing = viewing(&resident, lessons[0]).await;
    let ask = async |watched: Value| {
        let answer = send(&resident, lessons[0], &report(&viewing, 599.0, &watched)).await.expect(200);
        answer["watched_seconds"].as_f64().unwrap()
    };
    app.clock.advance(Duration::seconds(10));
    // What nobody can have seen yet: 10 s × 1.25 + 15 s, from wherever it begins.
    assert_eq!(ask(json!([[500, 600]])).await, 27.5);
    assert_eq!(ask(json!([[0, 600]])).await, 27.5);
    // A clock that is put back takes nothing away and gives nothing.
    app.clock.advance(Duration::minutes(-5));
    assert_eq!(ask(json!([[0, 600]])).await, 27.5);
    app.clock.advance(Duration::minutes(5));
    assert_eq!(ask(json!([[0, 600]])).await, 27.5);
    app.clock.advance(Duration::seconds(4));
    assert_eq!(ask(json!([[0, 600]])).await, 32.5);
    assert_eq!(Books::of(&app).await.number("SELECT spent_ms FROM watch_budgets").await, 32_500);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_ranges_are_refused_and_fail_nobody_beside_them() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 600).await;
    let lesson = lessons[0];
    let mut learners = Vec::new();
    for _ in 0..8 {
        let resident = enrolled(&app, id).await;
        let viewing = viewing(&resident, lesson).await;
        learners.push((resident, viewing));
    }
    app.clock.advance(Duration::seconds(40));
    let ranges = |count: u32| {
        let pieces = (0..count).map(|place| f64::from(place) * 0.05).map(|from| [from, from + 0.01]);
        json!(pieces.collect::<Vec<_>>())
    };
    let (many, good) = (ranges(10_000), json!([[0, 40]]));
    let waves = learners.iter().map(|(resident, viewing)| {
        let too_many = report(viewing, 1.0, &many);
        let good = report(viewing, 40.0, &good);
        async move {
            let (refused, taken, again) = tokio::join!(
                send(resident, lesson, &too_many),
                send(resident, lesson, &good),
                send(resident, lesson, &too_many),
            );
            for answer in [refused, again] {
                assert_eq!(answer.expect_fields(), [("watched".to_owned(), "ranges_invalid".to_owned())]);
            }
            assert_eq!(taken.expect(200)["watched_seconds"], 40.0);
        }
    });
    join_all(waves).await;
    let kept = "SELECT count(*) FROM lesson_progress WHERE watched = '{[0,40000)}'";
    assert_eq!(Books::of(&app).await.number(kept).await, 8);
    // As many as there may be, all apart, are taken as they are.
    let (resident, viewing) = &learners[0];
    app.clock.advance(Duration::minutes(10));
    let apart: Vec<[f64; 2]> =
        (0..1000).map(|place| f64::from(place) * 0.5 + 50.0).map(|from| [from, from + 0.25]).collect();
    let taken = send(resident, lesson, &report(viewing, 1.0, &json!(apart))).await.expect(200);
    assert_eq!(taken["watched_seconds"], 290.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_report_is_said_to_be_none() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 60).await;
    let resident = enrolled(&app, id).await;
    let viewing = viewing(&resident, lessons[0]).await;
    app.clock.advance(Duration::seconds(30));
    let path = format!("/lessons/{}/progress", lessons[0]);
    let with = |watched: &str| format!(r#"{{"viewing_id": "{viewing}", "position": 1, "watched": {watched}}}"#);
    for (body, statuses) in [
        (with(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))), [400, 422]),
        (with(&"[".repeat(1_000_000)), [400, 422]),
        (with("[[0, 1e999]]"), [400, 422]),
        (with("[[0, NaN]]"), [400, 422]),
        (with("[[0, Infinity]]"), [400, 422]),
        (with("[[-0.0, 5e-324]"), [400, 422]),
        (with("[[0, 99999999999999999999999999999999]]"), [422, 422]),
        (with("[[0, 10]], \"watched\": [[0, 30]]"), [400, 422]),
        (with("{\"0\": 10}"), [400, 422]),
        (with("[[\"\\u0000\", 1]]"), [400, 422]),
        (format!("\u{feff}{}", with("[[0, 10]]")), [400, 422]),
        ("null".to_owned(), [400, 422]),
        (String::new(), [400, 422]),
        (with(&format!("[{}]", "[0, 1],".repeat(600_000).trim_end_matches(','))), [413, 413]),
    ] {
        let request =
            resident.request(Method::PUT, &path).header("content-type", "application/json").body(body.clone());
        let answer = Answer::of(request).await;
        assert!(statuses.contains(&answer.status), "{} {} for {body:.200}", answer.status, answer.body);
        assert!(answer.body["code"].is_string(), "{}", answer.body);
    }
    let kept = send(&resident, lessons[0], &report(&viewing, 1.0, &json!([[0, 5]]))).await.expect(200);
    assert_eq!(kept["watched_seconds"], 5.0);
}
