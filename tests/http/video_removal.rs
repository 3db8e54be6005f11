//! Videos that nobody wants: every state has a way out, and the store is freed.

use serde_json::{Value, json};
use tests::TestApp;

use crate::making;
use crate::videos::upload;

#[tokio::test]
async fn a_video_is_removed_once_no_lesson_of_any_version_shows_it() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let (old, new) = (making::video(&app, &staff, "ready").await, making::video(&app, &staff, "ready").await);
    let course = making::course(&staff, "八段锦", old).await;
    let address = format!("/videos/{old}");
    staff.delete(&address).await.expect_problem(409, "video_in_use");
    making::publish(&staff, &admin, &course).await;
    // The next version shows another one; who learns the first version still needs the old one.
    let managed = staff.get(&format!("/managed-courses/{course}")).await.expect(200);
    let lesson = format!("/lessons/{}", managed["lessons"][0]["id"].as_str().unwrap());
    let _ = staff.patch(&lesson, &json!({"video_id": new})).await.expect(200);
    making::publish(&staff, &admin, &course).await;
    staff.delete(&address).await.expect_problem(409, "video_in_use");

    let unused = making::video(&app, &staff, "ready").await;
    let address = format!("/videos/{unused}");
    let storage = &app.campus.storage;
    for name in ["original", "480p.mp4", "left-over"] {
        storage.put(&format!("videos/{unused}/{name}"), b"bytes", "video/mp4").await.unwrap();
    }
    storage.put("videos/another/original", b"bytes", "video/mp4").await.unwrap();
    app.staff("WT").await.delete(&address).await.expect_problem(404, "not_found");
    assert_eq!(staff.delete(&address).await.status, 204);
    staff.get(&address).await.expect_problem(404, "not_found");
    staff.delete(&address).await.expect_problem(404, "not_found");
    app.run_jobs().await;
    let (left, _) = storage.objects("videos/", None).await.unwrap();
    let left: Vec<String> = left.into_iter().map(|object| object.key).collect();
    assert_eq!(left, ["videos/another/original"]);
    let gone = json!({"title": "没有了", "video_id": unused});
    let refused = staff.post(&format!("/courses/{course}/lessons"), &gone).await;
    assert_eq!(refused.expect_fields(), [("video_id".to_owned(), "video_unknown".to_owned())]);
}

#[tokio::test]
async fn an_upload_is_cancelled_and_a_video_at_work_is_not() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let (uploading, _) = upload(&staff, "lesson.mp4", b"never finished").await;
    let (processing, parts) = upload(&staff, "other.mp4", b"no video at all").await;
    let _ = staff.post(&format!("{processing}/completion"), &parts).await.expect(202);
    staff.delete(&processing).await.expect_problem(409, "video_state_invalid");
    assert_eq!(app.campus.storage.open_uploads("").await.unwrap().len(), 1);
    assert_eq!(staff.delete(&uploading).await.status, 204);
    app.run_jobs().await;
    assert!(app.campus.storage.open_uploads("").await.unwrap().is_empty());

    // What failed can be removed, and what comes too late for it is done.
    assert_eq!(staff.get(&processing).await.expect(200)["status"], "failed");
    let _ = staff.post(&format!("{processing}/processing"), &Value::Null).await.expect(202);
    app.run_jobs().await;
    assert_eq!(staff.delete(&processing).await.status, 204);
    app.run_jobs().await;
    assert!(app.campus.storage.objects("", None).await.unwrap().0.is_empty());
}
