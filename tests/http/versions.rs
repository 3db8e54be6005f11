//! Versions: a course that residents learn from is changed by making its next version.

use serde_json::{Value, json};
use tests::{Client, TestApp, id_of};
use time::Duration;
use uuid::Uuid;

use crate::making;

/// A published course of two articles, with the branch's staff and an admin.
struct Offered {
    app: TestApp,
    staff: Client,
    admin: Client,
    course: String,
    lessons: [Uuid; 2],
}

impl Offered {
    async fn new() -> Self {
        let app = TestApp::street().await;
        let (staff, admin) = (app.staff("CX").await, app.admin().await);
        let new = json!({"title": "第一版", "topic": "health", "credits": "2.00"});
        let course = id_of(&staff.post("/courses", &new).await.expect(201)).to_string();
        let mut lessons = [Uuid::nil(); 2];
        for (place, text) in ["甲", "乙"].into_iter().enumerate() {
            let added = staff.post(&format!("/courses/{course}/lessons"), &making::article(text)).await.expect(201);
            lessons[place] = id_of(&added);
        }
        making::publish(&staff, &admin, &course).await;
        Self { app, staff, admin, course, lessons }
    }

    async fn publish(&self) {
        making::publish(&self.staff, &self.admin, &self.course).await;
    }

    async fn enrolled(&self) -> Client {
        let resident = self.app.resident("CX").await;
        let _ = resident.put(&format!("/courses/{}/enrollment", self.course), &json!({})).await.expect(201);
        resident
    }

    /// The titles of what residents see, in order.
    async fn offered_lessons(&self) -> Vec<Uuid> {
        let course = self.app.anonymous().get(&format!("/courses/{}", self.course)).await.expect(200);
        ids(&course["lessons"])
    }

    async fn read(&self, resident: &Client, lesson: Uuid) -> Value {
        let path = format!("/lessons/{lesson}/reading");
        let _ = resident.put(&path, &json!({"finished": false})).await.expect(200);
        self.app.clock.advance(Duration::seconds(6));
        resident.put(&path, &json!({"finished": true})).await.expect(200)
    }

    async fn progress(&self, resident: &Client) -> Value {
        resident.get(&format!("/me/courses/{}", self.course)).await.expect(200)
    }
}

fn ids(lessons: &Value) -> Vec<Uuid> {
    lessons.as_array().unwrap().iter().map(id_of).collect()
}

#[tokio::test]
async fn who_is_enrolled_finishes_the_version_they_began() {
    let offered = Offered::new().await;
    let [first, second] = offered.lessons;
    let early = offered.enrolled().await;
    let _ = offered.read(&early, first).await;

    // A lesson less, another one changed, a new one: nothing of it shows before it is published.
    let path = format!("/courses/{}", offered.course);
    let changed = offered.staff.patch(&path, &json!({"title": "第二版", "credits": "3.00"})).await.expect(200);
    assert_eq!((&changed["status"], &changed["version"]), (&json!("draft"), &json!(2)));
    assert_eq!(changed["offered_version"], 1);
    let _ = offered.staff.delete(&format!("/lessons/{first}")).await.expect(200);
    let copy =
        offered.staff.patch(&format!("/lessons/{second}"), &json!({"article": {"text": "丙"}})).await.expect(200);
    let copy = id_of(&copy);
    assert_ne!(copy, second);
    let added = offered.staff.post(&format!("{path}/lessons"), &making::article("丁")).await.expect(201);
    let added = id_of(&added);
    let seen = offered.app.anonymous().get(&path).await.expect(200);
    assert_eq!((&seen["title"], ids(&seen["lessons"])), (&json!("第一版"), vec![first, second]));
    early.get(&format!("/lessons/{added}/article")).await.expect_problem(404, "not_found");
    offered.publish().await;
    assert_eq!(offered.offered_lessons().await, [copy, added]);

    // The one who came before finishes what they began, with what it was worth.
    let progress = offered.progress(&early).await;
    assert_eq!((&progress["version"], ids(&progress["lessons"])), (&json!(1), vec![first, second]));
    assert!(
        early.get(&format!("/lessons/{second}/article")).await.expect(200)["html"].as_str().unwrap().contains('乙')
    );
    let refused = early.put(&format!("/lessons/{added}/reading"), &json!({"finished": false})).await;
    refused.expect_problem(409, "not_enrolled");
    let finished = offered.read(&early, second).await;
    let amounts: Vec<&Value> = finished["earned"].as_array().unwrap().iter().map(|each| &each["amount"]).collect();
    assert!(amounts.contains(&&json!("2.00")), "{finished}");
    let own = early.get("/me/enrollments").await.expect(200)["items"][0].clone();
    assert_eq!((&own["completed_lessons"], &own["lesson_count"]), (&json!(2), &json!(2)));
    assert!(own["completed_at"].is_string());

    // Who comes now learns the new one, and what they finish of it counts for it alone.
    let late = offered.enrolled().await;
    assert_eq!(offered.progress(&late).await["version"], 2);
    let _ = offered.read(&late, copy).await;
    let own = late.get("/me/enrollments").await.expect(200)["items"][0].clone();
    assert_eq!((&own["completed_lessons"], &own["lesson_count"]), (&json!(1), &json!(2)));
    assert_eq!(own["next_lesson_id"], json!(added));
    let finished = offered.read(&late, added).await;
    assert!(finished["earned"].as_array().unwrap().iter().any(|each| each["amount"] == "3.00"), "{finished}");
}

