//! Rankings, branch reports and exports.

mod closing;
mod histories;
mod live;
mod measures;
mod outgoing;
mod spreadsheet;
mod targets;
mod training;
mod year;

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use campus::clock::Month;
use campus::residents::{self, NewResident};
use serde_json::{Value, json};
use tests::{Client, Person, TestApp};
use time::macros::date;
use uuid::Uuid;

pub const METRICS: [&str; 11] = [
    "new_registrations",
    "total_registrations",
    "registrations_per_1000",
    "active_learners",
    "learning_hours",
    "completions",
    "credits",
    "credits_per_1000",
    "attendances",
    "trained",
    "training_rate",
];

async fn ranking(client: &Client, month: &str, metric: &str) -> Value {
    client.get(&format!("/reports/months/{month}/ranking?metric={metric}")).await.expect(200)
}

fn of<'a>(ranking: &'a Value, code: &str) -> &'a Value {
    ranking["items"].as_array().unwrap().iter().find(|item| item["code"] == code).unwrap()
}

fn registered_on(day: time::Date) -> Person {
    Person { registered_on: Some(day), ..Person::default() }
}

/// Everybody that `expected.json` counts, registered in the middle of their month.
async fn register_as_expected(app: &TestApp) -> Value {
    let expected: Value = serde_json::from_str(include_str!("../../fixtures/rosters/expected.json")).unwrap();
    let mut people = Vec::new();
    for (month, rows) in expected["months"].as_object().unwrap() {
        let first_day = month.parse::<Month>().unwrap().first_day();
        for row in rows.as_array().unwrap() {
            let branch = app.branch(row["branch"].as_str().unwrap());
            for number in 0..row["new_registrations"].as_u64().unwrap() {
                people.push(NewResident {
                    id: campus::ids::new_id(),
                    name: format!("{}{month}第{number}人", branch.name),
                    birth_date: date!(1956 - 03 - 02),
                    gender: None,
                    phone: None,
                    id_number: None,
                    groups: Vec::new(),
                    branch_id: branch.id,
                    registered_on: first_day.replace_day(15).unwrap(),
                    origin: "roster",
                });
            }
        }
    }
    let connection = &mut *app.campus.database.connection().await.unwrap();
    assert_eq!(residents::record(&app.campus, connection, &people).await.unwrap().len(), 3264);
    expected
}

