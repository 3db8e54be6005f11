//! What learners got out of a course: one tap, changeable, counted for staff alone.

use serde_json::{Value, json};
use tests::database::execute;
use tests::{Client, Course, Person, TestApp};
use time::Duration;
use uuid::Uuid;

async fn rate(resident: &Client, course: Uuid, value: &str) -> tests::Answer {
    resident.put(&format!("/courses/{course}/rating"), &json!({"value": value})).await
}

async fn enrolled(app: &TestApp, course: &Course) -> Client {
    let resident = app.new_resident("CX", &Person::default()).await;
    let _ = resident.put(&format!("/courses/{}/enrollment", course.id), &json!({})).await.expect(201);
    resident
}

/// Watches the course's one lesson of a minute to its end.
async fn finish(app: &TestApp, resident: &Client, course: &Course) {
    let lesson = course.lessons[0];
    let playback = resident.get(&format!("/lessons/{lesson}/playback")).await.expect(200);
    app.clock.advance(Duration::minutes(2));
    let report = json!({"viewing_id": playback["viewing_id"], "position": 60, "watched": [[0, 60]]});
    let done = resident.put(&format!("/lessons/{lesson}/progress"), &report).await.expect(200);
    assert_eq!(done["completed"], true);
}

async fn counted(staff: &Client, course: Uuid) -> Value {
    staff.get(&format!("/managed-courses/{course}/ratings")).await.expect(200)
}

#[tokio::test]
async fn who_has_finished_a_course_says_what_they_got_out_of_it() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let resident = enrolled(&app, &course).await;
    let staff = app.staff("CX").await;
    let path = format!("/courses/{}/rating", course.id);
    assert_eq!(resident.get(&path).await.expect(200), json!({"value": null, "rated_at": null}));
    rate(&resident, course.id, "good").await.expect_problem(409, "course_not_finished");
    rate(&app.resident("CX").await, course.id, "good").await.expect_problem(409, "not_enrolled");
    rate(&resident, Uuid::new_v4(), "good").await.expect_problem(404, "not_found");
    finish(&app, &resident, &course).await;
    for value in ["", "excellent", &"长".repeat(10_000)] {
        let refused = rate(&resident, course.id, value).await.expect_fields();
        assert_eq!(refused, [("value".to_owned(), "value_invalid".to_owned())]);
    }
    assert_eq!(counted(&staff, course.id).await, json!({"good": 0, "fair": 0, "poor": 0, "versions": []}));

    let said = rate(&resident, course.id, "fair").await.expect(201);
    app.clock.advance(Duration::minutes(1));
    assert_eq!(rate(&resident, course.id, "fair").await.expect(200), said, "the same changes nothing");
    let changed = rate(&resident, course.id, "good").await.expect(200);
    assert_eq!(resident.get(&path).await.expect(200), changed);
    let wanted = json!({
        "good": 1, "fair": 0, "poor": 0, "versions": [{"version": 1, "good": 1, "fair": 0, "poor": 0}],
    });
    assert_eq!(counted(&staff, course.id).await, wanted);
    assert_eq!(resident.get("/me/export").await.expect(200)["ratings"][0]["value"], "good");
    // What they said stays a number once they have left.
    let _ = resident.post("/me/departure", &json!({"confirmation": true})).await.expect(201);
    assert_eq!(counted(&staff, course.id).await, wanted);
    // It is in no audit.
    let entries = app.admin().await.get("/audit-entries?action=course.rated").await.expect(200);
    let details: Vec<&Value> = entries["items"].as_array().unwrap().iter().map(|entry| &entry["detail"]).collect();
    assert_eq!(details, [&json!({"version": 1}), &json!({"version": 1})]);
}

#[tokio::test]
async fn a_person_with_two_records_is_counted_once_with_what_they_said_last() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let (staff, mut both) = (app.staff("CX").await, Vec::new());
    for value in ["poor", "good"] {
        let resident = enrolled(&app, &course).await;
        finish(&app, &resident, &course).await;
        let _ = rate(&resident, course.id, value).await.expect(201);
        both.push(resident);
    }
    let (kept, other) = (&both[0], &both[1]);
    let merge = json!({"other_id": other.resident_id.unwrap()});
    let done = staff.post(&format!("/residents/{}/merges", kept.resident_id.unwrap()), &merge).await.expect(201);
    let figures = |answer: &Value| (answer["good"].clone(), answer["fair"].clone(), answer["poor"].clone());
    assert_eq!(figures(&counted(&staff, course.id).await), (json!(1), json!(0), json!(0)));
    let path = format!("/courses/{}/rating", course.id);
    assert_eq!(kept.get(&path).await.expect(200)["value"], "good");
    app.clock.advance(Duration::minutes(1));
    let _ = rate(kept, course.id, "fair").await.expect(200);
    assert_eq!(figures(&counted(&staff, course.id).await), (json!(0), json!(1), json!(0)));
    let undone = format!("/resident-merges/{}", done["id"].as_str().unwrap());
    assert_eq!(staff.delete(&undone).await.status, 204);
    assert_eq!(figures(&counted(&staff, course.id).await), (json!(1), json!(1), json!(0)));
}

#[tokio::test]
async fn ratings_are_told_apart_by_the_version_that_was_finished() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    let old = enrolled(&app, &course).await;
    finish(&app, &old, &course).await;
    let _ = rate(&old, course.id, "fair").await.expect(201);
    let (staff, admin) = (app.staff("CX").await, app.admin().await);
    let _ = staff.patch(&format!("/courses/{}", course.id), &json!({"title": "新版"})).await.expect(200);
    crate::making::publish(&staff, &admin, &course.id.to_string()).await;
    let new = enrolled(&app, &course).await;
    finish(&app, &new, &course).await;
    let _ = rate(&new, course.id, "good").await.expect(201);
    let versions = &counted(&staff, course.id).await["versions"];
    let wanted = json!([
        {"version": 1, "good": 0, "fair": 1, "poor": 0}, {"version": 2, "good": 1, "fair": 0, "poor": 0},
    ]);
    assert_eq!(*versions, wanted);
    // A course that is offered no more is not rated any more.
    execute(&app.owner_url(), &format!("UPDATE courses SET status = 'archived' WHERE id = '{}'", course.id)).await;
    rate(&new, course.id, "fair").await.expect_problem(404, "not_found");
}
