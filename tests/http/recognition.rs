//! Recognition: what is filed, by whom it is checked and approved, and what comes into the ledger.

use futures_util::future::join_all;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::pictures::PNG;
use tests::{Answer, Client, Person, TestApp, id_of};
use time::Duration;
use uuid::Uuid;

use crate::books::Books;

pub(crate) async fn outcome(app: &TestApp, basis: &str, credits: &str, cap: Option<&str>, notice_days: i32) -> Uuid {
    let entry = json!({
        "kind": "volunteering", "name": "志愿服务", "requirement": "志愿者证或服务证明", "basis": basis,
        "credits": credits, "year_cap": cap, "notice_days": notice_days,
    });
    id_of(&app.admin().await.post("/recognised-outcomes", &entry).await.expect(201))
}

pub(crate) fn claim(outcome: Uuid, hours: Option<i32>) -> Value {
    json!({
        "outcome_id": outcome, "title": "图书馆志愿者", "issuer": "区图书馆", "issued_on": "2026-11-20", "hours": hours,
    })
}

pub(crate) async fn photo(resident: &Client, id: Uuid, content: &[u8]) -> Answer {
    let form = Form::new().part("file", Part::bytes(content.to_vec()).file_name("证书.png"));
    let path = format!("/me/recognitions/{id}/photos");
    Answer::of(resident.request(Method::POST, &path).multipart(form)).await
}

/// The same with another name.
pub(crate) fn called(mut claim: Value, title: &str) -> Value {
    claim["title"] = json!(title);
    claim
}

/// Begun, shown by one photo, handed in.
pub(crate) async fn filed(resident: &Client, claim: &Value) -> Uuid {
    let id = id_of(&resident.post("/me/recognitions", claim).await.expect(201));
    let _ = photo(resident, id, PNG).await.expect(201);
    let _ = step(resident, id, "submission").await.expect(200);
    id
}

pub(crate) async fn step(resident: &Client, id: Uuid, noun: &str) -> Answer {
    resident.post(&format!("/me/recognitions/{id}/{noun}"), &json!({})).await
}

pub(crate) async fn check(staff: &Client, id: Uuid, original_seen: bool) -> Answer {
    staff.post(&format!("/recognitions/{id}/check"), &json!({"original_seen": original_seen})).await
}

pub(crate) async fn approve(admin: &Client, id: Uuid) -> Answer {
    admin.post(&format!("/recognitions/{id}/approval"), &json!({})).await
}

pub(crate) async fn refuse(staff: &Client, id: Uuid, reason: &str) -> Answer {
    staff.post(&format!("/recognitions/{id}/refusal"), &json!({"reason": reason})).await
}

pub(crate) async fn own(resident: &Client, id: Uuid) -> Value {
    resident.get(&format!("/me/recognitions/{id}")).await.expect(200)
}

/// Checked by the branch, approved by the street, and whatever is due done.
pub(crate) async fn recognised(app: &TestApp, id: Uuid) {
    let _ = check(&app.staff("CX").await, id, false).await.expect(200);
    let _ = approve(&app.admin().await, id).await.expect(200);
    app.run_jobs().await;
}

