//! The twelve rosters of the street, and what may happen between two looks at one.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::Person;
use time::Duration;
use time::macros::date;

use super::{SMALL, codes, confirm, fixture, hand_in, people, staged, street};

#[tokio::test(flavor = "multi_thread")]
async fn the_twelve_rosters_make_the_street() {
    let app = street().await;
    let admin = app.admin().await;
    let expected: Value = serde_json::from_slice(&fixture("expected.json")).unwrap();
    let files = expected["files"].as_object().unwrap();
    assert_eq!(files.len(), 12);
    let mut imports = Vec::new();
    for (file, expected) in files {
        let branch = app.branch(expected["branch"].as_str().unwrap());
        let import = staged(&admin, branch.id, file, fixture(file)).await;
        assert_eq!(import["file_name"], **file);
        assert_eq!(import["branch_id"], json!(branch.id));
        assert_eq!(import["rows"], expected["rows"], "{file}");
        assert_eq!(import["counts"], expected["counts"], "{file}");
        assert_eq!(import["sheets"][0]["header_row"], expected["header_row"], "{file}");
        let not_ok: BTreeMap<String, &str> =
            codes(&import).into_iter().map(|(row, code)| (row.to_string(), code)).collect();
        assert_eq!(serde_json::to_value(&not_ok).unwrap(), expected["rows_not_ok"], "{file}");
        assert_eq!(import["further_problems"], 0);
        imports.push(import);
    }
    assert_eq!(people(&app).await, 0, "a dry run registers nobody");

    for import in &imports {
        let first = confirm(&admin, import).await.expect(201);
        assert_eq!(first["id"], import["id"]);
        assert_eq!(first["registered"], import["counts"]["ok"]);
        assert_eq!(first["counts"], import["counts"]);
        assert_eq!(first["problems"], import["problems"]);
        assert_eq!(confirm(&admin, import).await.expect(200), first);
    }
    assert_eq!(people(&app).await, 3264);

    for (file, expected) in files {
        let branch = app.branch(expected["branch"].as_str().unwrap());
        let again = staged(&admin, branch.id, file, fixture(file)).await;
        let mut counts = expected["counts"].clone();
        counts["already_registered"] = counts["ok"].take();
        counts["ok"] = json!(0);
        assert_eq!(again["counts"], counts, "{file}");
        assert_eq!(confirm(&admin, &again).await.expect(201)["registered"], 0);
    }
    assert_eq!(people(&app).await, 3264);
    figures_are_as_expected(&app, &expected["months"]).await;
}

