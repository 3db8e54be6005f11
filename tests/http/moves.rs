//! Moving to another branch: who was where on which day, and what stays where it was earned.

use serde_json::{Value, json};
use tests::{Client, Course, Person, TestApp};
use time::Duration;
use time::macros::{date, datetime};
use uuid::Uuid;

struct Street {
    app: TestApp,
    admin: Client,
}

impl Street {
    async fn new() -> Self {
        let app = TestApp::street().await;
        let admin = app.admin().await;
        Self { app, admin }
    }

    /// What a branch has in a ranking.
    async fn value(&self, month: &str, metric: &str, code: &str) -> Value {
        let ranking = self.ranking(month, metric).await;
        let items = ranking["items"].as_array().unwrap();
        items.iter().find(|item| item["code"] == code).unwrap()["value"].clone()
    }

    async fn ranking(&self, month: &str, metric: &str) -> Value {
        self.admin.get(&format!("/reports/months/{month}/ranking?metric={metric}")).await.expect(200)
    }

    /// CX's and WT's values of a month.
    async fn both(&self, month: &str, metric: &str) -> (Value, Value) {
        (self.value(month, metric, "CX").await, self.value(month, metric, "WT").await)
    }

    fn to(&self, code: &str, day: &str) -> Value {
        json!({"branch_id": self.app.branch(code).id, "moved_on": day})
    }

    async fn award(&self, resident: Uuid, amount: &str, day: &str) {
        let award = json!({
            "residents": [{"id": resident}], "unit": "credit", "amount": amount, "reason": format!("{day} 讲座"),
            "earned_on": day,
        });
        self.admin.post("/credit-awards", &award).await.expect(201);
    }
}

fn path(resident: Uuid) -> String {
    format!("/residents/{resident}/moves")
}

