//! Awards in bulk: what waits for a second person, files, sheets, and what no list should hold.

use futures_util::future::join_all;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tests::pictures::{PNG, WITH_PLACE, assert_bare};
use tests::{Answer, Client, Person, TestApp};
use time::macros::date;
use uuid::Uuid;

use crate::books::Books;
use crate::rosters::fixture;

const TRANSFERS: &str = "SELECT count(*) FROM credit_transfers";

fn award(residents: &[Uuid], amount: &str) -> Value {
    let residents: Vec<Value> = residents.iter().map(|id| json!({"id": id})).collect();
    json!({
        "residents": residents, "unit": "credit", "amount": amount, "reason": "年度志愿服务", "earned_on": "2026-11-21",
    })
}

async fn people(app: &TestApp, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(app.on_record("CX", &Person::default()).await.id);
    }
    ids
}

async fn decide(admin: &Client, proposal: &str, noun: &str) -> Answer {
    let path = format!("/credit-award-proposals/{proposal}/{noun}");
    admin.post(&path, &json!({"reason": "名单不对"})).await
}

async fn send(admin: &Client, path: &str, name: &str, content: Vec<u8>) -> Answer {
    let form = Form::new().part("file", Part::bytes(content).file_name(name.to_owned()));
    Answer::of(admin.request(Method::POST, path).multipart(form)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn above_a_total_a_second_person_approves() {
    let app = TestApp::street().await;
    let (proposer, approver) = (app.admin().await, app.admin().await);
    let ids = people(&app, 3).await;
    let mut books = Books::of(&app).await;
    // One thousand is the most that one admin awards alone.
    assert_eq!(
        proposer.post("/credit-awards", &award(&ids[..1], "1000.00")).await.expect(201)["proposal_id"],
        Value::Null
    );
    let body = award(&ids[1..], "500.01");
    let (key, before) = (Uuid::new_v4(), books.ask(TRANSFERS).await);
    let sent = join_all((0..4).map(|_| proposer.post_with_key("/credit-awards", key, &body))).await;
    let answers: Vec<Value> = sent.into_iter().map(|answer| answer.expect(202)).collect();
    let id = answers[0]["proposal_id"].as_str().unwrap().to_owned();
    for answer in &answers {
        assert_eq!(
            (&answer["proposal_id"], &answer["batch_id"], &answer["awarded"]),
            (&json!(id), &Value::Null, &json!(0))
        );
    }
    assert_eq!(books.ask(TRANSFERS).await, before);
    let waiting = approver.get("/credit-award-proposals").await.expect(200)["items"].clone();
    assert_eq!(waiting.as_array().map(Vec::len), Some(1));
    assert_eq!((&waiting[0]["state"], &waiting[0]["total"]), (&json!("waiting"), &json!("1000.02")));
    assert_eq!((&waiting[0]["people"], &waiting[0]["own"]), (&json!(2), &json!(false)));

    decide(&proposer, &id, "approval").await.expect_problem(409, "own_proposal");
    let at_once = join_all((0..4).map(|_| decide(&approver, &id, "approval"))).await;
    for answer in at_once {
        assert_eq!(answer.expect(200)["state"], "approved");
    }
    decide(&proposer, &id, "rejection").await.expect_problem(409, "proposal_decided");
    let rows = proposer.get(&format!("/credit-transfers?batch_id={id}")).await.expect(200)["items"].clone();
    assert_eq!(rows.as_array().map(Vec::len), Some(2));
    assert_eq!((&rows[0]["amount"], &rows[0]["reason"]), (&json!("500.01"), &json!("年度志愿服务")));
    let actor = format!("SELECT DISTINCT actor_id FROM credit_transfers WHERE batch_id = '{id}'");
    assert_eq!(books.ask(&actor).await, [proposer.account_id.unwrap().to_string()]);
    // What is sent again changes nothing.
    let again = proposer.post_with_key("/credit-awards", key, &body).await.expect(202);
    assert_eq!(again["proposal_id"], json!(id));
    let _ = proposer.post(&format!("/credit-awards/{id}/reversal"), &json!({"reason": "弄错了"})).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rejected_is_not_posted_and_what_no_longer_fits_waits_on() {
    let app = TestApp::street().await;
    let (proposer, approver) = (app.admin().await, app.admin().await);
    let ids = people(&app, 2).await;
    let mut books = Books::of(&app).await;
    let propose = async || {
        let answer = proposer.post("/credit-awards", &award(&ids, "600.00")).await.expect(202);
        answer["proposal_id"].as_str().unwrap().to_owned()
    };
    let rejected = propose().await;
    let path = format!("/credit-award-proposals/{rejected}/rejection");
    let unsaid = approver.post(&path, &json!({"reason": " "})).await.expect_fields();
    assert_eq!(unsaid, [("reason".to_owned(), "reason_required".to_owned())]);
    let shown = decide(&approver, &rejected, "rejection").await.expect(200);
    assert_eq!((&shown["state"], &shown["decision_reason"]), (&json!("rejected"), &json!("名单不对")));
    // The same again, as after an answer that was lost; from somebody else it comes too late.
    assert_eq!(decide(&approver, &rejected, "rejection").await.expect(200), shown);
    decide(&app.admin().await, &rejected, "rejection").await.expect_problem(409, "proposal_decided");
    decide(&approver, &rejected, "approval").await.expect_problem(409, "proposal_decided");
    assert_eq!(books.ask(TRANSFERS).await, ["0"]);
    let written = "SELECT action || ' ' || (account_id = '{who}')::text || ' ' || (detail ->> 'people') FROM audit_entries \
        WHERE object_id = '{proposal}' ORDER BY id";
    let by_approver =
        written.replace("{who}", &approver.account_id.unwrap().to_string()).replace("{proposal}", &rejected);
    assert_eq!(books.ask(&by_approver).await, ["credits.award_proposed false 2", "credits.award_rejected true 2"]);

    let waiting = propose().await;
    // Meanwhile one of them has it.
    let _ = proposer.post("/credit-awards", &award(&ids[..1], "600.00")).await.expect(201);
    let refused = decide(&approver, &waiting, "approval").await.expect_problem(422, "award_rows_refused");
    assert_eq!(
        (&refused["rows"][0]["status"], &refused["rows"][1]["status"]),
        (&json!("already_awarded"), &json!("found"))
    );
    let path = format!("/credit-award-proposals/{waiting}");
    assert_eq!(approver.get(&path).await.expect(200)["state"], "waiting");
    assert_eq!(books.ask(TRANSFERS).await, ["1"]);
    let have = proposer.post("/credit-awards", &award(&ids, "600.00")).await;
    have.expect_problem(422, "award_rows_refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_and_sheets_are_kept_with_an_award() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let ids = people(&app, 2).await;
    let posted = admin.post("/credit-awards", &award(&ids, "1.00")).await.expect(201);
    let waiting = admin.post("/credit-awards", &award(&ids, "600.00").clone()).await;
    // The same reason on the same day is the same award, whatever its amount.
    waiting.expect_problem(422, "award_rows_refused");
    let path = format!("/credit-awards/{}/files", posted["batch_id"].as_str().unwrap());
    let sent = send(&admin, &path, "C:\\照片\\签到表.exe", PNG.to_vec()).await.expect(201);
    assert_eq!((&sent["name"], &sent["content_type"]), (&json!("签到表.png"), &json!("image/png")));
    let listed = admin.get(&path).await.expect(200)["items"].clone();
    assert_eq!(listed[0]["id"], sent["id"]);
    assert_eq!(reqwest::get(listed[0]["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap(), PNG);
    for (content_type, content) in WITH_PLACE {
        let sent = send(&admin, &path, "现场.jpg", content.to_vec()).await.expect(201);
        assert_eq!(sent["content_type"], content_type);
        let kept = reqwest::get(sent["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
        assert_eq!(sent["size"], kept.len());
        assert_bare(&kept);
    }
    // What cannot be read to its end may say anything.
    let broken = send(&admin, &path, "现场.png", PNG[..40].to_vec()).await.expect_fields();
    assert_eq!(broken, [("file".to_owned(), "award_file_type_not_allowed".to_owned())]);
    let refused = send(&admin, &path, "签到.html", b"<html>".to_vec()).await.expect_fields();
    assert_eq!(refused, [("file".to_owned(), "award_file_type_not_allowed".to_owned())]);
    let absent = format!("/credit-awards/{}/files", Uuid::new_v4());
    send(&admin, &absent, "签到表.png", PNG.to_vec()).await.expect_problem(404, "not_found");
}

/// An archive of these parts, in this order.
pub(crate) fn archive(parts: &[&str]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for part in parts {
        writer.start_file(*part, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, b"<xml/>").unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn office_files_are_kept_in_whatever_order_they_were_written() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let posted = admin.post("/credit-awards", &award(&people(&app, 1).await, "1.00")).await.expect(201);
    let path = format!("/credit-awards/{}/files", posted["batch_id"].as_str().unwrap());
    let properties =
        ["[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "docProps/custom.xml"];
    let with = |part| archive(&[&properties[..], &["customXml/item1.xml", part]].concat());
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    for (content, content_type) in [
        (fixture("CX-春晓社区学员登记表.xlsx"), xlsx),
        (with("xl/workbook.xml"), xlsx),
        (with("word/document.xml"), docx),
        (fixture("CQ-长青社区学员登记表.xls"), "application/vnd.ms-excel"),
    ] {
        assert_eq!(send(&admin, &path, "签到表", content).await.expect(201)["content_type"], content_type);
    }
    for content in [with("META-INF/MANIFEST.MF"), b"PK\x03\x04 but not really".to_vec(), with("ppt/presentation.xml")] {
        let refused = send(&admin, &path, "签到表.xlsx", content).await.expect_fields();
        assert_eq!(refused, [("file".to_owned(), "award_file_type_not_allowed".to_owned())]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_award_has_twenty_files_also_when_they_come_at_once() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let posted = admin.post("/credit-awards", &award(&people(&app, 1).await, "1.00")).await.expect(201);
    let path = format!("/credit-awards/{}/files", posted["batch_id"].as_str().unwrap());
    for _ in 0..17 {
        let _ = send(&admin, &path, "签到表.png", PNG.to_vec()).await.expect(201);
    }
    let sent = join_all((0..8).map(|_| send(&admin, &path, "签到表.png", PNG.to_vec()))).await;
    assert_eq!(sent.iter().filter(|answer| answer.status == 201).count(), 3);
    assert_eq!(admin.get(&path).await.expect(200)["items"].as_array().map(Vec::len), Some(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn sheets_are_read_in_whatever_form_offices_keep_them() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let text = "十月防震演练签到表\n序号,姓名,联系电话\n1,王秀英,13800000001\n2,李 明,138-0000-0002\n合计,2人,\n";
    let (chinese, _, _) = encoding_rs::GB18030.encode(text);
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in text.lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            sheet.write_string(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), cell).unwrap();
        }
    }
    let tabs = text.replace(',', "\t");
    for content in [
        text.as_bytes().to_vec(),
        chinese.into_owned(),
        workbook.save_to_buffer().unwrap(),
        [b"\xef\xbb\xbf", tabs.as_bytes()].concat(),
    ] {
        let read = send(&admin, "/credit-award-lists", "签到表", content).await.expect(200)["items"].clone();
        let names: Vec<&str> = read.as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["王秀英", "李 明"], "{read}");
        assert_eq!((&read[0]["phone"], &read[1]["sheet_row"]), (&json!("13800000001"), &json!(4)));
    }
    for content in [&b"\x89PNG\r\n\x1a\n\0\0"[..], "姓名,单位\n王秀英,一班\n".as_bytes(), b""] {
        let answer = send(&admin, "/credit-award-lists", "签到表", content.to_vec()).await;
        assert!([400, 413, 415, 422].contains(&answer.status), "{} {:?}", answer.status, answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_list_holds_there_is_a_clear_answer() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let person = |year: i32| Person {
        name: "王建国".to_owned(),
        birth_date: date!(1956 - 03 - 02).replace_year(year).unwrap(),
        ..Person::default()
    };
    let _ = app.on_record("CX", &person(1956)).await;
    let _ = app.on_record("CX", &person(1957)).await;
    let digits = "1".repeat(40);
    let rows = [
        (json!({"name": "王建国"}), "ambiguous"),
        (json!({"learner_number": digits}), "unknown"),
        (json!({"name": "王建国", "phone": digits}), "unknown"),
        (json!({"name": "=HYPERLINK(\"http://x\")"}), "unknown"),
        (json!({"name": "😀👵🏻"}), "unknown"),
        (json!({"name": "长".repeat(5000)}), "unknown"),
        (json!({"name": ""}), "unknown"),
        (json!({}), "unknown"),
    ];
    let mut body = award(&[], "1.00");
    body["residents"] = rows.iter().map(|(row, _)| row.clone()).collect();
    body["dry_run"] = json!(true);
    let answered = admin.post("/credit-awards", &body).await.expect(200)["rows"].clone();
    for (place, (row, status)) in rows.iter().enumerate() {
        assert_eq!(answered[place]["status"], *status, "{row}");
    }
    assert_eq!(answered[0]["candidates"].as_array().map(Vec::len), Some(2));
    // As long as it may be, and one line longer.
    body["residents"] = (0..10_000).map(|number| json!({"name": format!("无名{number}")})).collect();
    let long = admin.post("/credit-awards", &body).await.expect(200)["rows"].clone();
    assert_eq!(long.as_array().map(Vec::len), Some(10_000));
    body["residents"].as_array_mut().unwrap().push(json!({"name": "王芳"}));
    let longer = admin.post("/credit-awards", &body).await.expect_fields();
    assert_eq!(longer, [("residents".to_owned(), "award_list_too_long".to_owned())]);
    let id = app.on_record("CX", &Person::default()).await.id;
    for amount in ["-1", "NaN", "=1+1", "１", "1e3", "0", "", "😀", &digits, "1.005"] {
        let refused = admin.post("/credit-awards", &award(&[id], amount)).await.expect_fields();
        assert_eq!(refused, [("amount".to_owned(), "amount_invalid".to_owned())], "{amount}");
    }
    assert_eq!(Books::of(&app).await.ask(TRANSFERS).await, ["0"]);
}
