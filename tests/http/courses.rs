//! A course from draft to published, by role.

use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp};

use crate::making;

async fn step(client: &Client, course: &str, step: &str) -> Answer {
    client.post(&format!("/courses/{course}/{step}"), &Value::Null).await
}

fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn a_branch_declares_and_the_street_centre_decides() {
    let app = TestApp::street().await;
    let (staff, other, admin) = (app.staff("CX").await, app.staff("DH").await, app.admin().await);
    let new = json!({"title": "健康讲座", "topic": "health", "groups": ["elderly"], "credits": "2.5"});
    let course = staff.post("/courses", &new).await.expect(201);
    assert_eq!((&course["status"], &course["credits"]), (&json!("draft"), &json!("2.50")));
    assert_eq!(course["branch_id"], json!(app.branch("CX").id));
    let id = course["id"].as_str().unwrap();
    let path = format!("/courses/{id}");

    step(&staff, id, "submission").await.expect_problem(409, "course_without_lessons");
    step(&admin, id, "publication").await.expect_problem(409, "course_step_invalid");
    step(&staff, id, "approval").await.expect_problem(403, "forbidden");
    step(&other, id, "submission").await.expect_problem(404, "not_found");
    other.get(&format!("/managed-courses/{id}")).await.expect_problem(404, "not_found");

    let video = making::video(&app, &staff, "processing").await;
    let lesson = json!({"title": "第一课", "video_id": video});
    let lesson = staff.post(&format!("{path}/lessons"), &lesson).await.expect(201);
    assert_eq!((&lesson["position"], &lesson["video_status"]), (&json!(1), &json!("processing")));

    let declared = step(&staff, id, "submission").await.expect(201);
    assert_eq!(declared["status"], "declared");
    assert_eq!(step(&staff, id, "submission").await.expect(200), declared);
    staff.patch(&path, &json!({"title": "改"})).await.expect_problem(409, "course_locked");

    let reject = async |reason: &str| admin.post(&format!("{path}/rejection"), &json!({"reason": reason})).await;
    assert_eq!(reject(" ").await.expect_fields(), pairs(&[("reason", "reason_required")]));
    assert_eq!(reject("标题太短").await.expect(201)["status"], "rejected");
    let changed = staff.patch(&path, &json!({"title": "健康讲座：睡眠"})).await.expect(200);
    assert_eq!((&changed["title"], &changed["credits"]), (&json!("健康讲座：睡眠"), &json!("2.50")));

    assert_eq!(step(&staff, id, "submission").await.status, 201);
    assert_eq!(step(&admin, id, "approval").await.status, 201);
    step(&admin, id, "publication").await.expect_problem(409, "course_not_ready");
    app.anonymous().get(&path).await.expect_problem(404, "not_found");
    diesel::sql_query(format!("UPDATE videos SET status = 'ready' WHERE id = '{video}'"))
        .execute(&mut app.campus.database.connection().await.unwrap())
        .await
        .unwrap();
    let published = step(&admin, id, "publication").await.expect(201);
    assert_eq!(step(&admin, id, "publication").await.expect(200), published);
    let steps = published["steps"].as_array().unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(names, ["submission", "rejection", "submission", "approval", "publication"]);
    assert_eq!((&steps[1]["reason"], &steps[1]["by"]), (&json!("标题太短"), &json!("王老师")));

    let list = staff.get("/managed-courses").await.expect(200);
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["lesson_count"]), (&json!(id), &json!(1)));
    assert_eq!(other.get("/managed-courses").await.expect(200)["items"], json!([]));
    app.resident("CX").await.get("/managed-courses").await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_lesson_gets_another_video_while_the_course_is_open() {
    let app = TestApp::street().await;
    let (staff, other, admin) = (app.staff("CX").await, app.staff("DH").await, app.admin().await);
    let course = making::course(&staff, "换视频", making::video(&app, &staff, "failed").await).await;
    let managed = format!("/managed-courses/{course}");
    let lesson = staff.get(&managed).await.expect(200)["lessons"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/lessons/{lesson}");
    let (better, foreign) = (making::video(&app, &staff, "ready").await, making::video(&app, &other, "ready").await);
    other.patch(&path, &json!({"title": "改"})).await.expect_problem(404, "not_found");
    let refused = staff.patch(&path, &json!({"video_id": foreign, "title": "", "credits": "-1"})).await.expect_fields();
    assert_eq!(refused, pairs(&[("title", "required"), ("video_id", "video_unknown"), ("credits", "credits_invalid")]));
    let changed = staff.patch(&path, &json!({"video_id": better})).await.expect(200);
    assert_eq!((&changed["video_id"], &changed["video_status"]), (&json!(better), &json!("ready")));
    assert_eq!((&changed["title"], &changed["credits"]), (&json!("第一课"), &json!("0.50")));
    let _ = step(&staff, &course, "submission").await.expect(201);
    staff.patch(&path, &json!({"title": "改"})).await.expect_problem(409, "course_locked");
    let unready = making::video(&app, &staff, "processing").await;
    let _ = admin.patch(&path, &json!({"video_id": unready})).await.expect(200);
    let _ = step(&admin, &course, "approval").await.expect(201);
    step(&admin, &course, "publication").await.expect_problem(409, "course_not_ready");
}

#[tokio::test]
async fn fields_are_refused_all_at_once() {
    let app = TestApp::street().await;
    let new = json!({
        "title": "题".repeat(81), "summary": "a\u{7}b", "topic": "cooking", "groups": ["elderly", "x"], "credits": "1.234"
    });
    let mut found = app.staff("CX").await.post("/courses", &new).await.expect_fields();
    found.sort_unstable();
    let expected = [
        ("credits", "credits_invalid"),
        ("groups", "group_unknown"),
        ("summary", "text_invalid"),
        ("title", "too_long"),
        ("topic", "topic_unknown"),
    ];
    assert_eq!(found, pairs(&expected));
}

#[tokio::test]
async fn of_equal_steps_at_once_one_is_taken() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let course = making::course(&staff, "同时", making::video(&app, &staff, "ready").await).await;
    let _ = step(&staff, &course, "submission").await.expect(201);
    let answers = futures_util::future::join_all((0..12).map(|_| step(&admin, &course, "approval"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in &answers {
        assert!(matches!(answer.status, 200 | 201), "{}", answer.status);
        assert_eq!(answer.body, answers[0].body);
    }
}
