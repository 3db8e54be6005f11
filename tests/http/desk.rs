//! Registration at the desk.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Client, Person, TestApp};
use time::Duration;
use time::macros::date;
use uuid::Uuid;

use crate::books::Books;
use crate::privacy::everything;

/// Somebody at the desk, with `changes`.
fn person(changes: Value) -> Value {
    let mut body = json!({
        "name": "陈秀英", "birth_date": "19560302", "phone": "13812345678", "groups": ["elderly"],
        "consent": {"version": "2026-11", "read_aloud": true},
    });
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

fn guardian() -> Value {
    json!({
        "name": "陈建国", "phone": "13912345679", "relation": "grandparent",
        "consent": {"version": "guardian_registration-2026-11", "read_aloud": true},
    })
}

fn child(changes: Value) -> Value {
    let mut body =
        person(json!({"name": "陈小小", "birth_date": "2016-05-01", "guardian": guardian(), "groups": ["youth"]}));
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

fn desk(app: &TestApp, code: &str) -> String {
    format!("/branches/{}/residents", app.branch(code).id)
}

async fn register(app: &TestApp, staff: &Client, body: &Value) -> Answer {
    staff.post(&desk(app, "CX"), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_register_who_stands_at_the_desk() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let resident = register(&app, &staff, &person(json!({}))).await.expect(201)["resident"].clone();
    assert_eq!((&resident["name"], &resident["birth_date"]), (&json!("陈秀英"), &json!("1956-03-02")));
    assert_eq!((&resident["phone"], &resident["groups"]), (&json!("138****5678"), &json!(["elderly"])));
    assert_eq!(resident["registered_on"], "2026-11-22");
    let id = resident["id"].as_str().unwrap();
    let found = staff.get("/residents?q=cxy").await.expect(200);
    assert_eq!(found["items"][0]["id"], id);
    // The consent stands with who read it aloud, and the audit with who registered.
    let mut books = Books::of(&app).await;
    let account = staff.account_id.unwrap();
    let consents = format!(
        "SELECT count(*)::text FROM consents WHERE resident_id = '{id}' AND channel = 'desk' AND version = '2026-11' \
         AND account_id = '{account}'"
    );
    assert_eq!(books.ask(&consents).await, ["1"]);
    let origin = format!("SELECT origin || registered_branch_id FROM residents WHERE id = '{id}'");
    assert_eq!(books.ask(&origin).await, [format!("desk{}", app.branch("CX").id)]);
    let entries = app.admin().await.get(&format!("/audit-entries?object_id={id}")).await.expect(200);
    let actions: Vec<_> = entries["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["resident.registered", "consent.given"]);
    // A code is all they need to get in.
    let code = staff.post(&format!("/residents/{id}/one-time-code"), &json!({})).await.expect(201)["code"].clone();
    let first = json!({"login": resident["learner_number"], "code": code, "password": "a password of mine"});
    app.anonymous().post("/session/one-time-code", &first).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn little_is_needed_and_the_id_number_tells_the_rest() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let bare =
        json!({"name": "王芳", "birth_date": "1957-01-01", "consent": {"version": "2026-11", "read_aloud": true}});
    let resident = register(&app, &staff, &bare).await.expect(201)["resident"].clone();
    assert_eq!((&resident["phone"], &resident["gender"]), (&Value::Null, &Value::Null));
    let told = person(json!({"name": "李明", "birth_date": "", "id_number": "51010219560302002 9".replace(' ', "")}));
    let resident = register(&app, &staff, &told).await.expect(201)["resident"].clone();
    assert_eq!((&resident["birth_date"], &resident["gender"]), (&json!("1956-03-02"), &json!("female")));
    assert_eq!(resident["id_number"], "510***********0029");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_field_is_named() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let consent = |version: &str, read_aloud: bool| json!({"version": version, "read_aloud": read_aloud});
    let with_guardian = |field: &str, value: Value| {
        let mut guardian = guardian();
        guardian[field] = value;
        json!({"name": "陈小小", "birth_date": "2016-05-01", "guardian": guardian})
    };
    for (changes, field, code) in [
        (json!({"name": ""}), "name", "required"),
        (json!({"name": "12345"}), "name", "name_invalid"),
        (json!({"birth_date": null}), "birth_date", "required"),
        (json!({"birth_date": "1956"}), "birth_date", "birth_date_invalid"),
        (json!({"birth_date": "19560230"}), "birth_date", "birth_date_invalid"),
        (json!({"birth_date": "20261123"}), "birth_date", "birth_date_in_future"),
        (json!({"birth_date": "19051122"}), "birth_date", "birth_date_invalid"),
        (json!({"birth_date": "19560303", "id_number": "510102195603020029"}), "birth_date", "birth_date_differs"),
        (json!({"phone": "123"}), "phone", "phone_invalid"),
        (json!({"id_number": "510102195603020028"}), "id_number", "id_number_invalid"),
        (json!({"gender": "x"}), "gender", "value_invalid"),
        (json!({"groups": ["astronaut"]}), "groups", "group_unknown"),
        (json!({"consent": consent("1999", true)}), "consent.version", "consent_version_invalid"),
        (json!({"consent": consent("2026-11", false)}), "consent.read_aloud", "consent_not_noted"),
        (json!({"consent": {"version": "2026-11"}}), "consent.read_aloud", "required"),
        (json!({"birth_date": "20121123"}), "guardian", "guardian_required"),
        (with_guardian("name", json!(" ")), "guardian.name", "required"),
        (with_guardian("phone", json!("")), "guardian.phone", "required"),
        (with_guardian("phone", json!("12")), "guardian.phone", "phone_invalid"),
        (with_guardian("relation", json!("neighbour")), "guardian.relation", "value_invalid"),
        (with_guardian("consent", consent("2026-11", true)), "guardian.consent.version", "consent_version_invalid"),
        (
            with_guardian("consent", consent("guardian_registration-2026-11", false)),
            "guardian.consent.read_aloud",
            "consent_not_noted",
        ),
    ] {
        let fields = register(&app, &staff, &person(changes.clone())).await.expect_fields();
        assert_eq!(fields, [(field.to_owned(), code.to_owned())], "{changes}");
    }
    assert_eq!(staff.get("/residents").await.expect(200)["items"], json!([]));
    let request = staff.request(reqwest::Method::POST, &desk(&app, "CX")).json(&person(json!({})));
    Answer::of(request).await.expect_problem(400, "idempotency_key_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_record_is_shown_to_their_own_branch_alone() {
    let app = TestApp::street().await;
    let (staff, other) = (app.staff("CX").await, app.staff("WT").await);
    let known = Person { name: "陈秀英".to_owned(), birth_date: date!(1956 - 03 - 02), ..Person::default() };
    let id = app.on_record("CX", &known).await.id;
    let problem = register(&app, &staff, &person(json!({"name": " 陈 秀英 "}))).await;
    let problem = problem.expect_problem(409, "resident_exists");
    assert_eq!(problem["resident"]["id"], id.to_string());
    let problem = other.post(&desk(&app, "WT"), &person(json!({}))).await.expect_problem(409, "resident_exists");
    assert_eq!(problem["resident"], Value::Null);
    assert!(!problem.to_string().contains(&app.branch("CX").id.to_string()), "{problem}");
    // Neither may they register anybody there.
    other.post(&desk(&app, "CX"), &person(json!({"name": "王芳"}))).await.expect_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_desks_at_once_make_one_person() {
    let app = TestApp::street().await;
    let desks = [app.staff("CX").await, app.staff("CX").await];
    let body = person(json!({}));
    let answers = join_all((0..20).map(|turn| register(&app, &desks[turn % 2], &body))).await;
    let mut made = Vec::new();
    for answer in answers {
        if answer.status == 201 {
            made.push(answer.body["resident"]["id"].clone());
        } else {
            let problem = answer.expect_problem(409, "resident_exists");
            assert_eq!(problem["resident"]["name"], "陈秀英");
        }
    }
    assert_eq!(made.len(), 1);
    let mut books = Books::of(&app).await;
    assert_eq!(books.ask("SELECT count(*)::text FROM residents WHERE name = '陈秀英'").await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_sent_often_has_one_answer() {
    let app = TestApp::street().await;
    let (staff, key, path) = (app.staff("CX").await, Uuid::new_v4(), desk(&app, "CX"));
    let body = child(json!({}));
    let answers = join_all((0..10).map(|_| staff.post_with_key(&path, key, &body))).await;
    let bodies: Vec<Value> = answers.into_iter().map(|answer| answer.expect(201)).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    let other = child(json!({"name": "陈大大"}));
    staff.post_with_key(&path, key, &other).await.expect_problem(409, "idempotency_key_reused");
    // Who was found on record leaves nothing behind under the key.
    let key = Uuid::new_v4();
    for _ in 0..2 {
        staff.post_with_key(&path, key, &body).await.expect_problem(409, "resident_exists");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_comes_on_record_with_a_guardian_who_is_kept_sealed() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let text = app.anonymous().get("/consents/current").await.expect(200)["guardian"].clone();
    assert_eq!((&text["purpose"], &text["necessary"]), (&json!("guardian_registration"), &json!(true)));
    assert!(text["body"].as_str().unwrap().contains("监护人"));
    let resident = register(&app, &staff, &child(json!({}))).await.expect(201)["resident"].clone();
    let id = resident["id"].as_str().unwrap();
    for (table, row) in everything(&app).await {
        assert!(!row.contains("陈建国") && !row.contains("13912345679"), "{table}: {row}");
    }
    let shown = |field: &str| json!({"field": field, "reason": "联系家长"});
    let path = format!("/residents/{id}/disclosures");
    assert_eq!(staff.post(&path, &shown("guardian_name")).await.expect(201)["value"], "陈建国");
    assert_eq!(staff.post(&path, &shown("guardian_phone")).await.expect(201)["value"], "13912345679");

    // They log in, see what was agreed to for them, and cannot agree to that themselves.
    let code = staff.post(&format!("/residents/{id}/one-time-code"), &json!({})).await.expect(201)["code"].clone();
    let login = json!({"login": resident["learner_number"], "code": code, "password": "a password of mine"});
    app.anonymous().post("/session/one-time-code", &login).await.expect(201);
    let account = Books::of(&app).await.ask(&format!("SELECT id::text FROM accounts WHERE resident_id = '{id}'")).await;
    let own = app.client_of(account[0].parse().unwrap());
    let given = own.get("/me/consents").await.expect(200);
    let of_guardian = given["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(of_guardian["text"]["purpose"], "guardian_registration");
    assert_eq!(of_guardian["given"]["channel"], "desk");
    let agreement = json!({"version": "guardian_registration-2026-11"});
    own.put("/me/consents/guardian_registration", &agreement).await.expect_problem(404, "not_found");

    // At fourteen nothing changes.
    app.clock.advance(Duration::days(5 * 366));
    let login = json!({"login": resident["learner_number"], "password": "a password of mine"});
    app.anonymous().post("/session", &login).await.expect(201);
    assert_eq!(app.staff("CX").await.get(&format!("/residents/{id}")).await.expect(200)["name"], "陈小小");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_who_is_old_enough_no_guardian_is_kept() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    register(&app, &staff, &child(json!({"birth_date": "2012-11-22"}))).await.expect(201);
    let mut books = Books::of(&app).await;
    assert_eq!(books.ask("SELECT count(*)::text FROM guardians").await, ["0"]);
    assert_eq!(books.ask("SELECT count(*)::text FROM consents").await, ["1"]);
}
