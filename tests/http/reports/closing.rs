//! Closing months: once, at the right moment, with nothing slipping through, and told by mail.

use std::collections::HashSet;
use std::sync::Arc;

use campus::Campus;
use campus::branches::Branch;
use campus::reports;
use serde_json::{Value, json};
use tests::{Person, TestApp};
use time::macros::{date, datetime};

use super::{of, ranking, registered_on};

#[tokio::test]
async fn a_closed_month_stays_as_it_was_and_what_comes_after_is_late() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    app.on_record("CX", &Person::default()).await;
    app.clock.set(datetime!(2026-12-02 09:00 +8));
    // Its month is over but open: it counts where it happened and is not late.
    app.on_record("CX", &registered_on(date!(2026 - 11 - 30))).await;
    let closing = admin.post("/reports/months/2026-11/closing", &json!({})).await.expect(201);
    assert_eq!((&closing["month"], &closing["status"]), (&json!("2026-11"), &json!("closed")));
    assert_eq!(closing["closed_at"], "2026-12-02T09:00:00+08:00");
    assert_eq!(closing["hash"].as_str().unwrap().len(), 64);

    let before = ranking(&admin, "2026-11", "new_registrations").await;
    assert_eq!(of(&before, "CX")["value"], 2);
    assert_eq!((&before["hash"], &before["closed_at"]), (&closing["hash"], &closing["closed_at"]));

    app.on_record("CX", &registered_on(date!(2026 - 11 - 15))).await;
    app.on_record("CX", &Person::default()).await;
    assert_eq!(ranking(&admin, "2026-11", "new_registrations").await, before);
    let december = ranking(&admin, "2026-12", "new_registrations").await;
    assert_eq!((&december["status"], &december["hash"]), (&json!("open"), &Value::Null));
    let item = of(&december, "CX");
    let expected = json!({"value": 2, "late": 1, "previous_value": 2, "delta": 0, "rank": 1, "previous_rank": 1});
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(item[field], *value, "{field}");
    }
    assert_eq!(of(&ranking(&admin, "2026-12", "total_registrations").await, "CX")["value"], 4);

    // The population of a closed month is that of its closing.
    let rate = ranking(&admin, "2026-11", "registrations_per_1000").await;
    admin.patch(&format!("/branches/{}", app.branch("CX").id), &json!({"population": 1})).await.expect(200);
    assert_eq!(ranking(&admin, "2026-11", "registrations_per_1000").await, rate);
}

#[tokio::test]
async fn closing_again_answers_what_it_was_and_a_month_that_runs_cannot_be_closed() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    for running in ["2026-11", "2026-12", "2100-12"] {
        let answer = admin.post(&format!("/reports/months/{running}/closing"), &json!({})).await;
        answer.expect_problem(409, "month_not_over");
    }
    app.clock.set(datetime!(2026-11-30 23:59:59 +8));
    admin.post("/reports/months/2026-11/closing", &json!({})).await.expect_problem(409, "month_not_over");
    app.clock.set(datetime!(2026-12-01 00:00 +8));
    let another = app.another();
    let mut callers = Vec::new();
    for number in 0..4 {
        let client = if number % 2 == 0 { admin.clone() } else { another.client_of(admin.account_id.unwrap()) };
        callers.push(tokio::spawn(async move { client.post("/reports/months/2026-11/closing", &json!({})).await }));
    }
    let mut answers = Vec::new();
    for caller in callers {
        answers.push(caller.await.unwrap());
    }
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 201]);
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    app.clock.set(datetime!(2026-12-06 00:01 +8));
    app.tick().await;
    assert_eq!(admin.post("/reports/months/2026-11/closing", &json!({})).await.expect(200), answers[0].body);
    let mails: Vec<String> = app.mails().into_iter().map(|mail| mail.to).collect();
    assert_eq!(mails.len(), mails.iter().collect::<HashSet<_>>().len(), "nobody is written to twice");
}

async fn close_due(campus: &Campus) -> Vec<String> {
    reports::close_due(campus).await.unwrap().into_iter().map(|month| month.to_string()).collect()
}

