//! Awards to lists over HTTP: what is said of each row, what is refused, what is taken back
//! and what everybody reads of it.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, Person, TestApp};
use time::macros::date;
use uuid::Uuid;

use crate::books::Books;

fn person(name: &str, phone: Option<&str>, year: i32) -> Person {
    let birth_date = date!(1956 - 03 - 02).replace_year(year).unwrap();
    Person { name: name.to_owned(), phone: phone.map(str::to_owned), birth_date, ..Person::default() }
}

fn award(residents: &Value) -> Value {
    json!({"residents": residents, "unit": "credit", "amount": "2.50", "reason": "志愿服务", "earned_on": "2026-11-21"})
}

fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

fn statuses(body: &Value) -> Vec<&str> {
    let rows = body["rows"].as_array().expect("the answer has rows");
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(row["index"], index);
    }
    rows.iter().map(|row| row["status"].as_str().unwrap()).collect()
}

async fn awarded(admin: &Client, body: &Value) -> String {
    admin.post("/credit-awards", body).await.expect(201)["batch_id"].as_str().unwrap().to_owned()
}

/// What awarding writes: nothing of it may be left behind by a refusal.
async fn written(books: &mut Books) -> Vec<String> {
    books
        .ask(
            "SELECT jsonb_build_array((SELECT count(*) FROM credit_transfers), (SELECT count(*) FROM credit_accounts), \
             (SELECT count(*) FROM credit_notes), (SELECT count(*) FROM idempotency_keys), \
             (SELECT count(*) FROM audit_entries WHERE action LIKE 'credits.%'), \
             (SELECT coalesce(sum(used), 0) FROM credit_cap_counters))",
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_of_each_row_what_is_known() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let by_id = app.on_record("CX", &Person::default()).await;
    let by_number = app.on_record("WT", &Person::default()).await;
    let number = app.learner_number(by_number.id).await;
    let elder = app.on_record("CX", &person("王芳", Some("13800138001"), 1950)).await;
    let younger = app.on_record("YX", &person("王芳", Some("13800138002"), 1960)).await;
    let list = json!([
        {"id": by_id.id}, {"learner_number": format!(" {number} ")}, {"name": "王芳"},
        {"name": "王 芳", "phone": "138 0013 8002"}, {"name": "王芳", "phone": "13900139000"},
        {"name": "王芳", "phone": "不是电话"}, {"name": "没有此人"}, {"id": Uuid::new_v4()}, {"learner_number": "10000017"}, {},
        {"name": "=HYPERLINK(\"x\")"}, {"name": "🙂🙂"}, {"name": "' OR 1=1 --"}, {"name": "\u{7}"},
        {"id": by_id.id}, {"learner_number": number}
    ]);
    let mut books = Books::of(&app).await;
    let before = written(&mut books).await;
    let dry = with(award(&list), "dry_run", json!(true));
    // A dry run needs no key.
    let body = Answer::of(admin.request(Method::POST, "/credit-awards").json(&dry)).await.expect(200);
    let unknown = "unknown";
    let expected = [
        "found",
        "found",
        "ambiguous",
        "found",
        unknown,
        unknown,
        unknown,
        unknown,
        unknown,
        unknown,
        unknown,
        unknown,
        unknown,
        unknown,
        "already_awarded",
        "already_awarded",
    ];
    assert_eq!(statuses(&body), expected);
    assert_eq!((&body["batch_id"], &body["awarded"]), (&Value::Null, &json!(0)));
    assert_eq!(body["rows"][0]["resident_id"], by_id.id.to_string());
    assert_eq!(body["rows"][1]["resident_id"], by_number.id.to_string());
    assert_eq!(body["rows"][3]["resident_id"], younger.id.to_string());
    assert_eq!(body["rows"][2]["resident_id"], Value::Null);
    let mut candidates: Vec<&str> =
        body["rows"][2]["candidates"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    candidates.sort_unstable();
    assert_eq!(candidates, [elder.id.to_string(), younger.id.to_string()]);
    assert!(!body.to_string().contains("13800138001"), "a telephone came out unmasked: {body}");
    assert_eq!(written(&mut books).await, before);

    awarded(&admin, &award(&json!([{"id": by_id.id}]))).await;
    let again = with(award(&json!([{"id": by_id.id}, {"id": elder.id}])), "dry_run", json!(true));
    let status = async |body: Value| statuses(&admin.post("/credit-awards", &body).await.expect(200)).join(" ");
    assert_eq!(status(again.clone()).await, "already_awarded found");
    assert_eq!(status(with(again.clone(), "reason", json!(" 志愿服务 "))).await, "already_awarded found");
    assert_eq!(status(with(again.clone(), "amount", json!("1"))).await, "already_awarded found");
    assert_eq!(status(with(again.clone(), "reason", json!("敬老节"))).await, "found found");
    assert_eq!(status(with(again.clone(), "earned_on", json!("2026-11-20"))).await, "found found");
    assert_eq!(status(with(with(again, "unit", json!("point")), "amount", json!(3))).await, "found found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_one_bad_row_writes_nothing() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let good = app.on_record("CX", &Person::default()).await.id;
    let full = app.on_record("CX", &Person::default()).await.id;
    let had = app.on_record("CX", &Person::default()).await.id;
    for year in [1950, 1960] {
        app.on_record("CX", &person("李秀英", None, year)).await;
    }
    let mut books = Books::of(&app).await;
    books
        .execute(
            "INSERT INTO credit_rules (id, code, version, name_zh, name_en, earns, unit, day_cap, valid_from) \
             VALUES (gen_random_uuid(), 'award', 2, '授予', 'Award', 'award', 'credit', 400, '2026-11-01')",
        )
        .await;
    awarded(&admin, &with(award(&json!([{"id": full}])), "reason", json!("合唱"))).await;
    awarded(&admin, &award(&json!([{"id": had}]))).await;
    let before = written(&mut books).await;
    for (bad, status) in [
        (json!({"id": full}), "over_cap"),
        (json!({"id": had}), "already_awarded"),
        (json!({"id": good}), "already_awarded"),
        (json!({"name": "李秀英"}), "ambiguous"),
        (json!({"name": "查无此人"}), "unknown"),
    ] {
        let key = Uuid::new_v4();
        let list = award(&json!([{"id": good}, bad]));
        let refused = admin.post_with_key("/credit-awards", key, &list).await;
        let refused = refused.expect_problem(422, "award_rows_refused");
        assert_eq!(statuses(&refused), ["found", status]);
        assert_eq!((&refused["batch_id"], &refused["awarded"]), (&Value::Null, &json!(0)));
        assert_eq!(written(&mut books).await, before, "{status}");
    }
    // What is left under a cap can be awarded to the last hundredth, and no further.
    let rest = |amount| with(with(award(&json!([{"id": full}])), "amount", json!(amount)), "reason", json!("讲座"));
    for (amount, status) in [("1.51", "over_cap"), ("1.50", "found")] {
        let dry = with(rest(amount), "dry_run", json!(true));
        assert_eq!(statuses(&admin.post("/credit-awards", &dry).await.expect(200)), [status]);
    }
    admin.post("/credit-awards", &rest("1.51")).await.expect_problem(422, "award_rows_refused");
    awarded(&admin, &rest("1.50")).await;
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_awarded_for_another_day_happened_as_it_began() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let list = award(&json!([{"id": app.on_record("CX", &Person::default()).await.id}]));
    for day in ["2026-11-21", "2026-11-22"] {
        awarded(&admin, &with(list.clone(), "earned_on", json!(day))).await;
    }
    let happened =
        "SELECT to_char(earned_at AT TIME ZONE 'Asia/Shanghai', 'DD HH24:MI') FROM credit_transfers ORDER BY 1";
    assert_eq!(Books::of(&app).await.ask(happened).await, ["21 00:00", "22 10:00"]);
}

/// What is no amount, of credits or of points.
const NO_AMOUNTS: [&str; 19] = [
    "-1",
    "+1",
    "0",
    "0.00",
    "NaN",
    "Infinity",
    "1e3",
    "=1+1",
    "@SUM(A1)",
    "2.505",
    "1,5",
    "２",
    "",
    " ",
    "1 000",
    "0x10",
    "1234567890123456789012345678901234567890",
    "1000000.01",
    "🙂",
];

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named_by_field() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let list = json!([{"id": app.on_record("CX", &Person::default()).await.id}]);
    let mut books = Books::of(&app).await;
    let before = written(&mut books).await;
    for amount in NO_AMOUNTS {
        for unit in ["credit", "point"] {
            let body = with(with(award(&list), "amount", json!(amount)), "unit", json!(unit));
            let fields = admin.post("/credit-awards", &body).await.expect_fields();
            assert_eq!(fields, [("amount".to_owned(), "amount_invalid".to_owned())], "{amount} {unit}");
        }
    }
    let fields = [
        ("amount", json!(-1), "amount", "value_invalid"),
        ("amount", json!(2.5), "amount", "value_invalid"),
        ("amount", json!(1e300), "amount", "value_invalid"),
        ("amount", json!(null), "amount", "value_invalid"),
        ("residents", json!([]), "residents", "award_list_empty"),
        ("residents", json!(vec![json!({"name": "张三"}); 10_001]), "residents", "award_list_too_long"),
        ("earned_on", json!("2026-11-23"), "earned_on", "date_in_future"),
        ("earned_on", json!("2026-02-30"), "earned_on", "date_invalid"),
        ("earned_on", json!("1999-12-31"), "earned_on", "date_invalid"),
        ("earned_on", json!("昨天"), "earned_on", "date_invalid"),
        ("unit", json!("euro"), "unit", "value_invalid"),
        ("evidence", json!("system"), "evidence", "value_invalid"),
        ("evidence", json!("seen"), "evidence", "value_invalid"),
        ("reason", json!("  "), "reason", "reason_required"),
        ("reason", json!("长".repeat(201)), "reason", "too_long"),
        ("reason", json!("a\u{0}b"), "reason", "text_invalid"),
        ("reason", json!("a\u{7}b"), "reason", "text_invalid"),
    ];
    for (member, value, field, code) in fields {
        for dry in [true, false] {
            let body = with(with(award(&list), member, value.clone()), "dry_run", json!(dry));
            let found = admin.post("/credit-awards", &body).await.expect_fields();
            assert_eq!(found, [(field.to_owned(), code.to_owned())]);
        }
    }
    let all = json!({"residents": [], "unit": "x", "amount": "0", "reason": "", "earned_on": "2027-01-01", "evidence": "system"});
    let found = admin.post("/credit-awards", &all).await.expect_fields();
    let found: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(found, ["residents", "reason", "earned_on", "evidence", "unit"]);
    let broken = admin
        .request(Method::POST, "/credit-awards")
        .header("content-type", "application/json")
        .body("{\"unit\": NaN}");
    Answer::of(broken).await.expect_problem(400, "malformed_request");
    assert_eq!(written(&mut books).await, before);
    // A formula or a picture in the reason is a reason like any other.
    for reason in ["=cmd|' /C calc'!A0", "🙂 谢谢", "a|b\\c", "'; DROP TABLE credit_transfers; --"] {
        awarded(&admin, &with(award(&list), "reason", json!(reason))).await;
    }
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_admins_award_and_branches_see_their_own() {
    let app = TestApp::street().await;
    let (admin, resident) = (app.admin().await, app.resident("CX").await);
    let (own, other, centre) = (app.staff("CX").await, app.staff("WT").await, app.staff("CQJD").await);
    let id = resident.resident_id.unwrap();
    let list = award(&json!([{"id": id}]));
    let batch = awarded(&admin, &list).await;
    let transfer = admin.get("/credit-transfers").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let reason = json!({"reason": "名单有误"});
    for client in [&own, &centre, &resident] {
        client.post("/credit-awards", &list).await.expect_problem(403, "forbidden");
        client
            .post("/credit-awards", &with(list.clone(), "dry_run", json!(true)))
            .await
            .expect_problem(403, "forbidden");
        client.post(&format!("/credit-awards/{batch}/reversal"), &reason).await.expect_problem(403, "forbidden");
        client.post(&format!("/credit-transfers/{transfer}/reversal"), &reason).await.expect_problem(403, "forbidden");
    }
    let anonymous = app.anonymous();
    let _ = anonymous.post("/credit-awards", &list).await.expect(401);
    let _ = anonymous.get("/credit-transfers").await.expect(401);
    for query in [String::new(), format!("?resident_id={id}"), format!("?batch_id={batch}")] {
        let seen = async |client: &Client| {
            let body = client.get(&format!("/credit-transfers{query}")).await.expect(200);
            body["items"].as_array().unwrap().len()
        };
        assert_eq!((seen(&admin).await, seen(&own).await, seen(&centre).await, seen(&other).await), (1, 1, 1, 0));
    }
    awarded(&admin, &with(list, "reason", json!("合唱"))).await;
    let newest = admin.get("/credit-transfers?limit=1").await.expect(200);
    let cursor = newest["next_cursor"].as_str().expect("there is another");
    let oldest = admin.get(&format!("/credit-transfers?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!((&oldest["items"][0]["id"], &oldest["next_cursor"]), (&json!(transfer), &Value::Null));
    resident.get("/credit-transfers").await.expect_problem(403, "forbidden");
    admin.get("/me/credit-account").await.expect_problem(403, "forbidden");
    let neighbour = app.resident("CX").await;
    assert_eq!(neighbour.get("/me/credit-account/transfers").await.expect(200)["items"], json!([]));
    assert_eq!(neighbour.get("/me/credit-account").await.expect(200)["credits"], "0.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_taken_back_once() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let people = [app.resident("CX").await, app.resident("WT").await];
    let list = json!(people.each_ref().map(|one| json!({"id": one.resident_id})));
    let batch = awarded(&admin, &award(&list)).await;
    let rows = admin.get(&format!("/credit-transfers?batch_id={batch}")).await.expect(200)["items"].clone();
    let first = rows[0]["id"].as_str().unwrap().to_owned();
    let whole = format!("/credit-awards/{batch}/reversal");
    let single = format!("/credit-transfers/{first}/reversal");
    for path in [&whole, &single] {
        for (reason, code) in
            [(String::new(), "reason_required"), ("长".repeat(201), "too_long"), ("\u{0}坏".to_owned(), "text_invalid")]
        {
            let fields = admin.post(path, &json!({"reason": reason})).await.expect_fields();
            assert_eq!(fields, [("reason".to_owned(), code.to_owned())]);
        }
    }
    let reason = json!({"reason": "名单有误"});
    for path in ["/credit-awards/{}/reversal", "/credit-transfers/{}/reversal"] {
        let path = path.replace("{}", &Uuid::new_v4().to_string());
        admin.post(&path, &reason).await.expect_problem(404, "not_found");
    }
    let key = Uuid::new_v4();
    let taken = admin.post_with_key(&single, key, &reason).await.expect(201);
    assert_eq!((&taken["reverses"], &taken["reversed"]), (&json!(first), &json!(1)));
    assert_eq!(admin.post_with_key(&single, key, &reason).await.expect(201), taken);
    admin.post_with_key(&single, key, &json!({"reason": "别的"})).await.expect_problem(409, "idempotency_key_reused");
    admin.post(&single, &reason).await.expect_problem(409, "already_reversed");
    // The batch's reversal takes back what is left of it.
    let rest = admin.post(&whole, &reason).await.expect(201);
    assert_eq!((&rest["reverses"], &rest["reversed"]), (&json!(batch), &json!(1)));
    admin.post(&whole, &reason).await.expect_problem(409, "already_reversed");
    let reversal = admin.get("/credit-transfers?limit=1").await.expect(200)["items"][0].clone();
    assert_eq!((&reversal["kind"], &reversal["amount"]), (&json!("reversal"), &json!("-2.50")));
    let path = format!("/credit-transfers/{}/reversal", reversal["id"].as_str().unwrap());
    admin.post(&path, &reason).await.expect_problem(409, "cannot_reverse_reversal");
    let path = format!("/credit-awards/{}/reversal", rest["batch_id"].as_str().unwrap());
    admin.post(&path, &reason).await.expect_problem(404, "not_found");
    for one in &people {
        assert_eq!(one.get("/me/credit-account").await.expect(200)["credits"], "0.00");
    }
    // What was taken back may be awarded anew.
    awarded(&admin, &award(&list)).await;
    assert_eq!(people[0].get("/me/credit-account").await.expect(200)["credits"], "2.50");
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_in_plain_words() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let resident = app.resident("CX").await;
    let list = json!([{"id": resident.resident_id}]);
    let batch = awarded(&admin, &award(&list)).await;
    let points =
        with(with(with(award(&list), "unit", json!("point")), "amount", json!(30)), "evidence", json!("scanned"));
    awarded(&admin, &points).await;
    let _ = admin.post(&format!("/credit-awards/{batch}/reversal"), &json!({"reason": "名单有误"})).await.expect(201);
    let account = resident.get("/me/credit-account").await.expect(200);
    assert_eq!((&account["credits"], &account["points"]), (&json!("0.00"), &json!(30)));
    let words = async |client: &Client| -> Vec<String> {
        let body = client.get("/me/credit-account/transfers").await.expect(200);
        let items = body["items"].as_array().unwrap().iter();
        items.map(|item| item["explanation"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        words(&resident).await,
        [
            "11月22日 冲正 −2.50 学分：名单有误",
            "11月21日 志愿服务 +30 积分（街道授予）",
            "11月21日 志愿服务 +2.50 学分（街道授予）"
        ]
    );
    assert_eq!(
        words(&resident.clone().reading("en")).await,
        [
            "22 November: −2.50 credits taken back: 名单有误",
            "21 November: 志愿服务, +30 points (awarded by the street)",
            "21 November: 志愿服务, +2.50 credits (awarded by the street)"
        ]
    );
    let items = resident.get("/me/credit-account/transfers").await.expect(200)["items"].clone();
    assert_eq!(items[0]["reverses"], items[2]["id"]);
    assert_eq!(items[2]["reversed_by"], items[0]["id"]);
    assert_eq!(items[1]["evidence"], "scanned");
    let page = resident.get("/me/credit-account/transfers?limit=2").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = resident.get(&format!("/me/credit-account/transfers?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((&rest["items"][0]["id"], &rest["next_cursor"]), (&items[2]["id"], &Value::Null));
}
