//! Uploads in parts, what the worker makes of them, and what it refuses.

use std::path::Path;
use std::process::Command;

use reqwest::{Method, header};
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp};
use time::Duration;

use crate::making;

/// Noise compresses badly: two parts in a few seconds.
pub fn film(path: &Path) -> Vec<u8> {
    let picture = "testsrc=size=640x480:rate=25:duration=4,noise=alls=100:allf=t";
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", picture])
        .args(["-f", "lavfi", "-i", "sine=frequency=440:duration=4", "-c:v", "mpeg4", "-q:v", "1", "-c:a", "aac"])
        .arg(path)
        .status()
        .unwrap();
    assert!(made.success());
    std::fs::read(path).unwrap()
}

/// PUTs a part as a browser does, and answers its etag.
pub async fn put(url: &Value, part: &[u8]) -> String {
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = browser.put(url.as_str().unwrap()).body(part.to_vec()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.headers()[header::ETAG].to_str().unwrap().to_owned()
}

pub async fn open(staff: &Client, name: &str, size: usize) -> Value {
    let file = json!({"filename": name, "size": size, "content_type": "video/mp4"});
    staff.post("/videos", &file).await.expect(201)
}

/// Sends a file of one part; answers the video's address and the body of its completion.
pub async fn upload(staff: &Client, name: &str, bytes: &[u8]) -> (String, Value) {
    let opened = open(staff, name, bytes.len()).await;
    assert_eq!(opened["parts"].as_array().unwrap().len(), 1);
    let etag = put(&opened["parts"][0]["url"], bytes).await;
    (format!("/videos/{}", opened["id"].as_str().unwrap()), json!({"parts": [{"number": 1, "etag": etag}]}))
}

#[tokio::test]
async fn an_upload_goes_on_the_next_day_and_becomes_what_phones_play() {
    let app = TestApp::street().await;
    let (staff, other) = (app.staff("CX").await, app.staff("DH").await);
    let bytes = film(&app.folder().join("film.mp4"));
    let opened = open(&staff, "第一课.mp4", bytes.len()).await;
    let video = format!("/videos/{}", opened["id"].as_str().unwrap());
    let chunks: Vec<&[u8]> = bytes.chunks(opened["part_size"].as_u64().unwrap() as usize).collect();
    assert!(chunks.len() >= 2, "the film must need more than one part, it has {} bytes", bytes.len());
    assert_eq!(opened["parts"].as_array().unwrap().len(), chunks.len());

    let first = put(&opened["parts"][0]["url"], chunks[0]).await;
    let completion = format!("{video}/completion");
    let early = json!({"parts": [{"number": 1, "etag": first}]});
    let problem = staff.post(&completion, &early).await.expect_problem(422, "video_parts_invalid");
    assert_eq!(problem["missing"][0], 2);

    app.clock.advance(Duration::days(1));
    let parts = staff.get(&format!("{video}/parts")).await.expect(200);
    assert_eq!(parts["parts"][0]["etag"].as_str().unwrap().trim_matches('"'), first.trim_matches('"'));
    assert_eq!(parts["parts"][0]["url"], Value::Null);
    let mut given = vec![json!({"number": 1, "etag": first})];
    for (index, chunk) in chunks.iter().enumerate().skip(1) {
        let etag = put(&parts["parts"][index]["url"], chunk).await;
        given.push(json!({"number": index + 1, "etag": etag}));
    }

    let mut wrong = given.clone();
    wrong[1]["etag"] = json!("\"00000000000000000000000000000000\"");
    let problem = staff.post(&completion, &json!({"parts": wrong})).await.expect_problem(422, "video_parts_invalid");
    assert_eq!(problem["wrong"], json!([2]));

    let body = json!({"parts": given});
    other.post(&completion, &body).await.expect_problem(404, "not_found");
    let taken = staff.post(&completion, &body).await;
    assert_eq!(taken.header("location"), format!("/api/v1{video}"));
    let taken = taken.expect(202);
    assert_eq!(taken["status"], "processing");
    assert_eq!(staff.post(&completion, &body).await.expect(202), taken);

    app.run_jobs().await;
    let ready = staff.get(&video).await.expect(200);
    assert_eq!((&ready["status"], &ready["progress"]), (&json!("ready"), &json!(100)));
    let seconds = ready["duration_seconds"].as_f64().unwrap();
    assert!((3.5..4.5).contains(&seconds), "{seconds}");
    let renditions = ready["renditions"].as_array().unwrap();
    let names: Vec<&str> = renditions.iter().map(|made| made["rendition"].as_str().unwrap()).collect();
    assert_eq!(names, ["preview", "poster", "audio", "480p", "240p"]);
    assert_eq!((&renditions[3]["width"], &renditions[3]["height"]), (&json!(640), &json!(480)));
    let poster = reqwest::get(ready["poster_url"].as_str().unwrap()).await.unwrap();
    assert_eq!(
        (poster.status().as_u16(), &poster.headers()[header::CONTENT_TYPE]),
        (200, &"image/jpeg".parse().unwrap())
    );
    assert_eq!(staff.post(&completion, &body).await.expect(202)["status"], "ready");
}

#[tokio::test]
async fn a_file_that_lies_about_its_type_fails_with_a_reason() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let (video, parts) = upload(&staff, "lesson.mp4", b"#EXTM3U\nhttp://127.0.0.1:1/secret\n").await;
    let _ = staff.post(&format!("{video}/completion"), &parts).await.expect(202);
    app.run_jobs().await;
    let failed = staff.get(&video).await.expect(200);
    assert_eq!((&failed["status"], &failed["failure"]["code"]), (&json!("failed"), &json!("video_type_not_allowed")));
    assert!(failed["failure"]["detail"].as_str().unwrap().contains("请上传 MP4"));
    let again = staff.post(&format!("{video}/processing"), &Value::Null).await.expect(202);
    assert_eq!((&again["status"], &again["failure"]), (&json!("processing"), &Value::Null));
    app.run_jobs().await;
    assert_eq!(staff.get(&video).await.expect(200)["status"], "failed");
}