#[tokio::test]
async fn the_calendar_closes_months_at_midnight_of_the_sixth_oldest_first() {
    let app = TestApp::street().await;
    // 05:00 UTC on the last day is 13:00 in Shanghai; the day ends at 16:00 UTC.
    app.clock.set(datetime!(2026-11-30 15:59:59 UTC));
    app.on_record("CX", &Person::default()).await;
    app.clock.set(datetime!(2026-11-30 16:00 UTC));
    app.on_record("WT", &Person::default()).await;
    let staff = app.staff("CX").await;
    for (month, counted, not_counted) in [("2026-11", "CX", "WT"), ("2026-12", "WT", "CX")] {
        let ranking = ranking(&staff, month, "new_registrations").await;
        assert_eq!((&of(&ranking, counted)["value"], &of(&ranking, not_counted)["value"]), (&json!(1), &json!(0)));
    }
    app.clock.set(datetime!(2026-12-05 15:59:59 UTC));
    assert!(close_due(&app.campus).await.is_empty());
    app.clock.set(datetime!(2026-12-05 16:00 UTC));
    assert_eq!(close_due(&app.campus).await, ["2026-11"]);
    assert!(close_due(&app.campus).await.is_empty());
    // The worker was off for months; what was closed before reporting began stays open.
    app.clock.set(datetime!(2027-03-06 00:00 +8));
    app.tick().await;
    let status = async |month| ranking(&staff, month, "credits").await["status"].clone();
    assert_eq!(status("2026-10").await, "open");
    for month in ["2026-12", "2027-01", "2027-02"] {
        assert_eq!(status(month).await, "closed");
    }
    assert_eq!(status("2027-03").await, "open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_fact_slips_between_the_snapshot_and_the_closing() {
    let app = Arc::new(TestApp::street().await);
    app.clock.set(datetime!(2026-12-06 00:00 +8));
    let mut writers = Vec::new();
    for _ in 0..6 {
        let app = Arc::clone(&app);
        writers.push(tokio::spawn(async move {
            for _ in 0..15 {
                app.on_record("CX", &registered_on(date!(2026 - 11 - 15))).await;
            }
        }));
    }
    app.on_record("CX", &registered_on(date!(2026 - 11 - 16))).await;
    assert_eq!(close_due(&app.campus).await, ["2026-11"]);
    for writer in writers {
        writer.await.unwrap();
    }
    let admin = app.admin().await;
    let november = ranking(&admin, "2026-11", "new_registrations").await;
    let december = ranking(&admin, "2026-12", "new_registrations").await;
    let figure = |ranking: &Value, field: &str| of(ranking, "CX")[field].as_u64().unwrap();
    assert_eq!(figure(&november, "value") + figure(&december, "value"), 91);
    assert_eq!(figure(&december, "value"), figure(&december, "late"));
    assert_eq!(figure(&november, "late"), 0);
}

#[tokio::test]
async fn each_branch_is_written_to_about_itself_and_the_centre_about_all() {
    let mut app = TestApp::start_with_smtp().await;
    app.make_street().await;
    let (_cx, _wt, _centre) = (app.staff("CX").await, app.staff("WT").await, app.staff("CQJD").await);
    let point = json!({"code": "WT1", "name": "梧桐教学点", "parent_id": app.branch("WT").id, "population": 40});
    let point = app.admin().await.post("/branches", &point).await.expect(201)["id"].clone();
    let point = Branch { id: point.as_str().unwrap().parse().unwrap(), ..app.branch("WT").clone() };
    app.branches.insert("WT1".to_owned(), point);
    let _point = app.staff("WT1").await;
    for (code, people) in [("CX", 1), ("WT", 4), ("WJ", 21)] {
        for _ in 0..people {
            app.on_record(code, &Person::default()).await;
        }
    }
    app.clock.set(datetime!(2026-12-06 00:00 +8));
    app.tick().await;
    let mails = app.mails();
    let about = |subject: &str| mails.iter().filter(|mail| mail.subject == subject).collect::<Vec<_>>();
    let cx = about("[常青学堂] 2026年11月月报：春晓社区市民学校");
    assert_eq!(cx.len(), 1);
    // A teaching point counts for its school: both are told what the school comes to.
    assert_eq!(about("[常青学堂] 2026年11月月报：梧桐社区市民学校").len(), 2);
    // The staff of the centre, and the admin who set the street up.
    let street = about("[常青学堂] 2026年11月月报：长青街道社区教育中心（全街道）");
    assert_eq!(street.len(), 3);
    assert_eq!(mails.len(), 6);
    for form in [&cx[0].text, &cx[0].html] {
        assert!(form.contains("距上一名（梧桐）还差 3 人，距第一名（望江）还差 20 人"), "{form}");
        assert!(form.contains("第 3 名"), "{form}");
        assert!(!form.contains("银杏"), "{form}");
    }
    assert!(street[0].html.contains("银杏社区市民学校") && street[0].text.contains("银杏社区市民学校"));
    assert!(cx[0].html.starts_with("<!DOCTYPE html>"));
}
