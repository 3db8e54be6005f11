//! Consents: one for each purpose, in versions, withdrawn and given again.

use serde_json::{Value, json};
use tests::database::execute;
use tests::{Client, TestApp};
use time::Duration;

use crate::books::Books;

const PHOTOGRAPHS: &str = "/me/consents/activity_photographs";

async fn of(resident: &Client, purpose: &str) -> Value {
    let found = resident.get("/me/consents").await.expect(200);
    let items = found["items"].as_array().unwrap();
    items.iter().find(|item| item["text"]["purpose"] == purpose).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_agrees_to_being_on_record_and_to_nothing_else() {
    let app = TestApp::street().await;
    let current = app.anonymous().get("/consents/current").await.expect(200);
    assert_eq!((&current["version"], &current["title"]), (&json!("2026-11"), &json!("个人信息使用同意书")));
    let others: Vec<_> =
        current["others"].as_array().unwrap().iter().map(|text| text["purpose"].as_str().unwrap()).collect();
    assert_eq!(others, ["activity_photographs", "telephone_messages", "district_figures"]);
    let english = app.anonymous().reading("en").get("/consents/current").await.expect(200);
    assert_eq!(english["others"][0]["title"], "Photographs at activities");

    let registration = json!({
        "name": "陈秀英", "phone": "13900000001", "password": "a good password", "branch_id": app.branch("CX").id,
        "birth_date": "1956-03-02", "consent": {"version": "2026-11"},
    });
    let _ = app.anonymous().post("/residents", &registration).await.expect(201);
    let mut books = Books::of(&app).await;
    let account = books.ask("SELECT id::text FROM accounts WHERE name = '陈秀英'").await;
    let resident = app.client_of(account[0].parse().unwrap());
    let own = resident.get("/me/consents").await.expect(200);
    let items = own["items"].as_array().unwrap();
    let given: Vec<_> = items.iter().map(|item| (&item["text"]["necessary"], item["given"].is_object())).collect();
    assert_eq!(given, [(&json!(true), true), (&json!(false), false), (&json!(false), false), (&json!(false), false)]);
    assert_eq!(items[0]["given"]["channel"], "web");
    resident.delete("/me/consents/registration").await.expect_problem(409, "consent_necessary");
    assert!(of(&resident, "registration").await["given"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_withdrawn_and_given_again_stays_on_record() {
    let app = TestApp::street().await;
    let resident = app.resident("CX").await;
    let agreement = json!({"version": "activity_photographs-2026-11"});
    assert_eq!(resident.delete(PHOTOGRAPHS).await.status, 204);
    let reminders = json!({"version": "telephone_messages-2026-11"});
    let _ = resident.put("/me/consents/telephone_messages", &reminders).await.expect(201);
    let first = resident.put(PHOTOGRAPHS, &agreement).await.expect(201);
    assert_eq!(first["given"]["given_at"], "2026-11-22T10:00:00+08:00");
    app.clock.advance(Duration::days(1));
    assert_eq!(resident.put(PHOTOGRAPHS, &agreement).await.expect(200), first);
    assert_eq!(resident.delete(PHOTOGRAPHS).await.status, 204);
    let withdrawn = of(&resident, "activity_photographs").await;
    assert_eq!(
        (&withdrawn["given"], &withdrawn["history"][0]["withdrawn_at"]),
        (&Value::Null, &json!("2026-11-23T10:00:00+08:00"))
    );
    app.clock.advance(Duration::days(1));
    let again = resident.put(PHOTOGRAPHS, &agreement).await.expect(201);
    let history: Vec<_> =
        again["history"].as_array().unwrap().iter().map(|given| given["given_at"].as_str().unwrap()).collect();
    assert_eq!(history, ["2026-11-24T10:00:00+08:00", "2026-11-22T10:00:00+08:00"]);
    // Each purpose by itself.
    assert!(of(&resident, "telephone_messages").await["given"].is_object());
    assert_eq!(of(&resident, "district_figures").await["history"], json!([]));
    let admin = app.admin().await;
    let found = admin
        .get(&format!("/audit-entries?action=consent&object_id={}", resident.resident_id.unwrap()))
        .await
        .expect(200);
    let actions: Vec<_> =
        found["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["consent.given", "consent.withdrawn", "consent.given", "consent.given"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_text_in_force_can_be_agreed_to() {
    let app = TestApp::street().await;
    let resident = app.resident("CX").await;
    let give = async |version: &str| resident.put(PHOTOGRAPHS, &json!({"version": version})).await;
    // The version of another purpose is none of this one.
    for version in ["2026-11", "telephone_messages-2026-11", "activity_photographs-1999", ""] {
        let refused = give(version).await.expect_fields();
        assert_eq!(refused, [("version".to_owned(), "consent_version_invalid".to_owned())]);
    }
    resident.put("/me/consents/everything", &json!({"version": "2026-11"})).await.expect_problem(404, "not_found");
    resident.delete("/me/consents/everything").await.expect_problem(404, "not_found");
    let _ = give("activity_photographs-2026-11").await.expect(201);
    let newer = "INSERT INTO consent_texts (version, purpose, valid_from, title_zh, body_zh, title_en, body_en) \
        VALUES ('activity_photographs-2027-01', 'activity_photographs', '2027-01-01T00:00+08', '照片', '新', 'Photographs', 'New')";
    execute(&app.owner_url(), newer).await;
    assert_eq!(of(&resident, "activity_photographs").await["text"]["version"], "activity_photographs-2026-11");
    app.clock.advance(Duration::days(60));
    // What was given stands, and the page can see that the text has changed.
    let standing = of(&resident, "activity_photographs").await;
    assert_eq!(
        (&standing["text"]["version"], &standing["given"]["version"]),
        (&json!("activity_photographs-2027-01"), &json!("activity_photographs-2026-11"))
    );
    assert_eq!(give("activity_photographs-2026-11").await.status, 422);
    let _ = give("activity_photographs-2027-01").await.expect(201);
    // Withdrawing withdraws both.
    assert_eq!(resident.delete(PHOTOGRAPHS).await.status, 204);
    assert_eq!(of(&resident, "activity_photographs").await["given"], Value::Null);
}
