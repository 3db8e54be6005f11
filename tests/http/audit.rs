//! The audit: what is written, who reads it, and that nobody changes it.

use serde_json::{Value, json};
use tests::{Client, TestApp};
use time::Duration;

use crate::books::Books;

async fn found(admin: &Client, query: &str) -> Vec<String> {
    let page = admin.get(&format!("/audit-entries?{query}")).await.expect(200);
    let items = page["items"].as_array().unwrap();
    items.iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_is_found_by_who_what_where_when_and_under_which_request() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let staff = app.staff("CX").await;
    let course = staff
        .post("/courses", &json!({"title": "八段锦", "summary": "慢慢来", "topic": "health", "credits": "1.00"}))
        .await;
    let request_id = course.header("x-request-id").to_owned();
    let course = course.expect(201);
    app.clock.advance(Duration::days(1));
    let path = format!("/courses/{}", course["id"].as_str().unwrap());
    let _ = staff.patch(&path, &json!({"title": "八段锦入门"})).await.expect(200);

    let (id, account) = (course["id"].as_str().unwrap(), staff.account_id.unwrap());
    let cx = app.branch("CX").id;
    assert_eq!(found(&admin, &format!("object_id={id}")).await, ["course.changed", "course.created"]);
    assert_eq!(
        found(&admin, &format!("account_id={account}&action=course")).await,
        ["course.changed", "course.created"]
    );
    assert_eq!(found(&admin, &format!("account_id={account}&action=course.created")).await, ["course.created"]);
    assert!(found(&admin, "action=cours").await.is_empty());
    assert!(found(&admin, "action=%25").await.is_empty());
    assert_eq!(found(&admin, &format!("request_id={request_id}")).await, ["course.created"]);
    assert_eq!(found(&admin, &format!("branch_id={cx}&from=2026-11-23")).await, ["course.changed"]);
    assert_eq!(found(&admin, &format!("object_id={id}&to=2026-11-22")).await, ["course.created"]);
    assert!(found(&admin, &format!("object_id={id}&from=2026-11-24")).await.is_empty());
    let entry = &admin.get(&format!("/audit-entries?request_id={request_id}")).await.expect(200)["items"][0];
    assert_eq!(entry["account"], json!({"id": account, "name": "王老师", "role": "branch_staff"}));
    assert_eq!((&entry["object_kind"], &entry["branch_id"]), (&json!("course"), &json!(cx)));

    // Page by page, each once.
    let all = found(&admin, "limit=100").await;
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/audit-entries?limit=3{cursor}")).await.expect(200);
        pages
            .extend(page["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap().to_owned()));
        let Value::String(next) = &page["next_cursor"] else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages, all);
    for (query, field, code) in [
        ("from=yesterday", "from", "date_invalid"),
        ("to=2026-13-01", "to", "date_invalid"),
        ("limit=0", "limit", "limit_invalid"),
        ("cursor=nonsense", "cursor", "cursor_invalid"),
        ("action=course%00", "action", "text_invalid"),
        ("request_id=%00", "request_id", "text_invalid"),
    ] {
        let answer = admin.get(&format!("/audit-entries?{query}")).await;
        assert_eq!(answer.expect_fields(), [(field.to_owned(), code.to_owned())], "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_it() {
    let app = TestApp::street().await;
    let mut books = Books::of(&app).await;
    let before = books.number("SELECT count(*) FROM audit_entries").await;
    for statement in
        ["UPDATE audit_entries SET action = 'nothing'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"]
    {
        books.refuses(statement).await;
    }
    assert!(before > 0);
    assert_eq!(books.number("SELECT count(*) FROM audit_entries WHERE action <> 'nothing'").await, before);
}
