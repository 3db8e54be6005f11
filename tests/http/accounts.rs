//! Accounts of staff and admins, and one-time codes.

use serde_json::{Value, json};
use tests::{Answer, Client, PASSWORD, Person, TestApp, id_of};
use time::Duration;
use uuid::Uuid;

const NEW_PASSWORD: &str = "三只麻雀 走过 旧木桥 去赶集了呀";

async fn invited(app: &TestApp, admin: &Client, email: &str) -> (Uuid, String) {
    let new = json!({"role": "branch_staff", "name": "李老师", "email": email, "branch_id": app.branch("CX").id});
    let answer = admin.post("/accounts", &new).await.expect(201);
    assert_eq!(answer["account"]["has_password"], false);
    (id_of(&answer["account"]), answer["one_time_code"]["code"].as_str().unwrap().to_owned())
}

async fn redeem(app: &TestApp, login: &str, code: &str, password: &str) -> Answer {
    let given = json!({"login": login, "code": code, "password": password});
    app.anonymous().post("/session/one-time-code", &given).await
}

async fn log_in(app: &TestApp, login: &str, password: &str) -> Answer {
    app.anonymous().post("/session", &json!({"login": login, "password": password})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_invited_sets_the_password_alone_and_once() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (id, code) = invited(&app, &admin, "Li@example.org").await;
    let wrong = redeem(&app, "li@example.org", "aaaa-bbbb-cccc", NEW_PASSWORD).await;
    let unknown = redeem(&app, "nobody@example.org", &code, NEW_PASSWORD).await;
    assert_eq!(wrong.status, 401);
    assert_eq!((wrong.status, wrong.body["code"].clone()), (unknown.status, unknown.body["code"].clone()));
    // A password that will not do spends nothing.
    for (password, why) in [
        ("short", "staff_password_too_short"),
        ("passwordpassword", "password_guessable"),
        ("lilililililililili", "password_guessable"),
    ] {
        let answer = redeem(&app, "li@example.org", &code, password).await;
        assert_eq!(answer.expect_fields(), [("password".to_owned(), why.to_owned())]);
    }
    let typed = code.to_uppercase().replace('-', " ");
    let session = redeem(&app, " LI@example.org", &typed, NEW_PASSWORD).await.expect(201);
    assert_eq!((id_of(&session["account"]), &session["account"]["role"]), (id, &json!("branch_staff")));
    redeem(&app, "li@example.org", &code, NEW_PASSWORD).await.expect_problem(401, "one_time_code_invalid");
    let _ = log_in(&app, "li@example.org", NEW_PASSWORD).await.expect(201);
    // Ten at once with the next code: one of them.
    let path = format!("/accounts/{id}/one-time-code");
    let next = admin.post(&path, &json!({})).await.expect(201)["code"].as_str().unwrap().to_owned();
    let tries = (0..5).map(|_| redeem(&app, "li@example.org", &next, PASSWORD));
    let won = futures_util::future::join_all(tries).await.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(won, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_runs_out_by_time_and_not_by_what_strangers_guess() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (id, code) = invited(&app, &admin, "a@example.org").await;
    app.clock.advance(Duration::hours(24));
    redeem(&app, "a@example.org", &code, NEW_PASSWORD).await.expect_problem(401, "one_time_code_invalid");
    let made = admin.post(&format!("/accounts/{id}/one-time-code"), &json!({})).await.expect(201);
    let mut limited = Vec::new();
    for round in 0..12 {
        let guess = format!("aaaa-bbbb-{round:04}");
        limited.push(redeem(&app, "a@example.org", &guess, NEW_PASSWORD).await.status);
    }
    assert!(limited.ends_with(&[429, 429]), "{limited:?}");
    // The right one passes while wrong ones have to wait.
    let code = made["code"].as_str().unwrap();
    let _ = redeem(&app, "a@example.org", code, NEW_PASSWORD).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_changes_takes_effect_at_the_next_request() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let id = staff.account_id.unwrap();
    let path = format!("/accounts/{id}");
    let _ = staff.get("/residents").await.expect(200);
    let elsewhere = app.another();
    let there = elsewhere.client_of(id);
    let _ = there.get("/residents").await.expect(200);

    let moved = admin.patch(&path, &json!({"branch_id": app.branch("WT").id, "name": " 赵老师 "})).await.expect(200);
    assert_eq!((&moved["branch_id"], &moved["name"]), (&json!(app.branch("WT").id), &json!("赵老师")));
    let me = staff.get("/me").await.expect(200);
    assert_eq!(me["account"]["branch_id"], json!(app.branch("WT").id));

    let promoted = admin.patch(&path, &json!({"role": "admin"})).await.expect(200);
    assert_eq!((&promoted["role"], &promoted["branch_id"]), (&json!("admin"), &Value::Null));
    let _ = staff.get("/accounts").await.expect(200);
    let nowhere = admin.patch(&path, &json!({"role": "branch_staff"})).await;
    assert_eq!(nowhere.expect_fields(), [("branch_id".to_owned(), "required".to_owned())]);

    let _ = admin.patch(&path, &json!({"disabled": true})).await.expect(200);
    staff.get("/residents").await.expect_problem(401, "token_invalid");
    let let_in = admin.patch(&path, &json!({"disabled": false})).await.expect(200);
    assert_eq!(let_in["disabled"], false);
    // The sessions of before have ended for good.
    staff.get("/accounts").await.expect_problem(401, "token_invalid");
    let _ = app.client_of(id).get("/accounts").await.expect(200);

    let own = format!("/accounts/{}", admin.account_id.unwrap());
    for change in [json!({"disabled": true}), json!({"role": "branch_staff", "branch_id": app.branch("CX").id})] {
        admin.patch(&own, &change).await.expect_problem(409, "own_account");
    }
    admin.delete(&format!("{own}/second-factor")).await.expect_problem(409, "own_account");
    // Mass assignment: what the form does not name is not heard.
    let resident = app.resident("CX").await;
    let theirs = format!("/accounts/{}", resident.account_id.unwrap());
    admin.patch(&theirs, &json!({"role": "admin"})).await.expect_problem(404, "not_found");
    let change = json!({"id": Uuid::new_v4(), "password_hash": "x", "resident_id": resident.resident_id, "email": "x@example.org"});
    let unchanged = admin.patch(&path, &change).await.expect(200);
    assert_eq!(id_of(&unchanged), id);
    assert_ne!(unchanged["email"], "x@example.org");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_of_a_roster_gets_in_with_a_code_from_the_desk() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let person = || Person { phone: Some("13800000077".to_owned()), ..Person::default() };
    let (mother, son) = (app.on_record("CX", &person()).await, app.on_record("CX", &person()).await);
    let code_for = async |id: Uuid| {
        let made = staff.post(&format!("/residents/{id}/one-time-code"), &json!({})).await.expect(201);
        made["code"].as_str().unwrap().to_owned()
    };
    log_in(&app, "13800000077", "does not matter").await.expect_problem(401, "credentials_invalid");
    let (hers, his) = (code_for(mother.id).await, code_for(son.id).await);
    // One telephone: the code says whose password is set.
    let session = redeem(&app, "13800000077", &hers, "mama 1956").await.expect(201);
    assert_eq!(session["account"]["name"], json!(mother.name));
    let short = redeem(&app, "13800000077", &his, "1234567").await;
    assert_eq!(short.expect_fields(), [("password".to_owned(), "password_too_short".to_owned())]);
    let session = redeem(&app, "13800000077", &his, "erzi 1983").await.expect(201);
    assert_eq!(session["account"]["name"], json!(son.name));
    let session = log_in(&app, "13800000077", "mama 1956").await.expect(201);
    assert_eq!(session["account"]["name"], json!(mother.name));
    // Again for the same person: the same account, another password; the old one is void.
    let again = code_for(mother.id).await;
    let _ = redeem(&app, &app.learner_number(mother.id).await, &again, "mama 1957").await.expect(201);
    log_in(&app, "13800000077", "mama 1956").await.expect_problem(401, "credentials_invalid");
    let _ = log_in(&app, "13800000077", "mama 1957").await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_found_by_name_and_address() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    for email in ["x1@example.org", "x2@example.org", "y_3@example.org"] {
        let _ = invited(&app, &admin, email).await;
    }
    let found = async |query: &str| {
        let page = admin.get(&format!("/accounts?{query}")).await.expect(200);
        let items = page["items"].as_array().unwrap();
        items.iter().map(|each| each["email"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut both = found("q=X%40").await;
    both.extend(found("q=x1%40EXAMPLE").await);
    assert_eq!(both, ["x1@example.org"]);
    assert_eq!(found("q=y_3").await, ["y_3@example.org"]);
    assert!(found("q=y%253").await.is_empty());
    assert_eq!(found("q=%E6%9D%8E%E8%80%81%E5%B8%88").await.len(), 3);
    // ["\0", an id] as a cursor.
    let nul = "cursor=WyJcdTAwMDAiLCIwMTlhM2MwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDIiXQ";
    for (query, field, code) in [("q=a%00", "q", "text_invalid"), (nul, "cursor", "cursor_invalid")] {
        let answer = admin.get(&format!("/accounts?{query}")).await;
        assert_eq!(answer.expect_fields(), [(field.to_owned(), code.to_owned())], "{query}");
    }
    assert_eq!(admin.get("/residents?q=%00").await.status, 422);
    assert_eq!(admin.get("/courses?q=%00").await.status, 422);
    let taken = json!({"role": "admin", "name": "李", "email": "X1@example.org"});
    admin.post("/accounts", &taken).await.expect_problem(409, "email_taken");
    let bad = json!({"role": "resident", "name": " ", "email": "nowhere", "branch_id": null});
    let fields: Vec<_> = admin.post("/accounts", &bad).await.expect_fields();
    let names: Vec<_> = fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(names, ["name", "email", "role"]);
}