#[tokio::test]
async fn what_the_store_put_together_before_a_crash_is_found_again() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let (address, parts) = upload(&staff, "lesson.mp4", b"whole in the store").await;
    let id = address.trim_start_matches("/videos/").parse().unwrap();
    let video = campus::videos::find(&mut app.campus.database.connection().await.unwrap(), id).await.unwrap();
    let upload_id = video.upload_id.as_deref().unwrap();
    let stored = app.campus.storage.parts(&video.object_key, upload_id).await.unwrap();
    assert!(app.campus.storage.complete_upload(&video.object_key, upload_id, &stored).await.unwrap());
    let taken = staff.post(&format!("{address}/completion"), &parts).await.expect(202);
    assert_eq!(taken["status"], "processing");
}

#[tokio::test]
async fn completions_at_once_start_the_work_once() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let (address, parts) = upload(&staff, "lesson.mp4", b"no video at all").await;
    let completion = format!("{address}/completion");
    let answers = futures_util::future::join_all((0..8).map(|_| staff.post(&completion, &parts))).await;
    for answer in answers {
        assert_eq!(answer.expect(202)["status"], "processing");
    }
    let ran = app.run_jobs().await;
    assert_eq!(ran.iter().filter(|job| job.kind == "transcode_video").count(), 1);
}

#[tokio::test]
async fn uploads_that_nobody_finishes_are_cancelled_after_a_week() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let (address, parts) = upload(&staff, "lesson.mp4", b"never finished").await;
    app.clock.advance(Duration::days(6));
    app.tick().await;
    assert_eq!(staff.get(&address).await.expect(200)["status"], "uploading");
    app.clock.advance(Duration::days(2));
    app.tick().await;
    let failed = staff.get(&address).await.expect(200);
    assert_eq!((&failed["status"], &failed["failure"]["code"]), (&json!("failed"), &json!("video_upload_expired")));
    staff.post(&format!("{address}/completion"), &parts).await.expect_problem(409, "video_state_invalid");
    staff.post(&format!("{address}/processing"), &Value::Null).await.expect_problem(409, "video_state_invalid");
    assert_eq!(staff.get(&format!("{address}/parts")).await.expect(200)["parts"], json!([]));
}

