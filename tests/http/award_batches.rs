//! What one admin awards alone, batches of awards that were posted, and how they are taken back.

use std::time::Duration as Wait;

use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::database::connect;
use tests::{Client, Person, TestApp};
use time::Duration;
use uuid::Uuid;

use crate::books::Books;

fn award(residents: &[Uuid], amount: &str, reason: &str) -> Value {
    let residents: Vec<Value> = residents.iter().map(|id| json!({"id": id})).collect();
    json!({"residents": residents, "unit": "credit", "amount": amount, "reason": reason, "earned_on": "2026-11-21"})
}

async fn people(app: &TestApp, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(app.on_record("CX", &Person::default()).await.id);
    }
    ids
}

async fn batch(admin: &Client, residents: &[Uuid], amount: &str, reason: &str) -> String {
    let made = admin.post("/credit-awards", &award(residents, amount, reason)).await.expect(201);
    made["batch_id"].as_str().unwrap().to_owned()
}

async fn waits(admin: &Client, residents: &[Uuid], amount: &str, reason: &str) -> String {
    let made = admin.post("/credit-awards", &award(residents, amount, reason)).await.expect(202);
    made["proposal_id"].as_str().unwrap().to_owned()
}

/// Also where the plan was made before the first award.
#[tokio::test(flavor = "multi_thread")]
async fn an_award_reads_nobody_elses_awards() {
    let app = TestApp::street().await;
    let mut books = Books::of(&app).await;
    Books::execute(&mut books, "ANALYZE credit_transfers").await;
    batch(&app.admin().await, &people(&app, 1).await, "1.00", "上午").await;
    let searches = books
        .number(
            "SELECT CASE post_transfers(jsonb_build_array(to_jsonb(made) || jsonb_build_object('index', 0, \
                 'id', gen_random_uuid(), 'batch_id', gen_random_uuid(), 'note_digest', encode(note_digest, 'hex'), \
                 'rule_code', 'award', 'earned_on', '2026-11-20', 'caps', '[]'::jsonb)), recorded_at, '2026-11-21') -> 0 ->> 'outcome' \
             WHEN 'posted' THEN pg_stat_get_xact_numscans('credit_transfers_awarded_by'::regclass) END \
             FROM credit_transfers AS made",
        )
        .await;
    assert_eq!(searches, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_admin_awards_alone_in_a_day_is_counted_together() {
    let app = TestApp::street().await;
    let (admin, other) = (app.admin().await, app.admin().await);
    let ids = people(&app, 2).await;
    // A thousand is what one may award alone, however many lists it comes in.
    let first = batch(&admin, &ids[..1], "600.00", "上午").await;
    let waiting = waits(&admin, &ids[1..], "400.01", "下午").await;
    let key = Uuid::new_v4();
    let rest = award(&ids[1..], "400.00", "下午");
    let made = admin.post_with_key("/credit-awards", key, &rest).await.expect(201);
    // What is sent again gets its answer, though there is no room left by now.
    assert_eq!(admin.post_with_key("/credit-awards", key, &rest).await.expect(201), made);
    waits(&admin, &ids[..1], "0.01", "晚上").await;
    // Points are counted by themselves, and so is what somebody else awards.
    let mut points = award(&ids[..1], "1000", "上午");
    points["unit"] = json!("point");
    let _ = admin.post("/credit-awards", &points).await.expect(201);
    points["amount"] = json!("1");
    points["reason"] = json!("下午");
    let _ = admin.post("/credit-awards", &points).await.expect(202);
    batch(&other, &ids[..1], "1000.00", "别人").await;
    // What was taken back leaves room, what two have looked at takes none.
    let _ = admin.post(&format!("/credit-awards/{first}/reversal"), &json!({"reason": "弄错了"})).await.expect(201);
    let _ = admin
        .post(&format!("/credit-awards/{}/reversal", made["batch_id"].as_str().unwrap()), &json!({"reason": "弄错了"}))
        .await
        .expect(201);
    let _ = other.post(&format!("/credit-award-proposals/{waiting}/approval"), &json!({})).await.expect(200);
    batch(&admin, &ids[..1], "1000.00", "补发").await;
    waits(&admin, &ids[..1], "0.01", "再补").await;
    // The next day begins anew.
    app.clock.advance(Duration::days(1));
    let admin = app.client_of(admin.account_id.unwrap());
    batch(&admin, &ids[..1], "1000.00", "次日").await;
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn awards_at_once_do_not_pass_together() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let ids = people(&app, 8).await;
    let bodies: Vec<Value> = ids.iter().map(|id| award(&[*id], "400.00", "同时")).collect();
    let answers = join_all(bodies.iter().map(|body| admin.post("/credit-awards", body))).await;
    let mut posted = 0;
    for answer in answers {
        posted += usize::from(answer.status == 201);
        assert!([201, 202].contains(&answer.status), "{:?}", answer.body);
    }
    assert_eq!(posted, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_approves_sees_for_whom() {
    let app = TestApp::street().await;
    let (proposer, approver) = (app.admin().await, app.admin().await);
    let mut ids = people(&app, 2).await;
    let named = Person { name: "欧阳海超".to_owned(), ..Person::default() };
    ids.push(app.on_record("WT", &named).await.id);
    let id = waits(&proposer, &ids, "600.00", "年度志愿").await;
    let path = format!("/credit-award-proposals/{id}/residents");
    let shown = approver.get(&path).await.expect(200);
    let seen = shown["items"].as_array().unwrap();
    assert_eq!(
        seen.iter().map(|each| each["resident_id"].clone()).collect::<Vec<_>>(),
        ids.iter().map(|id| json!(id)).collect::<Vec<_>>()
    );
    assert_eq!(
        (&seen[2]["name"], &seen[2]["status"], &shown["refused"]),
        (&json!("欧阳海超"), &json!("found"), &json!(0))
    );
    assert_eq!(seen[2]["learner_number"], app.learner_number(ids[2]).await);
    assert_eq!(seen[2]["branch_id"], json!(app.branch("WT").id));
    // No list of ids, which says nothing to a person.
    let listed = approver.get("/credit-award-proposals").await.expect(200)["items"][0].clone();
    assert_eq!((&listed["people"], listed.get("resident_ids")), (&json!(3), None));

    // Somebody has it by now: they come first, and by name.
    batch(&approver, &ids[2..], "1.00", "年度志愿").await;
    let page = approver.get(&format!("{path}?limit=2")).await.expect(200);
    assert_eq!(
        (&page["items"][0]["name"], &page["items"][0]["status"]),
        (&json!("欧阳海超"), &json!("already_awarded"))
    );
    assert_eq!((&page["items"][1]["resident_id"], &page["refused"]), (&json!(ids[0]), &json!(1)));
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = approver.get(&format!("{path}?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((&rest["items"][0]["resident_id"], &rest["next_cursor"]), (&json!(ids[1]), &Value::Null));
    approver.get(&format!("{path}?cursor=x")).await.expect_fields();

    // Those that wait stand first, also across pages.
    let later = waits(&proposer, &ids[..2], "600.00", "另一份").await;
    let reason = json!({"reason": "名单不对"});
    let _ = approver.post(&format!("/credit-award-proposals/{later}/rejection"), &reason).await.expect(200);
    let page = approver.get("/credit-award-proposals?limit=1").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = approver.get(&format!("/credit-award-proposals?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!((&page["items"][0]["id"], &rest["items"][0]["id"]), (&json!(id), &json!(later)));
    assert_eq!(rest["next_cursor"], Value::Null);

    // What is decided is shown, and judged no more.
    let _ = approver.post(&format!("/credit-award-proposals/{id}/rejection"), &reason).await.expect(200);
    let decided = approver.get(&path).await.expect(200);
    assert_eq!((&decided["items"][0]["status"], &decided["refused"]), (&Value::Null, &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn past_batches_are_listed_and_taken_back() {
    let app = TestApp::street().await;
    let (admin, other) = (app.admin().await, app.admin().await);
    let ids = people(&app, 3).await;
    let first = batch(&admin, &ids, "2.50", "防震演练").await;
    app.clock.advance(Duration::minutes(2));
    let second = batch(&other, &ids[..2], "1.00", "合唱").await;
    let listed = admin.get("/credit-awards").await.expect(200)["items"].clone();
    assert_eq!((&listed[0]["id"], &listed[1]["id"]), (&json!(second), &json!(first)));
    assert_eq!(
        (&listed[1]["people"], &listed[1]["amount"], &listed[1]["total"], &listed[1]["reason"]),
        (&json!(3), &json!("2.50"), &json!("7.50"), &json!("防震演练"))
    );
    assert_eq!((&listed[1]["state"], &listed[1]["approved_by"]), (&json!("standing"), &Value::Null));
    assert_eq!(
        (&listed[1]["undo_until"], &listed[0]["undo_until"]),
        (&json!("2026-11-22T10:10:00+08:00"), &Value::Null)
    );
    assert!(listed[1]["awarded_by"].is_string(), "{listed}");
    let page = admin.get("/credit-awards?limit=1").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = admin.get(&format!("/credit-awards?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!((&rest["items"][0]["id"], &rest["next_cursor"]), (&json!(first), &Value::Null));

    // One row of it is taken back, then the rest, without a reason: by whoever made it, for ten minutes.
    let rows = admin.get(&format!("/credit-transfers?batch_id={first}")).await.expect(200)["items"].clone();
    let row = format!("/credit-transfers/{}/reversal", rows[0]["id"].as_str().unwrap());
    let _ = admin.post(&row, &json!({"reason": "没有来"})).await.expect(201);
    let partly = admin.get("/credit-awards").await.expect(200)["items"][1].clone();
    assert_eq!((&partly["state"], &partly["reversed"]), (&json!("partly_reversed"), &json!(1)));
    let unsaid = vec![("reason".to_owned(), "reason_required".to_owned())];
    let path = format!("/credit-awards/{first}/reversal");
    assert_eq!(other.post(&path, &json!({})).await.expect_fields(), unsaid);
    assert_eq!(admin.post(&path, &json!({"reason": " "})).await.expect_fields(), unsaid);
    let key = Uuid::new_v4();
    let undone = admin.post_with_key(&path, key, &json!({})).await.expect(201);
    assert_eq!(undone["reversed"], 2);
    let gone = admin.get("/credit-awards").await.expect(200)["items"][1].clone();
    assert_eq!((&gone["state"], &gone["undo_until"]), (&json!("reversed"), &Value::Null));

    app.clock.advance(Duration::minutes(10));
    assert_eq!(admin.post_with_key(&path, key, &json!({})).await.expect(201), undone);
    let path = format!("/credit-awards/{second}/reversal");
    assert_eq!(other.post(&path, &json!({})).await.expect_fields(), unsaid);
    let _ = admin.post(&path, &json!({"reason": "名单拿错了"})).await.expect(201);
    Books::of(&app).await.prove().await;
}

/// Waits until so many sessions wait for locks that others hold.
async fn until_waiting(database: &mut AsyncPgConnection, sessions: i64) {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        waiting: i64,
    }
    let mut look = async || loop {
        let row: Row = diesel::sql_query(
            "SELECT count(*) AS waiting FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .get_result(database)
        .await
        .unwrap();
        if row.waiting >= sessions {
            return;
        }
        tokio::task::yield_now().await;
    };
    tokio::time::timeout(Wait::from_secs(20), look()).await.expect("they wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_takes_back_meanwhile_leaves_the_rest_to_be_taken_back() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let ids = people(&app, 3).await;
    let made = batch(&admin, &ids, "1.00", "防震演练").await;
    let rows = admin.get(&format!("/credit-transfers?batch_id={made}")).await.expect(200)["items"].clone();
    let reason = json!({"reason": "名单拿错了"});
    // Accounts are locked in the order of their ids: while the first is held, the others are free.
    let mut books = Books::of(&app).await;
    let held =
        "SELECT resident_id FROM credit_accounts WHERE kind = 'resident' AND unit = 'credit' ORDER BY id LIMIT 1";
    let held = books.ask(held).await.remove(0);
    let free = rows.as_array().unwrap().iter().find(|row| row["resident_id"] != json!(held)).unwrap();
    let mut holder = connect(&app.owner_url()).await;
    let hold = format!("BEGIN; SELECT FROM credit_accounts WHERE resident_id = '{held}' FOR UPDATE");
    holder.batch_execute(&hold).await.unwrap();
    let whole = tokio::spawn({
        let (admin, path, reason) = (admin.clone(), format!("/credit-awards/{made}/reversal"), reason.clone());
        async move { admin.post(&path, &reason).await }
    });
    until_waiting(&mut connect(&app.owner_url()).await, 1).await;
    let single = format!("/credit-transfers/{}/reversal", free["id"].as_str().unwrap());
    let _ = admin.post(&single, &reason).await.expect(201);
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(whole.await.unwrap().expect(201)["reversed"], 2);
    let path = format!("/credit-awards/{made}/reversal");
    admin.post(&path, &reason).await.expect_problem(409, "already_reversed");
    books.prove().await;
}