fn steps(claim: &Value) -> Vec<&str> {
    claim["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_filed_is_checked_approved_shown_and_posted_once() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "hour", "0.50", Some("10.00"), 3).await;
    let resident = app.new_resident("CX", &Person { name: "欧阳海超".to_owned(), ..Person::default() }).await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let made = resident.post("/me/recognitions", &claim(outcome, Some(6))).await.expect(201);
    let id = id_of(&made);
    assert_eq!((&made["state"], &made["credits"], steps(&made)), (&json!("draft"), &Value::Null, Vec::new()));
    staff.get(&format!("/recognitions/{id}")).await.expect_problem(404, "not_found");
    let _ = photo(&resident, id, PNG).await.expect(201);
    let sent = step(&resident, id, "submission").await.expect(200);
    assert_eq!((&sent["state"], &sent["credits"]), (&json!("filed"), &json!("3.00")));
    let without_links = |mut answer: Value| {
        answer["photos"][0]["url"] = Value::Null;
        answer
    };
    assert_eq!(without_links(step(&resident, id, "submission").await.expect(200)), without_links(sent));

    let waiting = staff.get("/recognitions").await.expect(200);
    assert_eq!(waiting["items"][0]["resident_name"], "欧阳海超");
    let url = waiting["items"][0]["photos"][0]["url"].as_str().unwrap();
    assert_eq!(reqwest::get(url).await.unwrap().bytes().await.unwrap(), PNG);
    app.staff("WT").await.get(&format!("/recognitions/{id}")).await.expect_problem(404, "not_found");
    assert_eq!(app.staff("WT").await.get("/recognitions?stage=all").await.expect(200)["items"], json!([]));

    approve(&admin, id).await.expect_problem(409, "recognition_elsewhere");
    let _ = check(&staff, id, true).await.expect(200);
    check(&app.staff("CX").await, id, true).await.expect_problem(409, "recognition_elsewhere");
    let approved = approve(&admin, id).await.expect(200);
    // Three whole days, to the end of the last.
    assert_eq!(
        (&approved["state"], &approved["notice_until"]),
        (&json!("approved"), &json!("2026-11-26T00:00:00+08:00"))
    );
    let notices = app.anonymous().get("/recognition-notices").await.expect(200);
    assert_eq!(
        notices["items"],
        json!([{"name": "欧阳**", "outcome": "志愿服务", "until": "2026-11-26T00:00:00+08:00"}])
    );

    app.clock.advance(Duration::days(3));
    app.tick().await;
    assert_eq!(own(&resident, id).await["state"], "approved");
    app.clock.advance(Duration::hours(14));
    app.tick().await;
    app.tick().await;
    let posted = own(&resident, id).await;
    assert_eq!(steps(&posted), ["filed", "checked", "approved", "posted"]);
    assert_eq!((&posted["posted"]["credits"], &posted["posted"]["capped"]), (&json!("3.00"), &json!("0.00")));
    assert_eq!(app.anonymous().get("/recognition-notices").await.expect(200)["items"], json!([]));
    assert_eq!(resident.get("/me/credit-account").await.expect(200)["credits"], "3.00");
    let rows = resident.get("/me/credit-account/transfers").await.expect(200)["items"].clone();
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
    assert_eq!((&rows[0]["kind"], &rows[0]["evidence"]), (&json!("recognition"), &json!("listed")));
    assert_eq!(rows[0]["earned_on"], "2026-11-20");
    let words = rows[0]["explanation"].as_str().unwrap();
    assert!(words.contains("成果认定") && words.contains("志愿服务") && words.contains("+3.00"), "{words}");

    let path = format!("/credit-transfers/{}/reversal", posted["posted"]["transfer_id"].as_str().unwrap());
    let _ = admin.post(&path, &json!({"reason": "证书不是本人的"})).await.expect(201);
    let reversed = own(&resident, id).await;
    assert_eq!((&reversed["state"], steps(&reversed).last().copied()), (&json!("reversed"), Some("reversed")));
    step(&resident, id, "withdrawal").await.expect_problem(409, "recognition_elsewhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_why_and_it_is_filed_again() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "each", "5.00", None, 0).await;
    let (resident, staff, admin) = (app.resident("CX").await, app.staff("CX").await, app.admin().await);
    let id = filed(&resident, &claim(outcome, None)).await;
    let unsaid = refuse(&staff, id, "  ").await.expect_fields();
    assert_eq!(unsaid, [("reason".to_owned(), "reason_required".to_owned())]);
    let refused = refuse(&staff, id, "照片看不清，请重新拍").await.expect(200);
    assert_eq!(
        (&refused["state"], &refused["steps"][1]["reason"]),
        (&json!("refused"), &json!("照片看不清，请重新拍"))
    );
    check(&staff, id, true).await.expect_problem(409, "recognition_elsewhere");

    let first = refused["photos"][0]["id"].as_str().unwrap().to_owned();
    let _ = resident.delete(&format!("/me/recognitions/{id}/photos/{first}")).await.expect(200);
    step(&resident, id, "submission").await.expect_problem(422, "fields_invalid");
    let _ = photo(&resident, id, PNG).await.expect(201);
    let mut changed = claim(outcome, None);
    changed["title"] = json!("图书馆志愿者（二）");
    let _ = resident.put(&format!("/me/recognitions/{id}"), &changed).await.expect(200);
    assert_eq!(step(&resident, id, "submission").await.expect(200)["title"], "图书馆志愿者（二）");
    let _ = check(&staff, id, false).await.expect(200);
    // What has been checked is the street's to decide.
    refuse(&staff, id, "再想想").await.expect_problem(409, "recognition_elsewhere");
    let _ = refuse(&admin, id, "不在认定范围").await.expect(200);
    let _ = step(&resident, id, "submission").await.expect(200);
    recognised(&app, id).await;
    let posted = own(&resident, id).await;
    let whole = ["filed", "refused", "filed", "checked", "refused", "filed", "checked", "approved", "posted"];
    assert_eq!(steps(&posted), whole);
    let rows = resident.get("/me/credit-account/transfers").await.expect(200)["items"].clone();
    assert_eq!(rows[0]["evidence"], "declared");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_checked_does_not_approve() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "each", "1.00", None, 0).await;
    let (resident, admin) = (app.resident("CX").await, app.admin().await);
    let id = filed(&resident, &claim(outcome, None)).await;
    let _ = check(&admin, id, true).await.expect(200);
    approve(&admin, id).await.expect_problem(409, "checked_by_oneself");
    let _ = approve(&app.admin().await, id).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_has_its_limit_and_what_is_beyond_it_is_not_posted() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "hour", "1.00", Some("10.00"), 0).await;
    let resident = app.resident("CX").await;
    let mut ids = Vec::new();
    for hours in [8, 5, 4] {
        let id = filed(&resident, &called(claim(outcome, Some(hours)), &format!("{hours} 小时"))).await;
        recognised(&app, id).await;
        ids.push(id);
    }
    assert_eq!(own(&resident, ids[0]).await["posted"]["credits"], "8.00");
    let cut = own(&resident, ids[1]).await["posted"].clone();
    assert_eq!((&cut["credits"], &cut["capped"]), (&json!("2.00"), &json!("3.00")));
    let over = own(&resident, ids[2]).await;
    assert_eq!(
        (&over["state"], &over["posted"], steps(&over).last().copied()),
        (&json!("over_cap"), &Value::Null, Some("over_cap"))
    );
    assert_eq!(resident.get("/me/credit-account").await.expect(200)["credits"], "10.00");

    // A limit that is raised goes on from what has been used; what is filed keeps that of its day.
    let entry = json!({
        "kind": "volunteering", "name": "志愿服务", "requirement": "志愿者证或服务证明", "basis": "hour",
        "credits": "2.00", "year_cap": "14.00", "notice_days": 0,
    });
    let path = format!("/recognised-outcomes/{outcome}");
    let changed = app.admin().await.put(&path, &entry).await.expect(200);
    assert_eq!((&changed["version"], &changed["year_cap"]), (&json!(2), &json!("14.00")));
    let id = filed(&resident, &claim(outcome, Some(4))).await;
    recognised(&app, id).await;
    assert_eq!(own(&resident, id).await["posted"]["credits"], "4.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_workers_at_once_post_once() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "each", "1.00", None, 0).await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let mut residents = Vec::new();
    for _ in 0..5 {
        let resident = app.resident("CX").await;
        let id = filed(&resident, &claim(outcome, None)).await;
        let _ = check(&staff, id, false).await.expect(200);
        let _ = approve(&admin, id).await.expect(200);
        residents.push(resident);
    }
    let at_once = join_all((0..8).map(|_| campus::recognition::post_due(&app.campus))).await;
    for posted in at_once {
        posted.unwrap();
    }
    let count = "SELECT count(*) FROM credit_transfers WHERE kind = 'recognition'";
    assert_eq!(Books::of(&app).await.ask(count).await, ["5"]);
    for resident in residents {
        assert_eq!(resident.get("/me/credit-account").await.expect(200)["credits"], "1.00");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_filed_is_refused_field_by_field() {
    let app = TestApp::street().await;
    let (by_hour, each) = (outcome(&app, "hour", "1.00", None, 0).await, outcome(&app, "each", "1.00", None, 0).await);
    let resident = app.resident("CX").await;
    let with = |member: &str, value: Value| {
        let mut body = claim(by_hour, Some(2));
        body[member] = value;
        body
    };
    for (body, field, code) in [
        (with("hours", Value::Null), "hours", "required"),
        (with("hours", json!(0)), "hours", "value_invalid"),
        (with("hours", json!(1001)), "hours", "value_invalid"),
        (with("title", json!(" ")), "title", "required"),
        (with("title", json!("长".repeat(81))), "title", "too_long"),
        (with("issuer", json!("区\u{0}馆")), "issuer", "text_invalid"),
        (with("issued_on", json!("2026-11-23")), "issued_on", "date_in_future"),
        (with("issued_on", json!("1999-12-31")), "issued_on", "date_invalid"),
        (with("issued_on", json!("昨天")), "issued_on", "date_invalid"),
        (with("outcome_id", json!(Uuid::new_v4())), "outcome_id", "value_invalid"),
    ] {
        let refused = resident.post("/me/recognitions", &body).await.expect_fields();
        assert_eq!(refused, [(field.to_owned(), code.to_owned())], "{body}");
    }
    let path = format!("/recognised-outcomes/{each}");
    let retired = json!({
        "kind": "other", "name": "旧项目", "requirement": "证明", "basis": "each", "credits": "1.00", "retired": true,
    });
    let _ = app.admin().await.put(&path, &retired).await.expect(200);
    let refused = resident.post("/me/recognitions", &claim(each, None)).await.expect_fields();
    assert_eq!(refused, [("outcome_id".to_owned(), "outcome_retired".to_owned())]);
    for (member, value) in [
        ("credits", json!("0")),
        ("credits", json!("NaN")),
        ("credits", json!("-1")),
        ("year_cap", json!("1e9")),
        ("notice_days", json!(61)),
        ("kind", json!("gift")),
        ("basis", json!("day")),
        ("name", json!("")),
        ("requirement", json!("")),
    ] {
        let mut body = retired.clone();
        body[member] = value;
        let refused = app.admin().await.post("/recognised-outcomes", &body).await.expect_fields();
        assert_eq!(refused.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), [member], "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_are_pictures_of_a_bounded_size_and_number() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "each", "1.00", None, 0).await;
    let resident = app.resident("CX").await;
    let id = id_of(&resident.post("/me/recognitions", &claim(outcome, None)).await.expect(201));
    for content in [&b"%PDF-1.7\n"[..], b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", b"MZ\x90\0", b"<html>"] {
        let refused = photo(&resident, id, content).await.expect_fields();
        assert_eq!(refused, [("file".to_owned(), "picture_type_not_allowed".to_owned())]);
    }
    let large = [PNG, &vec![0; 5 * 1024 * 1024][..]].concat();
    photo(&resident, id, &large).await.expect_problem(413, "file_too_large");
    let missing = step(&resident, id, "submission").await.expect_fields();
    assert_eq!(missing, [("photos".to_owned(), "recognition_photos_missing".to_owned())]);
    for _ in 0..6 {
        let _ = photo(&resident, id, PNG).await.expect(201);
    }
    let full = photo(&resident, id, PNG).await.expect_fields();
    assert_eq!(full, [("file".to_owned(), "recognition_photos_full".to_owned())]);
    let stranger = app.resident("CX").await;
    photo(&stranger, id, PNG).await.expect_problem(404, "not_found");
    stranger.get(&format!("/me/recognitions/{id}")).await.expect_problem(404, "not_found");
    step(&stranger, id, "withdrawal").await.expect_problem(404, "not_found");
    let _ = step(&resident, id, "submission").await.expect(200);
    photo(&resident, id, PNG).await.expect_problem(409, "recognition_elsewhere");

    // Taken back, its photos leave the store.
    let shown = own(&resident, id).await;
    let url = shown["photos"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 200);
    let withdrawn = step(&resident, id, "withdrawal").await.expect(200);
    assert_eq!((&withdrawn["state"], &withdrawn["photos"]), (&json!("withdrawn"), &json!([])));
    app.clock.advance(Duration::minutes(6));
    app.tick().await;
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 404);
    assert_eq!(Books::of(&app).await.ask("SELECT count(*) FROM recognition_photos").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_takes_what_they_filed_along() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "each", "1.00", None, 0).await;
    let (resident, staff) = (app.resident("CX").await, app.staff("CX").await);
    let other = called(claim(outcome, None), "另一份");
    let (posted, waiting) = (filed(&resident, &claim(outcome, None)).await, filed(&resident, &other).await);
    recognised(&app, posted).await;
    let _ = refuse(&staff, waiting, "图书馆说没有这个人").await.expect(200);
    let held = resident.get("/me/export").await.expect(200)["recognitions"].clone();
    assert_eq!((&held[0]["title"], &held[0]["photos"]), (&json!("图书馆志愿者"), &json!(1)));
    assert_eq!(held[1]["steps"][1]["reason"], "图书馆说没有这个人");
    let _ = resident.post("/me/departure", &json!({"confirmation": true})).await.expect(201);
    app.clock.advance(Duration::minutes(6));
    app.tick().await;
    let left =
        "SELECT coalesce(string_agg(concat_ws('|', state, title, issuer), ';' ORDER BY id), '') FROM recognitions";
    let mut books = Books::of(&app).await;
    assert_eq!(books.ask(left).await, ["posted;withdrawn"]);
    assert_eq!(books.ask("SELECT count(*) FROM recognition_photos").await, ["0"]);
    assert_eq!(books.ask("SELECT count(*) FROM recognition_steps WHERE reason IS NOT NULL").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_are_joined_show_what_either_filed() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "hour", "1.00", Some("10.00"), 0).await;
    let (kept, merged) = (app.resident("CX").await, app.resident("CX").await);
    let first = filed(&merged, &claim(outcome, Some(8))).await;
    recognised(&app, first).await;
    let second = filed(&merged, &called(claim(outcome, Some(8)), "另一份")).await;
    let path = format!("/residents/{}/merges", kept.resident_id.unwrap());
    let other = json!({"other_id": merged.resident_id.unwrap()});
    let _ = app.admin().await.post(&path, &other).await.expect(201);
    assert_eq!(own(&kept, second).await["state"], "filed");
    assert_eq!(kept.get("/me/recognitions").await.expect(200)["items"].as_array().map(Vec::len), Some(2));
    recognised(&app, second).await;
    // The limit spans both records.
    assert_eq!(own(&kept, second).await["posted"]["credits"], "2.00");
    assert_eq!(kept.get("/me/credit-account").await.expect(200)["credits"], "10.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_both_records_filed_is_recognised_once() {
    let app = TestApp::street().await;
    let outcome = outcome(&app, "hour", "1.00", None, 0).await;
    let (kept, merged) = (app.resident("CX").await, app.resident("CX").await);
    let (first, second) =
        (filed(&kept, &claim(outcome, Some(8))).await, filed(&merged, &claim(outcome, Some(8))).await);
    let path = format!("/residents/{}/merges", kept.resident_id.unwrap());
    let _ = app.admin().await.post(&path, &json!({"other_id": merged.resident_id.unwrap()})).await.expect(201);
    for id in [first, second] {
        let _ = check(&app.staff("CX").await, id, false).await.expect(200);
    }
    approve(&app.admin().await, second).await.expect_problem(409, "recognition_repeated");
    let _ = refuse(&app.admin().await, first, "同一项报了两次").await.expect(200);
    let _ = approve(&app.admin().await, second).await.expect(200);
    app.run_jobs().await;
    assert_eq!(kept.get("/me/credit-account").await.expect(200)["credits"], "8.00");
}
