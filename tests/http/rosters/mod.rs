//! Rosters: handed in, judged, confirmed once.

mod long;
mod refusals;
mod street;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use tests::{Answer, Client, TestApp};
use time::macros::datetime;
use uuid::Uuid;

const SMALL: &str = "姓名,出生日期,电话\n王芳,1956-03-02,13812345678\n李强,1949.10.1,\n王　芳,1956年3月2日,\n";

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/rosters/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The street on the day on which the rosters are judged.
async fn street() -> TestApp {
    let app = TestApp::street().await;
    app.clock.set(datetime!(2026-10-31 10:00 +8));
    app
}

fn form(name: &str, content: impl Into<std::borrow::Cow<'static, [u8]>>) -> Form {
    Form::new().part("file", Part::bytes(content).file_name(name.to_owned()))
}

async fn hand_in(client: &Client, branch_id: Uuid, name: &str, content: impl Into<Vec<u8>>) -> Answer {
    let path = format!("/branches/{branch_id}/roster-imports");
    Answer::of(client.request(Method::POST, &path).multipart(form(name, content.into()))).await
}

/// Hands in a file that is read while one waits.
pub(crate) async fn staged(client: &Client, branch_id: Uuid, name: &str, content: impl Into<Vec<u8>>) -> Value {
    let import = hand_in(client, branch_id, name, content).await.expect(201);
    assert_eq!(import["status"], "staged");
    import
}

pub(crate) async fn confirm(client: &Client, import: &Value) -> Answer {
    let path = format!("/roster-imports/{}/confirmation", import["id"].as_str().unwrap());
    // Other programs send no Idempotency-Key here.
    Answer::of(client.request(Method::POST, &path)).await
}

/// How many people are on record, as the admin counts them.
async fn people(app: &TestApp) -> usize {
    let admin = app.admin().await;
    let mut count = 0;
    let mut path = "/residents?limit=100".to_owned();
    loop {
        let page = admin.get(&path).await.expect(200);
        count += page["items"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/residents?limit=100&cursor={cursor}"),
            None => return count,
        }
    }
}

fn codes(import: &Value) -> Vec<(u64, &str)> {
    let problems = import["problems"].as_array().unwrap();
    problems.iter().map(|problem| (problem["row"].as_u64().unwrap(), problem["code"].as_str().unwrap())).collect()
}
