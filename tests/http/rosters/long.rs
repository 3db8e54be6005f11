//! Rosters that are too long to be read while somebody waits.

use std::fmt::Write;

use serde_json::json;
use tests::{Client, TestApp};
use time::Duration;

use super::{codes, confirm, hand_in, people, street};

/// So many different people, then one of them again, then one without a birth date.
pub fn long(people: u32) -> String {
    let mut text = String::from("姓名,出生日期\n");
    for number in 0..people {
        let letter = |place: u32| char::from_u32(0x4E00 + place).unwrap();
        writeln!(text, "王{}{},1956-03-02", letter(number / 200), letter(number % 200)).unwrap();
    }
    text.push_str("王一一,1956-03-02\n赵敏,\n");
    text
}

async fn at(client: &Client, place: &str) -> serde_json::Value {
    client.get(place.strip_prefix("/api/v1").unwrap()).await.expect(200)
}

async fn queued(app: &TestApp, client: &Client, content: String) -> String {
    let answer = hand_in(client, app.branch("CX").id, "全街.csv", content).await;
    let place = answer.header("location").to_owned();
    let import = answer.expect(202);
    assert_eq!((&import["status"], &import["progress"]), (&json!("queued"), &json!(0)));
    confirm(client, &import).await.expect_problem(409, "roster_not_ready");
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_roster_is_read_by_the_worker() {
    let app = street().await;
    let staff = app.staff("CX").await;
    let place = queued(&app, &staff, long(25_000)).await;
    let kinds: Vec<String> = app.run_jobs().await.into_iter().map(|job| job.kind).collect();
    assert!(kinds.iter().any(|kind| kind == "read_roster"), "{kinds:?}");
    let import = at(&staff, &place).await;
    assert_eq!((&import["status"], &import["progress"]), (&json!("staged"), &json!(100)));
    assert_eq!(import["rows"], 25_002);
    assert_eq!(import["counts"], json!({"ok": 25_000, "duplicate": 1, "birth_date_missing": 1}));
    assert_eq!(codes(&import), [(25_001, "duplicate"), (25_002, "birth_date_missing")]);
    let confirmed = confirm(&staff, &import).await.expect(201);
    assert_eq!(confirmed["registered"], 25_000);
    assert_eq!(confirm(&staff, &import).await.expect(200), confirmed);

    // Problems by the thousand are counted, and listed page by page.
    let place = queued(&app, &staff, long(25_000)).await;
    app.run_jobs().await;
    let again = at(&staff, &place).await;
    assert_eq!(again["counts"]["already_registered"], 25_000);
    assert_eq!(again["problems"].as_array().unwrap().len(), 2_000);
    assert_eq!(again["further_problems"], 23_002);
    assert_eq!(confirm(&staff, &again).await.expect(201)["registered"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_very_long_list_is_registered_by_the_worker() {
    let app = street().await;
    let staff = app.staff("CX").await;
    let place = queued(&app, &staff, long(60_000)).await;
    app.run_jobs().await;
    let import = at(&staff, &place).await;
    let answer = confirm(&staff, &import).await;
    assert_eq!(answer.header("location"), place);
    assert_eq!(answer.expect(202)["status"], "confirming");
    assert_eq!(confirm(&staff, &import).await.expect(202)["status"], "confirming");
    assert!(staff.get("/residents").await.expect(200)["items"].as_array().unwrap().is_empty());
    app.run_jobs().await;
    let confirmed = confirm(&staff, &import).await.expect(200);
    assert_eq!((&confirmed["status"], &confirmed["registered"]), (&json!("confirmed"), &json!(60_000)));
    assert_eq!(at(&staff, &place).await, confirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_roster_that_nobody_reads_in_time_expires() {
    let app = street().await;
    let staff = app.staff("CX").await;
    let place = queued(&app, &staff, long(20_001)).await;
    app.clock.advance(Duration::hours(25));
    campus::jobs::Handler::run(&campus::rosters::jobs::ExpireRosters, &app.campus, &json!({})).await.unwrap();
    app.run_jobs().await;
    let import = at(&staff, &place).await;
    assert_eq!((&import["status"], &import["rows"]), (&json!("expired"), &json!(0)));
    confirm(&staff, &import).await.expect_problem(409, "roster_expired");
    assert_eq!(people(&app).await, 0);
}
