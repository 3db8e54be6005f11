//! Work on one video holds nothing else up.

use std::process::Command;
use std::time::{Duration, Instant};

use campus::mail::{self, Mail};
use serde_json::json;
use tests::TestApp;
use worker::WorkerConfig;

use crate::videos::upload;

/// Half an hour of picture in a small file.
fn long_film(app: &TestApp) -> Vec<u8> {
    let path = app.folder().join("long.mp4");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", "color=s=320x180:r=5", "-t", "1800"])
        .args(["-c:v", "libx264", "-preset", "ultrafast"])
        .arg(&path)
        .status()
        .unwrap();
    assert!(made.success());
    std::fs::read(path).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_goes_out_while_a_long_video_is_worked_on() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let (video, parts) = upload(&staff, "lesson.mp4", &long_film(&app)).await;
    let _ = staff.post(&format!("{video}/completion"), &parts).await.expect(202);
    let config = WorkerConfig { grace: Duration::ZERO, schedules: Vec::new(), ..WorkerConfig::of(&app.campus.config) };
    let worker = worker::start(&app.campus, config);
    let began = Instant::now();
    let working = async || staff.get(&video).await.expect(200)["progress"].as_i64().unwrap() > 5;
    while !working().await {
        assert!(began.elapsed() < Duration::from_secs(60), "the work on the video does not begin");
    }
    let letter = Mail {
        to: "somebody@example.org".to_owned(),
        subject: "您好".to_owned(),
        html: "<p>您好</p>".to_owned(),
        text: "您好".to_owned(),
    };
    let connection = &mut *app.campus.database.connection().await.unwrap();
    mail::queue(connection, "test", &letter, app.clock.now()).await.unwrap();
    app.campus.signals.wake_workers().await;
    while app.mails().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(90), "the mail waits for the video");
    }
    assert_eq!(staff.get(&video).await.expect(200)["status"], json!("processing"), "the video was done first");
    worker.stop().await.unwrap();
}
