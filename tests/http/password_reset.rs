//! A forgotten password: set anew with a link that comes by mail, and answered alike for everybody.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, PASSWORD, Person, TestApp, id_of};
use time::Duration;

const NEW: &str = "a new password";
const EMAIL: &str = "zhang@example.org";

async fn ask(app: &TestApp, login: &str) -> Answer {
    app.anonymous().post("/session/password-reset", &json!({"login": login})).await
}

async fn confirm(app: &TestApp, token: &str, password: &str) -> Answer {
    let given = json!({"token": token, "password": password});
    app.anonymous().post("/session/password-reset/confirmation", &given).await
}

async fn log_in(app: &TestApp, login: &str, password: &str) -> Answer {
    app.anonymous().post("/session", &json!({"login": login, "password": password})).await
}

/// The tokens of the links that were mailed, oldest first.
fn tokens(app: &TestApp) -> Vec<String> {
    let link = |text: &str| text.split("/reset/#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    app.mails().iter().map(|mail| link(&mail.text)).collect()
}

async fn person(app: &TestApp, phone: &str, email: Option<&str>) -> Client {
    let person = Person { phone: Some(phone.to_owned()), email: email.map(str::to_owned), ..Person::default() };
    app.new_resident("CX", &person).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_sets_the_password_once_within_an_hour() {
    let app = TestApp::street().await;
    let resident = person(&app, "13800000401", Some(EMAIL)).await;
    let before = log_in(&app, EMAIL, PASSWORD).await.expect(201);
    ask(&app, "13800000401").await.expect(202);
    let _ = app.run_jobs().await;
    let [mail] = app.mails().try_into().unwrap();
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), (EMAIL, "重新设置常青学堂的密码"));
    assert!(mail.text.contains("https://learn.example.org/reset/#"), "{}", mail.text);
    assert!(mail.html.contains("https://learn.example.org/reset/#"), "{}", mail.html);
    let [token] = tokens(&app).try_into().unwrap();
    assert!(token.len() >= 43, "{token}");

    // What is refused for the password spends nothing.
    assert_eq!(confirm(&app, &token, "short").await.expect_fields()[0].1, "password_too_short");
    let opened = confirm(&app, &token, NEW).await;
    assert_ne!((opened.cookie(), opened.cookie_named("changqing_device")), (String::new(), String::new()));
    assert_eq!(id_of(&opened.expect(201)["account"]), resident.account_id.unwrap());
    confirm(&app, &token, NEW).await.expect_problem(401, "password_reset_invalid");
    confirm(&app, "of nobody", NEW).await.expect_problem(401, "password_reset_invalid");
    log_in(&app, EMAIL, PASSWORD).await.expect_problem(401, "credentials_invalid");
    log_in(&app, EMAIL, NEW).await.expect(201);
    let old = app.anonymous().request(Method::GET, "/me").bearer_auth(before["access_token"].as_str().unwrap());
    Answer::of(old).await.expect_problem(401, "token_invalid");

    ask(&app, EMAIL).await.expect(202);
    let _ = app.run_jobs().await;
    app.clock.advance(Duration::hours(1));
    confirm(&app, &tokens(&app)[1], NEW).await.expect_problem(401, "password_reset_invalid");
    let entries = app.admin().await.get("/audit-entries?action=account.password_set").await.expect(200);
    assert_eq!(entries["items"][0]["detail"], json!({"by": "mailed_link"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_link_at_a_time_is_spent_and_the_others_with_it() {
    let app = TestApp::street().await;
    person(&app, "13800000402", Some(EMAIL)).await;
    // Who asks in somebody's name voids nothing of theirs, and fills no mailbox.
    for _ in 0..6 {
        ask(&app, EMAIL).await.expect(202);
        let _ = app.run_jobs().await;
    }
    let tokens = tokens(&app);
    assert_eq!(tokens.len(), 3);
    let tries = tokens.iter().map(|token| confirm(&app, token, NEW));
    let statuses: Vec<u16> = futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
}

fn without_request_id(mut answer: Answer) -> (u16, Vec<String>, Value) {
    if let Some(members) = answer.body.as_object_mut() {
        members.remove("request_id");
    }
    let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    (answer.status, headers, answer.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_answered_alike_and_nothing_is_looked_up_meanwhile() {
    let app = TestApp::street().await;
    let with_mail = person(&app, "13800000403", Some(EMAIL)).await;
    person(&app, "13800000404", None).await;
    let number = app.learner_number(with_mail.resident_id.unwrap()).await;
    let logins = [EMAIL, "13800000403", number.as_str(), "13800000404", "13899999999", "nobody@example.org", "\u{7}"];
    let hashed = app.passwords_hashed();
    let mut answers = Vec::new();
    for login in logins {
        answers.push(without_request_id(ask(&app, login).await));
    }
    assert_eq!((answers[0].0, &answers[0].2), (202, &json!({"expires_in": 3600})));
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    // One job each, whoever is meant; what they hold tells nobody for whom.
    let mut books = crate::books::Books::of(&app).await;
    let jobs = "SELECT count(*) FROM jobs WHERE kind = 'mail_reset_link'";
    assert_eq!(books.number(jobs).await, i64::try_from(logins.len()).unwrap());
    let told = format!("SELECT count(*) FROM jobs WHERE payload::text ~ '{EMAIL}|13800000403|{number}'");
    assert_eq!(books.number(&told).await, 0);
    assert_eq!(app.passwords_hashed(), hashed);
    let _ = app.run_jobs().await;
    assert_eq!(app.mails().len(), 3);
    assert!(app.mails().iter().all(|mail| mail.to == EMAIL));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_admin_reads_the_link_and_no_request_says_where_it_leads() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    person(&app, "13800000405", Some(EMAIL)).await;
    let reader = app.anonymous().reading("en");
    let request = reader.request(Method::POST, "/session/password-reset").header("host", "10.9.8.7");
    let forwarded = request.header("x-forwarded-host", "evil.example");
    Answer::of(forwarded.json(&json!({"login": EMAIL}))).await.expect(202);
    let _ = app.run_jobs().await;
    let [mail] = app.mails().try_into().unwrap();
    assert_eq!(mail.subject, "Set a new password for Changqing");
    assert!(mail.text.contains("https://learn.example.org/reset/#"), "{}", mail.text);
    let [token] = tokens(&app).try_into().unwrap();
    let listed = admin.get("/mailbox").await.expect(200);
    let shown = admin.get(&format!("/mailbox/{}", id_of(&listed["items"][0]))).await;
    assert!(!String::from_utf8_lossy(&shown.bytes).contains(&token));
    let body = shown.expect(200);
    assert!(body["text"].as_str().unwrap().contains("/reset/#••••••"), "{body}");
    let kept = format!(
        "SELECT (SELECT count(*) FROM jobs WHERE payload::text LIKE '%{token}%') + \
        (SELECT count(*) FROM password_resets WHERE encode(token_hash, 'escape') LIKE '%{token}%')"
    );
    assert_eq!(crate::books::Books::of(&app).await.number(&kept).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_are_led_to_the_office_and_still_give_their_code() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let id = staff.account_id.unwrap();
    staff.get("/me").await.expect(200);
    let secret = accounts_second_factor(&app, id).await;
    let email = email_of(&app, id).await;
    ask(&app, &email).await.expect(202);
    let _ = app.run_jobs().await;
    assert!(app.mails()[0].text.contains("https://learn.example.org/office/reset/#"));
    let token = tokens(&app).remove(0);
    assert_eq!(confirm(&app, &token, NEW).await.expect_fields()[0].1, "staff_password_too_short");
    let long = "三只麻雀 走过 旧木桥 去赶集了呀";
    let asked = confirm(&app, &token, long).await.expect_problem(401, "second_factor_required");
    let now = u64::try_from(app.clock.now().unix_timestamp()).unwrap();
    let code = campus::accounts::second_factor::code_at(&secret, now).unwrap();
    let given = json!({"challenge": asked["challenge"], "code": code});
    app.anonymous().post("/session/second-factor", &given).await.expect(201);
    staff.get("/me").await.expect_problem(401, "token_invalid");
}

async fn accounts_second_factor(app: &TestApp, id: uuid::Uuid) -> String {
    let secret = campus::accounts::second_factor::new_secret();
    campus::accounts::second_factor::install(&app.campus, id, &secret).await.unwrap();
    secret
}

async fn email_of(app: &TestApp, id: uuid::Uuid) -> String {
    let connection = &mut *app.campus.database.connection().await.unwrap();
    campus::accounts::find(connection, id).await.unwrap().email.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_shut_out_gets_no_link_and_cannot_use_an_older_one() {
    let app = TestApp::street().await;
    let resident = person(&app, "13800000406", Some(EMAIL)).await;
    ask(&app, EMAIL).await.expect(202);
    let _ = app.run_jobs().await;
    campus::accounts::disable(&app.campus, None, resident.account_id.unwrap()).await.unwrap();
    ask(&app, EMAIL).await.expect(202);
    let _ = app.run_jobs().await;
    let [token] = tokens(&app).try_into().unwrap();
    confirm(&app, &token, NEW).await.expect_problem(401, "password_reset_invalid");
}

/// Each way to be refused costs one hash, so that the time tells nothing.
#[tokio::test(flavor = "multi_thread")]
async fn every_refused_log_in_costs_one_hash() {
    let app = TestApp::street().await;
    let known = person(&app, "13800000407", Some(EMAIL)).await;
    let shut_out = person(&app, "13800000408", None).await;
    campus::accounts::disable(&app.campus, None, shut_out.account_id.unwrap()).await.unwrap();
    app.on_record("CX", &Person { phone: Some("13800000409".to_owned()), ..Person::default() }).await;
    let staff = app.staff("CX").await;
    let without = app.on_record("CX", &Person { phone: Some("13800000410".to_owned()), ..Person::default() }).await;
    staff.post(&format!("/residents/{}/one-time-code", without.id), &json!({})).await.expect(201);
    // A telephone that three share: two registered themselves, one got a code.
    let version = app.anonymous().get("/consents/current").await.expect(200)["version"].clone();
    for (name, password) in [("李四", "the first of all"), ("李五", "the second one")] {
        let person = json!({"name": name, "phone": "13800000411", "password": password, "branch_id": app.branch("CX").id,
            "birth_date": "1960-01-01", "consent": {"version": version}});
        app.anonymous().post("/residents", &person).await.expect(201);
    }
    let third = app.on_record("CX", &Person { phone: Some("13800000411".to_owned()), ..Person::default() }).await;
    let made = staff.post(&format!("/residents/{}/one-time-code", third.id), &json!({})).await.expect(201);
    let given = json!({"login": "13800000411", "code": made["code"], "password": "the third one"});
    app.anonymous().post("/session/one-time-code", &given).await.expect(201);

    let number = app.learner_number(known.resident_id.unwrap()).await;
    for login in [
        EMAIL,
        number.as_str(),
        "13800000407",
        "nobody@example.org",
        "13899999999",
        "99999999",
        "",
        "13800000408",
        "13800000409",
        "13800000410",
        "13800000411",
    ] {
        let before = app.passwords_hashed();
        log_in(&app, login, "not the password").await.expect_problem(401, "credentials_invalid");
        assert_eq!(app.passwords_hashed() - before, 1, "{login}");
    }
    for (password, name) in
        [("the first of all", "李四"), ("the second one", "李五"), ("the third one", third.name.as_str())]
    {
        assert_eq!(log_in(&app, "13800000411", password).await.expect(201)["account"]["name"], name);
    }
}

/// Who comes to a shared telephone after setting the password costs a hash more, until they log in.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_to_a_telephone_later_joins_at_the_first_log_in() {
    let app = TestApp::street().await;
    let version = app.anonymous().get("/consents/current").await.expect(200)["version"].clone();
    let mut ids = Vec::new();
    for (name, phone) in [("李四", "13800000412"), ("李五", "13800000413")] {
        let person = json!({"name": name, "phone": phone, "password": format!("password of {name}"),
            "branch_id": app.branch("CX").id, "birth_date": "1960-01-01", "consent": {"version": version}});
        ids.push(id_of(&app.anonymous().post("/residents", &person).await.expect(201)["resident"]));
    }
    let staff = app.staff("CX").await;
    staff.patch(&format!("/residents/{}", ids[1]), &json!({"phone": "13800000412"})).await.expect(200);
    let cost = async || {
        let before = app.passwords_hashed();
        log_in(&app, "13800000412", "not the password").await.expect_problem(401, "credentials_invalid");
        app.passwords_hashed() - before
    };
    assert_eq!(cost().await, 2);
    let opened = log_in(&app, "13800000412", "password of 李五").await.expect(201);
    assert_eq!(cost().await, 1);
    // The session of before goes on, and so does the password.
    let me = app.anonymous().request(Method::GET, "/me").bearer_auth(opened["access_token"].as_str().unwrap());
    Answer::of(me).await.expect(200);
    log_in(&app, "13800000412", "password of 李五").await.expect(201);
}
