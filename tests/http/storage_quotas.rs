//! What a branch may fill of the store, and what the store itself refuses.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp};
use time::Duration;

use crate::making;
use crate::videos::{open, put, upload};

fn file(size: i64) -> Value {
    json!({"filename": "lesson.mp4", "size": size, "content_type": "video/mp4"})
}

async fn share(client: &Client, app: &TestApp, code: &str) -> (i64, i64, i64) {
    let share = client.get(&format!("/branches/{}/storage-quota", app.branch(code).id)).await.expect(200);
    let number = |name: &str| share[name].as_i64().unwrap();
    (number("quota_bytes"), number("used_bytes"), number("left_bytes"))
}

async fn set(admin: &Client, app: &TestApp, code: &str, bytes: i64) -> Answer {
    admin.put(&format!("/branches/{}/storage-quota", app.branch(code).id), &json!({"quota_bytes": bytes})).await
}

#[tokio::test]
async fn a_branch_takes_no_more_than_its_share_and_gets_back_what_it_gives_up() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    assert_eq!(share(&staff, &app, "CX").await, (50 << 30, 0, 50 << 30));
    set(&admin, &app, "CX", -1).await.expect_fields();
    assert_eq!(set(&admin, &app, "CX", 1000).await.expect(200)["left_bytes"], 1000);

    let first = staff.post("/videos", &file(600)).await.expect(201);
    let full = staff.post("/videos", &file(401)).await.expect_problem(422, "storage_quota_exceeded");
    assert_eq!((&full["left_bytes"], &full["quota_bytes"]), (&json!(400), &json!(1000)));
    let second = staff.post("/videos", &file(400)).await.expect(201);
    assert_eq!(share(&staff, &app, "CX").await, (1000, 1000, 0));
    // Another branch has a share of its own.
    let _ = app.staff("WT").await.post("/videos", &file(5000)).await.expect(201);

    assert_eq!(staff.delete(&format!("/videos/{}", first["id"].as_str().unwrap())).await.status, 204);
    assert_eq!(share(&staff, &app, "CX").await, (1000, 400, 600));
    app.clock.advance(Duration::days(8));
    app.tick().await;
    let expired = staff.get(&format!("/videos/{}", second["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(expired["failure"]["code"], "video_upload_expired");
    assert_eq!(share(&staff, &app, "CX").await, (1000, 0, 1000));
    // Lowered below what is held: nothing is lost, nothing more is taken.
    let _ = staff.post("/videos", &file(900)).await.expect(201);
    assert_eq!(set(&admin, &app, "CX", 100).await.expect(200)["left_bytes"], 0);
}

#[tokio::test]
async fn uploads_at_once_cannot_pass_the_quota_together() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let _ = set(&admin, &app, "CX", 3000).await.expect(200);
    let new = file(1000);
    let answers = futures_util::future::join_all((0..12).map(|_| staff.post("/videos", &new))).await;
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        let _ = answer.expect_problem(422, "storage_quota_exceeded");
    }
    assert_eq!(taken, 3);
    assert_eq!(share(&staff, &app, "CX").await, (3000, 3000, 0));
    // What was opened in the store for those that were refused is closed again.
    assert_eq!(app.campus.storage.open_uploads("").await.unwrap().len(), 3);
}

#[tokio::test]
async fn files_of_courses_count_too() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let video = making::video(&app, &staff, "ready").await;
    let course = making::course(&staff, "讲义", video).await;
    let pdf = [b"%PDF-1.7\n".as_slice(), &[b' '; 991]].concat();
    let send = async || {
        let form = Form::new().part("file", Part::bytes(pdf.clone()).file_name("讲义.pdf"));
        let path = format!("/courses/{course}/files?kind=handout");
        Answer::of(staff.request(Method::POST, &path).multipart(form)).await
    };
    let _ = send().await.expect(201);
    let (_, used, _) = share(&staff, &app, "CX").await;
    assert!(used >= 1000, "{used}");
    let _ = set(&admin, &app, "CX", used + 999).await.expect(200);
    let problem = send().await.expect_problem(422, "storage_quota_exceeded");
    assert_eq!(problem["left_bytes"], 999);
    assert_eq!(app.campus.storage.objects("courses/", None).await.unwrap().0.len(), 1);
}

/// The length is signed: whatever the page does, the store takes a part of that length or none.
#[tokio::test]
async fn the_store_refuses_a_part_of_another_length() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let opened = open(&staff, "lesson.mp4", 1000).await;
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = opened["parts"][0]["url"].as_str().unwrap();
    for length in [1001, 999, 5_000_000] {
        let refused = browser.put(url).body(vec![b'x'; length]).send().await.unwrap();
        assert_eq!(refused.status(), 403, "{length}");
    }
    let parts = staff.get(&format!("/videos/{}/parts", opened["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(parts["parts"][0]["etag"], Value::Null);
    put(&opened["parts"][0]["url"], &[b'x'; 1000]).await;
}

/// Somebody with the store's keys, or a store that checks less, could put another file there.
#[tokio::test]
async fn what_is_not_of_the_announced_size_is_refused_at_completion_and_not_kept() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let (address, parts) = upload(&staff, "lesson.mp4", b"as announced").await;
    let id = address.trim_start_matches("/videos/").parse().unwrap();
    let video = campus::videos::find(&mut app.campus.database.connection().await.unwrap(), id).await.unwrap();
    let storage = &app.campus.storage;
    storage.abort_upload(&video.object_key, video.upload_id.as_deref().unwrap()).await.unwrap();
    storage.put(&video.object_key, b"much longer than what was announced", "video/mp4").await.unwrap();
    let completion = format!("{address}/completion");
    staff.post(&completion, &parts).await.expect_problem(422, "video_size_differs");
    app.run_jobs().await;
    assert!(storage.objects("videos/", None).await.unwrap().0.is_empty());
    assert_eq!(staff.get(&address).await.expect(200)["failure"]["code"], "video_size_differs");
    assert_eq!(share(&staff, &app, "CX").await.1, 0);
    staff.post(&completion, &parts).await.expect_problem(409, "video_state_invalid");
    staff.post(&format!("{address}/processing"), &Value::Null).await.expect_problem(409, "video_state_invalid");
    assert_eq!(staff.delete(&address).await.status, 204);
}
