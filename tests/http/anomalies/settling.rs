//! Settling, taking that back, lists in pages, and what comes round by the clock.

use serde_json::{Value, json};
use tests::TestApp;
use tests::database::execute;
use uuid::Uuid;

use super::{listed, look, settlement};
use crate::books::Books;

/// Something open about somebody who is not there.
async fn open(app: &TestApp, kind: &str) -> Value {
    let id = campus::ids::new_id();
    let anomaly = format!(
        "INSERT INTO anomalies (id, kind, subject, mark, period, evidence, figures, found_at) VALUES ('{id}', '{kind}', \
             '{}', '', '2026-01-01', '{{}}', '{{\"kind\": \"{kind}\", \"people\": 9, \"reports\": 4}}', now())",
        Uuid::new_v4(),
    );
    execute(&app.owner_url(), &anomaly).await;
    json!({"id": id.to_string()})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_settles_it_once() {
    let app = TestApp::street().await;
    let (admin, other) = (app.admin().await, app.admin().await);
    let anomaly = open(&app, "shared_telephone").await;
    let path = settlement(&anomaly);
    for (note, code) in [("", "note_required"), ("  \n", "note_required"), ("\u{7}", "text_invalid")] {
        let refused = admin.post(&path, &json!({"note": note})).await.expect_fields();
        assert_eq!(refused, [("note".to_owned(), code.to_owned())]);
    }
    let long = admin.post(&path, &json!({"note": "长".repeat(501)})).await.expect_fields();
    assert_eq!(long, [("note".to_owned(), "too_long".to_owned())]);
    admin.get("/anomaly-overview").await.expect(200);

    let note = json!({"note": " 楼长替老人登记的 "});
    let settled = admin.post(&path, &note).await.expect(201);
    let expected = json!({"at": "2026-11-22T10:00:00+08:00", "by": "王老师", "note": "楼长替老人登记的"});
    assert_eq!(settled["settlement"], expected);
    assert_eq!(admin.post(&path, &note).await.expect(200), settled, "said again");
    for (who, note) in [(&other, note.clone()), (&admin, json!({"note": "别的"}))] {
        who.post(&path, &note).await.expect_problem(409, "anomaly_settled");
    }
    assert!(listed(&admin, "").await.is_empty());
    assert_eq!(listed(&admin, "?status=settled").await, [settled]);

    let back = other.delete(&path).await.expect(200);
    assert_eq!(back["settlement"], Value::Null);
    assert_eq!(other.delete(&path).await.expect(200), back, "open already");
    assert_eq!(listed(&admin, "?status=open").await, [back]);
    other.post(&path, &json!({"note": "再查"})).await.expect(201);
    let actions = "SELECT action FROM audit_entries WHERE object_kind = 'anomaly' ORDER BY id";
    let mut books = Books::of(&app).await;
    assert_eq!(books.ask(actions).await, ["anomaly.settled", "anomaly.reopened", "anomaly.settled"]);
    let words = "SELECT count(*) FROM audit_entries WHERE detail::text LIKE '%楼长%'";
    assert_eq!(books.number(words).await, 0, "the audit keeps no words about people");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_settle_at_once_do_it_once() {
    let app = TestApp::street().await;
    let (admin, other) = (app.admin().await, app.admin().await);
    let path = settlement(&open(&app, "equal_traces").await);
    let (first, second) = (json!({"note": "看过了"}), json!({"note": "也看过了"}));
    let answers = tokio::join!(admin.post(&path, &first), other.post(&path, &second));
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_again_is_not_opened_twice() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    for _ in 0..8 {
        let person = tests::Person { phone: Some("13812345678".to_owned()), ..tests::Person::default() };
        app.on_record("CX", &person).await;
    }
    let first = look(&app, &admin).await;
    let path = settlement(&first[0]);
    let _ = admin.post(&path, &json!({"note": "看过了"})).await.expect(201);
    let person = tests::Person { phone: Some("13812345678".to_owned()), ..tests::Person::default() };
    app.on_record("CX", &person).await;
    let second = look(&app, &admin).await;
    admin.delete(&path).await.expect_problem(409, "anomaly_found_again");
    let _ = admin.post(&settlement(&second[0]), &json!({"note": "也看过了"})).await.expect(201);
    admin.delete(&path).await.expect(200);
    assert_eq!(look(&app, &admin).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages_by_kind_and_status() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let mut ids = Vec::new();
    for kind in ["shared_telephone", "equal_traces", "shared_telephone"] {
        ids.push(open(&app, kind).await["id"].clone());
    }
    ids.reverse();
    let first = admin.get("/anomalies?limit=2").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = admin.get(&format!("/anomalies?limit=2&cursor={cursor}")).await.expect(200);
    let pages = [&first, &second].into_iter().flat_map(|page| page["items"].as_array().unwrap());
    assert_eq!(pages.map(|item| item["id"].clone()).collect::<Vec<_>>(), ids);
    assert_eq!(second["next_cursor"], Value::Null);
    let traces = listed(&admin, "?kind=equal_traces").await;
    assert_eq!(traces.iter().map(|item| &item["id"]).collect::<Vec<_>>(), [&ids[1]]);
    assert_eq!(
        admin.get("/anomaly-overview").await.expect(200),
        json!({"open": 3, "searched_at": null, "searching": false})
    );
    for (query, field) in [("kind=all", "kind"), ("status=new", "status"), ("limit=0", "limit"), ("cursor=x", "cursor")]
    {
        let refused = admin.get(&format!("/anomalies?{query}")).await.expect_fields();
        assert_eq!(refused[0].0, field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_round_every_day() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    app.tick().await;
    let overview = admin.get("/anomaly-overview").await.expect(200);
    assert_eq!(overview, json!({"open": 0, "searched_at": "2026-11-22T10:00:00+08:00", "searching": false}));
    app.clock.advance(time::Duration::days(1));
    app.tick().await;
    let overview = admin.get("/anomaly-overview").await.expect(200);
    assert_eq!(overview["searched_at"], "2026-11-23T10:00:00+08:00");
}
