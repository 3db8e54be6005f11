//! Certificates: issued when a course is finished, checked by anybody, revoked by the street centre.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{Client, TestApp, id_of};
use time::Duration;

use crate::making;

/// Somebody who has finished a course of one article, and the code of their certificate.
async fn finished(app: &TestApp) -> (Client, String) {
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let new = json!({"title": "防震减灾", "topic": "health", "credits": "2.00"});
    let course = id_of(&staff.post("/courses", &new).await.expect(201)).to_string();
    let lesson = id_of(&staff.post(&format!("/courses/{course}/lessons"), &making::article("好")).await.expect(201));
    making::publish(&staff, &admin, &course).await;
    let resident = app.resident("DH").await;
    let _ = resident.put(&format!("/courses/{course}/enrollment"), &json!({})).await.expect(201);
    let path = format!("/lessons/{lesson}/reading");
    let _ = resident.put(&path, &json!({"finished": false})).await.expect(200);
    app.clock.advance(Duration::seconds(6));
    let _ = resident.put(&path, &json!({"finished": true})).await.expect(200);
    let _ = app.tick().await;
    let own = resident.get("/me/certificates").await.expect(200);
    assert_eq!(own["items"].as_array().map(Vec::len), Some(1), "{own}");
    assert_eq!((&own["items"][0]["course_title"], &own["items"][0]["credits"]), (&json!("防震减灾"), &json!("2.50")));
    let code = own["items"][0]["code"].as_str().unwrap().to_owned();
    (resident, code)
}