async fn watch_whole(street: &Street, resident: &Client, lesson: Uuid) {
    let playback = resident.get(&format!("/lessons/{lesson}/playback")).await.expect(200);
    street.app.clock.advance(Duration::minutes(2));
    let report = json!({"viewing_id": playback["viewing_id"], "position": 60, "watched": [[0, 60]]});
    resident.put(&format!("/lessons/{lesson}/progress"), &report).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_count_where_somebody_was_at_each_months_end_and_what_was_earned_stays() {
    let street = Street::new().await;
    let (app, admin) = (&street.app, &street.admin);
    let Course { id, lessons, .. } = app.published_course("CQJD", 1, 60).await;
    let second = app.published_course("CQJD", 1, 60).await;
    let resident = app.resident("CX").await;
    let person = resident.resident_id.unwrap();
    resident.put(&format!("/courses/{id}/enrollment"), &json!({})).await.expect(201);
    resident.put(&format!("/courses/{}/enrollment", second.id), &json!({})).await.expect(201);
    watch_whole(&street, &resident, lessons[0]).await;

    app.clock.set(datetime!(2026-12-10 10:00 +8));
    app.tick().await;
    let closed = street.ranking("2026-11", "total_registrations").await;
    assert_eq!(closed["status"], "closed");
    app.clock.set(datetime!(2027-01-04 10:00 +8));
    let moved = admin.post(&path(person), &street.to("WT", "2027-01-03")).await.expect(201);
    assert_eq!(moved["from_branch_id"], json!(app.branch("CX").id));
    watch_whole(&street, &resident, second.lessons[0]).await;
    // Earned while the old branch had them, written down after the move.
    street.award(person, "1.00", "2027-01-02").await;
    street.award(person, "4.00", "2027-01-03").await;

    assert_eq!(street.ranking("2026-11", "total_registrations").await, closed, "closed is closed");
    assert_eq!(street.both("2026-12", "total_registrations").await, (json!(1), json!(0)));
    assert_eq!(street.both("2027-01", "total_registrations").await, (json!(0), json!(1)));
    assert_eq!(street.both("2026-11", "new_registrations").await, (json!(1), json!(0)));
    assert_eq!(street.both("2026-11", "completions").await, (json!(1), json!(0)));
    assert_eq!(street.both("2027-01", "completions").await, (json!(0), json!(1)));
    assert_eq!(street.both("2026-11", "active_learners").await, (json!(1), json!(0)));
    assert_eq!(street.both("2027-01", "active_learners").await, (json!(0), json!(1)));
    assert_eq!(street.both("2027-01", "credits").await, (json!(1), json!(6.5)));
    // A second move: at each month's end one branch has them.
    app.clock.set(datetime!(2027-02-03 10:00 +8));
    admin.post(&path(person), &street.to("YX", "2027-02-01")).await.expect(201);
    assert_eq!(street.both("2026-12", "total_registrations").await, (json!(1), json!(0)));
    assert_eq!(street.both("2027-01", "total_registrations").await, (json!(0), json!(1)));
    assert_eq!(street.value("2027-02", "total_registrations", "YX").await, json!(1));
    for month in ["2026-12", "2027-01", "2027-02"] {
        assert_eq!(street.ranking(month, "total_registrations").await["street"]["value"], json!(1), "{month}");
    }
    let before = street.ranking("2026-12", "total_registrations").await;
    app.clock.set(datetime!(2027-02-06 00:01 +8));
    app.tick().await;
    let items = |ranking: &Value| ranking["items"].clone();
    let after = street.ranking("2026-12", "total_registrations").await;
    assert_eq!((&after["status"], items(&after)), (&json!("closed"), items(&before)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_learns_at_two_branches_in_a_month_counts_at_both_and_once_in_the_street() {
    let street = Street::new().await;
    let app = &street.app;
    let Course { id, lessons, .. } = app.published_course("CQJD", 2, 60).await;
    let resident = app.resident("CX").await;
    resident.put(&format!("/courses/{id}/enrollment"), &json!({})).await.expect(201);
    watch_whole(&street, &resident, lessons[0]).await;
    let person = resident.resident_id.unwrap();
    app.clock.advance(Duration::days(1));
    street.admin.post(&path(person), &street.to("WT", "2026-11-23")).await.expect(201);
    watch_whole(&street, &resident, lessons[1]).await;
    assert_eq!(street.both("2026-11", "active_learners").await, (json!(1), json!(1)));
    assert_eq!(street.ranking("2026-11", "active_learners").await["street"]["value"], json!(1));
    app.clock.set(datetime!(2026-12-06 00:01 +8));
    app.tick().await;
    let closed = street.ranking("2026-11", "active_learners").await;
    assert_eq!((&closed["status"], &closed["street"]["value"]), (&json!("closed"), &json!(1)));
}

#[tokio::test]
async fn the_branch_that_is_left_sees_them_no_more_and_a_move_back_cancels() {
    let street = Street::new().await;
    let (app, admin) = (&street.app, &street.admin);
    let (giving, receiving) = (app.staff("CX").await, app.staff("WT").await);
    let person = app.on_record("CX", &Person::default()).await.id;
    receiving.post(&path(person), &street.to("WT", "2026-11-22")).await.expect_problem(404, "not_found");
    let first = giving.post(&path(person), &street.to("WT", "2026-11-22")).await.expect(201);
    // A second click.
    assert_eq!(giving.post(&path(person), &street.to("WT", "2026-11-22")).await.expect(200), first);
    for gone in [format!("/residents/{person}"), path(person)] {
        giving.get(&gone).await.expect_problem(404, "not_found");
    }
    giving.post(&path(person), &street.to("YX", "2026-11-22")).await.expect_problem(404, "not_found");
    assert_eq!(giving.get("/residents").await.expect(200)["items"], json!([]));
    let seen = receiving.get(&format!("/residents/{person}")).await.expect(200);
    assert_eq!(seen["branch_id"], json!(app.branch("WT").id));
    assert_eq!(street.both("2026-11", "total_registrations").await, (json!(0), json!(1)));

    receiving.post(&path(person), &street.to("CX", "2026-11-22")).await.expect(201);
    giving.get(&format!("/residents/{person}")).await.expect(200);
    assert_eq!(street.both("2026-11", "total_registrations").await, (json!(1), json!(0)));
    let moves = giving.get(&format!("{}?limit=1", path(person))).await.expect(200);
    assert_eq!(moves["items"][0]["branch_id"], json!(app.branch("CX").id));
    let next = moves["next_cursor"].as_str().unwrap();
    let rest = giving.get(&format!("{}?limit=1&cursor={next}", path(person))).await.expect(200);
    assert_eq!((&rest["items"][0], &rest["next_cursor"]), (&first, &Value::Null));
    let entries = admin.get(&format!("/audit-entries?object_id={person}&action=resident.moved")).await.expect(200);
    assert_eq!(entries["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_move_is_dated_neither_ahead_nor_into_what_is_closed() {
    let street = Street::new().await;
    let (app, admin) = (&street.app, &street.admin);
    let registered = || Person { registered_on: Some(date!(2026 - 10 - 15)), ..Person::default() };
    let person = app.on_record("CX", &registered()).await.id;
    let refused = async |body: &Value| admin.post(&path(person), body).await.expect_fields();
    let field = |name: &str, code: &str| vec![(name.to_owned(), code.to_owned())];
    assert_eq!(refused(&street.to("WT", "2026-11-23")).await, field("moved_on", "date_in_future"));
    assert_eq!(refused(&street.to("WT", "2026-10-14")).await, field("moved_on", "moved_before_registration"));
    assert_eq!(refused(&street.to("WT", "yesterday")).await, field("moved_on", "date_invalid"));
    assert_eq!(refused(&street.to("CX", "2026-11-22")).await, field("branch_id", "already_there"));
    let nowhere = json!({"branch_id": Uuid::new_v4(), "moved_on": "2026-11-22"});
    assert_eq!(refused(&nowhere).await, field("branch_id", "branch_unknown"));
    app.clock.set(datetime!(2026-12-03 10:00 +8));
    // November runs on into its days of grace.
    admin.post(&path(person), &street.to("WT", "2026-11-30")).await.expect(201);
    assert_eq!(street.both("2026-11", "total_registrations").await, (json!(0), json!(1)));
    assert_eq!(street.both("2026-10", "total_registrations").await, (json!(1), json!(0)));
    assert_eq!(refused(&street.to("CX", "2026-11-29")).await, field("moved_on", "moved_before_last_move"));
    admin.post("/reports/months/2026-11/closing", &json!({})).await.expect(201);
    let second = app.on_record("CX", &registered()).await;
    let closed = street.ranking("2026-11", "total_registrations").await;
    for day in ["2026-11-30", "2026-10-20"] {
        let answer = admin.post(&path(second.id), &street.to("WT", day)).await.expect_fields();
        assert_eq!(answer, field("moved_on", "month_closed"), "{day}");
    }
    admin.post(&path(second.id), &street.to("WT", "2026-12-01")).await.expect(201);
    assert_eq!(street.ranking("2026-11", "total_registrations").await, closed);
}
