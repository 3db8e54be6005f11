//! The ledger under many hands at once, and against hands that should not touch it.

use std::sync::Arc;

use campus::Campus;
use campus::clock::Clock;
use campus::credits::{self, Award, Earned, Earns, Evidence, Named, Source};
use campus::idempotency::Request;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::json;
use tests::database::connect;
use tests::{Answer, Person, TestApp, id_of};
use time::macros::date;
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::books::Books;
use crate::venues::venue;

const WRITERS: usize = 64;

/// The same deployment with a connection for every writer, where nobody waits for their own awards.
fn wide(app: &TestApp) -> Campus {
    let award_second_person_above = campus::config::NO_AWARD_LIMIT;
    let config = campus::config::Config { database_connections: WRITERS, award_second_person_above, ..app.config() };
    Campus::new(config, app.clock.clone()).unwrap()
}

/// A connection for every writer, made one after the other: so many at once are slow to come.
async fn lines(campus: &Campus) -> Vec<Object<AsyncPgConnection>> {
    let mut lines = Vec::new();
    for _ in 0..WRITERS {
        lines.push(campus.database.connection().await.unwrap());
    }
    lines
}

/// 64 writers, each with a connection of its own, that post to one account at one moment.
async fn earn_at_once(app: &TestApp, earns: Earns, worth: fn(usize) -> i64) -> (Uuid, Vec<Vec<Earned>>) {
    let person = app.on_record("CX", &Person::default()).await;
    let campus = wide(app);
    let start = Arc::new(Barrier::new(WRITERS));
    let writers = lines(&campus).await.into_iter().enumerate().map(|(writer, mut connection)| {
        let (campus, start) = (campus.clone(), Arc::clone(&start));
        tokio::spawn(async move {
            start.wait().await;
            let id = Uuid::from_u128(writer as u128);
            let source = Source { earns, id, label: "合唱", worth: worth(writer), at: campus.clock.now() };
            credits::earn(&mut connection, &campus.clock, person.id, person.branch_id, &source).await.unwrap()
        })
    });
    let earned = join_all(writers).await.into_iter().map(Result::unwrap).collect();
    (person.id, earned)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_writers_of_one_account_all_post() {
    let app = TestApp::street().await;
    let (resident, earned) = earn_at_once(&app, Earns::CourseCompleted, |writer| writer as i64 + 1).await;
    let mut amounts: Vec<i64> = earned.iter().flatten().map(|each| each.amount).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, (1..=WRITERS as i64).collect::<Vec<_>>());
    let mut books = Books::of(&app).await;
    assert_eq!(books.rows_of(resident).await.len(), WRITERS);
    assert_eq!(books.credits_of(resident).await, amounts.iter().sum::<i64>());
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_holds_under_sixty_four_earners() {
    let app = TestApp::street().await;
    let (resident, earned) = earn_at_once(&app, Earns::LessonCompleted, |_| 55).await;
    // 6.00 a day: ten lessons of 0.55 whole, one cut to 0.50, and nothing after that.
    let mut amounts: Vec<(i64, i64)> = earned.iter().flatten().map(|each| (each.amount, each.capped)).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [vec![(50, 5)], vec![(55, 0); 10]].concat());
    let mut books = Books::of(&app).await;
    assert_eq!(books.credits_of(resident).await, 600);
    assert_eq!(books.number("SELECT used FROM credit_cap_counters").await, 600);
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_source_earns_once_however_many_report_it() {
    let app = TestApp::street().await;
    let person = app.on_record("CX", &Person::default()).await;
    let campus = wide(&app);
    let start = Arc::new(Barrier::new(WRITERS));
    let writers = lines(&campus).await.into_iter().map(|mut connection| {
        let (campus, start) = (campus.clone(), Arc::clone(&start));
        tokio::spawn(async move {
            start.wait().await;
            let at = campus.clock.now();
            let source =
                Source { earns: Earns::CourseCompleted, id: Uuid::from_u128(7), label: "合唱", worth: 200, at };
            credits::earn(&mut connection, &campus.clock, person.id, person.branch_id, &source).await.unwrap()
        })
    });
    let earned: Vec<Earned> = join_all(writers).await.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(earned.iter().map(|each| each.amount).collect::<Vec<_>>(), [200]);
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_equal_requests_have_one_effect_and_one_answer() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let people = [app.on_record("CX", &Person::default()).await.id, app.on_record("WT", &Person::default()).await.id];
    let award = json!({"residents": people.map(|id| json!({"id": id})), "unit": "credit", "amount": "2.50",
        "reason": "志愿服务", "earned_on": "2026-11-21"});
    let key = Uuid::new_v4();
    let requests = (0..1000).map(|_| admin.post_with_key("/credit-awards", key, &award));
    let answers: Vec<Answer> = stream::iter(requests).buffer_unordered(50).collect().await;
    assert_eq!(answers.len(), 1000);
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (201, &answers[0].body));
    }
    assert_eq!(answers[0].body["awarded"], 2);

    let mut books = Books::of(&app).await;
    for person in people {
        let rows = books.rows_of(person).await;
        assert_eq!(rows.iter().map(|row| row.amount).collect::<Vec<_>>(), [250]);
        assert_eq!(answers[0].body["batch_id"], rows[0].batch_id.to_string());
    }
    assert_eq!(books.number("SELECT count(*) FROM audit_entries WHERE action = 'credits.awarded'").await, 1);
    assert_eq!(books.number("SELECT count(*) FROM credit_notes").await, 1);

    let mut other = award.clone();
    other["amount"] = json!("2.51");
    admin.post_with_key("/credit-awards", key, &other).await.expect_problem(409, "idempotency_key_reused");
    other["amount"] = json!("2.50");
    other["reason"] = json!("志愿服务二");
    admin.post_with_key("/credit-awards", key, &other).await.expect_problem(409, "idempotency_key_reused");
    let keyless = Answer::of(admin.request(Method::POST, "/credit-awards").json(&other)).await;
    keyless.expect_problem(400, "idempotency_key_required");
    let malformed = admin.request(Method::POST, "/credit-awards").header("idempotency-key", "1").json(&other);
    Answer::of(malformed).await.expect_problem(400, "idempotency_key_required");
    assert_eq!(books.number("SELECT count(*) FROM credit_transfers").await, 2);
    // A key belongs to whoever sent it.
    let answer = app.admin().await.post_with_key("/credit-awards", key, &other).await.expect(201);
    assert_ne!(answer["batch_id"], answers[0].body["batch_id"]);
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_reversals_at_once_take_back_once() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let person = app.on_record("CX", &Person::default()).await;
    let award = json!({"residents": [{"id": person.id}], "unit": "credit", "amount": "1", "reason": "合唱",
        "earned_on": "2026-11-22"});
    let batch = admin.post("/credit-awards", &award).await.expect(201)["batch_id"].as_str().unwrap().to_owned();
    let (path, reason) = (format!("/credit-awards/{batch}/reversal"), json!({"reason": "名单有误"}));
    // Thirty people press the button once each; one of them ten times with one key.
    let key = Uuid::new_v4();
    let different = join_all((0..30).map(|_| admin.post(&path, &reason)));
    let equal = join_all((0..10).map(|_| admin.post_with_key(&path, key, &reason)));
    let (different, equal) = tokio::join!(different, equal);
    assert!(
        equal
            .iter()
            .all(|answer| (answer.status, &answer.body["batch_id"]) == (equal[0].status, &equal[0].body["batch_id"]))
    );
    let done = different.iter().filter(|answer| answer.status == 201).count() + usize::from(equal[0].status == 201);
    assert_eq!(done, 1);
    for refused in different.into_iter().chain(equal).filter(|answer| answer.status != 201) {
        refused.expect_problem(409, "already_reversed");
    }
    let mut books = Books::of(&app).await;
    assert_eq!(books.credits_of(person.id).await, 0);
    assert_eq!(books.number("SELECT count(*) FROM audit_entries WHERE action = 'credits.reversed'").await, 1);
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_with_the_same_people_in_any_order_do_not_wait_for_each_other_for_ever() {
    let app = TestApp::street().await;
    let campus = wide(&app);
    let client = app.admin().await;
    let hall = id_of(&venue(&app, &client, "CX", "报告厅", 40).await);
    let admin = app.actor_of(&client).await;
    let branches = [["CX", "WT", "YX"], ["CQ", "HP", "DH"], ["WJ", "SY", "WM"], ["TY", "FR", "ST"]];
    for round in 0..8 {
        let mut people = Vec::new();
        for number in 0..24 {
            people.push(app.on_record(branches[round % 4][number % 3], &Person::default()).await.id);
        }
        // New accounts come into being meanwhile, in orders of their own.
        let batches = (0..16).map(|number| {
            let (campus, admin, mut list) = (campus.clone(), admin.clone(), people.clone());
            list.rotate_left(number * 5 % 24);
            list.truncate(6 + number);
            if number % 2 == 1 {
                list.reverse();
            }
            tokio::spawn(async move {
                let award = Award {
                    residents: list.into_iter().map(|id| Named { id: Some(id), ..Named::default() }).collect(),
                    unit: "credit".to_owned(),
                    amount: "1.00".to_owned(),
                    reason: format!("第{round}轮第{number}批"),
                    earned_on: date!(2026 - 11 - 22),
                    evidence: Evidence::Scanned,
                    venue_id: (number % 2 == 1).then_some(hall),
                };
                let request = Request::new(admin.account_id, "credit_award", Uuid::new_v4(), &award).unwrap();
                credits::award(&campus, &admin, Some(&request), &award).await.unwrap().awarded
            })
        });
        let awarded: Vec<usize> = join_all(batches).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(awarded, (6..22).collect::<Vec<_>>());
    }
    let mut books = Books::of(&app).await;
    assert_eq!(books.number("SELECT count(*) FROM award_venues").await, 8 * 8, "each batch has its own");
    books.prove().await;
}

