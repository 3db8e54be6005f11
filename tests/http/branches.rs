//! Branches, and the words that go with them.

use serde_json::{Value, json};
use tests::{TestApp, id_of};
use uuid::Uuid;

#[tokio::test]
async fn everybody_sees_the_branches_the_centre_first() {
    let app = TestApp::street().await;
    let body = app.anonymous().get("/branches").await.expect(200);
    let items = body["items"].as_array().unwrap();
    assert_eq!(items.len(), 13);
    assert_eq!(items[0]["code"], "CQJD");
    assert_eq!(items[0]["parent_id"], Value::Null);
    let codes: Vec<&str> = items[1..].iter().map(|item| item["code"].as_str().unwrap()).collect();
    assert!(codes.is_sorted(), "{codes:?}");
    assert!(items[1..].iter().all(|item| item["parent_id"] == items[0]["id"]), "{body}");
    let total: i64 = items[1..].iter().map(|item| item["population"].as_i64().unwrap()).sum();
    assert_eq!(total, 4872);
}

#[tokio::test]
async fn an_admin_sets_up_and_changes_a_branch() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let new = json!({"code": "XC", "name": "新村社区市民学校", "parent_id": app.branch("CQJD").id, "population": 300});
    let branch = admin.post("/branches", &new).await.expect(201);
    assert_eq!(branch["code"], "XC");
    admin.post("/branches", &new).await.expect_problem(409, "code_taken");
    let path = format!("/branches/{}", id_of(&branch));
    let changed = admin.patch(&path, &json!({"population": 310})).await.expect(200);
    assert_eq!((&changed["population"], &changed["name"]), (&json!(310), &json!("新村社区市民学校")));
    let seen = app.anonymous().get("/branches").await.expect(200);
    assert!(seen["items"].as_array().unwrap().contains(&changed), "{seen}");
}

#[tokio::test]
async fn bad_fields_of_a_branch_are_named() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let good = json!({"code": "XC", "name": "新村社区市民学校", "parent_id": app.branch("CQJD").id, "population": 300});
    for (field, value, code) in [
        ("code", json!(""), "branch_code_invalid"),
        ("code", json!("xc"), "branch_code_invalid"),
        ("code", json!("新村"), "branch_code_invalid"),
        ("code", json!("ABCDEFGHIJKLM"), "branch_code_invalid"),
        ("name", json!("  "), "required"),
        ("name", json!("长".repeat(61)), "too_long"),
        ("population", json!(0), "population_invalid"),
        ("population", json!(-5), "population_invalid"),
        ("population", json!(1.5), "value_invalid"),
        ("population", json!(3_000_000_000_i64), "value_invalid"),
        ("parent_id", json!(Uuid::new_v4()), "branch_unknown"),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let fields = admin.post("/branches", &body).await.expect_fields();
        assert_eq!(fields, [(field.to_owned(), code.to_owned())], "{value}");
    }
}

#[tokio::test]
async fn words_come_in_the_readers_language() {
    let app = TestApp::start().await;
    for (path, chinese, english) in
        [("/topics", "老年学习", "Learning in later life"), ("/groups", "老年人", "Older people")]
    {
        let seen = app.anonymous().get(path).await.expect(200);
        assert_eq!(seen["items"][0]["name"], chinese);
        let seen = app.anonymous().reading("en").get(path).await.expect(200);
        assert_eq!(seen["items"][0]["name"], english);
    }
}
