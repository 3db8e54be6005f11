//! Honours: who has learned most, what is frozen, and what is taken away in a file.

use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};
use std::io::Cursor;
use tests::database::{connect, execute};
use tests::{Client, Person, TestApp, id_of};
use uuid::Uuid;

use diesel_async::RunQueryDsl;

const YEAR: &str = "from=2026-01-01&to=2026-12-31";

async fn award(admin: &Client, residents: &[Uuid], amount: &str, reason: &str, evidence: &str) -> String {
    let residents: Vec<Value> = residents.iter().map(|id| json!({"id": id})).collect();
    let award = json!({
        "residents": residents, "unit": "credit", "amount": amount, "reason": reason, "earned_on": "2026-11-20",
        "evidence": evidence,
    });
    admin.post("/credit-awards", &award).await.expect(201)["batch_id"].as_str().unwrap().to_owned()
}

async fn named(app: &TestApp, code: &str, name: &str, phone: Option<&str>) -> Uuid {
    let person = Person { name: name.to_owned(), phone: phone.map(str::to_owned), ..Person::default() };
    app.on_record(code, &person).await.id
}

/// Ranks, names, values, and whether they share the last place.
fn seen(list: &Value) -> Vec<(u64, String, String, bool)> {
    let one = |entry: &Value| {
        (
            entry["rank"].as_u64().unwrap(),
            entry["name"].as_str().unwrap_or("-").to_owned(),
            entry["value"].as_str().unwrap().to_owned(),
            entry["tied"].as_bool().unwrap(),
        )
    };
    list.as_array().unwrap().iter().map(one).collect()
}

