//! Everything held about a person: all of it, and nothing of anybody else.

use serde_json::{Value, json};
use tests::{Client, PASSWORD, Person, TestApp};
use time::Duration;

/// Somebody of whom there is something in every part, and who helps them.
async fn somebody(app: &TestApp) -> (Client, Person, Person) {
    let person = Person {
        phone: Some("13800000001".to_owned()),
        email: Some("chen@example.org".to_owned()),
        id_number: Some("510102195603021234".to_owned()),
        ..Person::default()
    };
    let resident = app.new_resident("CX", &person).await;
    let helper_person = Person::default();
    let helper = app.new_resident("WT", &helper_person).await;
    let id = resident.resident_id.unwrap();
    let code = resident.post("/me/helper-invitation", &json!({"months": 1})).await.expect(201)["code"].clone();
    let _ = helper.post("/me/helped", &json!({"name": person.name, "code": code})).await.expect(201);
    let course = app.published_course("CX", 1, 60).await;
    let enrollment = format!("/me/helped/{id}/courses/{}/enrollment", course.id);
    let _ = helper.put(&enrollment, &Value::Null).await.expect(201);
    let lesson = course.lessons[0];
    let viewing = resident.get(&format!("/lessons/{lesson}/playback")).await.expect(200)["viewing_id"].clone();
    app.clock.advance(Duration::seconds(60));
    let report = json!({"viewing_id": viewing, "position": 60.0, "watched": [[0.0, 20.0], [30.0, 60.0]]});
    let _ = resident.put(&format!("/lessons/{lesson}/progress"), &report).await.expect(200);
    let award = json!({"residents": [{"id": id}], "unit": "credit", "amount": "2.50", "reason": "志愿服务", "earned_on": "2026-11-20"});
    let _ = app.admin().await.post("/credit-awards", &award).await.expect(201);
    app.staff("CX").await.post(&format!("/residents/{id}/learner-cards"), &json!({})).await.expect(201);
    let consent = json!({"version": "telephone_messages-2026-11"});
    let _ = resident.put("/me/consents/telephone_messages", &consent).await.expect(201);
    let login = json!({"login": "13800000001", "password": PASSWORD});
    let _ = app.anonymous().post("/session", &login).await.expect(201);
    (resident, person, helper_person)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_takes_away_everything_held_about_them() {
    let app = TestApp::street().await;
    let (resident, person, helper) = somebody(&app).await;
    let answer = resident.get("/me/export").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    let export = answer.expect(200);
    let about = &export["person"];
    assert_eq!((&about["name"], &about["phone"]), (&json!(person.name), &json!("13800000001")));
    assert_eq!((&about["id_number"], &about["birth_date"]), (&json!("510102195603021234"), &json!("1956-03-02")));
    assert_eq!(export["made_at"], "2026-11-22T10:01:00+08:00");
    assert_eq!(export["accounts"][0]["email"], "chen@example.org");
    // The one that the test came with, and the one that was logged in to.
    assert_eq!(export["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(export["devices"].as_array().unwrap().len(), 1);
    assert_eq!(export["cards"][0]["revoked_at"], Value::Null);
    assert_eq!(
        (&export["accounts"][0]["has_password"], &export["accounts"][0]["has_pin"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(export["consents"][0]["purpose"], "telephone_messages");
    assert_eq!(
        (&export["enrollments"][0]["title"], &export["enrollments"][0]["helped_by"]),
        (&json!("地震演练"), &json!(helper.name))
    );
    assert_eq!(export["lessons"][0]["watched"], json!([[0.0, 20.0], [30.0, 60.0]]));
    assert_eq!(export["learning_days"], json!([{"day": "2026-11-22", "watched_seconds": 50.0}]));
    assert_eq!(export["viewings"].as_array().unwrap().len(), 1);
    assert_eq!(export["credit_accounts"][0], json!({"unit": "credit", "balance": "2.50"}));
    assert_eq!(
        (&export["transfers"][0]["amount"], &export["transfers"][0]["reason"]),
        (&json!("2.50"), &json!("志愿服务"))
    );
    assert_eq!((&export["helpers"][0]["name"], &export["helpers"][0]["ended_at"]), (&json!(helper.name), &Value::Null));
    let acts: Vec<_> = export["acts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| (act["action"].as_str().unwrap(), act["by"].as_str().unwrap()))
        .collect();
    for wanted in [
        ("help.granted", "helper"),
        ("help.enrolled", "helper"),
        ("consent.given", "self"),
        ("account.created", "system"),
    ] {
        assert!(acts.contains(&wanted), "{wanted:?}: {acts:?}");
    }
    assert!(!text.contains("$argon2"), "no secret");
    // Taking it away is itself on record.
    let next = resident.get("/me/export").await.expect(200);
    let acts = next["acts"].as_array().unwrap();
    assert!(acts.iter().any(|act| act["action"] == "resident.exported" && act["by"] == "self"), "{acts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds_nothing_of_anybody_else() {
    let app = TestApp::street().await;
    let canary = |name: &str, phone: &str, email: &str| Person {
        name: name.to_owned(),
        phone: Some(phone.to_owned()),
        email: Some(email.to_owned()),
        id_number: Some(format!("5101021956030212{}", &phone[9..])),
        ..Person::default()
    };
    // A neighbour with the same telephone, a person whom they help, and people of other branches.
    let own = Person { phone: Some("13800000099".to_owned()), ..Person::default() };
    let resident = app.new_resident("CX", &own).await;
    let neighbour = app.new_resident("CX", &canary("邻居甲", "13800000099", "jia@canary.example")).await;
    let helped_person = canary("被帮乙", "13900000022", "yi@canary.example");
    let helped = app.new_resident("WT", &helped_person).await;
    let admin = app.admin().await;
    let course = app.published_course("CX", 1, 60).await;
    let code = helped.post("/me/helper-invitation", &json!({"months": 1})).await.expect(201)["code"].clone();
    let _ = resident.post("/me/helped", &json!({"name": "被帮乙", "code": code})).await.expect(201);
    let theirs = format!("/me/helped/{}", helped.resident_id.unwrap());
    let _ = resident.patch(&theirs, &json!({"phone": "13700000033", "groups": ["disabled"]})).await.expect(200);
    let _ = resident.put(&format!("{theirs}/courses/{}/enrollment", course.id), &Value::Null).await.expect(201);
    for client in [&neighbour, &helped] {
        let award = json!({"residents": [{"id": client.resident_id.unwrap()}], "unit": "credit", "amount": "7.77", "reason": "别人的理由", "earned_on": "2026-11-20"});
        let _ = admin.post("/credit-awards", &award).await.expect(201);
        let consent = json!({"version": "district_figures-2026-11"});
        let _ = client.put("/me/consents/district_figures", &consent).await.expect(201);
    }
    let answer = resident.get("/me/export").await;
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    let export = answer.expect(200);
    let others = [neighbour.resident_id, neighbour.account_id, helped.resident_id, helped.account_id];
    let ids = others.map(|id| id.unwrap().to_string());
    for canary in ids.iter().map(String::as_str).chain([
        "邻居甲",
        "被帮乙",
        "canary.example",
        "13900000022",
        "13700000033",
        "51010219560302",
        "7.77",
        "别人的理由",
        "district_figures",
        "地震演练",
    ]) {
        assert!(!text.contains(canary), "{canary} in {text}");
    }
    // That they helped is theirs to know.
    assert_eq!(export["helping"].as_array().unwrap().len(), 1);
    let acts = export["acts"].as_array().unwrap();
    assert!(acts.iter().any(|act| act["action"] == "help.filled_in" && act["about_another"] == true), "{acts:?}");
    assert_eq!(
        (&export["enrollments"], &export["transfers"], &export["consents"]),
        (&json!([]), &json!([]), &json!([]))
    );
}
