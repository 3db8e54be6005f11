//! The year: what its months come to, and its dossier.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Answer, Client, Person, TestApp, id_of};
use time::Duration;
use time::macros::{date, datetime};
use zip::ZipArchive;

use super::registered_on;
use super::training::{learned, make_elderly};

fn metric<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["metrics"].as_array().unwrap().iter().find(|one| one["metric"] == name).unwrap()
}

fn group<'a>(report: &'a Value, name: &Value) -> &'a Value {
    report["groups"].as_array().unwrap().iter().find(|one| one["group"] == *name).unwrap()
}

async fn year(client: &Client, asked: &str) -> Value {
    client.get(&format!("/reports/years/{asked}")).await.expect(200)
}

#[tokio::test]
async fn a_year_is_what_its_months_come_to() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let first = app.on_record("CX", &registered_on(date!(2026 - 10 - 05))).await.id;
    app.on_record("CX", &registered_on(date!(2026 - 11 - 05))).await;
    app.on_record("YX", &registered_on(date!(2026 - 11 - 06))).await;
    app.on_record("CX", &registered_on(date!(2025 - 11 - 06))).await;
    make_elderly(&app, first).await;
    learned(&app, first, "CX", "2026-10-03", "2026-10-01").await;
    learned(&app, first, "CX", "2026-11-03", "2026-11-01").await;

    let street = year(&admin, "2026").await;
    assert_eq!(street["months"].as_array().unwrap().len(), 11, "{street}");
    let new = metric(&street, "new_registrations");
    assert_eq!((&new["value"], &new["previous_value"], &new["delta"]), (&json!(3), &json!(1), &json!(2)));
    assert_eq!((&new["months"][9], &new["months"][10]), (&json!(1), &json!(2)));
    assert_eq!(metric(&street, "total_registrations")["value"], json!(4));
    // 60 s in each of two months: together 0.03 hours, where 0.02 and 0.02 would come to 0.04.
    assert_eq!(metric(&street, "learning_hours")["value"], json!(0.03));
    // One person who learned in two months is one person.
    assert_eq!(metric(&street, "active_learners")["value"], Value::Null);
    assert_eq!(metric(&street, "trained")["value"], json!(1));
    let (everybody, elderly) = (group(&street, &Value::Null), group(&street, &json!("elderly")));
    assert_eq!((&everybody["trained"], &elderly["trained"]), (&json!(1), &json!(1)));
    assert!(street["summary"].as_str().unwrap().contains("培训居民 1 人"), "{street}");

    let school = |code: &str| {
        let schools = street["schools"].as_array().unwrap();
        let found = schools.iter().find(|school| school["code"] == code).unwrap();
        found["ranks"].as_array().unwrap().iter().find(|rank| rank["metric"] == "new_registrations").unwrap().clone()
    };
    assert_eq!((&school("CX")["value"], &school("CX")["rank"]), (&json!(2), &json!(1)));
    assert_eq!((&school("YX")["value"], &school("YX")["rank"]), (&json!(1), &json!(2)));

    let own = year(&admin, &format!("2026?branch_id={}", app.branch("CX").id)).await;
    assert_eq!(metric(&own, "new_registrations")["value"], json!(2));
    assert_eq!((own["branch"]["code"].clone(), own["schools"].clone()), (json!("CX"), json!([])));

    assert_eq!(
        admin.get("/reports/years/2027").await.expect_fields(),
        [("year".to_owned(), "year_invalid".to_owned())]
    );
    admin.get("/reports/years/last").await.expect_problem(422, "fields_invalid");
}