/// What every program does that checks a Data Integrity proof with `eddsa-jcs-2022`.
fn verifies(credential: &Value, issuer: &Value) -> bool {
    let mut document = credential.clone();
    let mut proof = document.as_object_mut().unwrap().remove("proof").unwrap();
    let value = proof.as_object_mut().unwrap().remove("proofValue").unwrap();
    let read = |text: &Value| bs58::decode(text.as_str().unwrap().strip_prefix('z').unwrap()).into_vec().unwrap();
    let keys = issuer["verificationMethod"].as_array().unwrap();
    let key = keys.iter().find(|key| key["id"] == proof["verificationMethod"]).unwrap();
    let key = read(&key["publicKeyMultibase"]);
    assert_eq!(key[..2], [0xed, 0x01]);
    // Sorted by key and without spaces: the canonical form, as nothing here is a fraction.
    let digest = |value: &Value| Sha256::digest(sorted(value).to_string());
    let signed = [digest(&proof), digest(&document)].concat();
    UnparsedPublicKey::new(&ED25519, &key[2..]).verify(&signed, &read(&value)).is_ok()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            Value::Object(names.into_iter().map(|name| (name.clone(), sorted(&members[name]))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[tokio::test]
async fn anybody_checks_a_certificate_by_its_code() {
    let app = TestApp::street().await;
    let (resident, code) = finished(&app).await;
    let anyone = app.anonymous();
    let name = resident.get("/me").await.expect(200)["account"]["name"].clone();
    let seen = anyone.get(&format!("/certificates/{code}")).await.expect(200);
    assert_eq!((&seen["status"], &seen["holder_name"], &seen["code"]), (&json!("valid"), &name, &json!(code)));
    assert_eq!((&seen["credits"], &seen["revoked_at"]), (&json!("2.50"), &Value::Null));
    assert!(seen["issuer_name"].as_str().unwrap().contains("社区市民学校"), "{seen}");
    let typed = code.to_lowercase().replace('-', " ").replace('0', "o");
    assert_eq!(anyone.get(&format!("/certificates/{typed}")).await.expect(200), seen);
    for wrong in ["0000-0000-0000-0000", "x", "%00", "0000-0000-0000-000U"] {
        anyone.get(&format!("/certificates/{wrong}")).await.expect_problem(404, "not_found");
    }
    // Once, however often the job runs.
    for _ in 0..3 {
        app.clock.advance(Duration::minutes(6));
        let _ = app.tick().await;
    }
    assert_eq!(resident.get("/me/certificates").await.expect(200)["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_credential_is_signed_and_says_when_it_is_revoked() {
    let app = TestApp::street().await;
    let (_, code) = finished(&app).await;
    let anyone = app.anonymous();
    let credential = anyone.get(&format!("/certificates/{code}/credential")).await.expect(200);
    let issuer = anyone.get("/certificate-issuer").await.expect(200);
    assert!(verifies(&credential, &issuer), "{credential}");
    assert_eq!(credential["issuer"]["id"], issuer["id"]);
    for (place, forged) in [
        ("/credentialSubject/identifier/0/identityHash", json!("别人")),
        ("/credentialSubject/achievement/name", json!("别的课")),
        ("/proof/created", json!("2020-01-01T00:00:00+08:00")),
        ("/validFrom", json!("2020-01-01T00:00:00+08:00")),
    ] {
        let mut other = credential.clone();
        *other.pointer_mut(place).unwrap() = forged;
        assert!(!verifies(&other, &issuer), "{place}");
    }
    let revocations = "/certificate-revocations";
    assert_eq!(anyone.get(revocations).await.expect(200)["revokedCredential"], json!([]));

    let admin = app.admin().await;
    let path = format!("/certificates/{code}/revocation");
    let refused = admin.post(&path, &json!({"reason": " "})).await.expect_fields();
    assert_eq!(refused, [("reason".to_owned(), "reason_required".to_owned())]);
    let revoked = admin.post(&path, &json!({"reason": "替别人学的"})).await.expect(201);
    assert_eq!((&revoked["status"], &revoked["revoked_reason"]), (&json!("revoked"), &json!("替别人学的")));
    admin.post(&path, &json!({"reason": "再来"})).await.expect_problem(409, "certificate_revoked");
    assert_eq!(anyone.get(&format!("/certificates/{code}")).await.expect(200)["status"], "revoked");
    let listed = anyone.get(revocations).await.expect(200)["revokedCredential"][0].clone();
    assert_eq!((&listed["id"], &listed["revoked"]), (&credential["id"], &json!(true)));
    assert_eq!(credential["credentialStatus"]["id"], anyone.get(revocations).await.expect(200)["id"]);
}

#[tokio::test]
async fn on_paper_it_says_for_whom_and_for_what() {
    let app = TestApp::street().await;
    let (resident, code) = finished(&app).await;
    let paper = app.anonymous().get(&format!("/certificates/{code}/document")).await;
    assert_eq!((paper.status, paper.header("content-type")), (200, "application/pdf"));
    let document = lopdf::Document::load_mem(&paper.bytes).unwrap();
    let text: String = document.extract_text(&[1]).unwrap().split_whitespace().collect();
    let name = resident.get("/me").await.expect(200)["account"]["name"].as_str().unwrap().to_owned();
    for part in ["结业证书", &name, "《防震减灾》", "2.50", &code] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Fonts are in the file: it prints the same everywhere.
    let embedded = document.objects.values().filter_map(|object| object.as_dict().ok());
    assert!(embedded.clone().any(|dictionary| dictionary.has(b"FontFile3") || dictionary.has(b"FontFile2")));
}

#[tokio::test]
async fn who_has_left_is_named_no_more() {
    let app = TestApp::street().await;
    let (resident, code) = finished(&app).await;
    let id = resident.resident_id.unwrap();
    let path = format!("/residents/{id}/departure");
    let admin = app.admin().await;
    let _ =
        admin.post(&format!("/certificates/{code}/revocation"), &json!({"reason": "陈芳替他学的"})).await.expect(201);
    let _ = admin.post(&path, &json!({"reason": "asked"})).await.expect(201);
    let seen = app.anonymous().get(&format!("/certificates/{code}")).await.expect(200);
    assert_eq!((&seen["holder_name"], &seen["course_title"]), (&Value::Null, &json!("防震减灾")));
    assert_eq!((&seen["status"], &seen["revoked_reason"]), (&json!("revoked"), &json!("-")));
    for part in ["document", "credential"] {
        app.anonymous().get(&format!("/certificates/{code}/{part}")).await.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn staff_find_the_certificates_of_their_residents() {
    let app = TestApp::street().await;
    // Of a course that CX has made, held by somebody of DH.
    let (resident, code) = finished(&app).await;
    let id = resident.resident_id.unwrap();
    let (own, other, admin) = (app.staff("DH").await, app.staff("CX").await, app.admin().await);
    let all = own.get("/certificates").await.expect(200);
    let found = &all["items"][0];
    let number = app.learner_number(id).await;
    assert_eq!((&found["code"], &found["holder"]["id"]), (&json!(code), &json!(id)));
    assert_eq!((&found["holder"]["learner_number"], &found["status"]), (&json!(number), &json!("valid")));
    let course = found["course_id"].as_str().unwrap().to_owned();
    let typed = code.to_lowercase().replace('-', "%20");
    for path in [format!("?resident_id={id}"), format!("?course_id={course}"), format!("?code={typed}")] {
        let path = format!("/certificates{path}");
        assert_eq!(own.get(&path).await.expect(200), all, "{path}");
        assert_eq!(admin.get(&path).await.expect(200), all, "{path}");
    }
    let nobody = uuid::Uuid::new_v4();
    for path in ["?code=0000-0000-0000-0000".to_owned(), format!("?course_id={nobody}")] {
        assert_eq!(own.get(&format!("/certificates{path}")).await.expect(200)["items"], json!([]), "{path}");
    }
    let refused = own.get("/certificates?code=0000").await.expect_fields();
    assert_eq!(refused, [("code".to_owned(), "certificate_code_invalid".to_owned())]);

    // The branch that made the course learns nothing of another's residents.
    for path in ["", &format!("?course_id={course}"), &format!("?code={code}")] {
        assert_eq!(other.get(&format!("/certificates{path}")).await.expect(200)["items"], json!([]), "{path}");
    }
    other.get(&format!("/certificates?resident_id={id}")).await.expect_problem(404, "not_found");

    // It goes with its holder: to the record that stays, and to another branch.
    let kept = app.resident("DH").await.resident_id.unwrap();
    let _ = own.post(&format!("/residents/{kept}/merges"), &json!({"other_id": id})).await.expect(201);
    for either in [id, kept] {
        let found = own.get(&format!("/certificates?resident_id={either}")).await.expect(200);
        assert_eq!((&found["items"][0]["code"], &found["items"][0]["holder"]["id"]), (&json!(code), &json!(kept)));
    }
    let moved = json!({"branch_id": app.branch("CX").id, "moved_on": "2026-11-22"});
    let _ = own.post(&format!("/residents/{kept}/moves"), &moved).await.expect(201);
    assert_eq!(own.get("/certificates").await.expect(200)["items"], json!([]));
    assert_eq!(other.get("/certificates").await.expect(200)["items"][0]["code"], json!(code));
    let _ = admin.post(&format!("/certificates/{code}/revocation"), &json!({"reason": "发错了"})).await.expect(201);
    let revoked = other.get("/certificates").await.expect(200)["items"][0].clone();
    assert_eq!((&revoked["status"], &revoked["revoked_reason"]), (&json!("revoked"), &json!("发错了")));
}

#[tokio::test]
async fn certificates_come_page_by_page() {
    let app = TestApp::street().await;
    let staff = app.staff("DH").await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.insert(0, finished(&app).await.1);
    }
    let first = staff.get("/certificates?limit=2").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = staff.get(&format!("/certificates?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(second["next_cursor"], Value::Null);
    let items = first["items"].as_array().unwrap().iter().chain(second["items"].as_array().unwrap());
    assert_eq!(items.map(|item| item["code"].as_str().unwrap()).collect::<Vec<_>>(), codes);
}
