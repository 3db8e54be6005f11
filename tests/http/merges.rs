//! Two records of one person: found, joined, one everywhere, and taken apart again.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, Course, PASSWORD, Person, TestApp};
use time::Duration;
use time::macros::{date, datetime};
use uuid::Uuid;

use crate::books::Books;

async fn merge(by: &Client, kept: Uuid, other: Uuid) -> Value {
    by.post(&format!("/residents/{kept}/merges"), &json!({"other_id": other})).await.expect(201)
}

async fn undo(by: &Client, merge: &Value) {
    let path = format!("/resident-merges/{}", merge["id"].as_str().unwrap());
    assert_eq!(by.delete(&path).await.status, 204);
}

async fn award(admin: &Client, who: &Value, amount: &str, day: &str, reason: &str) -> Answer {
    let award = json!({"residents": [who], "unit": "credit", "amount": amount, "reason": reason, "earned_on": day});
    admin.post("/credit-awards", &award).await
}

async fn credits(client: &Client) -> Value {
    client.get("/me/credit-account").await.expect(200)["credits"].clone()
}

async fn me(client: &Client) -> Value {
    client.get("/me").await.expect(200)["resident"]["id"].clone()
}

fn called(name: &str, phone: Option<&str>) -> Person {
    Person { name: name.to_owned(), phone: phone.map(str::to_owned), ..Person::default() }
}

/// Watches a lesson of a minute to its end; answers what that has earned.
async fn watch(app: &TestApp, client: &Client, lesson: Uuid) -> Value {
    let playback = client.get(&format!("/lessons/{lesson}/playback")).await.expect(200);
    app.clock.advance(Duration::minutes(2));
    let report = json!({"viewing_id": playback["viewing_id"], "position": 60, "watched": [[0, 60]]});
    client.put(&format!("/lessons/{lesson}/progress"), &report).await.expect(200)["earned"].clone()
}

async fn enroll(client: &Client, course: Uuid) -> u16 {
    client.put(&format!("/courses/{course}/enrollment"), &json!({})).await.status
}