#[tokio::test]
async fn bad_files_are_refused_before_they_are_sent() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let file = |name: &str, size: i64| json!({"filename": name, "size": size, "content_type": "video/mp4"});
    let fields = async |body: &Value| staff.post("/videos", body).await.expect_fields();
    let one = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
    assert_eq!(fields(&file("a.exe", 1)).await, one("filename", "video_type_not_allowed"));
    assert_eq!(fields(&file("a.mp4", 0)).await, one("size", "video_size_invalid"));
    assert_eq!(fields(&json!({"filename": "a.mp4"})).await, one("size", "required"));
    let elsewhere = json!({"filename": "a.mp4", "size": 1, "branch_id": app.branch("DH").id});
    assert_eq!(fields(&elsewhere).await, one("branch_id", "branch_unknown"));
    staff.post("/videos", &file("a.mp4", 5_000_000_000)).await.expect_problem(413, "video_too_large");
    app.anonymous().post("/videos", &file("a.mp4", 1)).await.expect_problem(401, "not_logged_in");
    app.resident("CX").await.post("/videos", &file("a.mp4", 1)).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn captions_are_read_by_everybody_once_the_course_is_published() {
    let app = TestApp::street().await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let video = making::video(&app, &staff, "ready").await;
    let address = format!("/videos/{video}/captions/zh-CN");
    let put = async |body: &'static str, kind: &'static str| {
        Answer::of(staff.request(Method::PUT, &address).header(header::CONTENT_TYPE, kind).body(body)).await
    };
    put("你好", "text/vtt").await.expect_problem(422, "caption_invalid");
    put("WEBVTT\n", "application/json").await.expect_problem(415, "unsupported_content_type");
    assert_eq!(put("WEBVTT\n\n00:00.000 --> 00:01.000\n你好\n", "text/vtt").await.status, 201);
    assert_eq!(put("WEBVTT\n\n00:00.000 --> 00:01.000\n您好\n", "text/vtt; charset=utf-8").await.status, 204);
    app.anonymous().get(&address).await.expect_problem(404, "not_found");
    let course = making::course(&staff, "字幕", video).await;
    making::publish(&staff, &admin, &course).await;
    let captions = app.anonymous().get(&address).await;
    assert_eq!((captions.status, captions.header("content-type")), (200, "text/vtt; charset=utf-8"));
    assert!(String::from_utf8(captions.bytes).unwrap().contains("您好"));
}

#[tokio::test]
async fn subtitles_of_every_office_become_webvtt() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let video = making::video(&app, &staff, "ready").await;
    let put = async |language: &str, body: Vec<u8>, kind: &'static str| {
        let address = format!("/videos/{video}/captions/{language}");
        Answer::of(staff.request(Method::PUT, &address).header(header::CONTENT_TYPE, kind).body(body)).await
    };
    let subrip = "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>地震来了，先护住头</i>\r\n";
    let expected = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n地震来了，先护住头\n";
    let chinese = encoding_rs::GB18030.encode(subrip).0.into_owned();
    assert_eq!(put("zh-CN", chinese, "application/x-subrip").await.status, 201);
    let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(subrip.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(put("en", wide, "application/octet-stream").await.status, 201);
    for language in ["zh-CN", "en"] {
        let kept = staff.get(&format!("/managed-videos/{video}/captions/{language}")).await;
        assert_eq!((kept.status, String::from_utf8(kept.bytes).unwrap()), (200, expected.to_owned()), "{language}");
    }
    let wrong = "1\n00:00:01,000 --> 00:00:02,000\n好\n\n2\n00:00:05,000 --> 00:00:03,000\n坏\n";
    let refused = put("zh-CN", wrong.into(), "text/srt").await;
    assert_eq!(refused.expect_fields(), [("cues.2".to_owned(), "caption_times_invalid".to_owned())]);
    assert_eq!(staff.delete(&format!("/videos/{video}/captions/en")).await.status, 204);
    staff.delete(&format!("/videos/{video}/captions/en")).await.expect_problem(404, "not_found");
    assert_eq!(staff.get(&format!("/videos/{video}")).await.expect(200)["captions"], serde_json::json!(["zh-CN"]));
}
