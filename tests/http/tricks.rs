//! Requests that change something, dressed up as another site would send them, and bodies that name
//! what nobody may set.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Answer, Client, TestApp};

use crate::books::Books;
use crate::policy::{Place, Walk};
use crate::policy_cases::{Case, cases};

/// What is done to a request, and how it must be refused.
struct Trick {
    name: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: Option<&'static str>,
    refusal: (u16, &'static str),
}

const FOREIGN: (u16, &str) = (403, "origin_foreign");
const ELSEWHERE: (u16, &str) = (403, "host_unknown");
const FORM: (u16, &str) = (415, "unsupported_content_type");

const fn named(
    name: &'static str,
    headers: &'static [(&'static str, &'static str)],
    refusal: (u16, &'static str),
) -> Trick {
    Trick { name, headers, body: None, refusal }
}

const TRICKS: &[Trick] = &[
    named("another site", &[("origin", "https://evil.example")], FOREIGN),
    named("a site that begins alike", &[("origin", "http://127.0.0.1.evil.example")], FOREIGN),
    named("another port of this machine", &[("origin", "http://127.0.0.1:1")], FOREIGN),
    named("no origin to speak of", &[("origin", "null")], FOREIGN),
    named("what the browser says", &[("sec-fetch-site", "cross-site")], FOREIGN),
    named("another host", &[("host", "evil.example")], ELSEWHERE),
    named("another host, and its origin", &[("host", "evil.example"), ("origin", "http://evil.example")], ELSEWHERE),
    named("a host that begins alike", &[("host", "127.0.0.1.evil.example")], ELSEWHERE),
    Trick {
        name: "a form",
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body: Some("a=1"),
        refusal: FORM,
    },
    Trick { name: "text", headers: &[("content-type", "text/plain")], body: None, refusal: FORM },
    Trick {
        name: "text with a charset",
        headers: &[("content-type", "Text/Plain;charset=UTF-8")],
        body: Some("{}"),
        refusal: FORM,
    },
];

/// A form with a file goes where files are handed in, and nowhere else.
const FILES: Trick = Trick {
    name: "a form with files",
    headers: &[("content-type", "multipart/form-data; boundary=boundary")],
    body: Some("--boundary\r\nContent-Disposition: form-data; name=\"login\"\r\n\r\na\r\n--boundary--\r\n"),
    refusal: FORM,
};

fn dressed_up(request: RequestBuilder, trick: &Trick) -> RequestBuilder {
    let (client, request) = request.build_split();
    let mut request = request.unwrap();
    for (name, value) in trick.headers {
        request.headers_mut().insert(*name, HeaderValue::from_static(value));
    }
    if let Some(body) = trick.body {
        *request.body_mut() = Some(body.into());
    }
    RequestBuilder::from_parts(client, request)
}

/// Everything in the database: a line for each table with a digest of its rows. They are put in
/// order by all they hold: by their first column alone, those that share it would come as the plan
/// of the moment has them.
async fn fingerprint(app: &TestApp) -> BTreeSet<String> {
    let sql = "SELECT table_name || ' ' || md5(query_to_xml(format('SELECT * FROM %I AS each ORDER BY each::text', \
        table_name), true, false, '')::text) AS value \
        FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
    Books::of(app).await.ask(sql).await.into_iter().collect()
}

fn changes(case: &Case) -> bool {
    !case.operation.starts_with("GET ")
}

/// Whoever may do each thing to an object of their own, and what they may.
fn by_role() -> BTreeMap<&'static str, Vec<&'static Case>> {
    let mut found: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in cases().filter(|case| changes(case)) {
        let roles = [("resident", case.resident), ("branch_staff", case.branch_staff), ("admin", case.admin)];
        let able = roles.iter().find(|(_, answers)| (200..300).contains(&answers[0]));
        found.entry(able.map_or("admin", |(role, _)| role)).or_default().push(case);
    }
    found
}

async fn asking(app: &TestApp, role: &str) -> Client {
    match role {
        "resident" => app.resident("CX").await,
        "branch_staff" => app.staff("CX").await,
        _ => app.admin().await,
    }
}

async fn nothing_gets_through(role: &'static str) {
    let walk = Walk::prepare(async |app| asking(app, role).await).await;
    let mut wrong = Vec::new();
    for case in &by_role()[role] {
        let id = walk.object(case.object, Place::Own).await;
        // Built beforehand: what a request needs is made while it is filled in.
        let mut requests = Vec::new();
        let takes_files = ["/roster-imports", "/files", "/photos", "/picture", "/credit-award-lists"]
            .iter()
            .any(|end| case.operation.ends_with(end));
        let files = (!takes_files).then_some(&FILES);
        for trick in TRICKS.iter().chain(files) {
            requests.push((trick, dressed_up(walk.request(case, Place::Own, id).await, trick)));
        }
        let before = fingerprint(&walk.app).await;
        for (trick, request) in requests {
            let answer = Answer::of(request).await;
            let refusal = (answer.status, answer.body["code"].as_str().unwrap_or_default());
            if refusal != trick.refusal {
                wrong.push(format!("{}, {}: {refusal:?}", case.operation, trick.name));
            }
        }
        let after = fingerprint(&walk.app).await;
        for written in after.difference(&before) {
            wrong.push(format!("{}: something was written to {written}", case.operation));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_requests_change_nothing_for_a_resident() {
    nothing_gets_through("resident").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_requests_change_nothing_for_branch_staff() {
    nothing_gets_through("branch_staff").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_requests_change_nothing_for_an_admin() {
    nothing_gets_through("admin").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_itself_is_let_through() {
    let app = TestApp::start().await;
    let host = app.site().strip_prefix("http://").unwrap().to_owned();
    let log_out = |headers: &[(&'static str, &str)]| {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        app.anonymous().request(reqwest::Method::DELETE, "/session").headers(map)
    };
    for headers in [
        vec![],
        vec![("origin", app.site())],
        vec![("origin", app.site()), ("sec-fetch-site", "same-origin")],
        // Behind a proxy that names itself, or says whom it was asked for.
        vec![("origin", "https://learn.example.org")],
        vec![("origin", "https://learn.example.org"), ("host", "learn.example.org")],
        vec![("origin", "http://changqing:8080"), ("host", "changqing:8080")],
        vec![("host", host.as_str()), ("sec-fetch-site", "none")],
    ] {
        Answer::of(log_out(&headers)).await.expect(204);
    }
    // Reading is not changing.
    let branches = app.anonymous().request(reqwest::Method::GET, "/branches").header("origin", "https://evil.example");
    Answer::of(branches).await.expect(200);
}

/// Two names for the host, and an address in full that names another one: sent by hand, as no
/// client does.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_named_twice_is_none() {
    let app = TestApp::start().await;
    let host = app.site().strip_prefix("http://").unwrap().to_owned();
    let heads = [
        format!("DELETE /api/v1/session HTTP/1.1\r\nhost: {host}\r\nhost: evil.example\r\n\r\n"),
        format!("DELETE http://evil.example/api/v1/session HTTP/1.1\r\nhost: {host}\r\n\r\n"),
        "DELETE /api/v1/session HTTP/1.1\r\n\r\n".to_owned(),
        "DELETE /api/v1/session HTTP/1.0\r\n\r\n".to_owned(),
    ];
    for head in heads {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut line = tokio::net::TcpStream::connect(&host).await.unwrap();
        line.write_all(head.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = line.read_to_string(&mut answer).await.unwrap();
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(["400", "403"].contains(&status), "{head}{answer}");
    }
}

/// Names that no body takes over, with values that are found again wherever they go.
fn surplus(app: &TestApp) -> Value {
    let canary = "cafecafe-0000-7000-8000-cafecafecafe";
    json!({
        "id": canary, "account_id": canary, "resident_id": canary, "actor_id": canary, "batch_id": canary,
        "branch_id": app.branch("WT").id, "registered_branch_id": app.branch("WT").id, "merged_into": canary,
        "role": "admin", "balance": 987_654_321, "credits": "9876.54", "points": 987_654_321, "version": 987_654_321,
        "account_version": 987_654_321, "status": "canary", "state": "canary", "origin": "canary", "learner_number": "98765432",
        "password_hash": "canary", "disabled": true, "disabled_at": "1999-09-09T00:00:00Z", "created_at": "1999-09-09T00:00:00Z",
        "recorded_at": "1999-09-09T00:00:00Z", "registered_on": "1999-09-09", "counted_month": "1999-09-01",
        "published_at": "1999-09-09T00:00:00Z", "second_factor": true, "permissions": ["canary"], "kind": "canary",
        "email_verified": true, "head_hash": "canary", "chain_hash": "canary", "required_ms": 987_654_321,
    })
}

/// The members that each operation's body names.
fn known_members(operation: &str) -> BTreeSet<String> {
    let document = serde_json::to_value(api::document()).unwrap();
    let (method, path) = operation.split_once(' ').unwrap();
    let body = &document["paths"][format!("/api/v1{path}")][method.to_lowercase()]["requestBody"];
    let reference = body["content"]["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
    let name = reference.rsplit('/').next().unwrap();
    let members = document["components"]["schemas"][name]["properties"].as_object();
    members.unwrap_or_else(|| panic!("{operation} has no schema")).keys().cloned().collect()
}

/// Rows anywhere that hold one of these values, but for the branch itself.
async fn found_again(app: &TestApp) -> i64 {
    let canaries = "cafecafecafe|canary|987654321|9876\\.54|98765432|1999-09-0";
    let sql = format!(
        "SELECT coalesce(sum((xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I AS each \
            WHERE each::text ~ %L', table_name, '{canaries}'), false, true, '')))[1]::text::bigint), 0)::bigint \
         FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    );
    Books::of(app).await.number(&sql).await
}

async fn with_surplus(walk: &Walk, case: &Case) -> Response {
    let id = walk.object(case.object, Place::Own).await;
    let (client, request) = walk.request(case, Place::Own, id).await.build_split();
    let mut request = request.unwrap();
    let mut body: Value = serde_json::from_slice(request.body().unwrap().as_bytes().unwrap()).unwrap();
    let known = known_members(case.operation);
    for (name, value) in surplus(&walk.app).as_object().unwrap() {
        if !known.contains(name) {
            body[name] = value.clone();
        }
    }
    *request.body_mut() = Some(body.to_string().into());
    client.execute(request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_body_does_not_name_is_never_taken_over() {
    let mut walked = 0;
    for (role, cases) in by_role() {
        let walk = Walk::prepare(async |app| asking(app, role).await).await;
        let mut books = Books::of(&walk.app).await;
        let elsewhere = "SELECT (SELECT count(*) FROM residents JOIN branches ON branches.id = branch_id WHERE code = 'WT') \
            + (SELECT count(*) FROM accounts JOIN branches ON branches.id = branch_id WHERE code = 'WT') \
            + (SELECT count(*) FROM courses JOIN branches ON branches.id = branch_id WHERE code = 'WT') \
            + (SELECT count(*) FROM videos JOIN branches ON branches.id = branch_id WHERE code = 'WT')";
        let admins = "SELECT count(*) FROM accounts WHERE role = 'admin' OR disabled_at IS NOT NULL";
        let before = (books.number(elsewhere).await, books.number(admins).await);
        for case in cases.iter().filter(|case| case.body.starts_with('{')) {
            let answer = with_surplus(&walk, case).await;
            let status = answer.status().as_u16();
            let text = answer.text().await.unwrap();
            assert!(status < 500, "{}: {status} {text}", case.operation);
            assert!(!text.contains("canary") && !text.contains("cafecafecafe"), "{}: {text}", case.operation);
            assert_eq!(found_again(&walk.app).await, 0, "{}: something was taken over", case.operation);
            walked += 1;
        }
        assert_eq!((books.number(elsewhere).await, books.number(admins).await), before, "{role}");
    }
    assert!(walked >= 15, "{walked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_over_would_be_found() {
    let app = TestApp::street().await;
    assert_eq!(found_again(&app).await, 0);
    let changed = "UPDATE branches SET name = 'canary' WHERE code = 'CX'";
    execute(&app.owner_url(), changed).await;
    assert_eq!(found_again(&app).await, 1);
    let before = fingerprint(&app).await;
    execute(&app.owner_url(), "UPDATE branches SET population = 1 WHERE code = 'CX'").await;
    assert_ne!(fingerprint(&app).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_character_that_no_database_keeps_is_refused_by_its_field() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let rule = json!({"code": "\0", "name_zh": "新", "name_en": "New", "earns": "daily_log_in", "unit": "point",
        "amount": "1", "valid_from": "2026-11-22"});
    let award = json!({"residents": [{"name": "陈\0", "phone": "13800000001"}], "unit": "credit", "amount": "1.00",
        "reason": "讲座", "earned_on": "2026-11-20"});
    let found = |field: &str| [(field.to_owned(), "text_invalid".to_owned())];
    for path in ["/credit-rules", "/credit-rules/trial"] {
        assert_eq!(admin.post(path, &rule).await.expect_fields(), found("code"));
    }
    assert_eq!(admin.post("/credit-awards", &award).await.expect_fields(), found("residents[0].name"));
    let login = json!({"login": "1380000\0", "password": "x"});
    assert_eq!(app.anonymous().post("/session", &login).await.expect_fields(), found("login"));
    // What only looks like it is text as any other.
    let reward = json!({"title": r"\u0000", "price": 1, "stock": 1});
    assert_eq!(admin.post("/rewards", &reward).await.expect(201)["title"], r"\u0000");
}