async fn value(admin: &Client, month: &str, metric: &str, code: &str) -> Value {
    let ranking = admin.get(&format!("/reports/months/{month}/ranking?metric={metric}")).await.expect(200);
    if code == "street" {
        return ranking["street"]["value"].clone();
    }
    let items = ranking["items"].as_array().unwrap();
    items.iter().find(|item| item["code"] == code).unwrap()["value"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_records_are_one_person_and_undoing_gives_back_what_was() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let kept = app.new_resident("CX", &called("张桂芳", Some("13800000001"))).await;
    let other = app.new_resident("CX", &called("张桂方", Some("13800000002"))).await;
    let (kept_id, other_id) = (kept.resident_id.unwrap(), other.resident_id.unwrap());
    let number = app.learner_number(other_id).await;
    let (first, second) = (app.published_course("CX", 1, 60).await, app.published_course("CX", 1, 60).await);
    enroll(&kept, first.id).await;
    enroll(&other, second.id).await;
    award(&admin, &json!({"id": kept_id}), "1.00", "2026-11-20", "讲座").await.expect(201);
    award(&admin, &json!({"id": other_id}), "2.00", "2026-11-20", "演练").await.expect(201);
    // The account's tokens are remembered by now.
    assert_eq!((me(&kept).await, me(&other).await), (json!(kept_id), json!(other_id)));

    let dry = json!({"other_id": other_id, "dry_run": true});
    let preview = staff.post(&format!("/residents/{kept_id}/merges"), &dry).await.expect(200);
    assert_eq!((&preview["id"], &preview["merged"]["id"]), (&Value::Null, &json!(other_id)));
    let holds = json!({"credits": "2.00", "points": 0, "enrollments": 1, "completions": 0, "account": true});
    assert_eq!(preview["merged_holds"], holds);
    assert_eq!(credits(&kept).await, "1.00", "a dry run writes nothing");

    let done = merge(&staff, kept_id, other_id).await;
    let path = format!("/residents/{kept_id}/merges");
    assert_eq!(staff.post(&path, &json!({"other_id": other_id})).await.expect(200)["id"], done["id"]);
    staff.post(&path, &json!({"other_id": kept_id})).await.expect_problem(409, "same_person");

    for client in [&kept, &other] {
        assert_eq!(credits(client).await, "3.00");
        let rows = client.get("/me/credit-account/transfers").await.expect(200);
        assert_eq!(rows["items"].as_array().unwrap().len(), 2);
        let courses = client.get("/me/enrollments").await.expect(200);
        assert_eq!(courses["items"].as_array().unwrap().len(), 2);
    }
    wait_for(&other, kept_id).await;
    assert_eq!(staff.get(&format!("/residents/{other_id}")).await.expect(200)["id"], json!(kept_id));
    let people = staff.get("/residents").await.expect(200);
    assert_eq!(people["items"].as_array().unwrap().len(), 1);
    for typed in ["张桂方", "zgf", "13800000002", "0002", &number] {
        let found = staff.get(&format!("/residents?q={typed}")).await.expect(200);
        let ids: Vec<&Value> = found["items"].as_array().unwrap().iter().map(|person| &person["id"]).collect();
        assert_eq!(ids, [&json!(kept_id)], "{typed}");
    }
    let entries = admin.get(&format!("/audit-entries?object_id={other_id}&action=resident.merged")).await.expect(200);
    assert_eq!(entries["items"].as_array().unwrap().len(), 1);
    let transfers = admin.get(&format!("/credit-transfers?resident_id={other_id}")).await.expect(200);
    assert_eq!(transfers["items"].as_array().unwrap().len(), 2);

    // What is written now belongs to the record that stays.
    award(&admin, &json!({"id": other_id}), "0.50", "2026-11-21", "讲座").await.expect(201);
    undo(&staff, &done).await;
    undo(&staff, &done).await;
    wait_for(&other, other_id).await;
    assert_eq!((credits(&kept).await, credits(&other).await), (json!("1.50"), json!("2.00")));
    for (client, course) in [(&kept, first.id), (&other, second.id)] {
        let courses = client.get("/me/enrollments").await.expect(200);
        let ids: Vec<&Value> = courses["items"].as_array().unwrap().iter().map(|item| &item["course_id"]).collect();
        assert_eq!(ids, [&json!(course)]);
    }
    assert_eq!(staff.get("/resident-merges").await.expect(200)["items"], json!([]));
    Books::of(&app).await.prove().await;
}

/// An account acts as `resident` once every server has heard of it, which is a moment later.
async fn wait_for(client: &Client, resident: Uuid) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while me(client).await != json!(resident) {
        assert!(std::time::Instant::now() < deadline, "the account still acts as another resident");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn either_number_telephone_and_account_reach_the_same_person() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let kept = app.new_resident("CX", &called("张桂芳", Some("13800000001"))).await;
    let person = Person { email: Some("fang@example.org".to_owned()), ..called("张桂方", Some("13800000002")) };
    let other = app.new_resident("WT", &person).await;
    let numbers =
        [app.learner_number(kept.resident_id.unwrap()).await, app.learner_number(other.resident_id.unwrap()).await];
    let staff = app.staff("CX").await;
    let path = format!("/residents/{}/merges", kept.resident_id.unwrap());
    let body = json!({"other_id": other.resident_id.unwrap()});
    staff.post(&path, &body).await.expect_problem(404, "not_found");
    admin.post(&path, &body).await.expect(201);
    for login in [&*numbers[0], &*numbers[1], "13800000001", "13800000002", "fang@example.org"] {
        let opened = app.anonymous().post("/session", &json!({"login": login, "password": PASSWORD})).await.expect(201);
        assert_eq!(opened["account"]["name"], "张桂芳", "{login}");
        let token = opened["access_token"].as_str().unwrap();
        let request = app.anonymous().request(Method::GET, "/me").bearer_auth(token);
        assert_eq!(
            Answer::of(request).await.expect(200)["resident"]["id"],
            json!(kept.resident_id.unwrap()),
            "{login}"
        );
    }
    // Both records are known to awards and to registration, as one.
    let named = [
        json!({"learner_number": numbers[1]}),
        json!({"name": "张桂方"}),
        json!({"name": "张桂方", "phone": "13800000002"}),
        json!({"name": "张桂芳"}),
    ];
    for (place, who) in named.iter().enumerate() {
        let answer = award(&admin, who, "1.00", "2026-11-20", &format!("第{place}次")).await.expect(201);
        assert_eq!(answer["rows"][0]["resident_id"], json!(kept.resident_id.unwrap()), "{who}");
    }
    let twice = json!({"residents": [named[0], named[3]], "unit": "credit", "amount": "1.00", "reason": "两次",
        "earned_on": "2026-11-20", "dry_run": true});
    let rows = admin.post("/credit-awards", &twice).await.expect(200)["rows"].clone();
    assert_eq!((&rows[0]["status"], &rows[1]["status"]), (&json!("found"), &json!("already_awarded")));
    let again = json!({"name": "张桂方", "phone": "13700000000", "password": "a good password", "birth_date": "1956-03-02",
        "branch_id": app.branch("WT").id, "consent": {"version": "2026-11"}});
    app.anonymous().post("/residents", &again).await.expect_problem(409, "resident_exists");
}

#[tokio::test(flavor = "multi_thread")]
async fn learning_is_joined_and_nothing_earns_twice() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (kept, other) = (app.resident("CX").await, app.resident("CX").await);
    let Course { id, lessons, .. } = app.published_course("CX", 2, 60).await;
    assert_eq!((enroll(&kept, id).await, enroll(&other, id).await), (201, 201));
    // The record that will stay half of the first lesson, the other all of it.
    let playback = kept.get(&format!("/lessons/{}/playback", lessons[0])).await.expect(200);
    app.clock.advance(Duration::minutes(2));
    let report = json!({"viewing_id": playback["viewing_id"], "position": 20, "watched": [[0, 20]]});
    kept.put(&format!("/lessons/{}/progress", lessons[0]), &report).await.expect(200);
    assert_ne!(watch(&app, &other, lessons[0]).await, json!([]));
    merge(&admin, kept.resident_id.unwrap(), other.resident_id.unwrap()).await;
    wait_for(&other, kept.resident_id.unwrap()).await;

    let before = credits(&kept).await;
    assert_eq!(enroll(&kept, id).await, 200);
    // The player that was open all along reports on, and hears that the lesson is finished.
    let report = json!({"viewing_id": playback["viewing_id"], "position": 60, "watched": [[0, 60]]});
    let answer = kept.put(&format!("/lessons/{}/progress", lessons[0]), &report).await.expect(200);
    assert_eq!((&answer["completed"], &answer["earned"]), (&json!(true), &json!([])));
    assert_eq!(answer["watched_seconds"], json!(60.0));
    assert_eq!(credits(&kept).await, before);
    let course = kept.get(&format!("/me/courses/{id}")).await.expect(200);
    assert_eq!(course["lessons"][0]["completed"], json!(true));
    let open = kept.get("/me/enrollments").await.expect(200);
    assert_eq!(
        (&open["items"][0]["completed_lessons"], &open["items"][0]["next_lesson_id"]),
        (&json!(1), &json!(lessons[1]))
    );
    // One lesson under each record: together they are the course.
    let earned = watch(&app, &other, lessons[1]).await;
    assert_eq!(earned.as_array().unwrap().len(), 2, "{earned}");
    assert_eq!(credits(&kept).await, "3.00");
    assert_eq!(value(&admin, "2026-11", "completions", "CX").await, json!(1));
    assert_eq!(value(&admin, "2026-11", "active_learners", "CX").await, json!(1));
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_that_two_records_have_finished_between_them_is_finished() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (kept, other) = (app.resident("CX").await, app.resident("CX").await);
    let Course { id, lessons, .. } = app.published_course("CX", 2, 60).await;
    for (who, lesson) in [(&kept, lessons[0]), (&other, lessons[1])] {
        assert_eq!(enroll(who, id).await, 201);
        watch(&app, who, lesson).await;
    }
    merge(&admin, kept.resident_id.unwrap(), other.resident_id.unwrap()).await;
    app.run_jobs().await;
    let course = kept.get(&format!("/me/courses/{id}")).await.expect(200);
    assert!(course["completed_at"].is_string(), "{course}");
    assert_eq!(credits(&kept).await, "3.00");
    assert_eq!(value(&admin, "2026-11", "completions", "CX").await, json!(1));
    assert_eq!(kept.get("/me/certificates").await.expect(200)["items"].as_array().unwrap().len(), 1);
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewing_of_the_record_that_went_goes_on() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (kept, other) = (app.resident("CX").await, app.resident("CX").await);
    let Course { id, lessons, .. } = app.published_course("CX", 1, 60).await;
    enroll(&other, id).await;
    let playback = other.get(&format!("/lessons/{}/playback", lessons[0])).await.expect(200);
    app.clock.advance(Duration::minutes(2));
    let path = format!("/lessons/{}/progress", lessons[0]);
    let report = |to: u32| json!({"viewing_id": playback["viewing_id"], "position": to, "watched": [[0, to]]});
    other.put(&path, &report(30)).await.expect(200);
    merge(&admin, kept.resident_id.unwrap(), other.resident_id.unwrap()).await;
    wait_for(&other, kept.resident_id.unwrap()).await;
    let answer = other.put(&path, &report(60)).await.expect(200);
    assert_eq!((&answer["watched_seconds"], &answer["completed"]), (&json!(60.0), &json!(true)));
    assert_eq!(credits(&kept).await, "2.50");
    assert_eq!(value(&admin, "2026-11", "learning_hours", "CX").await, json!(0.02), "a minute, once");
}

