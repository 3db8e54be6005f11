//! What must hold across two APIs: they are one deployment.

use std::time::Instant;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tests::Answer;
use uuid::Uuid;

use crate::stand::{ADMIN, PASSWORD, PATIENCE, Stand};

fn request(method: Method, site: &str, path: &str) -> RequestBuilder {
    let http = Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    http.request(method, format!("{site}/api/v1{path}")).header("idempotency-key", Uuid::new_v4().to_string())
}

/// A session opened at one API is good at the other, and ends for both; a request sent to both
/// is done once; what one publishes the other shows.
pub async fn one_deployment(stand: &Stand) {
    let [here, there] = &stand.sites;
    let login = json!({"login": ADMIN, "password": PASSWORD});
    let opened = Answer::of(request(Method::POST, here, "/session").json(&login)).await;
    let cookie = opened.cookie();
    let token = opened.expect(201)["access_token"].as_str().unwrap().to_owned();
    one_award(&token, here, there).await;
    one_catalogue(&token, here, there).await;

    let refreshed = request(Method::POST, there, "/session/refreshment").header("cookie", &cookie);
    let refreshed = Answer::of(refreshed).await;
    let cookie = refreshed.cookie();
    let _ = refreshed.expect(200);
    let _ = Answer::of(request(Method::DELETE, here, "/session").header("cookie", &cookie)).await.expect(204);
    let again = request(Method::POST, there, "/session/refreshment").header("cookie", &cookie);
    Answer::of(again).await.expect_problem(401, "refresh_invalid");
}

async fn one_award(token: &str, here: &str, there: &str) {
    let people = Answer::of(request(Method::GET, here, "/residents?limit=1").bearer_auth(token)).await.expect(200);
    let award = json!({
        "residents": [{"id": people["items"][0]["id"]}], "unit": "credit", "amount": "2.00",
        "reason": "两处同时提交", "earned_on": "2026-11-02",
    });
    let key = Uuid::new_v4().to_string();
    let send = |site: &str| {
        let http = Client::builder().no_proxy().build().unwrap();
        let request = http.post(format!("{site}/api/v1/credit-awards")).bearer_auth(token);
        Answer::of(request.header("idempotency-key", &key).json(&award))
    };
    let (first, second) = tokio::join!(send(here), send(there));
    assert_eq!(first.expect(201)["batch_id"], second.expect(201)["batch_id"]);
}

async fn one_catalogue(token: &str, here: &str, there: &str) {
    let listed = async |site: &str| {
        let list = Answer::of(request(Method::GET, site, "/courses")).await.expect(200);
        list["items"].as_array().unwrap().clone()
    };
    let offered: Vec<Value> = listed(there).await;
    let course = offered[0]["id"].as_str().unwrap();
    let archive = request(Method::POST, here, &format!("/courses/{course}/archival")).bearer_auth(token);
    let _ = Answer::of(archive).await.expect(201);
    let began = Instant::now();
    while listed(there).await.len() != offered.len() - 1 {
        assert!(began.elapsed() < PATIENCE, "the other API still shows what is archived");
    }
}
