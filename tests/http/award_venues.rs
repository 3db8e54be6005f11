//! Awards that say where it was held: what a dry run warns of, what is refused, and what is kept.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Client, Person, TestApp, id_of};
use uuid::Uuid;

use crate::books::Books;
use crate::venues::{close, venue};

pub(crate) async fn people(app: &TestApp, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(app.on_record("CX", &Person::default()).await.id);
    }
    ids
}

/// An award to these people for one reason on one day, held there.
pub(crate) fn award(people: &[Uuid], venue: &Value, reason: &str) -> Value {
    let residents: Vec<Value> = people.iter().map(|id| json!({"id": id})).collect();
    json!({
        "residents": residents, "unit": "credit", "amount": "1.00", "reason": reason, "earned_on": "2026-11-21",
        "venue_id": venue["id"],
    })
}

pub(crate) fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

/// What a dry run says of the venue.
async fn filled(admin: &Client, award: &Value) -> Value {
    let dry = with(award.clone(), "dry_run", json!(true));
    admin.post("/credit-awards", &dry).await.expect(200)["venue"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_how_the_venue_is_filled() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let hall = venue(&app, &admin, "CX", "报告厅", 3).await;
    let ids = people(&app, 5).await;
    let list = award(&ids[..4], &hall, "讲座");
    let says = |others: i64| json!({"id": hall["id"], "name": "报告厅", "seats": 3, "others": others});
    assert_eq!(filled(&admin, &list).await, says(0));
    let mut nowhere = list.clone();
    nowhere.as_object_mut().unwrap().remove("venue_id");
    assert_eq!(filled(&admin, &nowhere).await, Value::Null);
    assert_eq!(Books::of(&app).await.ask("SELECT count(*) FROM award_venues").await, ["0"]);

    // It is a warning: more people than seats are awarded all the same.
    let posted = admin.post("/credit-awards", &list).await.expect(201);
    assert_eq!(posted["awarded"], 4);
    let later = award(&ids[3..], &hall, "讲座后的练习");
    assert_eq!(filled(&admin, &later).await, says(3), "whoever is on both lists is no other");
    assert_eq!(filled(&admin, &with(later.clone(), "earned_on", json!("2026-11-20"))).await, says(0));
    let path = format!("/credit-awards/{}/reversal", posted["batch_id"].as_str().unwrap());
    let _ = admin.post(&path, &json!({})).await.expect(201);
    assert_eq!(filled(&admin, &later).await, says(0), "what was taken back is not counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_was_held_is_kept_with_the_batch() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (hall, room) = (venue(&app, &admin, "CX", "报告厅", 40).await, venue(&app, &admin, "WT", "棋牌室", 12).await);
    let list = award(&people(&app, 2).await, &hall, "讲座");
    let key = Uuid::new_v4();
    let sent = join_all((0..4).map(|_| admin.post_with_key("/credit-awards", key, &list))).await;
    let answers: Vec<Value> = sent.into_iter().map(|answer| answer.expect(201)).collect();
    let posted = answers[0].clone();
    assert!(answers.iter().all(|answer| *answer == posted), "{answers:?}");
    // Held elsewhere it is another request.
    for other in [with(list.clone(), "venue_id", room["id"].clone()), with(list.clone(), "venue_id", Value::Null)] {
        let reused = admin.post_with_key("/credit-awards", key, &other).await;
        reused.expect_problem(409, "idempotency_key_reused");
    }
    let batch = posted["batch_id"].as_str().unwrap();
    let mut books = Books::of(&app).await;
    let kept = books.ask("SELECT batch_id || ' ' || venue_id FROM award_venues").await;
    assert_eq!(kept, [format!("{batch} {}", id_of(&hall))]);
    let audited = "SELECT detail ->> 'venue_id' FROM audit_entries WHERE action = 'credits.awarded'";
    assert_eq!(books.ask(audited).await, [id_of(&hall).to_string()]);
    let listed = admin.get("/credit-awards").await.expect(200)["items"].clone();
    assert_eq!(listed[0]["venue"], json!({"id": hall["id"], "name": "报告厅", "seats": 40}));

    // A request that comes again gets its first answer, whatever has become of the venue.
    close(&admin, &hall).await;
    assert_eq!(admin.post_with_key("/credit-awards", key, &list).await.expect(201), posted);
    assert_eq!(admin.get("/credit-awards").await.expect(200)["items"], listed);
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_that_is_closed_or_absent_is_refused() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let hall = venue(&app, &admin, "CX", "报告厅", 40).await;
    close(&admin, &hall).await;
    let list = award(&people(&app, 1).await, &hall, "讲座");
    for (id, code) in [
        (hall["id"].clone(), "venue_closed"),
        (json!(Uuid::new_v4()), "venue_unknown"),
        (json!("报告厅"), "value_invalid"),
    ] {
        let list = with(list.clone(), "venue_id", id);
        for body in [with(list.clone(), "dry_run", json!(true)), list] {
            let refused = admin.post("/credit-awards", &body).await.expect_fields();
            assert_eq!(refused, [("venue_id".to_owned(), code.to_owned())]);
        }
    }
    let written = "SELECT (SELECT count(*) FROM credit_transfers) + (SELECT count(*) FROM idempotency_keys)";
    assert_eq!(Books::of(&app).await.number(written).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_refused_leaves_no_venue_behind() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let hall = venue(&app, &admin, "CX", "报告厅", 40).await;
    let ids = people(&app, 2).await;
    let _ = admin.post("/credit-awards", &award(&ids[..1], &hall, "讲座")).await.expect(201);
    admin.post("/credit-awards", &award(&ids, &hall, "讲座")).await.expect_problem(422, "award_rows_refused");
    assert_eq!(Books::of(&app).await.ask("SELECT count(*) FROM award_venues").await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_second_person_keeps_its_venue() {
    let app = TestApp::street().await;
    let (proposer, approver) = (app.admin().await, app.admin().await);
    let hall = venue(&app, &proposer, "CX", "报告厅", 40).await;
    let list = with(award(&people(&app, 2).await, &hall, "年度表彰"), "amount", json!("600.00"));
    let key = Uuid::new_v4();
    let waiting = proposer.post_with_key("/credit-awards", key, &list).await.expect(202);
    let id = waiting["proposal_id"].as_str().unwrap();
    let named = json!({"id": hall["id"], "name": "报告厅", "seats": 40});
    let path = format!("/credit-award-proposals/{id}");
    assert_eq!(approver.get(&path).await.expect(200)["venue"], named);
    let mut books = Books::of(&app).await;
    assert_eq!(books.ask("SELECT count(*) FROM award_venues").await, ["0"], "nothing is posted yet");
    assert_eq!(proposer.post_with_key("/credit-awards", key, &list).await.expect(202), waiting);
    let elsewhere = with(list.clone(), "venue_id", Value::Null);
    proposer.post_with_key("/credit-awards", key, &elsewhere).await.expect_problem(409, "idempotency_key_reused");

    // It was held there, whatever has become of the venue since.
    close(&approver, &hall).await;
    let approved = approver.post(&format!("{path}/approval"), &json!({})).await.expect(200);
    assert_eq!((&approved["state"], &approved["venue"]), (&json!("approved"), &named));
    let kept = books.ask("SELECT batch_id || ' ' || venue_id FROM award_venues").await;
    assert_eq!(kept, [format!("{id} {}", id_of(&hall))]);
    assert_eq!(approver.get("/credit-awards").await.expect(200)["items"][0]["venue"], named);
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_reads_where_they_were() {
    let app = TestApp::street().await;
    let (admin, resident) = (app.admin().await, app.resident("CX").await);
    let hall = venue(&app, &admin, "CX", "报告厅", 40).await;
    let came = [resident.resident_id.unwrap()];
    let _ = admin.post("/credit-awards", &award(&came, &hall, "讲座")).await.expect(201);
    let _ = admin.post("/credit-awards", &with(award(&came, &hall, "合唱"), "venue_id", Value::Null)).await.expect(201);
    let export = resident.get("/me/export").await.expect(200);
    let held: Vec<_> = export["transfers"].as_array().unwrap().iter().map(|row| row["held_at"].clone()).collect();
    assert_eq!(held, [json!("报告厅"), Value::Null]);
}