fn entry(rank: u64, name: &str, value: &str, tied: bool) -> (u64, String, String, bool) {
    (rank, name.to_owned(), value.to_owned(), tied)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_families_and_units_are_ranked_and_ties_at_the_border_are_shown() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let first = named(&app, "CX", "王一", Some("13800000001")).await;
    let second = named(&app, "CX", "李二", Some("13800000001")).await;
    let third = named(&app, "WT", "赵三", Some("13800000003")).await;
    let fourth = named(&app, "WT", "孙四", None).await;
    award(&admin, &[first], "10.00", "一", "scanned").await;
    award(&admin, &[second, third], "8.00", "二", "listed").await;
    award(&admin, &[fourth], "5.00", "三", "declared").await;
    let back = award(&admin, &[fourth], "50.00", "四", "declared").await;
    let _ = admin.post(&format!("/credit-awards/{back}/reversal"), &json!({"reason": "弄错了"})).await.expect(201);

    let path = format!("/honours?{YEAR}&individuals=2&families=5&units=1");
    let drawn = admin.get(&path).await.expect(200);
    // Both stand in the second place, of which there is one.
    let people = seen(&drawn["individuals"]);
    assert_eq!(people.len(), 3);
    assert_eq!(people[0], entry(1, "王一", "10.00", false));
    assert!(people.contains(&entry(2, "李二", "8.00", true)) && people.contains(&entry(2, "赵三", "8.00", true)));
    // One telephone, two people: a family, of which the one who did most stands first.
    assert_eq!(seen(&drawn["families"]), [entry(1, "王一", "18.00", false)]);
    assert_eq!(drawn["families"][0]["members"].as_array().map(Vec::len), Some(2));
    assert_eq!(seen(&drawn["units"]), [entry(1, &app.branch("CX").name, "18.00", false)]);

    let graded = admin.get(&format!("/honours?{YEAR}&evidence=listed,declared")).await.expect(200);
    assert_eq!(seen(&graded["individuals"]).len(), 3);
    let of_branch = admin.get(&format!("/honours?{YEAR}&branch_id={}", app.branch("WT").id)).await.expect(200);
    let people = [entry(1, "赵三", "8.00", false), entry(2, "孙四", "5.00", false)];
    assert_eq!(seen(&of_branch["individuals"]), people);
    let of_group = admin.get(&format!("/honours?{YEAR}&group=veteran")).await.expect(200);
    assert_eq!(of_group["individuals"], json!([]));
    let none = admin.get("/honours?from=2025-01-01&to=2025-12-31").await.expect(200);
    assert_eq!((&none["individuals"], &none["units"]), (&json!([]), &json!([])));

    let day = format!(
        "INSERT INTO learning_days (resident_id, day, branch_id, counted_month, watched_ms) \
         VALUES ('{fourth}', '2026-11-20', '{}', '2026-11-01', 5400000)",
        app.branch("WT").id
    );
    execute(&app.owner_url(), &day).await;
    let hours = admin.get(&format!("/honours?{YEAR}&measure=hours")).await.expect(200);
    assert_eq!(seen(&hours["individuals"]), [entry(1, "孙四", "1.50", false)]);

    for (query, field) in [
        ("from=2026-12-31&to=2026-01-01", "from"),
        ("from=2026-11-02&to=2026-11-01", "to"),
        ("from=2000-01-01&to=2026-11-01", "to"),
        ("from=2026-01-01&to=2026-12-31&individuals=501", "individuals"),
        ("from=2026-01-01&to=2026-12-31&evidence=hearsay", "evidence"),
        ("from=2026-01-01&to=2026-12-31&measure=steps", "measure"),
        ("from=2026-01-01&to=2026-12-31&group=nobody", "group"),
    ] {
        let refused = admin.get(&format!("/honours?{query}")).await.expect_fields();
        assert_eq!(refused[0].0, field, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_frozen_stays_as_it_is_and_forgets_who_leaves() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let (one, other) = (named(&app, "CX", "王一", None).await, named(&app, "CX", "李二", None).await);
    award(&admin, &[one], "10.00", "一", "listed").await;
    award(&admin, &[other], "8.00", "二", "listed").await;
    let criteria = json!({"from": "2026-01-01", "to": "2026-12-31"});
    // Somebody has earned more since this was drawn up: that is not what was looked at.
    let stale = admin.get(&format!("/honours?{YEAR}")).await.expect(200)["digest"].clone();
    let back = award(&admin, &[other], "5.00", "之后", "listed").await;
    let body = json!({"title": "2026 年度表彰", "criteria": criteria, "digest": stale});
    admin.post("/honour-lists", &body).await.expect_problem(409, "honours_changed");
    assert_eq!(admin.get("/honour-lists").await.expect(200)["items"], json!([]));
    let _ = admin.post(&format!("/credit-awards/{back}/reversal"), &json!({"reason": "弄错了"})).await.expect(201);
    // Other criteria are other lists.
    let fewer = json!({"from": "2026-01-01", "to": "2026-12-31", "individuals": 1});
    let other_lists = json!({"title": "2026 年度表彰", "criteria": fewer, "digest": stale});
    admin.post("/honour-lists", &other_lists).await.expect_problem(409, "honours_changed");
    let key = Uuid::new_v4();
    let frozen = admin.post_with_key("/honour-lists", key, &body).await.expect(201);
    assert_eq!(admin.post_with_key("/honour-lists", key, &body).await.expect(201), frozen);
    let id = id_of(&frozen["summary"]);
    let unnamed = admin
        .post("/honour-lists", &json!({"title": " ", "criteria": criteria, "digest": stale}))
        .await
        .expect_fields();
    assert_eq!(unnamed, [("title".to_owned(), "required".to_owned())]);
    assert_eq!(admin.get("/honour-lists").await.expect(200)["items"], json!([frozen["summary"]]));

    award(&admin, &[other], "90.00", "三", "listed").await;
    // What is sent again gets the list that was frozen.
    assert_eq!(admin.post_with_key("/honour-lists", key, &body).await.expect(201), frozen);
    let path = format!("/residents/{other}/departure");
    let _ = staff.post(&path, &json!({"reason": "asked"})).await.expect(201);
    let now = admin.get(&format!("/honour-lists/{id}")).await.expect(200);
    assert_eq!((&now["intact"], &now["summary"]["hash"]), (&json!(true), &frozen["summary"]["hash"]));
    let people = [entry(1, "王一", "10.00", false), entry(2, "-", "8.00", false)];
    assert_eq!(seen(&now["honours"]["individuals"]), people);
    let mut owner = connect(&app.owner_url()).await;
    for change in ["UPDATE honour_lists SET title = '别的'", "DELETE FROM honour_lists"] {
        assert!(diesel::sql_query(change).execute(&mut owner).await.is_err(), "{change}");
    }

    let csv = admin.get(&format!("/honour-lists/{id}/export?format=csv")).await;
    let text = String::from_utf8(csv.bytes.clone()).unwrap();
    assert!(text.starts_with("\u{feff}2026 年度表彰\r\n") && text.contains("1,王一,"), "{text}");
    assert!(text.contains("（已注销）") && !text.contains("李二"), "{text}");
    let xlsx = admin.get(&format!("/honour-lists/{id}/export?format=xlsx")).await;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(xlsx.bytes.to_vec())).unwrap();
    assert_eq!(workbook.sheet_names(), ["学习个人", "学习家庭", "学习单位"]);
    let sheet = workbook.worksheet_range("学习个人").unwrap();
    assert_eq!(sheet.get_value((3, 1)).unwrap().to_string(), "王一");
    // Figures are numbers, to be added up.
    assert_eq!((sheet.get_value((3, 0)), sheet.get_value((3, 4))), (Some(&Data::Float(1.0)), Some(&Data::Float(10.0))));
    admin.get(&format!("/honour-lists/{id}/export?format=pdf")).await.expect_fields();
}
