//! Whether it lives and can serve.

use std::time::Duration;

use reqwest::Method;
use tests::{Answer, TestApp};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

#[tokio::test]
async fn it_is_ready_when_everything_answers() {
    let app = TestApp::start().await;
    let anonymous = app.anonymous();
    let live = Answer::of(anonymous.request_at_root(Method::GET, "/health/live")).await.expect(200);
    assert_eq!(live["status"], "ok");
    let ready = Answer::of(anonymous.request_at_root(Method::GET, "/health/ready")).await.expect(200);
    assert_eq!(ready, serde_json::json!({"status": "ok", "postgres": "ok", "redis": "ok", "storage": "ok"}));
}

/// What forwards requests keeps its connections for a minute and more. A connection that is closed on it
/// while it sends costs somebody an answer, so the server must not be the first to close.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_kept_longer_than_those_who_ask_keep_it() {
    let app = TestApp::start().await;
    let mut line = BufReader::new(TcpStream::connect(app.site().trim_start_matches("http://")).await.unwrap());
    for _ in 0..2 {
        line.write_all(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        assert!(answered(&mut line).await, "the connection was closed");
        // What is measured: nothing may come on the idle line, its end neither.
        let closed = tokio::time::timeout(Duration::from_secs(7), line.fill_buf()).await;
        assert!(closed.is_err(), "the server ended an idle connection");
    }
}

/// Reads one answer; whether there was one.
async fn answered(line: &mut BufReader<TcpStream>) -> bool {
    let (mut head, mut length) = (String::new(), 0);
    while line.read_line(&mut head).await.unwrap() > 2 {
        let last = head.lines().last().unwrap_or_default().to_lowercase();
        if let Some(value) = last.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    line.read_exact(&mut body).await.unwrap();
    head.starts_with("HTTP/1.1 200")
}
