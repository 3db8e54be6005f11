//! What looks out of the ordinary: found, kept once, and settled.

mod attendance;
mod awards;
mod people;
mod settling;

use serde_json::{Value, json};
use tests::{Client, TestApp};

/// Has things looked at, and answers what is open.
async fn look(app: &TestApp, admin: &Client) -> Vec<Value> {
    let asked = admin.post("/anomaly-searches", &Value::Null).await;
    assert_eq!((asked.status, asked.header("location")), (202, "/api/v1/anomaly-overview"));
    assert_eq!(admin.get("/anomaly-overview").await.expect(200)["searching"], true);
    app.run_jobs().await;
    assert_eq!(admin.get("/anomaly-overview").await.expect(200)["searching"], false);
    listed(admin, "").await
}

/// What is listed, by a query.
async fn listed(admin: &Client, query: &str) -> Vec<Value> {
    admin.get(&format!("/anomalies{query}")).await.expect(200)["items"].as_array().unwrap().clone()
}

async fn settle(admin: &Client, anomaly: &Value, note: &str) -> Value {
    admin.post(&settlement(anomaly), &json!({"note": note})).await.expect(201)
}

/// Where it is settled.
fn settlement(anomaly: &Value) -> String {
    format!("/anomalies/{}/settlement", anomaly["id"].as_str().unwrap())
}
