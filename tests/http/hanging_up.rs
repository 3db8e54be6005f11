//! Who goes away in the middle: what they have sent is done all the same.

use std::time::Duration as Wait;

use diesel_async::SimpleAsyncConnection;
use serde_json::json;
use tests::database::connect;
use tests::{Client, Course, TestApp};
use time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::catching_up::until_waiting;

/// Sends a body, and hangs up once `meanwhile` is over: at once, as a telephone does that is switched off.
async fn put_and_hang_up(app: &TestApp, client: &Client, path: &str, body: &str, meanwhile: impl Future<Output = ()>) {
    let host = app.site().trim_start_matches("http://").to_owned();
    let mut line = TcpStream::connect(&host).await.unwrap();
    let head = format!(
        "PUT /api/v1{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        client.token(),
        body.len()
    );
    line.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    meanwhile.await;
    line.set_zero_linger().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_report_finishes_a_lesson_though_nobody_waits_for_the_answer() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 60).await;
    let resident = app.resident("CX").await;
    let _ = resident.put(&format!("/courses/{id}/enrollment"), &json!({})).await.expect(201);
    let playback = resident.get(&format!("/lessons/{}/playback", lessons[0])).await.expect(200);
    app.clock.advance(Duration::minutes(2));

    let mut holder = connect(&app.owner_url()).await;
    holder.batch_execute("BEGIN; SELECT FROM watch_budgets FOR UPDATE").await.unwrap();
    let mut looking = connect(&app.owner_url()).await;
    let report = json!({"viewing_id": playback["viewing_id"], "position": 60, "watched": [[0, 60]]}).to_string();
    let path = format!("/lessons/{}/progress", lessons[0]);
    put_and_hang_up(&app, &resident, &path, &report, until_waiting(&mut looking, 1)).await;
    holder.batch_execute("COMMIT").await.unwrap();

    let credited = async {
        while resident.get("/me/credit-account").await.expect(200)["credits"] != "2.50" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Wait::from_secs(20), credited).await.expect("the lesson and its course are credited");
}