/// What PostgreSQL says to a statement that must not work.
async fn refusal(url: &str, statement: &str) -> String {
    let done = connect(url).await.batch_execute(statement).await;
    done.err().unwrap_or_else(|| panic!("this was let through: {statement}")).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_cannot_touch_the_ledger() {
    let app = TestApp::street().await;
    let (_, earned) = earn_at_once(&app, Earns::LessonCompleted, |_| 1).await;
    assert_eq!(earned.len(), WRITERS);
    let url = app.config().database_url;
    let changes =
        [("credit_transfers", "amount = 1"), ("credit_accounts", "balance = 1"), ("credit_cap_counters", "used = 0")];
    for (table, change) in changes {
        for statement in [
            format!("INSERT INTO {table} SELECT * FROM {table} LIMIT 1"),
            format!("UPDATE {table} SET {change}"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
        ] {
            assert_eq!(refusal(&url, &statement).await, format!("permission denied for table {table}"), "{statement}");
        }
    }
    for (table, change) in [
        ("audit_entries", "action = ''"),
        ("closed_months", "hash = ''"),
        ("month_figures", "amount = 0"),
        ("month_backgrounds", "amount = 0"),
    ] {
        for statement in
            [format!("UPDATE {table} SET {change}"), format!("DELETE FROM {table}"), format!("TRUNCATE {table}")]
        {
            assert_eq!(refusal(&url, &statement).await, format!("permission denied for table {table}"), "{statement}");
        }
    }
    for statement in [
        "UPDATE credit_rules SET day_cap = NULL",
        "UPDATE credit_notes SET body = ''",
        "SELECT post_pass('[]', 1, now(), current_date)",
        "ALTER TABLE credit_transfers DISABLE TRIGGER ALL",
        "DROP TRIGGER credit_transfers_append_only ON credit_transfers",
        "SET ROLE changqing_ledger",
        "SET session_replication_role = replica",
        "CREATE TABLE public.mine (id integer)",
        "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
    ] {
        let said = refusal(&url, statement).await;
        assert!(said.contains("permission denied") || said.contains("must be owner"), "{statement}: {said}");
    }
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_the_owner_rewrites_history() {
    let app = TestApp::street().await;
    let (_, earned) = earn_at_once(&app, Earns::LessonCompleted, |_| 1).await;
    assert_eq!(earned.len(), WRITERS);
    let tables = [
        ("credit_transfers", "amount = 1"),
        ("audit_entries", "action = ''"),
        ("closed_months", "hash = ''"),
        ("month_figures", "amount = 0"),
        ("month_backgrounds", "amount = 0"),
    ];
    for (table, change) in tables {
        for statement in [
            format!("UPDATE {table} SET {change}"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table} CASCADE"),
        ] {
            let said = refusal(&app.owner_url(), &statement).await;
            // What is emptied with a table may refuse before it.
            assert!(said.ends_with(" is append-only"), "{statement}: {said}");
        }
    }
    for statement in ["UPDATE credit_transfers SET amount = 1", "DELETE FROM credit_transfers"] {
        let said = refusal(&app.owner_url(), &format!("SET ROLE changqing_ledger; {statement}")).await;
        assert_eq!(said, "credit_transfers is append-only");
    }
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_tampered_with_does_not_pass_the_books() {
    let app = TestApp::street().await;
    let clock: &Clock = &app.clock;
    let person = app.on_record("CX", &Person::default()).await;
    let source =
        Source { earns: Earns::CourseCompleted, id: Uuid::from_u128(1), label: "合唱", worth: 200, at: clock.now() };
    let connection = &mut *app.campus.database.connection().await.unwrap();
    credits::earn(connection, clock, person.id, person.branch_id, &source).await.unwrap();
    let mut books = Books::of(&app).await;
    books.prove().await;
    books.execute("SET session_replication_role = replica").await;
    books.execute("UPDATE credit_transfers SET source_label = '合唱 2'").await;
    let proof = tokio::spawn(async move { books.prove().await }).await;
    assert!(proof.is_err_and(|error| error.is_panic()), "a changed label went unnoticed");
}
