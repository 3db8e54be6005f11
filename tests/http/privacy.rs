//! What nobody may read who has the database, and what is shown only for a reason.

use serde_json::{Value, json};
use tests::database::{connect, execute};
use tests::{Person, TestApp};

use crate::rosters::{confirm, staged};

const PHONE: &str = "13812345678";
const ID_NUMBER: &str = "510102195603020029";

#[derive(diesel::QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// Every row of every table, as text.
pub(crate) async fn everything(app: &TestApp) -> Vec<(String, String)> {
    let connection = &mut connect(&app.owner_url()).await;
    let load = |query: String| diesel::sql_query(query);
    let tables: Vec<Text> = diesel_async::RunQueryDsl::load(
        load("SELECT table_name::text AS text FROM information_schema.tables WHERE table_schema = 'public'".to_owned()),
        connection,
    )
    .await
    .unwrap();
    let mut found = Vec::new();
    for Text { text: table } in tables {
        let rows: Vec<Text> = diesel_async::RunQueryDsl::load(
            load(format!("SELECT to_jsonb(each)::text AS text FROM {table} AS each")),
            connection,
        )
        .await
        .unwrap();
        found.extend(rows.into_iter().map(|row| (table.clone(), row.text)));
    }
    found
}

fn somebody() -> Person {
    Person { phone: Some(PHONE.to_owned()), id_number: Some(ID_NUMBER.to_owned()), ..Person::default() }
}

#[tokio::test]
async fn no_table_holds_a_telephone_or_an_id_number() {
    let app = TestApp::street().await;
    let staff = app.staff("CX").await;
    let roster =
        format!("姓名,出生日期,电话,身份证号\n陈秀英,1956-03-02,{PHONE},{ID_NUMBER}\n王芳,1957-01-01,{PHONE},\n");
    let import = staged(&staff, app.branch("CX").id, "名册.csv", roster).await;
    let held = |rows: &[(String, String)]| {
        let holds = |text: &String| text.contains(PHONE) || text.contains(ID_NUMBER);
        rows.iter().filter(|(_, text)| holds(text)).map(|(table, _)| table.clone()).collect::<Vec<_>>()
    };
    assert_eq!(held(&everything(&app).await), Vec::<String>::new(), "while staged");
    confirm(&staff, &import).await.expect(201);
    let registration = json!({
        "name": "李明", "phone": PHONE, "password": "a good password", "branch_id": app.branch("CX").id,
        "birth_date": "1956-03-02", "consent": {"version": "2026-11"},
    });
    app.anonymous().post("/residents", &registration).await.expect(201);
    let found = staff.get("/residents?q=5678").await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 3);
    let id = found["items"][0]["id"].as_str().unwrap().to_owned();
    staff.patch(&format!("/residents/{id}"), &json!({"phone": "13900000001"})).await.expect(200);
    staff.post(&format!("/residents/{id}/disclosures"), &json!({"field": "phone", "reason": "回访"})).await.expect(201);
    let rows = everything(&app).await;
    assert!(rows.iter().any(|(table, text)| table == "residents" && text.contains("陈秀英")));
    assert_eq!(held(&rows), Vec::<String>::new());
    assert!(!rows.iter().any(|(_, text)| text.contains("13900000001")));
}

#[tokio::test]
async fn what_an_older_program_wrote_in_plain_is_used_and_then_sealed() {
    let app = TestApp::street().await;
    let resident = app.new_resident("CX", &somebody()).await;
    let id = resident.resident_id.unwrap();
    execute(
        &app.owner_url(),
        &format!(
            "UPDATE residents SET phone = '{PHONE}', id_number = '{ID_NUMBER}', personal_key = NULL, initials = NULL, \
             phone_sealed = NULL, phone_index = NULL, phone_tail_index = NULL, id_number_sealed = NULL, id_number_index = NULL"
        ),
    )
    .await;
    let credentials = json!({"login": PHONE, "password": tests::PASSWORD});
    let staff = app.staff("CX").await;
    for round in ["in plain", "sealed"] {
        app.anonymous().post("/session", &credentials).await.expect(201);
        let seen = staff.get(&format!("/residents/{id}")).await.expect(200);
        assert_eq!(
            (&seen["phone"], &seen["id_number"]),
            (&json!("138****5678"), &json!("510***********0029")),
            "{round}"
        );
        app.tick().await;
    }
    assert_eq!(staff.get("/residents?q=5678").await.expect(200)["items"].as_array().unwrap().len(), 1);
    let rows = everything(&app).await;
    assert!(!rows.iter().any(|(_, text)| text.contains(PHONE) || text.contains(ID_NUMBER)));
}

#[tokio::test]
async fn a_number_is_shown_in_full_for_a_reason_that_stays() {
    let app = TestApp::street().await;
    let id = app.on_record("CX", &somebody()).await.id;
    let path = format!("/residents/{id}/disclosures");
    let staff = app.staff("CX").await;
    let shown = staff.post(&path, &json!({"field": "phone", "reason": "通知停课"})).await.expect(201);
    assert_eq!(shown["value"], PHONE);
    let shown = staff.post(&path, &json!({"field": "id_number", "reason": "核对证书"})).await.expect(201);
    assert_eq!(shown["value"], ID_NUMBER);
    for (body, field, code) in [
        (json!({"field": "phone", "reason": " "}), "reason", "required"),
        (json!({"field": "phone", "reason": "长".repeat(201)}), "reason", "too_long"),
        (json!({"field": "birth_date", "reason": "看看"}), "field", "value_invalid"),
    ] {
        assert_eq!(staff.post(&path, &body).await.expect_fields(), [(field.to_owned(), code.to_owned())]);
    }
    let admin = app.admin().await;
    let entries = admin.get("/audit-entries?action=resident.disclosed").await.expect(200);
    let reasons: Vec<&Value> =
        entries["items"].as_array().unwrap().iter().map(|entry| &entry["detail"]["reason"]).collect();
    assert_eq!(reasons, ["核对证书", "通知停课"]);
    app.staff("WT")
        .await
        .post(&path, &json!({"field": "phone", "reason": "看看"}))
        .await
        .expect_problem(404, "not_found");
}