async fn expect_expected(client: &Client, expected: &Value) {
    for (month, rows) in expected["months"].as_object().unwrap() {
        for metric in &METRICS[..3] {
            let ranking = ranking(client, month, metric).await;
            assert_eq!(ranking["items"].as_array().unwrap().len(), 12);
            for row in rows.as_array().unwrap() {
                let item = of(&ranking, row["branch"].as_str().unwrap());
                assert_eq!(item["value"].as_f64(), row[metric].as_f64(), "{month} {metric} {item}");
                for (ours, theirs) in
                    [("rank", "rank"), ("gap_to_next", "gap_to_next"), ("gap_to_first", "gap_to_first")]
                {
                    let figure = &row[format!("{metric}_{theirs}")];
                    assert!(
                        figure.is_null() || item[ours].as_f64() == figure.as_f64(),
                        "{month} {metric} {ours} {item}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn rankings_equal_the_figures_worked_out_by_hand_open_and_closed() {
    let app = TestApp::street().await;
    let expected = register_as_expected(&app).await;
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    expect_expected(&staff, &expected).await;
    for month in ["2026-02", "2026-03", "2026-10"] {
        admin.post(&format!("/reports/months/{month}/closing"), &json!({})).await.expect(201);
    }
    expect_expected(&staff, &expected).await;

    let ranking = ranking(&staff, "2026-10", "registrations_per_1000").await;
    assert_eq!((&ranking["status"], &ranking["metric"]), (&json!("closed"), &json!("registrations_per_1000")));
    assert_eq!(ranking["street"], json!({"value": 669.95}));
    assert!(ranking["items"].as_array().unwrap().iter().all(|item| item["code"] != "CQJD"));
    let item = of(&ranking, "CX");
    assert_eq!(item["branch_id"], json!(app.branch("CX").id));
    let difference = item["value"].as_f64().unwrap() - item["previous_value"].as_f64().unwrap();
    assert_eq!(format!("{difference:.2}"), format!("{:.2}", item["delta"].as_f64().unwrap()));
    for absent in ["target", "gap_to_target"] {
        assert_eq!(item[absent], Value::Null);
    }
}

#[tokio::test]
async fn equals_share_a_rank_and_a_branch_without_people_stands_last() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let body = json!({"code": "NEW", "name": "新建社区市民学校", "parent_id": app.branch("CQJD").id});
    admin.post("/branches", &body).await.expect(201);
    for (code, people) in [("CX", 3), ("WT", 2), ("YX", 2), ("CQ", 1)] {
        for _ in 0..people {
            app.on_record(code, &Person::default()).await;
        }
    }
    let ranks = |ranking: &Value| -> Vec<(String, Value, Value, Value)> {
        let items = ranking["items"].as_array().unwrap().iter();
        items
            .map(|item| {
                (
                    item["code"].as_str().unwrap().to_owned(),
                    item["rank"].clone(),
                    item["gap_to_next"].clone(),
                    item["gap_to_first"].clone(),
                )
            })
            .collect()
    };
    let row = |code: &str, rank: u32, next: u32, first: u32| (code.to_owned(), json!(rank), json!(next), json!(first));
    let new = ranks(&ranking(&admin, "2026-11", "new_registrations").await);
    assert_eq!(new[..4], [row("CX", 1, 0, 0), row("WT", 2, 1, 1), row("YX", 2, 1, 1), row("CQ", 4, 1, 2)]);
    assert!(new[4..].iter().all(|(_, rank, next, first)| (rank, next, first) == (&json!(5), &json!(1), &json!(3))));

    let rated = ranking(&admin, "2026-11", "registrations_per_1000").await;
    let last = rated["items"].as_array().unwrap().last().unwrap();
    assert_eq!(last["code"], "NEW");
    for field in ["value", "rank", "gap_to_next", "gap_to_first", "delta", "late"] {
        assert_eq!(last[field], Value::Null, "{field}");
    }
    // 3 × 1000 ÷ 263 and 2 × 1000 ÷ 205.
    assert_eq!(of(&rated, "CX")["value"], json!(11.41));
    assert_eq!(of(&rated, "YX")["gap_to_first"], json!(1.65));
}

#[tokio::test]
async fn a_branch_reads_a_year_of_every_metric() {
    let app = TestApp::street().await;
    register_as_expected(&app).await;
    let staff = app.staff("WT").await;
    let path = |id: Uuid, month: &str| format!("/reports/months/{month}/branches/{id}");
    let report = staff.get(&path(app.branch("CX").id, "2026-10")).await.expect(200);
    assert_eq!((&report["month"], &report["status"]), (&json!("2026-10"), &json!("open")));
    assert_eq!(report["branch"]["code"], "CX");
    let metrics = report["metrics"].as_array().unwrap();
    assert_eq!(metrics.iter().map(|metric| metric["metric"].as_str().unwrap()).collect::<Vec<_>>(), METRICS);
    for (metric, name) in metrics.iter().zip(METRICS) {
        let history = metric["history"].as_array().unwrap();
        assert_eq!(
            (history.len(), &history[0]["month"], &history[11]["month"]),
            (12, &json!("2025-11"), &json!("2026-10"))
        );
        let ranking = ranking(&staff, "2026-10", name).await;
        let item = of(&ranking, "CX");
        for field in
            ["value", "rank", "previous_value", "previous_rank", "delta", "gap_to_next", "gap_to_first", "late"]
        {
            assert_eq!(metric[field], item[field], "{name} {field}");
        }
        assert_eq!(metric["definition"], ranking["definition"], "{name}");
        assert_eq!((&history[11]["value"], &history[11]["rank"]), (&metric["value"], &metric["rank"]));
        assert_eq!(history[10]["value"], metric["previous_value"]);
    }
    let words =
        |chinese: &Value, english: &Value| (chinese["definition"].clone(), english["definition"]["name"].clone());
    let abroad = app.staff("WT").await.reading("en");
    let english = ranking(&abroad, "2026-10", "credits").await;
    let chinese = ranking(&staff, "2026-10", "credits").await;
    let definition = json!({"name": "学分", "unit": "学分", "meaning": "本月授予的学分，减去冲正的学分。"});
    assert_eq!(words(&chinese, &english), (definition, json!("Credits")));
    let centre = staff.get(&path(app.branch("CQJD").id, "2026-10")).await.expect(200);
    assert_eq!((&centre["metrics"][0]["value"], &centre["metrics"][0]["rank"]), (&json!(0), &Value::Null));
    staff.get(&path(Uuid::new_v4(), "2026-10")).await.expect_problem(404, "not_found");
    staff.get("/reports/months/2026-10/branches/none").await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn exports_open_and_say_what_the_rankings_say() {
    let app = TestApp::street().await;
    register_as_expected(&app).await;
    let staff = app.staff("CX").await;
    let comma = staff.get("/reports/months/2026-10/export?format=csv").await;
    assert_eq!((comma.status, comma.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(
        comma.header("content-disposition"),
        "attachment; filename=\"2026-10-report.csv\"; filename*=UTF-8''2026%2D10%2D%E6%9C%88%E6%8A%A5.csv"
    );
    let text = String::from_utf8(comma.bytes).unwrap();
    assert!(text.starts_with("\u{feff}代码,分校,新增登记 本月,"));
    assert_eq!(text.matches("\r\n").count(), 14);
    assert_eq!(text.matches('\n').count(), 14);

    let sheet = staff.get("/reports/months/2026-10/export?format=xlsx").await;
    assert_eq!(sheet.status, 200);
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(sheet.bytes)).unwrap();
    let range = workbook.worksheet_range("每千人登记数").unwrap();
    let ranking = ranking(&staff, "2026-10", "registrations_per_1000").await;
    for (row, item) in (1..).zip(ranking["items"].as_array().unwrap()) {
        assert_eq!(range.get((row, 0)), Some(&Data::String(item["code"].as_str().unwrap().to_owned())));
        assert_eq!(range.get((row, 2)), Some(&Data::Float(item["value"].as_f64().unwrap())));
        assert_eq!(range.get((row, 3)), Some(&Data::Float(item["rank"].as_f64().unwrap())));
    }
    for format in ["format=doc", "format="] {
        let answer = staff.get(&format!("/reports/months/2026-10/export?{format}")).await;
        assert_eq!(answer.expect_fields(), [("format".to_owned(), "format_unknown".to_owned())]);
    }
    let fields = staff.get("/reports/months/2026-10/export").await.expect_fields();
    assert_eq!(fields, [("format".to_owned(), "required".to_owned())]);
}

#[tokio::test]
async fn a_bad_month_or_metric_is_a_field_at_fault() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let month = [("month".to_owned(), "month_invalid".to_owned())];
    for bad in ["2026-13", "2026", "1999-01", "2026-1", "November", "2026-11-01", "%E4%BA%8C"] {
        let metric = admin.get(&format!("/reports/months/{bad}/ranking?metric=credits")).await;
        assert_eq!(metric.expect_fields(), month, "{bad}");
        assert_eq!(admin.post(&format!("/reports/months/{bad}/closing"), &json!({})).await.expect_fields(), month);
        assert_eq!(admin.get(&format!("/reports/months/{bad}/export?format=csv")).await.expect_fields(), month);
        let branch = app.branch("CX").id;
        assert_eq!(admin.get(&format!("/reports/months/{bad}/branches/{branch}")).await.expect_fields(), month);
    }
    for (query, code) in [("?metric=shoes", "metric_unknown"), ("?metric=", "metric_unknown"), ("", "required")] {
        let answer = admin.get(&format!("/reports/months/2026-11/ranking{query}")).await;
        assert_eq!(answer.expect_fields(), [("metric".to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn staff_read_residents_do_not_and_only_admins_close() {
    let app = TestApp::street().await;
    let (staff, resident, anonymous) = (app.staff("CX").await, app.resident("CX").await, app.anonymous());
    let branch = app.branch("WT").id;
    let reads = [
        "/reports/months/2026-11/ranking?metric=credits".to_owned(),
        format!("/reports/months/2026-11/branches/{branch}"),
        "/reports/months/2026-11/export?format=csv".to_owned(),
    ];
    for path in &reads {
        assert_eq!(staff.get(path).await.status, 200);
        resident.get(path).await.expect_problem(403, "forbidden");
        anonymous.get(path).await.expect_problem(401, "not_logged_in");
    }
    let closing = "/reports/months/2026-10/closing";
    staff.post(closing, &json!({})).await.expect_problem(403, "forbidden");
    resident.post(closing, &json!({})).await.expect_problem(403, "forbidden");
    anonymous.post(closing, &json!({})).await.expect_problem(401, "not_logged_in");
}
