//! One telephone for many people, and lessons watched in exactly the same way.

use serde_json::{Value, json};
use tests::{Client, Person, TestApp};
use time::Duration;
use time::macros::{date, datetime};
use uuid::Uuid;

use super::{listed, look, settle};
use crate::books::Books;

const PHONE: &str = "13812345678";

async fn with_phone(app: &TestApp) -> Uuid {
    app.on_record("CX", &Person { phone: Some(PHONE.to_owned()), ..Person::default() }).await.id
}

async fn sharing(app: &TestApp, count: usize) -> Vec<Uuid> {
    let mut people = Vec::new();
    for _ in 0..count {
        people.push(with_phone(app).await);
    }
    people
}

fn ids(anomaly: &Value) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = anomaly["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| person["id"].as_str().unwrap().parse().unwrap())
        .collect();
    ids.sort_unstable();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_for_eight_people_of_a_year_is_found_once() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let mut people = sharing(&app, 7).await;
    // Another year, another telephone, none: none of them counts.
    let earlier =
        Person { phone: Some(PHONE.to_owned()), registered_on: Some(date!(2025 - 12 - 31)), ..Person::default() };
    app.on_record("CX", &earlier).await;
    app.on_record("CX", &Person { phone: Some("13812345679".to_owned()), ..Person::default() }).await;
    assert!(look(&app, &admin).await.is_empty(), "seven are a family with both pairs of parents");

    let last = app.on_record("WT", &Person { phone: None, ..Person::default() }).await.id;
    app.clock.advance(Duration::days(3));
    assert!(look(&app, &admin).await.is_empty());
    // Nobody was registered since: the change of a number is what is new.
    let changed = app.staff("WT").await.patch(&format!("/residents/{last}"), &json!({"phone": PHONE})).await;
    changed.expect(200);
    let found = look(&app, &admin).await;
    people.push(last);
    people.sort_unstable();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["kind"], &found[0]["unlisted"]), (&json!("shared_telephone"), &json!(0)));
    assert_eq!(found[0]["explanation"], "同一个手机号今年登记了 8 人");
    assert_eq!(ids(&found[0]), people);
    assert!(!found[0].to_string().contains("1234"), "no telephone: {}", found[0]);
    let english = listed(&admin.clone().reading("en"), "").await;
    assert_eq!(english[0]["explanation"], "8 people were registered with one telephone this year");

    // Again, and with one more: the same finding, which has grown.
    assert_eq!(look(&app, &admin).await, found);
    with_phone(&app).await;
    let grown = look(&app, &admin).await;
    assert_eq!((grown.len(), &grown[0]["id"]), (1, &found[0]["id"]));
    assert_eq!(grown[0]["explanation"], "同一个手机号今年登记了 9 人");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_settled_comes_back_with_somebody_new_alone() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    sharing(&app, 8).await;
    let found = look(&app, &admin).await;
    settle(&admin, &found[0], "社区志愿者替老人登记的，已经核实").await;
    assert!(look(&app, &admin).await.is_empty());
    app.clock.advance(Duration::days(30));
    assert!(look(&app, &admin).await.is_empty(), "and what is long past is not looked at anew");

    app.clock.set(datetime!(2026-12-31 09:00 +8));
    with_phone(&app).await;
    let again = look(&app, &admin).await;
    assert_eq!(again.len(), 1);
    assert_ne!(again[0]["id"], found[0]["id"]);
    assert_eq!(again[0]["explanation"], "同一个手机号今年登记了 9 人");
    // A new year begins with nobody; what is open says which year was meant.
    app.clock.set(datetime!(2027-01-01 12:00 +8));
    with_phone(&app).await;
    let later = look(&app, &admin).await;
    assert_eq!(later.len(), 1);
    assert_eq!(later[0]["explanation"], "同一个手机号2026年登记了 9 人");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_two_records_counts_once() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let people = sharing(&app, 8).await;
    let merge = json!({"other_id": people[1]});
    let merge = admin.post(&format!("/residents/{}/merges", people[0]), &merge).await.expect(201);
    assert!(look(&app, &admin).await.is_empty());
    // Taken apart they are eight, and joined again one of them is not on the list.
    let _ = admin.delete(&format!("/resident-merges/{}", merge["id"].as_str().unwrap())).await;
    assert_eq!(look(&app, &admin).await[0]["people"].as_array().unwrap().len(), 8);
    admin.post(&format!("/residents/{}/merges", people[0]), &json!({"other_id": people[1]})).await.expect(201);
    let found = look(&app, &admin).await;
    assert_eq!((found.len(), found[0]["people"].as_array().unwrap().len(), &found[0]["unlisted"]), (1, 7, &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_no_longer_named() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let leaver = app
        .new_resident("CX", &Person { name: "钟离悦".to_owned(), phone: Some(PHONE.to_owned()), ..Person::default() })
        .await;
    let id = leaver.resident_id.unwrap();
    sharing(&app, 7).await;
    let found = look(&app, &admin).await;
    settle(&admin, &found[0], "钟离悦说是楼长替大家登记的").await;
    let about = leaver.get("/me/export").await.expect(200)["anomalies"].clone();
    assert_eq!((about.as_array().unwrap().len(), &about[0]["kind"]), (1, &json!("shared_telephone")));
    staff.post(&format!("/residents/{id}/departure"), &json!({"reason": "asked"})).await.expect(201);

    let settled = listed(&admin, "?status=settled").await;
    assert_eq!((settled[0]["people"].as_array().unwrap().len(), &settled[0]["unlisted"]), (7, &json!(1)));
    assert_eq!(settled[0]["settlement"]["note"], "-");
    let mut books = Books::of(&app).await;
    let named = format!("SELECT count(*) FROM anomalies WHERE anomalies::text LIKE '%{id}%'");
    assert_eq!(books.number(&named).await, 0);
    // Seven are left: one more is somebody new, and the finding does not need the first of them.
    assert!(look(&app, &admin).await.is_empty());
    with_phone(&app).await;
    assert_eq!(look(&app, &admin).await[0]["people"].as_array().unwrap().len(), 8);
}

/// Plays a lesson of a minute, reporting as told, and finishes it.
async fn play(app: &TestApp, client: &Client, course: Uuid, lesson: Uuid, ends: &[f64]) {
    let _ = client.put(&format!("/courses/{course}/enrollment"), &json!({})).await;
    let viewing = client.get(&format!("/lessons/{lesson}/playback")).await.expect(200)["viewing_id"].clone();
    let mut from = 0.0;
    let mut completed = json!(false);
    for to in ends {
        app.clock.advance(Duration::seconds(20));
        let report = json!({"viewing_id": viewing, "position": to, "watched": [[from, to]]});
        completed = client.put(&format!("/lessons/{lesson}/progress"), &report).await.expect(200)["completed"].clone();
        from = *to;
    }
    assert_eq!(completed, true);
}

const REPORTED: [f64; 4] = [15.004, 30.017, 45.001, 59.998];

#[tokio::test(flavor = "multi_thread")]
async fn equal_traces_are_found_and_others_are_not() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let course = app.published_course("CX", 2, 60).await;
    let lesson = course.lessons[0];
    let [first, second, third, fourth] =
        [app.resident("CX").await, app.resident("WT").await, app.resident("CX").await, app.resident("CX").await];
    play(&app, &first, course.id, lesson, &REPORTED).await;
    // A millisecond, or another lesson; and three reports, which say too little.
    play(&app, &second, course.id, lesson, &[15.004, 30.017, 45.002, 59.998]).await;
    play(&app, &second, course.id, course.lessons[1], &REPORTED).await;
    for client in [&third, &fourth] {
        play(&app, client, course.id, lesson, &[20.004, 40.017, 59.998]).await;
    }
    assert!(look(&app, &admin).await.is_empty());

    let [fifth, sixth] = [app.resident("WT").await, app.resident("WT").await];
    app.clock.advance(Duration::days(20));
    play(&app, &fifth, course.id, lesson, &REPORTED).await;
    let found = look(&app, &admin).await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["kind"], &found[0]["lesson"]["course_id"]), (&json!("equal_traces"), &json!(course.id)));
    let title = found[0]["lesson"]["title"].as_str().unwrap();
    assert_eq!(found[0]["explanation"], format!("2 个人看《{title}》的记录一模一样，连着 4 次，看到哪一秒都不差"));
    let mut both = vec![first.resident_id.unwrap(), fifth.resident_id.unwrap()];
    both.sort_unstable();
    assert_eq!(ids(&found[0]), both);
    // Watched again once it is finished, and looked at again: nothing new.
    let viewing = fifth.get(&format!("/lessons/{lesson}/playback")).await.expect(200)["viewing_id"].clone();
    let more = json!({"viewing_id": viewing, "position": 3.5, "watched": [[0.0, 3.5]]});
    fifth.put(&format!("/lessons/{lesson}/progress"), &more).await.expect(200);
    assert_eq!(look(&app, &admin).await, found);

    settle(&admin, &found[0], "同一台电脑上跑的脚本，已经冲正").await;
    assert!(look(&app, &admin).await.is_empty());
    play(&app, &sixth, course.id, lesson, &REPORTED).await;
    let again = look(&app, &admin).await;
    assert_eq!((again.len(), ids(&again[0]).len()), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_watching_under_two_records_is_no_pair() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let course = app.published_course("CX", 1, 60).await;
    let [first, second] = [app.resident("CX").await, app.resident("CX").await];
    for client in [&first, &second] {
        play(&app, client, course.id, course.lessons[0], &REPORTED).await;
    }
    let merge = json!({"other_id": second.resident_id.unwrap()});
    admin.post(&format!("/residents/{}/merges", first.resident_id.unwrap()), &merge).await.expect(201);
    assert!(look(&app, &admin).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_in_another_process() {
    let app = TestApp::street().await;
    let other = app.another();
    let admin = app.admin().await;
    let course = app.published_course("CX", 1, 60).await;
    let lesson = course.lessons[0];
    let [first, second] = [app.resident("CX").await, app.resident("CX").await];
    play(&app, &first, course.id, lesson, &REPORTED).await;
    // The second one's reports go to two processes in turn.
    second.put(&format!("/courses/{}/enrollment", course.id), &json!({})).await.expect(201);
    let elsewhere = other.client_of(second.account_id.unwrap());
    let viewing = second.get(&format!("/lessons/{lesson}/playback")).await.expect(200)["viewing_id"].clone();
    let mut from = 0.0;
    for (place, to) in REPORTED.iter().enumerate() {
        app.clock.advance(Duration::seconds(20));
        let report = json!({"viewing_id": viewing, "position": to, "watched": [[from, to]]});
        let client = if place % 2 == 0 { &second } else { &elsewhere };
        client.put(&format!("/lessons/{lesson}/progress"), &report).await.expect(200);
        from = *to;
    }
    assert_eq!(look(&app, &admin).await.len(), 1);
}
