//! Courses and videos for tests that are about something else.

use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use tests::{Client, TestApp};
use uuid::Uuid;

/// A video of the branch in this status, 61.5 s long, that no worker has seen.
pub async fn video(app: &TestApp, staff: &Client, status: &str) -> Uuid {
    let id = campus::ids::new_id();
    let (branch, account) = (staff.branch_id.unwrap(), staff.account_id.unwrap());
    diesel::sql_query(format!(
        "INSERT INTO videos (id, branch_id, account_id, file_name, size, content_type, object_key, part_size, \
         status, duration_ms, created_at) VALUES ('{id}', '{branch}', '{account}', 'a.mp4', 1, 'video/mp4', \
         'videos/{id}/original', 1, '{status}', 61500, now())"
    ))
    .execute(&mut app.campus.database.connection().await.unwrap())
    .await
    .unwrap();
    id
}

/// A draft for the elderly about health, worth 2 credits, with one lesson worth 0.5.
pub async fn course(staff: &Client, title: &str, video: Uuid) -> String {
    let course = json!({"title": title, "summary": "", "topic": "health", "groups": ["elderly"], "credits": "2.00"});
    let course = staff.post("/courses", &course).await.expect(201);
    let id = course["id"].as_str().unwrap().to_owned();
    let lesson = json!({"title": "第一课", "video_id": video, "credits": "0.5"});
    let _ = staff.post(&format!("/courses/{id}/lessons"), &lesson).await.expect(201);
    id
}

/// A course that residents can learn from.
pub async fn published(app: &TestApp, staff: &Client, admin: &Client, title: &str) -> String {
    let id = course(staff, title, video(app, staff, "ready").await).await;
    publish(staff, admin, &id).await;
    id
}

/// Takes a draft through every step.
pub async fn publish(staff: &Client, admin: &Client, course: &str) {
    for (client, step) in [(staff, "submission"), (admin, "approval"), (admin, "publication")] {
        let _ = client.post(&format!("/courses/{course}/{step}"), &Value::Null).await.expect(201);
    }
}

/// An article as a lesson to be added, worth half a credit.
pub fn article(text: &str) -> Value {
    json!({"title": "读一读", "article": {"text": text}, "credits": "0.50"})
}

/// A quiz as a lesson to be added, worth half a credit: of each question its kind, its options, and
/// which of them are right.
pub fn quiz(questions: &[(&str, &[&str], &[usize])]) -> Value {
    let question = |(number, (kind, options, right)): (usize, &(&str, &[&str], &[usize]))| {
        let option = |(place, text): (usize, &&str)| json!({"text": text, "right": right.contains(&place)});
        json!({
            "kind": kind, "text": format!("第{}题", number + 1), "explanation": "书上有。",
            "options": options.iter().enumerate().map(option).collect::<Vec<_>>(),
        })
    };
    let questions: Vec<Value> = questions.iter().enumerate().map(question).collect();
    json!({"title": "考一考", "quiz": {"questions": questions}, "credits": "0.50"})
}