async fn figures_are_as_expected(app: &tests::TestApp, months: &Value) {
    let admin = app.admin().await;
    for (month, rows) in months.as_object().unwrap() {
        for metric in ["new_registrations", "total_registrations"] {
            let ranking = admin.get(&format!("/reports/months/{month}/ranking?metric={metric}")).await.expect(200);
            for row in rows.as_array().unwrap() {
                let items = ranking["items"].as_array().unwrap();
                let item = items.iter().find(|item| item["code"] == row["branch"]).unwrap();
                assert_eq!(item["value"].as_f64(), row[metric].as_f64(), "{month} {metric} {}", row["branch"]);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_says_what_is_wrong_in_the_readers_language() {
    let app = street().await;
    let staff = app.staff("CX").await;
    let text = format!("{SMALL}张伟,1950-01-01,12345\n,1950-01-01,13912345678\n");
    let import = staged(&staff, app.branch("CX").id, "C:\\名册\\春晓.csv", text).await;
    assert_eq!(import["file_name"], "春晓.csv");
    assert_eq!(codes(&import), [(3, "duplicate"), (4, "phone_invalid"), (5, "name_missing")]);
    assert_eq!(import["problems"][0]["duplicate_of"], 1);
    assert_eq!(import["problems"][0]["sheet_row"], 4);
    assert_eq!(import["problems"][0]["detail"], "与第 1 个人（表中第 2 行）重复，是同一个人。");
    let detail = import["problems"][1]["detail"].as_str().unwrap();
    assert!(detail.contains("电话号码不对") && detail.contains("12345"), "{detail}");
    let english = staff.clone().reading("en");
    let path = format!("/roster-imports/{}", import["id"].as_str().unwrap());
    let same = english.get(&path).await.expect(200);
    assert_eq!(same["problems"][0]["detail"], "The same person as in row 1 (line 2 of the sheet).");
    let page = english.get(&format!("{path}/problems?limit=2")).await.expect(200);
    assert_eq!(page["items"][1]["code"], "phone_invalid");
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = english.get(&format!("{path}/problems?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((&rest["items"][0]["row"], &rest["next_cursor"]), (&json!(5), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registers_meanwhile_is_registered_once() {
    let app = street().await;
    let staff = app.staff("CX").await;
    let import = staged(&staff, app.branch("CX").id, "春晓.csv", SMALL).await;
    assert_eq!(import["counts"], json!({"ok": 2, "duplicate": 1}));
    let person = Person { name: "李强".to_owned(), birth_date: date!(1949 - 10 - 01), ..Person::default() };
    app.on_record("WT", &person).await;
    let confirmed = confirm(&staff, &import).await.expect(201);
    assert_eq!(confirmed["registered"], 1);
    assert_eq!(confirmed["counts"], json!({"ok": 1, "duplicate": 1, "already_registered": 1}));
    assert_eq!(codes(&confirmed), [(2, "already_registered"), (3, "duplicate")]);
    assert_eq!(confirm(&staff, &import).await.expect(200), confirmed);
    // Inside a file a duplicate is a duplicate, even of somebody who is known.
    let again = staged(&staff, app.branch("CX").id, "春晓.csv", SMALL).await;
    assert_eq!(codes(&again), [(1, "already_registered"), (2, "already_registered"), (3, "duplicate")]);
    let found = staff.get("/residents?q=%E7%8E%8B%E8%8A%B3").await.expect(200);
    assert_eq!(found["items"][0]["registered_on"], "2026-10-31", "a roster without dates counts today");
    assert_eq!(found["items"][0]["phone"], "138****5678");
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmations_at_once_write_once() {
    let app = street().await;
    let other = app.another();
    let admin = app.admin().await;
    let elsewhere = other.client_of(admin.account_id.unwrap());
    let mut text = String::from("姓名,出生日期\n");
    (0..500).for_each(|number| text.push_str(&format!("王{},1956-03-02\n", char::from_u32(0x4E00 + number).unwrap())));
    let branch = app.branch("CX").id;
    let import = staged(&admin, branch, "一.csv", text.clone()).await;
    let rival = staged(&admin, branch, "二.csv", text).await;
    let clients = [&admin, &elsewhere, &admin, &elsewhere, &admin, &elsewhere];
    let imports = [&import, &import, &rival, &rival, &import, &rival];
    let calls = clients.into_iter().zip(imports).map(|(client, import)| confirm(client, import));
    let answers = futures_util::future::join_all(calls).await;
    let mut registered = 0;
    for import in [&import, &rival] {
        let of_this: Vec<_> = answers.iter().filter(|answer| answer.body["id"] == import["id"]).collect();
        let statuses: Vec<u16> = of_this.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 2, "{statuses:?}");
        assert!(of_this.iter().all(|answer| answer.body == of_this[0].body));
        registered += of_this[0].body["registered"].as_u64().unwrap();
    }
    assert_eq!(registered, 500);
    assert_eq!(people(&app).await, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_belong_to_their_branch() {
    let app = street().await;
    let (staff, other) = (app.staff("CX").await, app.staff("WT").await);
    let branch = app.branch("CX").id;
    let import = staged(&staff, branch, "春晓.csv", SMALL).await;
    let path = format!("/roster-imports/{}", import["id"].as_str().unwrap());
    let list = format!("/branches/{branch}/roster-imports");
    for address in [path.clone(), format!("{path}/problems"), list.clone()] {
        other.get(&address).await.expect_problem(404, "not_found");
        app.anonymous().get(&address).await.expect_problem(401, "not_logged_in");
        app.resident("CX").await.get(&address).await.expect_problem(403, "forbidden");
    }
    confirm(&other, &import).await.expect_problem(404, "not_found");
    confirm(&app.resident("CX").await, &import).await.expect_problem(403, "forbidden");
    hand_in(&other, branch, "春晓.csv", SMALL).await.expect_problem(404, "not_found");
    hand_in(&app.resident("CX").await, branch, "春晓.csv", SMALL).await.expect_problem(403, "forbidden");
    hand_in(&staff, uuid::Uuid::nil(), "春晓.csv", SMALL).await.expect_problem(404, "not_found");

    let second = staged(&staff, branch, "第二份.csv", SMALL).await;
    let page = staff.get(&format!("{list}?limit=1")).await.expect(200);
    assert_eq!(page["items"][0]["id"], second["id"], "the newest first");
    assert_eq!(page["items"][0]["problems"], Value::Null);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = staff.get(&format!("{list}?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!((&rest["items"][0]["id"], &rest["next_cursor"]), (&import["id"], &Value::Null));
    assert_eq!(app.admin().await.get(&path).await.expect(200), staff.get(&path).await.expect(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_confirmed_within_a_day_is_gone() {
    let app = street().await;
    let staff = app.staff("CX").await;
    let branch = app.branch("CX").id;
    let late = staged(&staff, branch, "春晓.csv", SMALL).await;
    let done = staged(&staff, branch, "春晓.csv", format!("{SMALL}张伟,1950-01-01,12345\n")).await;
    let confirmed = confirm(&staff, &done).await.expect(201);
    app.clock.advance(Duration::hours(24));
    confirm(&staff, &late).await.expect_problem(409, "roster_expired");
    app.tick().await;
    let path = format!("/roster-imports/{}", late["id"].as_str().unwrap());
    let expired = staff.get(&path).await.expect(200);
    assert_eq!((&expired["status"], &expired["problems"]), (&json!("expired"), &json!([])));
    confirm(&staff, &late).await.expect_problem(409, "roster_expired");
    assert_eq!(people(&app).await, 2);
    // What was confirmed stays so; only the names and what was written beside them are gone.
    let still = confirm(&staff, &done).await.expect(200);
    assert_eq!((&still["registered"], &still["counts"]), (&confirmed["registered"], &confirmed["counts"]));
    assert_eq!(codes(&still), codes(&confirmed));
    assert_eq!(still["problems"][1]["name"], Value::Null);
}
