//! Statements: on paper, as a table, and checked by whoever was given one.

use std::sync::Arc;

use campus::credits::{self, Award, Evidence, Named};
use campus::idempotency::Request;
use diesel_async::SimpleAsyncConnection;
use serde_json::json;
use tests::database::{connect, execute};
use tests::{Client, TestApp};
use time::Duration;
use time::macros::{date, datetime};

use crate::attestation::bank::spend_as;
use crate::catching_up::until_waiting;

const YEAR: &str = "/me/credit-account/statement?from=2026-01-01&to=2026-12-31";

/// Has the street award `amount` credits for `reason`.
async fn award(app: &TestApp, resident: &Client, amount: &str, reason: &str) {
    let body = json!({"residents": [{"id": resident.resident_id}], "unit": "credit", "amount": amount,
        "reason": reason, "earned_on": "2026-11-20", "evidence": "scanned"});
    app.admin().await.post("/credit-awards", &body).await.expect(201);
}

/// The code in the name of the file that was answered.
async fn code(resident: &Client, format: &str) -> (String, Vec<u8>) {
    let answer = resident.get(&format!("{YEAR}&format={format}")).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
    let name = answer.header("content-disposition").to_owned();
    let code = name.split("statement-").nth(1).unwrap().split('.').next().unwrap().to_owned();
    (code, answer.bytes.to_vec())
}

#[tokio::test]
async fn a_table_opens_in_excel_and_runs_nothing() {
    let app = TestApp::street().await;
    let resident = app.resident("CX").await;
    award(&app, &resident, "2.50", "=HYPERLINK(\"http://a.example\")").await;
    award(&app, &resident, "1.00", "志愿服务，两天").await;
    let (code, bytes) = code(&resident, "csv").await;
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with('\u{feff}') && text.contains("\r\n"));
    let printed = campus::codes::printed_code(&code);
    assert!(text.contains(&printed) && text.contains("3.50") && text.contains("+2.50 学分"), "{text}");
    assert!(!text.lines().any(|line| line.split(',').any(|cell| cell.trim_matches('"').starts_with('='))), "{text}");
    let english = app.client_of(resident.account_id.unwrap()).reading("en");
    let english = english.get(&format!("{YEAR}&format=csv")).await;
    assert!(String::from_utf8(english.bytes.to_vec()).unwrap().contains("Credits in all"));
}