#[tokio::test]
async fn caps_span_both_records() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let mut books = Books::of(&app).await;
    books
        .execute(
            "INSERT INTO credit_rules (id, code, version, name_zh, name_en, earns, unit, day_cap, valid_from) \
             VALUES (gen_random_uuid(), 'award', 2, '授予', 'Award', 'award', 'credit', 500, '2026-01-02')",
        )
        .await;
    let (kept, other) =
        (app.on_record("CX", &Person::default()).await.id, app.on_record("CX", &Person::default()).await.id);
    let who = json!({"id": kept});
    award(&admin, &json!({"id": other}), "3.00", "2026-11-20", "讲座").await.expect(201);
    let done = merge(&admin, kept, other).await;
    let refused = award(&admin, &who, "2.50", "2026-11-20", "演练").await.expect_problem(422, "award_rows_refused");
    assert_eq!(refused["rows"][0]["status"], "over_cap");
    let refused = award(&admin, &who, "1.00", "2026-11-20", "讲座").await.expect_problem(422, "award_rows_refused");
    assert_eq!(refused["rows"][0]["status"], "already_awarded");
    award(&admin, &who, "2.00", "2026-11-20", "演练").await.expect(201);
    undo(&admin, &done).await;
    award(&admin, &who, "3.00", "2026-11-20", "合唱").await.expect(201);
    books.prove().await;
}

