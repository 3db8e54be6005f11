//! Uploads in parts, what the worker makes of them, and what it refuses.

use std::path::Path;
use std::process::Command;

use campus::jobs::Handler;
use campus::videos::jobs::TidyUploads;
use reqwest::{Method, header};
use serde_json::{Value, json};
use time::Duration;

use crate::site::Site;

/// Noise compresses badly: two parts in a few seconds.
fn film(path: &Path) -> Vec<u8> {
    let made = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=640x480:rate=25:duration=4,noise=alls=100:allf=t",
        ])
        .args(["-f", "lavfi", "-i", "sine=frequency=440:duration=4", "-c:v", "mpeg4", "-q:v", "1", "-c:a", "aac"])
        .arg(path)
        .status()
        .unwrap();
    assert!(made.success());
    std::fs::read(path).unwrap()
}

async fn put(site: &Site, url: &str, part: &[u8]) -> String {
    let response = site.client.put(url).body(part.to_vec()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.headers()[header::ETAG].to_str().unwrap().to_owned()
}

async fn open(site: &Site, name: &str, size: usize) -> Value {
    let file = json!({"filename": name, "size": size, "content_type": "video/mp4"});
    let (status, upload) = site.post(&site.staff, "/videos", file).await;
    assert_eq!(status, 201, "{upload}");
    upload
}

async fn upload(site: &Site, name: &str, bytes: &[u8]) -> (String, Vec<Value>) {
    let upload = open(site, name, bytes.len()).await;
    let size = usize::try_from(upload["part_size"].as_u64().unwrap()).unwrap();
    let mut parts = Vec::new();
    for (link, part) in upload["parts"].as_array().unwrap().iter().zip(bytes.chunks(size)) {
        let etag = put(site, link["url"].as_str().unwrap(), part).await;
        parts.push(json!({"number": link["number"], "etag": etag}));
    }
    (upload["id"].as_str().unwrap().to_owned(), parts)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_the_next_day_and_becomes_what_phones_play() {
    let site = Site::start().await;
    let bytes = film(&site.folder.join("film.mp4"));
    let opened = open(&site, "第一课.mp4", bytes.len()).await;
    let id = opened["id"].as_str().unwrap();
    let size = usize::try_from(opened["part_size"].as_u64().unwrap()).unwrap();
    let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
    assert!(chunks.len() >= 2, "the film must need more than one part, it has {} bytes", bytes.len());
    assert_eq!(opened["parts"].as_array().unwrap().len(), chunks.len());

    let first = put(&site, opened["parts"][0]["url"].as_str().unwrap(), chunks[0]).await;
    let completion = format!("/videos/{id}/completion");
    let early = json!({"parts": [{"number": 1, "etag": first}]});
    let (status, problem) = site.post(&site.staff, &completion, early).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (422, Some("video_parts_invalid")));
    assert_eq!(problem["missing"][0], 2);

    let (status, parts) = site.get(&site.staff, &format!("/videos/{id}/parts")).await;
    assert_eq!(status, 200);
    assert_eq!(parts["parts"][0]["etag"].as_str().unwrap().trim_matches('"'), first.trim_matches('"'));
    assert_eq!(parts["parts"][0]["url"], Value::Null);
    let mut given = vec![json!({"number": 1, "etag": first})];
    for (index, chunk) in chunks.iter().enumerate().skip(1) {
        let etag = put(&site, parts["parts"][index]["url"].as_str().unwrap(), chunk).await;
        given.push(json!({"number": index + 1, "etag": etag}));
    }

    let mut wrong = given.clone();
    wrong[1]["etag"] = json!("\"00000000000000000000000000000000\"");
    let (status, problem) = site.post(&site.staff, &completion, json!({"parts": wrong})).await;
    assert_eq!((status.as_u16(), &problem["wrong"][0]), (422, &json!(2)));

    let (status, _) = site.post(&site.other_staff, &completion, json!({"parts": given})).await;
    assert_eq!(status, 404);
    let (status, video) = site.post(&site.staff, &completion, json!({"parts": given})).await;
    assert_eq!((status.as_u16(), video["status"].as_str()), (202, Some("processing")), "{video}");
    let (status, again) = site.post(&site.staff, &completion, json!({"parts": given})).await;
    assert_eq!((status.as_u16(), &again), (202, &video));

    site.run_jobs().await;
    let (_, video) = site.get(&site.staff, &format!("/videos/{id}")).await;
    assert_eq!(video["status"], "ready", "{video}");
    assert_eq!(video["progress"], 100);
    let seconds = video["duration_seconds"].as_f64().unwrap();
    assert!((3.5..4.5).contains(&seconds), "{seconds}");
    let names: Vec<&str> =
        video["renditions"].as_array().unwrap().iter().map(|r| r["rendition"].as_str().unwrap()).collect();
    assert_eq!(names, ["poster", "audio", "480p", "240p"]);
    assert_eq!((&video["renditions"][2]["width"], &video["renditions"][2]["height"]), (&json!(640), &json!(480)));
    let poster = site.client.get(video["poster_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(poster.status(), 200);
    assert_eq!(poster.headers()[header::CONTENT_TYPE], "image/jpeg");

    let left = std::fs::read_dir(std::env::temp_dir()).unwrap().filter_map(Result::ok);
    let left = left.filter(|entry| entry.file_name().to_string_lossy().starts_with("changqing-video-")).count();
    assert_eq!(left, 0, "temporary folders are removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_lies_about_its_type_fails_with_a_reason() {
    let site = Site::start().await;
    let (id, parts) = upload(&site, "lesson.mp4", b"#EXTM3U\nhttp://127.0.0.1:1/secret\n").await;
    let (status, _) = site.post(&site.staff, &format!("/videos/{id}/completion"), json!({"parts": parts})).await;
    assert_eq!(status, 202);
    site.run_jobs().await;
    let (_, video) = site.get(&site.staff, &format!("/videos/{id}")).await;
    assert_eq!(video["status"], "failed");
    assert_eq!(video["failure"]["code"], "video_type_not_allowed");
    assert!(video["failure"]["detail"].as_str().unwrap().contains("MP4"));
    let (status, video) = site.send(Method::POST, &site.staff, &format!("/videos/{id}/processing"), None).await;
    assert_eq!((status.as_u16(), video["status"].as_str()), (202, Some("processing")));
    site.run_jobs().await;
    let (_, video) = site.get(&site.staff, &format!("/videos/{id}")).await;
    assert_eq!(video["status"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_put_together_before_a_crash_is_found_again() {
    let site = Site::start().await;
    let (id, parts) = upload(&site, "lesson.mp4", b"whole in the store").await;
    let video =
        campus::videos::find(&mut site.campus.database.connection().await.unwrap(), id.parse().unwrap()).await.unwrap();
    let stored = site.campus.storage.parts(&video.object_key, video.upload_id.as_deref().unwrap()).await.unwrap();
    assert!(
        site.campus
            .storage
            .complete_upload(&video.object_key, video.upload_id.as_deref().unwrap(), &stored)
            .await
            .unwrap()
    );
    let (status, video) = site.post(&site.staff, &format!("/videos/{id}/completion"), json!({"parts": parts})).await;
    assert_eq!((status.as_u16(), video["status"].as_str()), (202, Some("processing")), "{video}");
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_nobody_finishes_are_cancelled_after_a_week() {
    let site = Site::start().await;
    let (id, parts) = upload(&site, "lesson.mp4", b"never finished").await;
    TidyUploads.run(&site.campus, &json!({})).await.unwrap();
    let (_, video) = site.get(&site.staff, &format!("/videos/{id}")).await;
    assert_eq!(video["status"], "uploading");

    let mut later = site.campus.clone();
    later.clock =
        campus::clock::Clock::starting_at("Asia/Shanghai", site.campus.clock.now() + Duration::days(8)).unwrap();
    TidyUploads.run(&later, &json!({})).await.unwrap();
    TidyUploads.run(&later, &json!({})).await.unwrap();
    let (_, video) = site.get(&site.staff, &format!("/videos/{id}")).await;
    assert_eq!((&video["status"], &video["failure"]["code"]), (&json!("failed"), &json!("video_upload_expired")));
    let (status, _) = site.post(&site.staff, &format!("/videos/{id}/completion"), json!({"parts": parts})).await;
    assert_eq!(status, 409);
    let (status, parts) = site.get(&site.staff, &format!("/videos/{id}/parts")).await;
    assert_eq!((status.as_u16(), parts["parts"].as_array().unwrap().len()), (200, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_files_are_refused_before_they_are_sent() {
    let site = Site::start().await;
    let cases = [
        (json!({"filename": "a.exe", "size": 1, "content_type": "video/mp4"}), 422, "fields_invalid"),
        (json!({"filename": "a.mp4", "size": 0, "content_type": "video/mp4"}), 422, "fields_invalid"),
        (json!({"filename": "a.mp4", "size": 5_000_000_000_i64, "content_type": "video/mp4"}), 413, "video_too_large"),
        (json!({"filename": "a.mp4", "content_type": "video/mp4"}), 422, "fields_invalid"),
        (json!({"filename": "a.mp4", "size": 1, "branch_id": site.other_branch}), 422, "fields_invalid"),
    ];
    for (body, status, code) in cases {
        let (found, problem) = site.post(&site.staff, "/videos", body.clone()).await;
        assert_eq!((found.as_u16(), problem["code"].as_str()), (status, Some(code)), "{body}");
    }
    let (status, _) = site.post("", "/videos", json!({"filename": "a.mp4", "size": 1})).await;
    assert_eq!(status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn captions_are_read_by_everybody_once_the_course_is_published() {
    let site = Site::start().await;
    let video = site.ready_video("ready").await;
    let address = format!("{}/api/v1/videos/{video}/captions/zh-CN", site.address);
    let put = async |body: &'static str, kind: &str| {
        let request = site.client.put(&address).bearer_auth(&site.staff).header(header::CONTENT_TYPE, kind.to_owned());
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(put("1\n00:00 --> 00:01\n", "text/vtt").await, 422);
    assert_eq!(put("WEBVTT\n", "application/json").await, 415);
    assert_eq!(put("WEBVTT\n\n00:00.000 --> 00:01.000\n你好\n", "text/vtt").await, 201);
    assert_eq!(put("WEBVTT\n\n00:00.000 --> 00:01.000\n您好\n", "text/vtt; charset=utf-8").await, 204);
    assert_eq!(site.client.get(&address).send().await.unwrap().status(), 404, "not shown by a published course");
    let course = site.course("字幕", video).await;
    site.publish(&course).await;
    let captions = site.client.get(&address).send().await.unwrap();
    assert_eq!(captions.headers()[header::CONTENT_TYPE], "text/vtt; charset=utf-8");
    assert!(captions.text().await.unwrap().contains("您好"));
}
