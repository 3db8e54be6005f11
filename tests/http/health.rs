//! Whether it lives and can serve.

use reqwest::Method;
use tests::{Answer, TestApp};

#[tokio::test]
async fn it_is_ready_when_everything_answers() {
    let app = TestApp::start().await;
    let anonymous = app.anonymous();
    let live = Answer::of(anonymous.request_at_root(Method::GET, "/health/live")).await.expect(200);
    assert_eq!(live["status"], "ok");
    let ready = Answer::of(anonymous.request_at_root(Method::GET, "/health/ready")).await.expect(200);
    assert_eq!(ready, serde_json::json!({"status": "ok", "postgres": "ok", "redis": "ok", "storage": "ok"}));
}
