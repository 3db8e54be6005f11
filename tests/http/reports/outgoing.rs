//! What goes out of a month: files that stay the same, and mails with files.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, Person, TestApp};
use time::Duration;
use time::macros::datetime;

async fn file(client: &Client, path: &str) -> Vec<u8> {
    let answer = Answer::of(client.request(Method::GET, &format!("/reports/months/2026-11/{path}"))).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.bytes
}

#[tokio::test]
async fn a_closed_months_files_are_the_same_a_year_later() {
    let app = TestApp::street().await;
    let who = app.on_record("CX", &Person::default()).await.id;
    app.clock.set(datetime!(2026-12-06 09:00 +8));
    app.tick().await;
    let branch = format!("branches/{}/export?format=pdf", app.branch("CX").id);
    let paths = ["export?format=csv", "export?format=xlsx", "export?format=pdf", branch.as_str()];
    let mut before = Vec::new();
    let admin = app.admin().await;
    for path in paths {
        before.push(file(&admin, path).await);
    }
    assert!(before[2].starts_with(b"%PDF-") && before[3].starts_with(b"%PDF-"));
    app.clock.advance(Duration::days(365));
    let admin = app.admin().await;
    let _ = admin
        .post(
            &format!("/residents/{who}/moves"),
            &json!({"branch_id": app.branch("YX").id, "moved_on": app.clock.today().to_string()}),
        )
        .await
        .expect(201);
    let path = format!("/branches/{}", app.branch("CX").id);
    let _ = admin.patch(&path, &json!({"name": "新春晓社区市民学校", "population": 999})).await.expect(200);
    for (path, before) in paths.iter().zip(before) {
        assert!(file(&admin, path).await == before, "{path}");
    }
}

#[tokio::test]
async fn who_is_written_to_gets_the_files_and_what_came_of_it_is_seen() {
    let mut app = TestApp::start_with_smtp().await;
    app.make_street().await;
    let _staff = (app.staff("CX").await, app.staff("CQJD").await);
    app.on_record("CX", &Person::default()).await;
    app.clock.set(datetime!(2026-12-06 00:00 +8));
    app.tick().await;
    let mails = app.mails();
    let files = |subject: &str| {
        let mail = mails.iter().find(|mail| mail.subject.ends_with(subject)).unwrap();
        mail.files.clone()
    };
    let own = files("春晓社区市民学校");
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].0, "2026-11-春晓社区市民学校-月报.pdf");
    assert!(own[0].1.starts_with(b"%PDF-"));
    let street = files("（全街道）");
    let names: Vec<&str> = street.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["2026-11-月报.xlsx", "2026-11-月报.pdf"]);
    let mut workbook = Xlsx::new(Cursor::new(street[0].1.clone())).unwrap();
    let sheets = workbook.sheet_names();
    let first = workbook.worksheet_range(&sheets[0]).unwrap();
    assert!(first.rows().count() > 12, "{sheets:?}");

    let admin = app.admin().await;
    let list = admin.get("/reports/months/2026-11/mails").await.expect(200);
    let statuses = |list: &Value, status: &str| {
        list["items"].as_array().unwrap().iter().filter(|mail| mail["status"] == status).count()
    };
    let count = mails.len();
    assert_eq!(statuses(&list, "sent"), count, "{list}");
    // Only the admin who came later was missed.
    let again = json!({"only_missed": true});
    assert_eq!(admin.post("/reports/months/2026-11/mails", &again).await.expect(202)["queued"], json!(1));
    assert_eq!(admin.post("/reports/months/2026-11/mails", &again).await.expect(202)["queued"], json!(0));
    let everybody = json!({"only_missed": false});
    assert_eq!(admin.post("/reports/months/2026-11/mails", &everybody).await.expect(202)["queued"], json!(count + 1));
    let list = admin.get("/reports/months/2026-11/mails").await.expect(200);
    assert_eq!(statuses(&list, "waiting"), count + 2);
    app.run_jobs().await;
    assert_eq!(app.mails().len(), 2 * count + 2);
}

#[tokio::test]
async fn wrong_formats_and_open_months_are_refused() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let branch = app.branch("CX").id;
    for path in [format!("branches/{branch}/export?format=exe"), "export?format=exe".to_owned()] {
        let refused = admin.get(&format!("/reports/months/2026-11/{path}")).await.expect_fields();
        assert_eq!(refused, [("format".to_owned(), "format_unknown".to_owned())]);
    }
    let again = admin.post("/reports/months/2026-11/mails", &json!({"only_missed": true})).await;
    let _ = again.expect_problem(409, "month_not_closed");
}