#[tokio::test]
async fn chains_follow_to_the_record_that_stays_and_come_apart_in_any_order() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let mut people = Vec::new();
    for amount in ["1.00", "2.00", "4.00"] {
        let person = app.resident("CX").await;
        award(&admin, &json!({"id": person.resident_id.unwrap()}), amount, "2026-11-20", "讲座").await.expect(201);
        people.push(person);
    }
    let id = |place: usize| people[place].resident_id.unwrap();
    let first = merge(&admin, id(1), id(0)).await;
    let second = merge(&admin, id(2), id(1)).await;
    let of = async |place: usize| -> Vec<Value> {
        let mut all = Vec::new();
        for each in 0..3 {
            let person = admin.get(&format!("/residents/{}", id(each))).await.expect(200);
            all.push(json!(person["id"] == json!(id(place))));
        }
        all
    };
    assert_eq!(of(2).await, [json!(true), json!(true), json!(true)]);
    wait_for(&people[0], id(2)).await;
    assert_eq!(credits(&people[0]).await, "7.00");
    undo(&admin, &first).await;
    assert_eq!(of(2).await, [json!(false), json!(true), json!(true)]);
    let first = merge(&admin, id(2), id(0)).await;
    undo(&admin, &second).await;
    assert_eq!(of(2).await, [json!(true), json!(false), json!(true)]);
    undo(&admin, &first).await;
    let first = merge(&admin, id(1), id(0)).await;
    let second = merge(&admin, id(2), id(1)).await;
    undo(&admin, &second).await;
    assert_eq!(of(1).await, [json!(true), json!(true), json!(false)]);
    undo(&admin, &first).await;
    for (place, amount) in ["1.00", "2.00", "4.00"].iter().enumerate() {
        wait_for(&people[place], id(place)).await;
        assert_eq!(credits(&people[place]).await, *amount);
    }
}

