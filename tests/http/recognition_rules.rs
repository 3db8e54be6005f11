//! Recognition, where somebody could gain by it: the same twice, limits that change, decisions that come twice,
//! and what photos say of who took them.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::pictures::{PNG, WITH_PLACE, assert_bare};
use tests::{Person, TestApp, id_of};
use time::Duration;

use crate::books::Books;
use crate::recognition::{approve, called, check, claim, filed, outcome, own, photo, recognised, refuse, step};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_is_recognised_once() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "each", "5.00", None, 0).await;
    let (kept, merged) = (app.resident("CX").await, app.resident("CX").await);
    let body = claim(outcome, None);
    let mut drafts = Vec::new();
    for _ in 0..4 {
        let id = id_of(&kept.post("/me/recognitions", &body).await.expect(201));
        let _ = photo(&kept, id, PNG).await.expect(201);
        drafts.push(id);
    }
    // Four at once: one of them comes in.
    let sent = join_all(drafts.iter().map(|id| step(&kept, *id, "submission"))).await;
    let mut came = Vec::new();
    for (answer, id) in sent.into_iter().zip(&drafts) {
        if answer.status == 200 {
            came.push(*id);
        } else {
            answer.expect_problem(409, "recognition_repeated");
        }
    }
    assert_eq!(came.len(), 1);
    let rest = *drafts.iter().find(|id| **id != came[0]).unwrap();
    // Under another record of the same person neither.
    let other = filed(&merged, &called(body.clone(), "别的")).await;
    let _ = step(&merged, other, "withdrawal").await.expect(200);
    let second = id_of(&merged.post("/me/recognitions", &body).await.expect(201));
    let _ = photo(&merged, second, PNG).await.expect(201);
    let path = format!("/residents/{}/merges", kept.resident_id.unwrap());
    let joined = json!({"other_id": merged.resident_id.unwrap()});
    let _ = app.admin().await.post(&path, &joined).await.expect(201);
    step(&kept, second, "submission").await.expect_problem(409, "recognition_repeated");

    recognised(&app, came[0]).await;
    step(&kept, rest, "submission").await.expect_problem(409, "recognition_repeated");
    // What was taken back may be handed in again.
    let posted = own(&kept, came[0]).await["posted"]["transfer_id"].as_str().unwrap().to_owned();
    let path = format!("/credit-transfers/{posted}/reversal");
    let _ = app.admin().await.post(&path, &json!({"reason": "原件没有带来"})).await.expect(201);
    let _ = step(&kept, rest, "submission").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_the_catalogue_are_written_by_the_catalogue() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let outcome = outcome(&app, "each", "5.00", Some("10.00"), 0).await;
    let rules = admin.get("/credit-rules").await.expect(200)["items"].clone();
    let rule = rules.as_array().unwrap().iter().find(|rule| rule["earns"] == "recognition").unwrap().clone();
    let next = json!({
        "code": rule["code"], "name_zh": "志愿服务", "name_en": "Volunteering", "earns": "recognition", "unit": "credit",
        "year_cap": "20.00", "valid_from": "2026-11-22",
    });
    let refused = admin.post("/credit-rules", &next).await.expect_fields();
    assert_eq!(refused, [("earns".to_owned(), "rule_of_catalogue".to_owned())]);
    // Where one was written there before, the catalogue goes on behind it.
    let mut books = Books::of(&app).await;
    books
        .execute(
            "INSERT INTO credit_rules (id, code, version, name_zh, name_en, earns, unit, year_cap, valid_from) \
             SELECT gen_random_uuid(), code, 2, name_zh, name_en, earns, unit, 2000, valid_from FROM credit_rules \
             WHERE earns = 'recognition'",
        )
        .await;
    let entry = json!({
        "kind": "volunteering", "name": "志愿服务", "requirement": "志愿者证或服务证明", "basis": "each",
        "credits": "5.00", "year_cap": "30.00", "notice_days": 0,
    });
    let _ = admin.put(&format!("/recognised-outcomes/{outcome}"), &entry).await.expect(200);
    let versions = "SELECT string_agg(version || ':' || year_cap, ',' ORDER BY version) FROM credit_rules \
        WHERE earns = 'recognition'";
    assert_eq!(books.ask(versions).await, ["1:1000,2:2000,3:3000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn notice_is_given_for_as_long_as_was_said_when_it_was_handed_in() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "each", "5.00", None, 7).await;
    let resident = app.resident("CX").await;
    let id = filed(&resident, &claim(outcome, None)).await;
    let entry = json!({
        "kind": "volunteering", "name": "志愿服务", "requirement": "志愿者证或服务证明", "basis": "each",
        "credits": "5.00", "notice_days": 0,
    });
    let _ = app.admin().await.put(&format!("/recognised-outcomes/{outcome}"), &entry).await.expect(200);
    let _ = check(&app.staff("CX").await, id, true).await.expect(200);
    let approved = approve(&app.admin().await, id).await.expect(200);
    assert_eq!(approved["notice_until"], "2026-11-30T00:00:00+08:00");
    app.run_jobs().await;
    assert_eq!(own(&resident, id).await["state"], "approved");
    // What is handed in from now on is posted at once.
    let id = filed(&resident, &called(claim(outcome, None), "另一份")).await;
    recognised(&app, id).await;
    assert_eq!(own(&resident, id).await["state"], "posted");
}

fn without_links(mut claim: Value) -> Value {
    claim["photos"][0]["url"] = Value::Null;
    claim
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_comes_twice_is_answered_twice() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "each", "5.00", None, 0).await;
    let (resident, staff, admin) = (app.resident("CX").await, app.staff("CX").await, app.admin().await);
    let id = filed(&resident, &claim(outcome, None)).await;
    let refused = without_links(refuse(&staff, id, "照片看不清").await.expect(200));
    assert_eq!(without_links(refuse(&staff, id, "照片看不清").await.expect(200)), refused);
    refuse(&staff, id, "别的原因").await.expect_problem(409, "recognition_elsewhere");
    refuse(&admin, id, "照片看不清").await.expect_problem(409, "recognition_elsewhere");
    let _ = step(&resident, id, "submission").await.expect(200);
    let checked = without_links(check(&staff, id, true).await.expect(200));
    assert_eq!(without_links(check(&staff, id, true).await.expect(200)), checked);
    check(&staff, id, false).await.expect_problem(409, "recognition_elsewhere");
    check(&app.staff("CX").await, id, true).await.expect_problem(409, "recognition_elsewhere");
    let approved = without_links(approve(&admin, id).await.expect(200));
    assert_eq!(without_links(approve(&admin, id).await.expect(200)), approved);
    app.run_jobs().await;
    assert_eq!(approve(&admin, id).await.expect(200)["state"], "posted");
    approve(&app.admin().await, id).await.expect_problem(409, "recognition_elsewhere");
    assert_eq!(resident.get("/me/credit-account").await.expect(200)["credits"], "5.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_do_not_say_where_they_were_taken_and_count_towards_the_branchs_share() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "each", "5.00", None, 0).await;
    let (resident, admin) = (app.resident("CX").await, app.admin().await);
    let id = id_of(&resident.post("/me/recognitions", &claim(outcome, None)).await.expect(201));
    let used = async |code: &str| {
        let path = format!("/branches/{}/storage-quota", app.branch(code).id);
        admin.get(&path).await.expect(200)["used_bytes"].as_u64().unwrap()
    };
    let mut bytes = 0;
    for (content_type, content) in WITH_PLACE {
        let shown = photo(&resident, id, content).await.expect(201);
        let kept = shown["photos"].as_array().unwrap().last().unwrap().clone();
        let kept = reqwest::get(kept["url"].as_str().unwrap()).await.unwrap();
        assert_eq!(kept.headers()["content-type"], content_type);
        let kept = kept.bytes().await.unwrap();
        assert_bare(&kept);
        bytes += kept.len() as u64;
    }
    let broken = photo(&resident, id, &PNG[..40]).await.expect_fields();
    assert_eq!(broken, [("file".to_owned(), "picture_type_not_allowed".to_owned())]);
    assert_eq!((used("CX").await, used("WT").await), (bytes, 0));
    // A full share keeps nobody from handing something in.
    let quota = format!("/branches/{}/storage-quota", app.branch("CX").id);
    let _ = admin.put(&quota, &json!({"quota_bytes": 0})).await.expect(200);
    let _ = photo(&resident, id, PNG).await.expect(201);
    // What the store has let go of takes no room.
    let _ = step(&resident, id, "withdrawal").await.expect(200);
    app.clock.advance(Duration::minutes(6));
    app.tick().await;
    assert_eq!(used("CX").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_files_for_who_allows_it_and_nobody_else_does() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "each", "1.00", None, 0).await;
    let person = Person::default();
    let (mother, son) = (app.new_resident("CX", &person).await, app.resident("WT").await);
    let path = format!("/me/helped/{}/recognitions", mother.resident_id.unwrap());
    son.post(&path, &claim(outcome, None)).await.expect_problem(404, "not_found");
    let code = mother.post("/me/helper-invitation", &json!({"months": 1})).await.expect(201)["code"].clone();
    let _ = son.post("/me/helped", &json!({"name": person.name, "code": code})).await.expect(201);
    let id = id_of(&son.post(&path, &claim(outcome, None)).await.expect(201));
    let shown = photo(&son, id, PNG).await.expect(201);
    let first = shown["photos"][0]["id"].as_str().unwrap();
    let _ = son.delete(&format!("/me/recognitions/{id}/photos/{first}")).await.expect(200);
    let _ = photo(&son, id, PNG).await.expect(201);
    let _ = step(&son, id, "submission").await.expect(200);
    assert_eq!(son.get(&path).await.expect(200)["items"][0]["id"], json!(id));
    let seen = own(&mother, id).await;
    assert_eq!(seen["resident_id"], json!(mother.resident_id));
    let acts = mother.get("/me/helper-acts").await.expect(200)["items"].clone();
    let acts: Vec<&str> = acts.as_array().unwrap().iter().map(|act| act["action"].as_str().unwrap()).collect();
    for act in ["recognition_begun", "recognition_photo_added", "recognition_photo_removed", "recognition_filed"] {
        assert!(acts.contains(&format!("help.{act}").as_str()), "{act}: {acts:?}");
    }
    recognised(&app, id).await;
    assert_eq!(mother.get("/me/credit-account").await.expect(200)["credits"], "1.00");
    assert_eq!(son.get("/me/credit-account").await.expect(200)["credits"], "0.00");
    let _ = son.delete(&format!("/me/helped/{}", mother.resident_id.unwrap())).await;
    son.get(&format!("/me/recognitions/{id}")).await.expect_problem(404, "not_found");
}
