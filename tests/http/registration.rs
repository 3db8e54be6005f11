//! Registering oneself.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Client, Person, TestApp};
use time::macros::date;
use uuid::Uuid;

async fn consent(client: &Client) -> Value {
    client.get("/consents/current").await.expect(200)["version"].clone()
}

/// Somebody new, changed by `changes`; null takes a member away.
async fn person(app: &TestApp, changes: Value) -> Value {
    let mut person = json!({
        "name": "陈秀英", "phone": "13900000001", "password": "a good password", "branch_id": app.branch("CX").id,
        "birth_date": "1956-03-02", "groups": ["elderly"], "consent": {"version": consent(&app.anonymous()).await},
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            person.as_object_mut().unwrap().remove(name);
        } else {
            person[name] = value.clone();
        }
    }
    person
}

async fn how_many(app: &TestApp, name: &str) -> usize {
    let residents = app.admin().await.get(&format!("/residents?q={name}")).await.expect(200);
    residents["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn who_registers_can_log_in_and_is_on_record() {
    let app = TestApp::street().await;
    let anonymous = app.anonymous();
    let body = anonymous.post("/residents", &person(&app, json!({})).await).await.expect(201);
    let number = body["resident"]["learner_number"].as_str().unwrap();
    assert_eq!(number.len(), 8, "{number}");
    assert!(number.bytes().all(|byte| byte.is_ascii_digit()), "{number}");
    for login in ["13900000001", number] {
        let credentials = json!({"login": login, "password": "a good password"});
        let session = anonymous.post("/session", &credentials).await.expect(201);
        assert_eq!(session["account"]["name"], "陈秀英");
    }
    let id = body["resident"]["id"].as_str().unwrap();
    let seen = app.staff("CX").await.get(&format!("/residents/{id}")).await.expect(200);
    assert_eq!(seen["registered_on"], "2026-11-22");
    assert_eq!(seen["groups"], json!(["elderly"]));
    assert_eq!(seen["phone"], "139****0001");
}

#[tokio::test]
async fn the_same_request_again_gets_the_same_answer() {
    let app = TestApp::street().await;
    let (anonymous, key) = (app.anonymous(), Uuid::new_v4());
    let body = person(&app, json!({})).await;
    let first = anonymous.post_with_key("/residents", key, &body).await.expect(201);
    let again = anonymous.post_with_key("/residents", key, &body).await.expect(201);
    assert_eq!(first, again);
    let other = person(&app, json!({"name": "陈秀兰"})).await;
    anonymous.post_with_key("/residents", key, &other).await.expect_problem(409, "idempotency_key_reused");
    assert_eq!(how_many(&app, "陈秀").await, 1);
}

#[tokio::test]
async fn fifty_equal_requests_at_once_make_one_resident() {
    let app = TestApp::street().await;
    let (first, second, key) = (app.anonymous(), app.another(), Uuid::new_v4());
    let second = second.anonymous();
    let body = person(&app, json!({})).await;
    let requests =
        (0..50).map(|number| if number % 2 == 0 { &first } else { &second }.post_with_key("/residents", key, &body));
    let mut answers = Vec::new();
    for answer in join_all(requests).await {
        answers.push(answer.expect(201));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    assert_eq!(how_many(&app, "陈秀英").await, 1);
}

#[tokio::test]
async fn fifty_requests_for_one_person_with_keys_of_their_own_make_one_resident() {
    let app = TestApp::street().await;
    let anonymous = app.anonymous();
    let body = person(&app, json!({})).await;
    let answers = join_all((0..50).map(|_| anonymous.post("/residents", &body))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        answer.expect_problem(409, "resident_exists");
    }
    assert_eq!(how_many(&app, "陈秀英").await, 1);
}

#[tokio::test]
async fn a_key_is_needed_and_must_be_an_id() {
    let app = TestApp::street().await;
    let body = person(&app, json!({})).await;
    for key in [None, Some(""), Some("1"), Some("not-an-id")] {
        let mut request = app.anonymous().request(reqwest::Method::POST, "/residents").json(&body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        tests::Answer::of(request).await.expect_problem(400, "idempotency_key_required");
    }
    assert_eq!(how_many(&app, "陈秀英").await, 0);
}

#[tokio::test]
async fn each_bad_field_is_named() {
    let app = TestApp::street().await;
    let long = "长".repeat(200);
    for (changes, field, code) in [
        (json!({"name": ""}), "name", "name_invalid"),
        (json!({"name": "   "}), "name", "name_invalid"),
        (json!({"name": "12345"}), "name", "name_invalid"),
        (json!({"name": long}), "name", "too_long"),
        (json!({"phone": "123"}), "phone", "phone_invalid"),
        (json!({"phone": "call me"}), "phone", "phone_invalid"),
        (json!({"phone": null}), "phone", "contact_required"),
        (json!({"phone": "  "}), "phone", "contact_required"),
        (json!({"email": "nobody"}), "email", "email_invalid"),
        (json!({"email": "a@b@c.org"}), "email", "email_invalid"),
        (json!({"password": "1234567"}), "password", "password_too_short"),
        (json!({"password": "七个字的密码长"}), "password", "password_too_short"),
        (json!({"password": "x".repeat(129)}), "password", "password_too_long"),
        (json!({"branch_id": Uuid::new_v4()}), "branch_id", "branch_unknown"),
        (json!({"birth_date": "1956-02-30"}), "birth_date", "birth_date_invalid"),
        (json!({"birth_date": "2.3.1956"}), "birth_date", "birth_date_invalid"),
        (json!({"birth_date": "1906-11-21"}), "birth_date", ""),
        (json!({"birth_date": "1905-11-22"}), "birth_date", "birth_date_invalid"),
        (json!({"birth_date": "2026-11-23"}), "birth_date", "birth_date_in_future"),
        (json!({"birth_date": "2012-11-23"}), "birth_date", "guardian_required"),
        (json!({"groups": ["elderly", "astronaut"]}), "groups", "group_unknown"),
        (json!({"consent": {"version": "1999-01"}}), "consent.version", "consent_version_invalid"),
        (json!({"name": null}), "name", "required"),
        (json!({"password": null}), "password", "required"),
        (json!({"branch_id": null}), "branch_id", "required"),
        (json!({"consent": {}}), "consent.version", "required"),
        (json!({"name": 5}), "name", "value_invalid"),
        (json!({"branch_id": "CX"}), "branch_id", "value_invalid"),
    ] {
        let answer = app.anonymous().post("/residents", &person(&app, changes.clone()).await).await;
        if code.is_empty() {
            // Just inside: 120 years of age.
            assert_eq!(answer.status, 201, "{changes}: {}", answer.body);
            continue;
        }
        let bytes = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert!(!bytes.contains("a good password"), "{bytes}");
        assert_eq!(answer.expect_fields(), [(field.to_owned(), code.to_owned())], "{changes}");
    }
}

#[tokio::test]
async fn several_bad_fields_are_named_at_once() {
    let app = TestApp::street().await;
    let bad = json!({"name": "7", "phone": "1", "email": "x", "password": "short", "birth_date": "2030-01-01"});
    let fields = app.anonymous().post("/residents", &person(&app, bad).await).await.expect_fields();
    let names: Vec<&str> = fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(names, ["name", "phone", "email", "password", "birth_date"]);
}

#[tokio::test]
async fn a_child_of_fourteen_registers_alone_from_the_birthday_on() {
    let app = TestApp::street().await;
    let birthday = person(&app, json!({"birth_date": "2012-11-22", "phone": "13900000002"})).await;
    app.anonymous().post("/residents", &birthday).await.expect(201);
    let day_after = person(&app, json!({"birth_date": "2012-11-23", "phone": "13900000003", "name": "陈小小"})).await;
    let fields = app.anonymous().post("/residents", &day_after).await.expect_fields();
    assert_eq!(fields, [("birth_date".to_owned(), "guardian_required".to_owned())]);
}

#[tokio::test]
async fn who_is_on_record_is_not_claimed_by_registering() {
    let app = TestApp::street().await;
    let known = Person { name: "陈秀英".to_owned(), birth_date: date!(1956 - 03 - 02), ..Person::default() };
    app.on_record("WT", &known).await;
    for name in ["陈秀英", " 陈秀英 ", "陈　秀英"] {
        let body = person(&app, json!({"name": name})).await;
        let problem = app.anonymous().post("/residents", &body).await.expect_problem(409, "resident_exists");
        assert!(!problem.to_string().contains(&app.branch("WT").id.to_string()), "{problem}");
    }
    let credentials = json!({"login": "13900000001", "password": "a good password"});
    app.anonymous().post("/session", &credentials).await.expect_problem(401, "credentials_invalid");
    // Same name, another birthday: another person.
    let body = person(&app, json!({"birth_date": "1956-03-03"})).await;
    app.anonymous().post("/residents", &body).await.expect(201);
}

#[tokio::test]
async fn a_taken_address_leaves_nothing_half_written() {
    let app = TestApp::street().await;
    let owner = Person { email: Some("taken@example.org".to_owned()), ..Person::default() };
    app.new_resident("CX", &owner).await;
    let body = person(&app, json!({"email": "Taken@Example.org"})).await;
    app.anonymous().post("/residents", &body).await.expect_problem(409, "email_taken");
    assert_eq!(how_many(&app, "陈秀英").await, 0);
}

#[tokio::test]
async fn what_is_no_registration_is_refused_before_it_is_read() {
    let app = TestApp::street().await;
    let request = || {
        let request = app.anonymous().request(reqwest::Method::POST, "/residents");
        request.header("idempotency-key", Uuid::new_v4().to_string())
    };
    let json = |body: String| request().header("content-type", "application/json").body(body);
    tests::Answer::of(json("{\"name\": ".to_owned())).await.expect_problem(400, "malformed_request");
    tests::Answer::of(json(String::new())).await.expect_problem(400, "malformed_request");
    tests::Answer::of(json("[".repeat(10_000))).await.expect_problem(400, "malformed_request");
    tests::Answer::of(json("\u{0}".to_owned())).await.expect_problem(400, "malformed_request");
    let text = request().header("content-type", "text/plain").body("{}");
    tests::Answer::of(text).await.expect_problem(415, "unsupported_content_type");
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(5 * 1024 * 1024));
    tests::Answer::of(json(large)).await.expect_problem(413, "too_large");
}