#[tokio::test]
async fn a_year_that_is_closed_is_the_same_file_a_year_later() {
    let app = TestApp::street().await;
    app.on_record("CX", &Person::default()).await;
    app.clock.set(datetime!(2027-01-06 09:00 +8));
    app.tick().await;
    let admin = app.admin().await;
    // Months before the first start close when an admin says so.
    for month in (1..=10).map(|month| format!("2026-{month:02}")) {
        admin.post(&format!("/reports/months/{month}/closing"), &json!({})).await;
    }
    let file = async |client: &Client, format: &str| {
        let path = format!("/reports/years/2026/export?format={format}");
        let answer = Answer::of(client.request(Method::GET, &path)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.bytes
    };
    let before = (file(&admin, "xlsx").await, file(&admin, "pdf").await);
    assert!(before.1.starts_with(b"%PDF-"));
    let mut workbook = Xlsx::new(Cursor::new(before.0.clone())).unwrap();
    assert_eq!(workbook.sheet_names(), ["本年", "培训人群", "各分校", "月结情况"]);
    let months = workbook.worksheet_range("月结情况").unwrap();
    assert!(months.rows().skip(1).all(|row| matches!(&row[1], Data::String(state) if state == "已月结")), "{months:?}");
    assert_eq!(workbook.worksheet_range("各分校").unwrap().rows().count(), 13);
    app.clock.advance(Duration::days(300));
    let admin = app.admin().await;
    assert!(file(&admin, "xlsx").await == before.0);
    assert!(file(&admin, "pdf").await == before.1);
    let refused = admin.get("/reports/years/2026/export?format=csv").await.expect_fields();
    assert_eq!(refused, [("format".to_owned(), "format_unknown".to_owned())]);
}

/// Files of an archive by their paths.
async fn unpacked(client: &Client, dossier: &Value) -> BTreeMap<String, Vec<u8>> {
    let path = format!("/dossiers/{}/links", dossier["id"].as_str().unwrap());
    let url = client.post(&path, &json!({})).await.expect(201)["url"].as_str().unwrap().to_owned();
    let bytes = reqwest::get(url).await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    files
}

async fn made(app: &TestApp, client: &Client, asked: &Value) -> Value {
    let begun = client.post("/reports/years/2026/dossiers", asked).await.expect(202);
    assert_eq!((&begun["status"], &begun["done"]), (&json!("making"), &json!(0)));
    app.run_jobs().await;
    let dossier = client.get(&format!("/dossiers/{}", begun["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&dossier["status"], &dossier["done"]), (&json!("ready"), &dossier["parts"]), "{dossier}");
    dossier
}

/// Awards people credits on a sheet that names them.
async fn award(app: &TestApp, people: &[uuid::Uuid], reason: &str) {
    let admin = app.admin().await;
    let residents: Vec<Value> = people.iter().map(|id| json!({"id": id})).collect();
    let award = json!({"residents": residents, "unit": "credit", "amount": "1.00", "reason": reason,
        "earned_on": "2026-11-20"});
    let batch = admin.post("/credit-awards", &award).await.expect(201)["batch_id"].as_str().unwrap().to_owned();
    let form = Form::new().part("file", Part::bytes(b"%PDF-1.7\n".as_slice()).file_name("签到表.pdf"));
    let sent = admin.request(Method::POST, &format!("/credit-awards/{batch}/files")).multipart(form);
    let _ = Answer::of(sent).await.expect(201);
}

/// A certificate of somebody's for a course of a branch.
async fn certified(app: &TestApp, who: uuid::Uuid, code: &str) {
    let course = app.published_course(code, 1, 60).await.id;
    let finished = format!(
        "INSERT INTO enrollments (resident_id, course_id, enrolled_at, completed_at, version) \
         VALUES ('{who}', '{course}', '2026-11-20', '2026-11-21', 1)"
    );
    execute(&app.owner_url(), &finished).await;
    app.clock.advance(Duration::minutes(5));
    app.tick().await;
}

#[tokio::test]
async fn a_dossier_holds_figures_lists_documents_and_an_index_of_its_own_branch_alone() {
    let app = TestApp::street().await;
    let person = |name: &str| Person { name: name.to_owned(), ..Person::default() };
    let own = app.on_record("CX", &person("=春晓学员")).await.id;
    let other = app.on_record("YX", &person("远处学员")).await.id;
    learned(&app, own, "CX", "2026-11-03", "2026-11-01").await;
    award(&app, &[own], "防震演练").await;
    award(&app, &[own, other], "联合演练").await;
    // Of a course of CX, but nobody of CX; and the other way round.
    certified(&app, other, "CX").await;
    certified(&app, own, "YX").await;
    let staff = app.staff("CX").await;
    let dossier = made(&app, &staff, &json!({})).await;
    let files = unpacked(&staff, &dossier).await;
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    for expected in
        ["01 年报/2026-春晓社区市民学校-年报.xlsx", "03 名册/学员名册.csv", "04 学分/学分流水.csv", "目录.html"]
    {
        assert!(names.contains(&expected), "{expected}: {names:?}");
    }
    assert_eq!(names.iter().filter(|name| name.starts_with("02 月报/")).count(), 11, "{names:?}");
    // The sheet of the award that names somebody of another branch stays out.
    let sheets: Vec<&&str> = names.iter().filter(|name| name.starts_with("05 授予材料/")).collect();
    assert_eq!(sheets, [&"05 授予材料/2026-11-20 防震演练/001 签到表.pdf"]);
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    let list = text("03 名册/学员名册.csv");
    assert!(list.starts_with('\u{feff}') && list.contains("'=春晓学员") && !list.contains("远处"), "{list}");
    assert!(list.lines().nth(1).unwrap().ends_with(",是,1"), "learned for a minute: {list}");
    assert_eq!(text("04 学分/学分流水.csv").lines().count(), 3);
    let certificates = text("03 名册/结业证书.csv");
    assert!(certificates.lines().count() == 2 && certificates.contains("春晓学员"), "{certificates}");
    let index = text("目录.csv");
    assert_eq!(index.lines().count(), names.len() - 1, "every file but the two of the index, and a heading: {index}");
    assert_eq!(dossier["files"], json!(names.len()));
    for (name, content) in &files {
        assert!(!String::from_utf8_lossy(content).contains("远处学员"), "{name}");
    }
    let street = made(&app, &app.admin().await, &json!({})).await;
    let files = unpacked(&app.admin().await, &street).await;
    assert_eq!(files.keys().filter(|name| name.starts_with("05 授予材料/")).count(), 2);
    // Below the street centre is everybody: its staff get the whole street.
    let centre = app.staff("CQJD").await;
    let whole = unpacked(&centre, &made(&app, &centre, &json!({})).await).await;
    assert!(whole.contains_key("01 年报/2026-全街道-年报.xlsx"), "{:?}", whole.keys());
    // Staff see their own alone.
    let listed = staff.get("/reports/years/2026/dossiers").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    let branch = json!({"branch_id": app.branch("YX").id});
    staff.post("/reports/years/2026/dossiers", &branch).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_dossier_is_made_once_at_a_time_and_removed_after_its_days() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let begun = admin.post("/reports/years/2026/dossiers", &json!({})).await.expect(202);
    let again = admin.post("/reports/years/2026/dossiers", &json!({})).await.expect(200);
    assert_eq!(begun["id"], again["id"]);
    app.run_jobs().await;
    let path = format!("/dossiers/{}", id_of(&begun));
    let url = admin.post(&format!("{path}/links"), &json!({})).await.expect(201)["url"].as_str().unwrap().to_owned();
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 200);
    let noted = admin.get("/audit-entries?action=dossier.taken_away").await.expect(200);
    assert_eq!(noted["items"].as_array().unwrap().len(), 1, "{noted}");
    app.clock.advance(Duration::days(7));
    app.tick().await;
    let admin = app.admin().await;
    assert_eq!(admin.get(&path).await.expect(200)["status"], "removed");
    admin.post(&format!("{path}/links"), &json!({})).await.expect_problem(409, "dossier_not_ready");
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 404);
}

#[tokio::test]
async fn what_the_store_has_lost_is_named_in_the_dossier() {
    let app = TestApp::street().await;
    let own = app.on_record("CX", &Person::default()).await.id;
    award(&app, &[own], "防震演练").await;
    execute(&app.owner_url(), "UPDATE award_files SET object_key = object_key || '-gone'").await;
    let admin = app.admin().await;
    let dossier = made(&app, &admin, &json!({})).await;
    let files = unpacked(&admin, &dossier).await;
    assert!(files.contains_key("05 授予材料/2026-11-20 防震演练/001 签到表.pdf.缺失.txt"), "{:?}", files.keys());
}
