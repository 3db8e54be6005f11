//! Who leaves, and who had two records.

use serde_json::{Value, json};
use tests::lrs::{Mood, RecordStore};
use tests::{Person, TestApp};
use time::Duration;

use super::{Class, count, later, settle};

#[tokio::test(flavor = "multi_thread")]
async fn of_who_leaves_nothing_more_is_told_and_the_name_is_forgotten() {
    let store = RecordStore::start();
    let app = TestApp::street_telling(&store).await;
    let class = Class::begin(&app).await;
    let neighbour = app.resident("CX").await;
    class.enroll().await;
    class.watch(&app, 40.0).await;
    settle(&app).await;
    let told = store.statements();
    let name = told[0]["actor"]["account"]["name"].as_str().unwrap().to_owned();
    store.set_mood(Mood::Answers(503, None));
    class.watch(&app, 61.5).await;
    class.read(&app).await;
    let _ = neighbour.put(&format!("/courses/{}/enrollment", class.course), &json!({})).await.expect(201);
    later(&app, 1).await;
    assert_eq!(count(&app, "statements").await, 3);
    let _ = class.learner.post("/me/departure", &json!({"confirmation": true})).await.expect(201);
    assert_eq!((count(&app, "statements").await, count(&app, "stated_progress").await), (1, 0));
    let rows = crate::privacy::everything(&app).await;
    let holding: Vec<&String> = rows.iter().filter(|(_, row)| row.contains(&name)).map(|(table, _)| table).collect();
    assert_eq!(holding, Vec::<&String>::new(), "the name stands nowhere");
    store.set_mood(Mood::Well);
    settle(&app).await;
    let now = store.statements();
    assert_eq!(now.len(), told.len() + 1, "the neighbour's alone");
    assert_ne!(now.last().unwrap()["actor"]["account"]["name"], json!(name));
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_records_are_told_of_as_the_person_who_stays() {
    let store = RecordStore::start();
    let app = TestApp::street_telling(&store).await;
    let class = Class::begin(&app).await;
    let person = Person { name: "张桂方".to_owned(), ..Person::default() };
    let other = app.new_resident("CX", &person).await;
    let enrollment = format!("/courses/{}/enrollment", class.course);
    // Told as somebody else's before anybody knew.
    let _ = other.put(&enrollment, &json!({})).await.expect(201);
    later(&app, 1).await;
    // Waiting when they are joined.
    let read = format!("/lessons/{}/reading", class.article);
    let _ = other.put(&read, &json!({"finished": false})).await.expect(200);
    app.clock.advance(Duration::seconds(6));
    let _ = other.put(&read, &json!({"finished": true})).await.expect(200);
    let (kept_id, other_id) = (class.learner.resident_id.unwrap(), other.resident_id.unwrap());
    let staff = app.staff("CX").await;
    let merge = staff.post(&format!("/residents/{kept_id}/merges"), &json!({"other_id": other_id})).await.expect(201);
    class.watch(&app, 40.0).await;
    settle(&app).await;
    class.watch(&app, 61.5).await;
    later(&app, 1).await;
    let told = store.statements();
    let names: Vec<&Value> = told.iter().map(|each| &each["actor"]["account"]["name"]).collect();
    let registrations: Vec<&Value> = told.iter().map(|each| &each["context"]["registration"]).collect();
    assert_eq!(told.len(), 4, "{told:#?}");
    assert_ne!(names[0], names[1]);
    assert!(names[2..].iter().all(|name| *name == names[1]), "{names:?}");
    // It is one enrolment all along.
    assert!(registrations.iter().all(|each| *each == registrations[0]), "{registrations:?}");
    // Taken apart, each goes by a name of their own again.
    let undone = staff.delete(&format!("/resident-merges/{}", merge["id"].as_str().unwrap())).await;
    assert_eq!(undone.status, 204);
    let second = app.published_course("CX", 1, 60).await;
    let actor = app.actor_of(&other).await;
    campus::learning::enroll(&app.campus, &actor, second.id).await.unwrap();
    later(&app, 1).await;
    let told = store.statements();
    assert_eq!(told.last().unwrap()["actor"]["account"]["name"], told[0]["actor"]["account"]["name"]);
}
