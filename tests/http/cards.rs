//! Learner cards, PINs and devices that open.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, PASSWORD, Person, TestApp};
use time::Duration;

const PIN: &str = "582047";

struct Card {
    token: String,
    code: String,
}

async fn card(staff: &Client, resident_id: uuid::Uuid) -> Card {
    let issued = staff.post(&format!("/residents/{resident_id}/learner-cards"), &json!({})).await.expect(201);
    let url = issued["url"].as_str().unwrap();
    let (page, token) = url.split_once('#').unwrap();
    assert!(page.ends_with("/card/"), "{url}");
    assert_eq!(token.len(), 22, "128 bits");
    Card { token: token.to_owned(), code: issued["code"].as_str().unwrap().to_owned() }
}

async fn one_time_code(staff: &Client, resident_id: uuid::Uuid) -> String {
    let made = staff.post(&format!("/residents/{resident_id}/one-time-code"), &json!({})).await.expect(201);
    made["code"].as_str().unwrap().to_owned()
}

async fn set_pin(client: &Client, card: &str, code: &str, pin: &str) -> Answer {
    client.post("/session/pin", &json!({"card": card, "code": code, "pin": pin})).await
}

async fn log_in(client: &Client, card: &str, pin: &str) -> Answer {
    client.post("/session/card", &json!({"card": card, "pin": pin})).await
}

/// The cookie of this name that an answer sets.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    answer.headers.get_all("set-cookie").iter().find_map(|value| {
        let (key, rest) = value.to_str().unwrap().split_once('=')?;
        (key == name).then(|| rest.split(';').next().unwrap().to_owned())
    })
}

