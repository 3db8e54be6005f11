//! The store compared with the database: what is at odds is listed, and mended a day later.

use serde_json::{Value, json};
use tests::database::execute;
use tests::{Client, TestApp};
use time::Duration;
use uuid::Uuid;

use crate::making;
use crate::videos::{film, upload};

async fn compare(app: &TestApp, admin: &Client) -> Value {
    assert_eq!(admin.post("/storage-reports", &Value::Null).await.header("location"), "/api/v1/storage-reports");
    app.run_jobs().await;
    admin.get("/storage-reports?limit=1").await.expect(200)["items"][0].clone()
}

/// Kind, key and outcome of every finding, in the order of keys.
fn findings(report: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let found = report["findings"].as_array().unwrap().iter();
    found.map(|one| (text(&one["kind"]), text(&one["object_key"]), text(&one["outcome"]))).collect()
}

fn finding(kind: &str, key: &str, outcome: &str) -> (String, String, String) {
    (kind.to_owned(), key.to_owned(), outcome.to_owned())
}

#[tokio::test]
async fn what_nobody_names_is_listed_and_a_day_later_removed() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let storage = &app.campus.storage;
    storage.put("covers/left-over.jpg", b"left over", "image/jpeg").await.unwrap();
    let forgotten = storage.open_upload("videos/gone/original", "video/mp4").await.unwrap();
    // Under way: sent but not completed, and stored by a worker that has not finished yet.
    let (uploading, _) = upload(&staff, "lesson.mp4", b"on its way").await;
    let working = making::video(&app, &staff, "processing").await;
    for name in ["original", "480p.mp4"] {
        storage.put(&format!("videos/{working}/{name}"), b"x", "video/mp4").await.unwrap();
    }

    let first = compare(&app, &admin).await;
    let expected = ["listed", "listed"];
    assert_eq!(findings(&first), odd(expected));
    assert_eq!((&first["counts"]["objects"], &first["counts"]["unnamed_objects"]), (&json!(3), &json!(1)));
    app.clock.advance(Duration::hours(19));
    assert_eq!(findings(&compare(&app, &admin).await), odd(expected));
    // The next night's work mends it, though it begins a little earlier than this one did.
    app.clock.advance(Duration::hours(5) - Duration::seconds(1));
    let second = compare(&app, &admin).await;
    assert_eq!(findings(&second), odd(["removed", "aborted"]));
    assert_eq!((&second["counts"]["removed_objects"], &second["counts"]["aborted_uploads"]), (&json!(1), &json!(1)));
    assert!(storage.size("covers/left-over.jpg").await.unwrap().is_none());
    assert!(storage.parts("videos/gone/original", &forgotten).await.is_err());
    assert!(findings(&compare(&app, &admin).await).is_empty());
    assert_eq!(storage.open_uploads("").await.unwrap().len(), 1, "what is under way is not touched");
    assert_eq!(staff.get(&uploading).await.expect(200)["status"], "uploading");
    assert!(storage.size(&format!("videos/{working}/480p.mp4")).await.unwrap().is_some());
}

fn odd([object, upload]: [&str; 2]) -> Vec<(String, String, String)> {
    vec![
        finding("unnamed_object", "covers/left-over.jpg", object),
        finding("open_upload", "videos/gone/original", upload),
    ]
}

/// A video as the worker leaves it, with its objects in the store.
async fn stored_video(app: &TestApp, staff: &Client) -> Uuid {
    let id = making::video(app, staff, "ready").await;
    let (original, small) = (format!("videos/{id}/original"), format!("videos/{id}/240p.mp4"));
    let row = format!("INSERT INTO video_renditions VALUES ('{id}', '240p', '{small}', 'video/mp4', 1)");
    execute(&app.owner_url(), &row).await;
    let film = film(&app.folder().join("film.mp4"));
    app.campus.storage.put(&original, &film, "video/mp4").await.unwrap();
    app.campus.storage.put(&small, b"x", "video/mp4").await.unwrap();
    id
}

#[tokio::test]
async fn a_rendition_that_is_gone_is_made_again_and_a_lost_video_says_so() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let storage = &app.campus.storage;
    let (mended, lost) = (stored_video(&app, &staff).await, stored_video(&app, &staff).await);
    let unplayed = stored_video(&app, &staff).await;
    assert!(findings(&compare(&app, &admin).await).is_empty());
    storage.delete(&format!("videos/{mended}/240p.mp4")).await.unwrap();
    storage.delete(&format!("videos/{lost}/240p.mp4")).await.unwrap();
    storage.delete(&format!("videos/{lost}/original")).await.unwrap();
    storage.delete(&format!("videos/{unplayed}/original")).await.unwrap();
    let first = compare(&app, &admin).await;
    assert!(findings(&first).iter().all(|one| one.0 == "missing_object" && one.2 == "listed"));
    assert_eq!(first["counts"]["missing_objects"], 4);

    app.clock.advance(Duration::days(1));
    let second = compare(&app, &admin).await;
    assert_eq!((&second["counts"]["remade_videos"], &second["counts"]["lost_videos"]), (&json!(1), &json!(1)));
    app.run_jobs().await;
    let get = async |id: Uuid| staff.get(&format!("/videos/{id}")).await.expect(200);
    assert_eq!(get(mended).await["status"], "ready");
    assert!(storage.size(&format!("videos/{mended}/240p.mp4")).await.unwrap().is_some_and(|size| size > 1));
    let failed = get(lost).await;
    assert_eq!((&failed["status"], &failed["failure"]["code"]), (&json!("failed"), &json!("video_original_lost")));
    assert!(failed["failure"]["detail"].as_str().unwrap().contains("请重新上传"));
    // It can still be played: that its original is gone is for a person to know.
    assert_eq!(get(unplayed).await["status"], "ready");
}

#[tokio::test]
async fn another_deployments_objects_in_the_same_bucket_are_not_seen() {
    let (app, other) = (TestApp::street().await, TestApp::street().await);
    other.campus.storage.put("covers/a.jpg", b"of another", "image/jpeg").await.unwrap();
    let admin = app.admin().await;
    for _ in 0..2 {
        let report = compare(&app, &admin).await;
        assert_eq!((&report["counts"]["objects"], findings(&report).len()), (&json!(0), 0));
        app.clock.advance(Duration::days(2));
    }
    assert!(other.campus.storage.size("covers/a.jpg").await.unwrap().is_some());
}

#[tokio::test]
async fn more_than_a_page_is_compared_in_order() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let (branch, account) = (staff.branch_id.unwrap(), staff.account_id.unwrap());
    let rows = format!(
        "INSERT INTO videos (id, branch_id, account_id, file_name, size, content_type, object_key, part_size, status, created_at) \
         SELECT gen_random_uuid(), '{branch}', '{account}', 'a.mp4', 1, 'video/mp4', 'many/' || number, 1, 'ready', now() \
         FROM generate_series(1, 2500) AS number"
    );
    execute(&app.owner_url(), &rows).await;
    for number in [1, 7, 999, 1000, 1001, 2500, 9999] {
        app.campus.storage.put(&format!("many/{number}"), b"x", "video/mp4").await.unwrap();
    }
    let report = compare(&app, &admin).await;
    let counts = &report["counts"];
    assert_eq!((&counts["objects"], &counts["unnamed_objects"]), (&json!(7), &json!(1)));
    assert_eq!(counts["missing_objects"], 2494);
    assert_eq!(report["findings"].as_array().unwrap().len(), 100, "the first hundred are listed");
}