#[tokio::test]
async fn a_merged_person_counts_once_and_closed_months_stay() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let early =
        app.on_record("WT", &Person { registered_on: Some(date!(2026 - 10 - 15)), ..Person::default() }).await.id;
    let november = app.on_record("CX", &Person::default()).await.id;
    app.clock.set(datetime!(2026-12-03 10:00 +8));
    admin.post("/reports/months/2026-10/closing", &json!({})).await.expect(201);
    let closed = admin.get("/reports/months/2026-10/ranking?metric=total_registrations").await.expect(200);
    let done = merge(&admin, november, early).await;
    assert_eq!(admin.get("/reports/months/2026-10/ranking?metric=total_registrations").await.expect(200), closed);
    for (metric, cx, wt, street) in [("new_registrations", 0, 0, 0), ("total_registrations", 1, 0, 1)] {
        let values = [("CX", cx), ("WT", wt), ("street", street)];
        for (code, expected) in values {
            assert_eq!(value(&admin, "2026-11", metric, code).await, json!(expected), "{metric} {code}");
        }
    }
    undo(&admin, &done).await;
    assert_eq!(value(&admin, "2026-11", "new_registrations", "CX").await, json!(1));
    assert_eq!(value(&admin, "2026-11", "total_registrations", "street").await, json!(2));
}

async fn pairs(client: &Client, query: &str) -> Vec<(Value, Value, Value)> {
    let found = client.get(&format!("/resident-duplicates{query}")).await.expect(200);
    let items = found["items"].as_array().unwrap().iter();
    items.map(|pair| (pair["first"]["name"].clone(), pair["second"]["name"].clone(), pair["reasons"].clone())).collect()
}

#[tokio::test]
async fn likely_duplicates_are_shown_until_told_apart() {
    let app = TestApp::street().await;
    let (admin, staff) = (app.admin().await, app.staff("CX").await);
    let born = |day| Person { birth_date: day, ..called("王秀英", None) };
    let first = app.on_record("CX", &born(date!(1956 - 03 - 02))).await.id;
    let swapped = app.on_record("CX", &born(date!(1956 - 02 - 03))).await.id;
    app.on_record("CX", &born(date!(1971 - 11 - 30))).await;
    app.on_record("CX", &called("张桂芳", Some("13800000001"))).await;
    app.on_record("WT", &called("章贵方", Some("13800000001"))).await;
    app.on_record("CX", &called("李国强", Some("13800000001"))).await;
    let numbered = |name: &str| Person { id_number: Some("99000019781125556X".to_owned()), ..called(name, None) };
    app.on_record("CX", &numbered("赵大明")).await;
    app.on_record("CX", &numbered("赵小明")).await;
    let text = |first: &str, second: &str, reason: &str| (json!(first), json!(second), json!([reason]));
    let names = text("王秀英", "王秀英", "same_name_alike_birth_date");
    let numbers = text("赵大明", "赵小明", "same_id_number");
    let phones = text("张桂芳", "章贵方", "alike_name_same_phone");
    assert_eq!(pairs(&staff, "").await, [names.clone(), numbers.clone()]);
    assert_eq!(pairs(&admin, "").await, [names.clone(), phones, numbers.clone()]);
    let page = admin.get("/resident-duplicates?limit=2").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(pairs(&admin, &format!("?limit=2&cursor={cursor}")).await, std::slice::from_ref(&numbers));

    let path = format!("/residents/{swapped}/distinctions");
    staff.post(&path, &json!({"other_id": first})).await.expect(201);
    staff.post(&path, &json!({"other_id": first})).await.expect(200);
    staff.post(&path, &json!({"other_id": swapped})).await.expect_problem(409, "same_person");
    assert_eq!(pairs(&staff, "").await, [numbers]);
}