#[tokio::test]
async fn a_lesson_that_stays_keeps_what_was_learned() {
    let offered = Offered::new().await;
    let [first, second] = offered.lessons;
    let path = format!("/courses/{}", offered.course);
    let ordered = offered.staff.put(&format!("{path}/lesson-order"), &json!({"lessons": [second, first]})).await;
    assert_eq!(ids(&ordered.expect(200)["lessons"]), [second, first]);
    assert_eq!(offered.offered_lessons().await, [first, second]);
    for wrong in [vec![first], vec![first, first], vec![first, second, Uuid::new_v4()], vec![]] {
        let refused = offered.staff.put(&format!("{path}/lesson-order"), &json!({"lessons": wrong})).await;
        assert_eq!(refused.expect_fields(), [("lessons".to_owned(), "lesson_order_invalid".to_owned())]);
    }
    offered.publish().await;
    assert_eq!(offered.offered_lessons().await, [second, first]);
    let steps = offered.staff.get(&format!("/managed-courses/{}", offered.course)).await.expect(200)["steps"].clone();
    let taken: Vec<(&str, i64)> = steps
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["step"].as_str().unwrap(), step["version"].as_i64().unwrap()))
        .collect();
    let expected = [
        ("submission", 1),
        ("approval", 1),
        ("publication", 1),
        ("submission", 2),
        ("approval", 2),
        ("publication", 2),
    ];
    assert_eq!(taken, expected);
}

#[tokio::test]
async fn a_version_can_be_given_up() {
    let offered = Offered::new().await;
    let path = format!("/courses/{}", offered.course);
    offered.staff.delete(&format!("{path}/draft")).await.expect_problem(409, "course_without_draft");
    let added = offered.staff.post(&format!("{path}/lessons"), &making::article("丁")).await.expect(201);
    let _ = offered.staff.patch(&format!("/lessons/{}", offered.lessons[0]), &json!({"title": "改"})).await.expect(200);
    let left = offered.staff.delete(&format!("{path}/draft")).await.expect(200);
    assert_eq!((&left["status"], &left["version"]), (&json!("published"), &json!(1)));
    assert_eq!(ids(&left["lessons"]), offered.lessons);
    offered.staff.patch(&format!("/lessons/{}", id_of(&added)), &json!({})).await.expect_problem(404, "not_found");
    // Declared it is the street centre's to decide.
    let _ = offered.staff.patch(&path, &json!({"title": "再改"})).await.expect(200);
    let _ = offered.staff.post(&format!("{path}/submission"), &json!({})).await.expect(201);
    offered.staff.delete(&format!("{path}/draft")).await.expect_problem(409, "course_locked");
    let rejected = offered.admin.post(&format!("{path}/rejection"), &json!({"reason": "太短"})).await.expect(201);
    assert_eq!((&rejected["status"], &rejected["offered_version"]), (&json!("rejected"), &json!(1)));
    assert_eq!(offered.app.anonymous().get(&path).await.expect(200)["title"], "第一版");
    let _ = offered.staff.delete(&format!("{path}/draft")).await.expect(200);
}

#[tokio::test]
async fn what_comes_first_must_be_finished() {
    let offered = Offered::new().await;
    let new = json!({"title": "进阶", "topic": "health", "prerequisites": [offered.course]});
    let advanced = id_of(&offered.staff.post("/courses", &new).await.expect(201)).to_string();
    let _ = offered.staff.post(&format!("/courses/{advanced}/lessons"), &making::article("戊")).await.expect(201);
    for wrong in [json!([advanced]), json!([Uuid::new_v4()]), json!(vec![&offered.course; 6])] {
        let refused = offered.staff.patch(&format!("/courses/{advanced}"), &json!({"prerequisites": wrong})).await;
        assert_eq!(refused.expect_fields(), [("prerequisites".to_owned(), "prerequisite_invalid".to_owned())]);
    }
    making::publish(&offered.staff, &offered.admin, &advanced).await;
    // Neither may wait for the other.
    let circle = json!({"prerequisites": [advanced]});
    let refused = offered.staff.patch(&format!("/courses/{}", offered.course), &circle).await.expect_fields();
    assert_eq!(refused, [("prerequisites".to_owned(), "prerequisite_invalid".to_owned())]);
    let seen = offered.app.anonymous().get(&format!("/courses/{advanced}")).await.expect(200);
    assert_eq!(seen["prerequisites"], json!([{"id": offered.course, "title": "第一版"}]));

    let resident = offered.enrolled().await;
    let enrollment = format!("/courses/{advanced}/enrollment");
    resident.put(&enrollment, &json!({})).await.expect_problem(409, "prerequisite_missing");
    let progress = resident.get(&format!("/me/courses/{advanced}")).await.expect(200);
    assert_eq!(progress["missing"], seen["prerequisites"]);
    for lesson in offered.lessons {
        let _ = offered.read(&resident, lesson).await;
    }
    let _ = resident.put(&enrollment, &json!({})).await.expect(201);
    // One that is no longer offered holds nobody up.
    let _ = offered.admin.post(&format!("/courses/{}/archival", offered.course), &json!({})).await.expect(201);
    let other = offered.app.resident("CX").await;
    let _ = other.put(&enrollment, &json!({})).await.expect(201);
}