/// With the access token that a log-in answered.
async fn bearer(client: &Client, opened: &Value, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = client.request(method, path).bearer_auth(opened["access_token"].as_str().unwrap());
    Answer::of(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

async fn with_device(client: &Client, method: Method, path: &str, device: &str, body: Option<Value>) -> Answer {
    let request = client.request(method, path).header("cookie", format!("changqing_device={device}"));
    Answer::of(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

#[tokio::test]
async fn a_card_and_a_pin_open_and_neither_does_alone() {
    let app = TestApp::street().await;
    let (staff, nobody) = (app.staff("CX").await, app.anonymous());
    let resident = app.on_record("CX", &Person::default()).await;
    let issued = card(&staff, resident.id).await;
    log_in(&nobody, &issued.token, PIN).await.expect_problem(401, "card_or_pin_invalid");
    set_pin(&nobody, &issued.token, "aaaa-bbbb-cccc", PIN).await.expect_problem(401, "one_time_code_invalid");
    let code = one_time_code(&staff, resident.id).await;
    for (pin, refused) in [("12345", "pin_invalid"), ("123456", "pin_guessable")] {
        let fields = set_pin(&nobody, &issued.token, &code, pin).await.expect_fields();
        assert_eq!(fields, [("pin".to_owned(), refused.to_owned())]);
    }
    let opened = set_pin(&nobody, &issued.token, &code, PIN).await.expect(201);
    assert_eq!(opened["account"]["name"], resident.name);
    set_pin(&nobody, &issued.token, &code, "730915").await.expect_problem(401, "one_time_code_invalid");
    log_in(&nobody, &issued.token, PIN).await.expect(201);
    // Typed from the card, in capitals and with spaces.
    log_in(&nobody, &issued.code.to_uppercase().replace('-', " "), PIN).await.expect(201);
    log_in(&nobody, &issued.token, "582048").await.expect_problem(401, "card_or_pin_invalid");
    log_in(&nobody, "nobody's card", PIN).await.expect_problem(401, "card_or_pin_invalid");
    let state = staff.get(&format!("/residents/{}/learner-card", resident.id)).await.expect(200);
    assert_eq!((&state["issued_at"], &state["has_pin"]), (&json!("2026-11-22T10:00:00+08:00"), &json!(true)));
}

#[tokio::test]
async fn a_new_card_makes_the_old_one_void_in_one_step() {
    let app = TestApp::street().await;
    let (staff, nobody) = (app.staff("CX").await, app.anonymous());
    let resident = app.on_record("CX", &Person::default()).await;
    let old = card(&staff, resident.id).await;
    let code = one_time_code(&staff, resident.id).await;
    set_pin(&nobody, &old.token, &code, PIN).await.expect(201);
    let new = card(&staff, resident.id).await;
    log_in(&nobody, &old.token, PIN).await.expect_problem(401, "card_or_pin_invalid");
    log_in(&nobody, &old.code, PIN).await.expect_problem(401, "card_or_pin_invalid");
    log_in(&nobody, &new.token, PIN).await.expect(201);
    // Staff of another branch cannot take it away.
    let path = format!("/residents/{}/learner-card", resident.id);
    app.staff("WT").await.delete(&path).await.expect_problem(404, "not_found");
    log_in(&nobody, &new.token, PIN).await.expect(201);
    staff.delete(&path).await.expect(204);
    staff.delete(&format!("/residents/{}/learner-card", resident.id)).await.expect_problem(404, "not_found");
    log_in(&nobody, &new.token, PIN).await.expect_problem(401, "card_or_pin_invalid");
    // Two desks at once: one card stands.
    let path = format!("/residents/{}/learner-cards", resident.id);
    let nothing = json!({});
    let (one, other) = tokio::join!(staff.post(&path, &nothing), staff.post(&path, &nothing));
    let mut standing = 0;
    for issued in [one.expect(201), other.expect(201)] {
        let code = issued["code"].as_str().unwrap();
        standing += usize::from(log_in(&nobody, code, PIN).await.status == 201);
    }
    assert_eq!(standing, 1);
    let other_branch = app.staff("WT").await;
    other_branch.post(&path, &json!({})).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_phone_that_has_seen_card_and_pin_opens_with_one_press_and_can_be_forgotten() {
    let app = TestApp::street().await;
    let (staff, nobody) = (app.staff("CX").await, app.anonymous());
    let resident = app.on_record("CX", &Person::default()).await;
    let issued = card(&staff, resident.id).await;
    let code = one_time_code(&staff, resident.id).await;
    let opened = set_pin(&nobody, &issued.token, &code, PIN).await;
    let device = cookie(&opened, "changqing_device").unwrap();
    let people = with_device(&nobody, Method::GET, "/session/people", &device, None).await.expect(200);
    assert_eq!(people["items"][0]["name"], resident.name);
    assert_eq!(people["items"][0]["needs_pin"], false);
    let path = format!("/session/people/{}", people["items"][0]["id"].as_str().unwrap());
    let again = with_device(&nobody, Method::POST, &path, &device, Some(json!({}))).await.expect(201);
    assert_eq!(bearer(&nobody, &again, Method::GET, "/me", None).await.expect(200)["account"]["name"], resident.name);
    // The device is no proof of who holds it.
    let pin = Some(json!({"pin": "730915"}));
    let refused = bearer(&nobody, &again, Method::PUT, "/me/pin", pin.clone()).await;
    refused.expect_problem(403, "reauthentication_required");
    let proof = Some(json!({"password": PIN}));
    let proved = bearer(&nobody, &again, Method::POST, "/session/proof", proof).await.expect(200);
    bearer(&nobody, &proved, Method::PUT, "/me/pin", pin).await.expect(204);
    log_in(&nobody, &issued.token, PIN).await.expect_problem(401, "card_or_pin_invalid");
    // Without the cookie there is nobody here, and nothing opens.
    assert_eq!(nobody.get("/session/people").await.expect(200)["items"], json!([]));
    nobody.post(&path, &json!({})).await.expect_problem(401, "device_unknown");
    app.clock.advance(Duration::days(179));
    with_device(&nobody, Method::POST, &path, &device, Some(json!({}))).await.expect(201);
    app.clock.advance(Duration::days(181));
    with_device(&nobody, Method::POST, &path, &device, Some(json!({}))).await.expect_problem(401, "device_unknown");
    let opened = log_in(&nobody, &issued.token, "730915").await;
    let device = cookie(&opened, "changqing_device").unwrap();
    let opened = opened.expect(201);
    let listed = bearer(&nobody, &opened, Method::GET, "/me/devices", None).await.expect(200);
    let current = listed["items"].as_array().unwrap().iter().find(|device| device["current"] == true).unwrap();
    let listed = format!("/me/devices/{}", current["id"].as_str().unwrap());
    bearer(&nobody, &opened, Method::DELETE, &listed, None).await.expect(204);
    let gone = with_device(&nobody, Method::POST, &path, &device, Some(json!({}))).await;
    gone.expect_problem(401, "device_unknown");
    bearer(&nobody, &opened, Method::GET, "/me", None).await.expect_problem(401, "token_invalid");
}

#[tokio::test]
async fn on_a_phone_of_several_each_needs_their_pin() {
    let app = TestApp::street().await;
    let (staff, nobody) = (app.staff("CX").await, app.anonymous());
    let mut device: Option<String> = None;
    let mut people = Vec::new();
    for pin in [PIN, "730915"] {
        let resident = app.on_record("CX", &Person::default()).await;
        let issued = card(&staff, resident.id).await;
        let code = one_time_code(&staff, resident.id).await;
        let body = json!({"card": issued.token, "code": code, "pin": pin});
        let held = device.clone().unwrap_or_default();
        let opened = with_device(&nobody, Method::POST, "/session/pin", &held, Some(body)).await;
        device = cookie(&opened, "changqing_device");
        people.push((opened.expect(201)["account"]["id"].as_str().unwrap().to_owned(), resident.name, pin));
    }
    let device = device.unwrap();
    let listed = with_device(&nobody, Method::GET, "/session/people", &device, None).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    for (id, name, pin) in &people {
        let path = format!("/session/people/{id}");
        let attempt = async |body: Value| with_device(&nobody, Method::POST, &path, &device, Some(body)).await;
        attempt(json!({})).await.expect_problem(401, "pin_required");
        attempt(json!({"pin": "000000"})).await.expect_problem(401, "card_or_pin_invalid");
        assert_eq!(attempt(json!({"pin": pin})).await.expect(201)["account"]["name"], *name);
    }
}

#[tokio::test]
async fn a_device_that_everybody_uses_remembers_nobody() {
    let app = TestApp::street().await;
    let (staff, nobody) = (app.staff("CX").await, app.anonymous());
    let resident = app.on_record("CX", &Person::default()).await;
    let issued = card(&staff, resident.id).await;
    let code = one_time_code(&staff, resident.id).await;
    set_pin(&nobody, &issued.token, &code, PIN).await.expect(201);
    let body = json!({"card": issued.token, "pin": PIN, "shared_device": true});
    let opened = nobody.post("/session/card", &body).await;
    assert_eq!(cookie(&opened, "changqing_device"), None);
    let mut token = cookie(&opened, "changqing_refresh").unwrap();
    let refresh = async |token: &str| {
        let request = nobody.request(Method::POST, "/session/refreshment");
        Answer::of(request.header("cookie", format!("changqing_refresh={token}"))).await
    };
    // Whoever goes on using it stays in.
    for _ in 0..3 {
        app.clock.advance(Duration::minutes(10));
        let renewed = refresh(&token).await;
        token = cookie(&renewed, "changqing_refresh").unwrap();
        renewed.expect(200);
    }
    app.clock.advance(Duration::minutes(16));
    refresh(&token).await.expect_problem(401, "refresh_invalid");
}

#[tokio::test]
async fn hammering_a_card_is_slowed_down_and_the_known_phone_still_opens() {
    let app = TestApp::street().await;
    let (staff, nobody) = (app.staff("CX").await, app.anonymous());
    let resident = app.on_record("CX", &Person::default()).await;
    let issued = card(&staff, resident.id).await;
    let code = one_time_code(&staff, resident.id).await;
    let opened = set_pin(&nobody, &issued.token, &code, PIN).await;
    let device = cookie(&opened, "changqing_device").unwrap();
    let mut slowed = None;
    for attempt in 0..20 {
        let answer = log_in(&nobody, &issued.token, &format!("1{attempt:05}")).await;
        if answer.status == 429 {
            slowed = Some(attempt);
            break;
        }
    }
    assert!(slowed.is_some_and(|attempt| attempt <= 10), "{slowed:?}");
    log_in(&nobody, &issued.token, PIN).await.expect(429);
    let body = json!({"card": issued.token, "pin": PIN});
    with_device(&nobody, Method::POST, "/session/card", &device, Some(body)).await.expect(201);
}

#[tokio::test]
async fn cards_are_printed_ten_on_a_sheet() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let mut ids = Vec::new();
    for number in 0..11 {
        let name = format!("陈秀{}", char::from_u32(0x4E00 + number).unwrap());
        ids.push(app.on_record("CX", &Person { name, ..Person::default() }).await.id);
    }
    let answer = staff.post("/learner-card-sheets", &json!({"resident_ids": ids})).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, "application/pdf"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.bytes.starts_with(b"%PDF-"));
    let sheets = lopdf::Document::load_mem(&answer.bytes).unwrap();
    assert_eq!(sheets.get_pages().len(), 2);
    let text = sheets.extract_text(&[1, 2]).unwrap();
    assert_eq!(text.matches("学员卡").count(), 11, "{text}");
    assert_eq!(text.matches("陈秀").count(), 11, "{text}");
    for (ids, code) in [(json!([]), "card_list_empty"), (json!([ids[0], ids[0]]), "card_list_repeats")] {
        let fields = staff.post("/learner-card-sheets", &json!({"resident_ids": ids})).await.expect_fields();
        assert_eq!(fields, [("resident_ids".to_owned(), code.to_owned())]);
    }
    let stranger = app.on_record("WT", &Person::default()).await.id;
    let mixed = staff.post("/learner-card-sheets", &json!({"resident_ids": [ids[1], stranger]})).await;
    mixed.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_password_at_a_shared_device_leaves_nothing_behind_either() {
    let app = TestApp::street().await;
    let person = Person { email: Some("lin@example.org".to_owned()), ..Person::default() };
    let _ = app.new_resident("CX", &person).await;
    let logged_in = async |shared: bool| {
        let body = json!({"login": "lin@example.org", "password": PASSWORD, "shared_device": shared});
        let opened = app.anonymous().post("/session", &body).await;
        assert_eq!(opened.status, 201);
        let refresh = cookie(&opened, "changqing_refresh").unwrap();
        (cookie(&opened, "changqing_device").is_some(), refresh)
    };
    let ((kept, own), (left, shared)) = (logged_in(false).await, logged_in(true).await);
    assert!(kept && !left);
    app.clock.advance(Duration::minutes(16));
    let refresh = async |token: &str| {
        let request = app.anonymous().request(Method::POST, "/session/refreshment");
        Answer::of(request.header("cookie", format!("changqing_refresh={token}"))).await
    };
    refresh(&shared).await.expect_problem(401, "refresh_invalid");
    refresh(&own).await.expect(200);
}

/// Both records had an account: a code that was made for the one before they were joined sets the
/// PIN that the person's card asks for from then on.
#[tokio::test]
async fn a_code_for_either_account_of_joined_records_serves() {
    let app = TestApp::street().await;
    let (staff, nobody) = (app.staff("CX").await, app.anonymous());
    let (kept, other) = (app.resident("CX").await, app.resident("CX").await);
    let ids = (kept.resident_id.unwrap(), other.resident_id.unwrap());
    let issued = card(&staff, ids.0).await;
    set_pin(&nobody, &issued.token, &one_time_code(&staff, ids.0).await, PIN).await.expect(201);
    let code = one_time_code(&staff, ids.1).await;
    let _ = staff.post(&format!("/residents/{}/merges", ids.0), &json!({"other_id": ids.1})).await.expect(201);
    set_pin(&nobody, &issued.token, &code, "830164").await.expect(201);
    set_pin(&nobody, &issued.token, &code, "716045").await.expect_problem(401, "one_time_code_invalid");
    log_in(&nobody, &issued.token, PIN).await.expect_problem(401, "card_or_pin_invalid");
    log_in(&nobody, &issued.token, "830164").await.expect(201);
}

#[tokio::test]
async fn staff_are_told_whose_card_is_shown() {
    let app = TestApp::street().await;
    let (own, other, admin) = (app.staff("CX").await, app.staff("WT").await, app.admin().await);
    let person = Person { name: "欧阳海超".to_owned(), ..Person::default() };
    let id = app.on_record("CX", &person).await.id;
    let first = card(&own, id).await;
    let shown = async |client: &Client, card: &str| client.post("/residents/by-card", &json!({"card": card})).await;
    let seen = shown(&admin, &first.token).await.expect(200);
    assert_eq!((&seen["id"], &seen["name"]), (&json!(id), &json!("欧阳海超")));
    assert_eq!(shown(&own, &first.code).await.expect(200), seen);
    shown(&other, &first.token).await.expect_problem(404, "not_found");
    let second = card(&own, id).await;
    for void in [first.token.as_str(), "AAAAAAAAAAAAAAAAAAAAAA", "", " "] {
        let refused = shown(&admin, void).await.expect_fields();
        assert_eq!(refused, [("card".to_owned(), "card_unknown".to_owned())], "{void:?}");
    }
    assert_eq!(shown(&admin, &second.token).await.expect(200)["id"], json!(id));
}
