//! More people awarded for coming to a venue than find a seat there.

use serde_json::{Value, json};
use tests::{Client, TestApp};
use time::Duration;
use uuid::Uuid;

use super::{listed, look, settle, settlement};
use crate::award_venues::{award, people, with};
use crate::venues::venue;

/// An admin who awards, another who looks, and a venue of CX with that many seats.
async fn street(seats: i64) -> (TestApp, Client, Client, Value) {
    let app = TestApp::street().await;
    let (admin, other) = (app.admin().await, app.admin().await);
    let hall = venue(&app, &admin, "CX", "三楼报告厅", seats).await;
    (app, admin, other, hall)
}

/// Awards, and answers the batch.
async fn post(admin: &Client, body: &Value) -> String {
    admin.post("/credit-awards", body).await.expect(201)["batch_id"].as_str().unwrap().to_owned()
}

async fn take_back(admin: &Client, batch: &str) {
    let _ = admin.post(&format!("/credit-awards/{batch}/reversal"), &json!({"reason": "弄错了"})).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_more_than_there_are_seats_is_found() {
    let (app, admin, other, hall) = street(3).await;
    let ids = people(&app, 4).await;
    let full = post(&admin, &award(&ids[..3], &hall, "讲座")).await;
    assert!(look(&app, &other).await.is_empty(), "every seat is taken, no more");
    // Credits and points for one lecture are of the same people.
    let points = with(with(award(&ids[..3], &hall, "讲座"), "unit", json!("point")), "amount", json!(5));
    let more = post(&admin, &points).await;
    assert!(look(&app, &other).await.is_empty(), "the same people again");

    let last = post(&admin, &award(&ids[3..], &hall, "补一份名单")).await;
    let found = look(&app, &other).await;
    assert_eq!(found.len(), 1, "split over several lists it is as many people");
    assert_eq!((&found[0]["kind"], &found[0]["own"]), (&json!("attendance_above_room"), &json!(false)));
    assert_eq!(found[0]["explanation"], "11月21日“三楼报告厅”只有 3 个座位，名单上到场的有 4 人");
    let named = json!({"id": hall["id"], "branch_id": app.branch("CX").id, "name": "三楼报告厅", "seats": 3});
    assert_eq!((&found[0]["venue"], &found[0]["account_name"]), (&named, &Value::Null));
    let batches: Vec<_> = found[0]["batches"].as_array().unwrap().iter().map(|batch| batch["id"].clone()).collect();
    assert_eq!(batches, [full, more, last]);
    let shown = &found[0]["batches"][0];
    assert_eq!((&shown["awarded_by"], &shown["people"]), (&json!("王老师"), &json!(3)));
    assert_eq!(shown["recipients"].as_array().unwrap().len(), 3);
    let english = other.clone().reading("en").get("/anomalies").await.expect(200);
    assert_eq!(
        english["items"][0]["explanation"],
        "On 21 November the lists say that 4 people came to “三楼报告厅”, which has 3 seats"
    );
    assert_eq!(listed(&other, "?kind=attendance_above_room").await, found);
    assert!(listed(&other, "?kind=unusual_awards").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn days_venues_and_lists_without_one_are_counted_by_themselves() {
    let (app, admin, other, hall) = street(2).await;
    let room = venue(&app, &admin, "CX", "棋牌室", 2).await;
    let ids = people(&app, 3).await;
    let nowhere = with(award(&ids[..2], &hall, "讲座"), "venue_id", Value::Null);
    post(&admin, &award(&ids[2..], &hall, "讲座")).await;
    post(&admin, &nowhere).await;
    post(&admin, &award(&ids[..2], &room, "下棋")).await;
    post(&admin, &with(award(&ids[..2], &hall, "讲座"), "earned_on", json!("2026-11-20"))).await;
    assert!(look(&app, &other).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_is_not_counted() {
    let (app, admin, other, hall) = street(2).await;
    let ids = people(&app, 5).await;
    let wrong = post(&admin, &award(&ids[..3], &hall, "讲座")).await;
    take_back(&admin, &wrong).await;
    assert!(look(&app, &other).await.is_empty());
    post(&admin, &award(&ids[3..], &hall, "讲座")).await;
    assert!(look(&app, &other).await.is_empty(), "two of what stands");
    // Of a list one alone is taken back.
    let again = post(&admin, &award(&ids[..2], &hall, "讲座（更正）")).await;
    let rows = admin.get(&format!("/credit-transfers?batch_id={again}")).await.expect(200);
    for row in rows["items"].as_array().unwrap() {
        let path = format!("/credit-transfers/{}/reversal", row["id"].as_str().unwrap());
        let _ = admin.post(&path, &json!({"reason": "没有来"})).await.expect(201);
    }
    assert!(look(&app, &other).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_one_person_take_one_seat() {
    let (app, admin, other, hall) = street(2).await;
    let ids = people(&app, 3).await;
    post(&admin, &award(&ids, &hall, "讲座")).await;
    let _ = admin.post(&format!("/residents/{}/merges", ids[0]), &json!({"other_id": ids[1]})).await.expect(201);
    assert!(look(&app, &other).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_found_once_and_again_with_a_list_it_did_not_know() {
    let (app, admin, other, hall) = street(1).await;
    let ids = people(&app, 4).await;
    post(&admin, &award(&ids[..2], &hall, "讲座")).await;
    let found = look(&app, &other).await;
    assert_eq!(look(&app, &other).await, found, "looked at twice");
    assert_eq!(found.len(), 1);
    // Open, it grows; the venue's seats of today are what counts.
    post(&admin, &award(&ids[2..3], &hall, "讲座")).await;
    let path = format!("/venues/{}", hall["id"].as_str().unwrap());
    admin.patch(&path, &json!({"seats": 2})).await.expect(200);
    let grown = look(&app, &other).await;
    assert_eq!((grown.len(), &grown[0]["id"]), (1, &found[0]["id"]));
    assert_eq!(grown[0]["explanation"], "11月21日“三楼报告厅”只有 2 个座位，名单上到场的有 3 人");
    assert_eq!(grown[0]["batches"].as_array().unwrap().len(), 2);

    let settled = settle(&other, &grown[0], "加了凳子，问过了").await;
    assert_eq!(settled["settlement"]["note"], "加了凳子，问过了");
    assert!(look(&app, &other).await.is_empty(), "settled, and nothing is new");
    app.clock.advance(Duration::days(1));
    assert!(look(&app, &other).await.is_empty());
    post(&admin, &award(&ids[3..], &hall, "讲座")).await;
    let again = look(&app, &other).await;
    assert_eq!(again.len(), 1, "a list that it did not know");
    assert_ne!(again[0]["id"], found[0]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_awarded_some_of_it_does_not_settle_it() {
    let (app, admin, other, hall) = street(1).await;
    let third = app.admin().await;
    let ids = people(&app, 2).await;
    post(&admin, &award(&ids[..1], &hall, "讲座")).await;
    post(&other, &award(&ids[1..], &hall, "讲座")).await;
    let found = look(&app, &admin).await;
    assert_eq!(found[0]["own"], true);
    let note = json!({"note": "加了凳子"});
    for own in [&admin, &other] {
        own.post(&settlement(&found[0]), &note).await.expect_problem(409, "own_anomaly");
    }
    let _ = third.post(&settlement(&found[0]), &note).await.expect(201);
    other.delete(&settlement(&found[0])).await.expect_problem(409, "own_anomaly");
    third.delete(&settlement(&found[0])).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_second_person_has_approved_is_counted_too() {
    let (app, admin, other, hall) = street(1).await;
    let ids = people(&app, 2).await;
    let list = with(award(&ids, &hall, "年度表彰"), "amount", json!("600.00"));
    let proposed = admin.post("/credit-awards", &list).await.expect(202);
    assert!(look(&app, &other).await.is_empty(), "it waits");
    // Longer ago than the search goes back, but posted now.
    app.clock.advance(Duration::days(40));
    assert!(look(&app, &other).await.is_empty());
    let id: Uuid = proposed["proposal_id"].as_str().unwrap().parse().unwrap();
    let _ = other.post(&format!("/credit-award-proposals/{id}/approval"), &json!({})).await.expect(200);
    let found = look(&app, &other).await;
    assert_eq!((found.len(), &found[0]["batches"][0]["id"]), (1, &json!(id)));
}