#[tokio::test]
async fn a_statement_is_checked_by_its_code_and_tells_no_more_than_it_says() {
    let app = TestApp::street().await;
    let resident = app.resident("CX").await;
    award(&app, &resident, "2.00", "志愿服务").await;
    let (first, bytes) = code(&resident, "pdf").await;
    assert!(bytes.starts_with(b"%PDF"));
    assert_eq!(code(&resident, "csv").await.0, first, "nothing has changed since");
    let name = app.anonymous().get(&format!("/credit-statements/{first}")).await.expect(200);
    assert_eq!((&name["stands"], &name["credits"], &name["rows"]), (&json!(true), &json!("2.00"), &json!(1)));
    let holder = name["holder"].as_str().unwrap();
    assert!(holder.ends_with('*') && holder.chars().filter(|sign| *sign != '*').count() == 1, "{holder}");
    assert_eq!(name.as_object().unwrap().len(), 10, "{name}");

    let exported = resident.get("/me/export").await.expect(200);
    let statements = exported["account_statements"].as_array().unwrap();
    assert_eq!(statements.len(), 1, "{statements:?}");
    assert_eq!(statements[0]["code"], campus::codes::printed_code(&first));
    assert_eq!((&statements[0]["from_on"], &statements[0]["credits"]), (&json!("2026-01-01"), &json!("2.00")));

    award(&app, &resident, "1.00", "合唱").await;
    let (second, _) = code(&resident, "pdf").await;
    assert_ne!(second, first);
    let anonymous = app.anonymous();
    let stands =
        async |code: &str| anonymous.get(&format!("/credit-statements/{code}")).await.expect(200)["stands"] == true;
    assert!(stands(&first).await && stands(&second).await, "what came later changes nothing");
    let change = "SET session_replication_role = replica; UPDATE credit_transfers SET evidence = 'system' \
        WHERE account_version = 2";
    execute(&app.owner_url(), change).await;
    assert!(stands(&first).await && !stands(&second).await, "only one of them has the changed row");
    app.anonymous().get("/credit-statements/0000-0000-0000-0000").await.expect_problem(404, "not_found");
    app.anonymous().get("/credit-statements/nonsense").await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_long_statement_has_pages_and_a_wrong_period_is_refused() {
    let app = TestApp::street().await;
    let resident = app.resident("CX").await;
    let (admin, id) = (app.actor_of(&app.admin().await).await, resident.resident_id.unwrap());
    for number in 0..90 {
        let award = Award {
            residents: vec![Named { id: Some(id), ..Named::default() }],
            unit: "credit".to_owned(),
            amount: "0.50".to_owned(),
            reason: format!("第 {number} 次在社区食堂帮忙，从上午九点到下午三点，一共六个小时，洗菜、摆碗筷、送饭上门"),
            earned_on: date!(2026 - 11 - 20),
            evidence: Evidence::Listed,
            venue_id: None,
        };
        let request = Request::new(admin.account_id, "credit-awards", uuid::Uuid::new_v4(), &number).unwrap();
        credits::award(&app.campus, &admin, Some(&request), &award).await.unwrap();
    }
    let (_, bytes) = code(&resident, "pdf").await;
    let pages = lopdf::Document::load_mem(&bytes).unwrap().get_pages().len();
    assert!((3..12).contains(&pages), "{pages}");
    for (query, code) in [
        ("from=2026-12-01&to=2026-11-01&format=pdf", "date_invalid"),
        ("from=x&to=2026-11-01&format=pdf", "date_invalid"),
        ("from=-9999-01-01&to=2026-12-31&format=csv", "date_invalid"),
        ("from=1899-12-31&to=2026-12-31&format=csv", "date_invalid"),
        ("from=2026-01-01&to=2026-11-01&format=exe", "format_unknown"),
    ] {
        let answer = resident.get(&format!("/me/credit-account/statement?{query}")).await;
        assert_eq!((answer.status, answer.body["errors"][0]["code"].as_str()), (422, Some(code)), "{query}");
    }
}

#[tokio::test]
async fn twelve_months_and_every_grade_are_summed() {
    let app = TestApp::street().await;
    let resident = app.resident("CX").await;
    award(&app, &resident, "2.00", "志愿服务").await;
    app.clock.advance(Duration::days(30));
    let history = resident.get("/me/credit-account/history").await.expect(200);
    let months = history["months"].as_array().unwrap();
    assert_eq!((months.len(), &months[11]["month"], &months[0]["month"]), (12, &json!("2026-12"), &json!("2026-01")));
    assert_eq!((&months[10]["credits"], &months[11]["credits"]), (&json!("2.00"), &json!("0.00")));
    assert_eq!(history["by_evidence"], json!([{"evidence": "scanned", "credits": "2.00"}]));
}

#[tokio::test]
async fn the_account_sums_the_day_the_month_and_the_year() {
    let app = TestApp::street().await;
    app.clock.set(datetime!(2027-03-05 10:00 +8));
    let (admin, resident) = (app.admin().await, app.resident("CX").await);
    let mut batches = Vec::new();
    for (day, amount) in
        [("2026-12-31", "1"), ("2027-01-01", "2"), ("2027-02-28", "4"), ("2027-03-01", "8"), ("2027-03-05", "16")]
    {
        let body = json!({"residents": [{"id": resident.resident_id}], "unit": "credit", "amount": amount,
            "reason": "志愿服务", "earned_on": day, "evidence": "scanned"});
        batches.push(admin.post("/credit-awards", &body).await.expect(201)["batch_id"].clone());
    }
    let sums = async || {
        let account = resident.get("/me/credit-account").await.expect(200);
        [&account["credits"], &account["this_year"], &account["this_month"], &account["today"]["earned"]]
            .map(|sum| sum.as_str().unwrap().to_owned())
    };
    assert_eq!(sums().await, ["31.00", "30.00", "24.00", "16.00"]);
    let path = format!("/credit-awards/{}/reversal", batches[4].as_str().unwrap());
    admin.post(&path, &json!({"reason": "重复"})).await.expect(201);
    assert_eq!(sums().await, ["15.00", "14.00", "8.00", "0.00"]);
}

#[tokio::test]
async fn what_is_held_spent_given_back_and_expired_is_summed_as_it_stands_in_the_rows() {
    let app = TestApp::street().await;
    let resident = app.resident("CX").await;
    spend_as(&app, resident.resident_id.unwrap()).await;
    // 100 came in; 30 were held and given back, 30 held, handed over and given back, 20 have expired.
    let (code, bytes) = code(&resident, "csv").await;
    let text = String::from_utf8(bytes).unwrap();
    let said = app.anonymous().get(&format!("/credit-statements/{code}")).await.expect(200);
    assert_eq!((&said["points"], &said["rows"], &said["stands"]), (&json!(80), &json!(7), &json!(true)), "{text}");
    assert!(text.contains(",-30,") && text.contains(",-20,"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn paper_and_table_asked_for_at_once_have_one_code() {
    let app = TestApp::street().await;
    let resident = Arc::new(app.resident("CX").await);
    award(&app, &resident, "2.00", "志愿服务").await;
    let (first, _) = code(&resident, "pdf").await;
    // As when the other has written its statement and not committed it yet.
    let mut other = connect(&app.owner_url()).await;
    let taken = "SET session_replication_role = replica; CREATE TEMP TABLE known AS SELECT * FROM account_statements; \
        DELETE FROM account_statements";
    other.batch_execute(taken).await.unwrap();
    other.batch_execute("BEGIN; INSERT INTO account_statements SELECT * FROM known").await.unwrap();
    let asking = Arc::clone(&resident);
    let asked = tokio::spawn(async move { code(&asking, "csv").await.0 });
    until_waiting(&mut connect(&app.owner_url()).await, 1).await;
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(asked.await.unwrap(), first);
}
