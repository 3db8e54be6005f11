//! Rules that admins write: what earns, how much, for whom, and up to where.

use campus::credits::{self, Earns, Source};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Answer, Client, PASSWORD, Person, TestApp};
use time::Duration;
use time::macros::datetime;
use uuid::Uuid;

use crate::books::Books;

/// What a fact earns somebody, in hundredths or points.
async fn earn(app: &TestApp, who: (Uuid, Uuid), earns: Earns, worth: i64) -> Vec<i64> {
    let connection = &mut *app.campus.database.connection().await.unwrap();
    let source = Source { earns, id: Uuid::new_v4(), label: "地震演练", worth, at: app.clock.now() };
    let earned = credits::earn(connection, &app.clock, who.0, who.1, &source).await.unwrap();
    earned.into_iter().map(|earned| earned.amount).collect()
}

fn rule(earns: &str, unit: &str, more: Value) -> Value {
    let mut rule = json!({"name_zh": "新规则", "name_en": "New rule", "earns": earns, "unit": unit,
        "valid_from": "2026-11-22"});
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    rule
}

async fn explanations(app: &TestApp, who: &Client) -> Vec<String> {
    let rows = app.client_of(who.account_id.unwrap()).get("/me/credit-account/transfers").await.expect(200);
    let rows = rows["items"].as_array().unwrap();
    rows.iter().map(|row| row["explanation"].as_str().unwrap().to_owned()).collect()
}

async fn points(app: &TestApp, who: &Client) -> i64 {
    let account = app.client_of(who.account_id.unwrap()).get("/me/credit-account").await.expect(200);
    account["points"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_of_a_day_earn_once_up_to_the_cap() {
    let app = TestApp::street().await;
    let minutes = rule("minutes", "point", json!({"amount": "2", "per_minutes": 10, "day_cap": "5"}));
    let _ = app.admin().await.post("/credit-rules", &minutes).await.expect(201);
    let course = app.published_course("CX", 1, 3600).await;
    let who = app.resident("CX").await;
    let _ = who.put(&format!("/courses/{}/enrollment", course.id), &json!({})).await.expect(201);
    let lesson = course.lessons[0];
    let playback = who.get(&format!("/lessons/{lesson}/playback")).await.expect(200);
    let watch = async |from: u32, to: u32| {
        let report = json!({"viewing_id": playback["viewing_id"], "position": to, "watched": [[from, to]]});
        let who = app.client_of(who.account_id.unwrap());
        let _ = who.put(&format!("/lessons/{lesson}/progress"), &report).await.expect(200);
    };
    app.clock.advance(Duration::minutes(20));
    watch(0, 590).await;
    app.tick().await;
    assert_eq!(points(&app, &who).await, 0);
    watch(590, 610).await;
    app.clock.advance(Duration::minutes(1));
    app.tick().await;
    assert_eq!(points(&app, &who).await, 2);
    assert_eq!(explanations(&app, &who).await, ["11月22日 当天学满 10 分钟 +2 积分；今天还可得 3 积分"]);
    app.clock.advance(Duration::minutes(29));
    watch(610, 1900).await;
    app.tick().await;
    app.clock.advance(Duration::minutes(5));
    app.tick().await;
    assert_eq!(points(&app, &who).await, 5);
    assert_eq!(
        explanations(&app, &who).await[0],
        "11月22日 当天学满 30 分钟 +1 积分（原为 2，每天最多 5）；今天还可得 0 积分"
    );
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_log_in_of_a_day_earns() {
    let app = TestApp::street().await;
    let _ = app
        .admin()
        .await
        .post("/credit-rules", &rule("daily_log_in", "point", json!({"amount": "1"})))
        .await
        .expect(201);
    let who = app.resident("CX").await;
    let login = json!({"login": app.learner_number(who.resident_id.unwrap()).await, "password": PASSWORD});
    for _ in 0..2 {
        let _ = app.anonymous().post("/session", &login).await.expect(201);
        app.tick().await;
        app.clock.advance(Duration::minutes(5));
    }
    app.tick().await;
    assert_eq!(points(&app, &who).await, 1);
    app.clock.set(datetime!(2026-11-23 23:59:30 +8));
    let _ = app.anonymous().post("/session", &login).await.expect(201);
    // Found after the day has ended, and given for the day that it was.
    app.clock.set(datetime!(2026-11-24 00:01 +8));
    app.tick().await;
    assert_eq!(explanations(&app, &who).await[0], "11月23日 当天第一次登录 +1 积分");
    assert_eq!(points(&app, &who).await, 2);
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_of_double_credits_hands_back_to_the_version_before() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let person = app.on_record("CX", &Person::default()).await;
    let who = (person.id, person.branch_id);
    let week = rule(
        "lesson_completed",
        "credit",
        json!({"code": "lesson", "multiplier": 200, "day_cap": "12.00",
        "valid_from": "2026-11-23", "valid_to": "2026-11-30"}),
    );
    let added = admin.post("/credit-rules", &week).await.expect(201);
    assert_eq!((&added["version"], &added["in_force"]), (&json!(2), &json!(false)));
    let in_force = async || {
        let rules = app.client_of(admin.account_id.unwrap()).get("/credit-rules").await.expect(200);
        let rules = rules["items"].as_array().unwrap().clone();
        let version = rules.iter().find(|rule| rule["code"] == "lesson" && rule["in_force"] == true).unwrap();
        version["version"].as_i64().unwrap()
    };
    assert_eq!((earn(&app, who, Earns::LessonCompleted, 150).await, in_force().await), (vec![150], 1));
    app.clock.set(datetime!(2026-11-23 08:00 +8));
    assert_eq!((earn(&app, who, Earns::LessonCompleted, 150).await, in_force().await), (vec![300], 2));
    app.clock.set(datetime!(2026-11-30 00:00 +8));
    assert_eq!((earn(&app, who, Earns::LessonCompleted, 150).await, in_force().await), (vec![150], 1));
    // Each row names the version that made it.
    let mut books = Books::of(&app).await;
    let versions = "SELECT rule.version FROM credit_transfers JOIN credit_rules AS rule ON rule.id = rule_id ORDER BY account_version";
    assert_eq!(books.ask(versions).await, ["1", "2", "1"]);
    books.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_stopped_for_good_and_taken_up_again() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let person = app.on_record("CX", &Person::default()).await;
    let who = (person.id, person.branch_id);
    let next = |multiplier: i32, day: &str| {
        let more = json!({"code": "lesson", "multiplier": multiplier, "day_cap": "4.00", "valid_from": day});
        rule("lesson_completed", "credit", more)
    };
    let stopped = admin.post("/credit-rules", &next(0, "2026-11-23")).await.expect(201);
    assert_eq!((&stopped["version"], &stopped["multiplier"]), (&json!(2), &json!(0)));
    assert_eq!(earn(&app, who, Earns::LessonCompleted, 150).await, [150]);
    app.clock.set(datetime!(2026-11-23 08:00 +8));
    assert!(earn(&app, who, Earns::LessonCompleted, 150).await.is_empty());
    let trial = app.admin().await.post("/credit-rules/trial", &next(0, "2026-11-23")).await.expect(200);
    assert_eq!(trial["total"]["after"], "0.00");
    let _ = app.admin().await.post("/credit-rules", &next(100, "2026-11-24")).await.expect(201);
    app.clock.set(datetime!(2026-11-24 08:00 +8));
    assert_eq!(earn(&app, who, Earns::LessonCompleted, 150).await, [150]);
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_written_once_however_often_it_is_sent() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let new = rule("daily_log_in", "point", json!({"amount": "1"}));
    let keyless = Answer::of(admin.request(Method::POST, "/credit-rules").json(&new)).await;
    keyless.expect_problem(400, "idempotency_key_required");
    let key = Uuid::new_v4();
    let sent = join_all((0..5).map(|_| admin.post_with_key("/credit-rules", key, &new))).await;
    let ids: Vec<Value> = sent.into_iter().map(|answer| answer.expect(201)["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let other = rule("daily_log_in", "point", json!({"amount": "2"}));
    let reused = admin.post_with_key("/credit-rules", key, &other).await;
    reused.expect_problem(409, "idempotency_key_reused");
    assert_eq!(Books::of(&app).await.number("SELECT count(*) FROM credit_rules WHERE earns = 'daily_log_in'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_for_those_they_name_and_cap_a_source() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let (old, young) = (app.on_record("CX", &Person::default()).await, app.on_record("WT", &Person::default()).await);
    execute(&app.owner_url(), &format!("UPDATE residents SET groups = '{{elderly}}' WHERE id = '{}'", old.id)).await;
    let group = rule("attendance", "point", json!({"amount": "3", "target_group": "elderly"}));
    let branch = rule("attendance", "credit", json!({"amount": "1.00", "branch_id": app.branch("WT").id}));
    let street = rule("course_completed", "point", json!({"source_cap": "4", "branch_id": app.branch("CQJD").id}));
    for rule in [group, branch, street] {
        let _ = admin.post("/credit-rules", &rule).await.expect(201);
    }
    let (old, young) = ((old.id, old.branch_id), (young.id, young.branch_id));
    assert_eq!(earn(&app, old, Earns::Attendance, 0).await, [3]);
    assert_eq!(earn(&app, young, Earns::Attendance, 0).await, [100]);
    // Two credits are two points, and nine are no more than four; a rule of the street is for all below.
    let mut earned = earn(&app, old, Earns::CourseCompleted, 200).await;
    earned.sort_unstable();
    assert_eq!(earned, [2, 200]);
    let mut earned = earn(&app, young, Earns::CourseCompleted, 900).await;
    earned.sort_unstable();
    assert_eq!(earned, [4, 900]);
    Books::of(&app).await.prove().await;
}

/// A version of the rule for awards, with something that it cannot say.
fn of_award(change: Value) -> Value {
    let mut rule = json!({"earns": "award", "code": "award", "unit": "credit", "amount": null});
    rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    rule
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_makes_no_sense_is_refused_field_by_field() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let refused = [
        (json!({"valid_from": "2026-11-21"}), "valid_from", "date_in_past"),
        (json!({"valid_to": "2026-11-22"}), "valid_to", "date_invalid"),
        (json!({"amount": "1.5"}), "amount", "amount_invalid"),
        (json!({"amount": null}), "amount", "amount_invalid"),
        (json!({"day_cap": "-1"}), "day_cap", "amount_invalid"),
        (json!({"per_minutes": 10}), "per_minutes", "value_invalid"),
        (json!({"multiplier": -1}), "multiplier", "value_invalid"),
        (json!({"multiplier": 1001}), "multiplier", "value_invalid"),
        (json!({"name_zh": " "}), "name_zh", "required"),
        (json!({"unit": "yuan"}), "unit", "value_invalid"),
        (json!({"earns": "spending"}), "earns", "value_invalid"),
        (json!({"earns": "award"}), "earns", "value_invalid"),
        (json!({"code": "nothing"}), "code", "value_invalid"),
        (json!({"code": "expiry"}), "code", "value_invalid"),
        (json!({"code": "course"}), "earns", "value_invalid"),
        (json!({"target_group": "pirates"}), "target_group", "value_invalid"),
        (json!({"branch_id": Uuid::new_v4()}), "branch_id", "value_invalid"),
        // How much is awarded, and to whom, is said with each award.
        (of_award(json!({"amount": "1.00"})), "amount", "value_invalid"),
        (of_award(json!({"multiplier": 200})), "amount", "value_invalid"),
        (of_award(json!({"source_cap": "1.00"})), "amount", "value_invalid"),
        (of_award(json!({"target_group": "elderly"})), "target_group", "value_invalid"),
        (of_award(json!({"branch_id": app.branch("CX").id})), "branch_id", "value_invalid"),
    ];
    for (change, field, code) in refused {
        let mut rule = rule("daily_log_in", "point", json!({"amount": "1"}));
        rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        for path in ["/credit-rules", "/credit-rules/trial"] {
            let fields = admin.post(path, &rule).await.expect_fields();
            assert!(fields.contains(&(field.to_owned(), code.to_owned())), "{change}: {fields:?}");
        }
    }
    assert_eq!(Books::of(&app).await.number("SELECT count(*) FROM credit_rules").await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_what_last_month_would_have_been_and_writes_nothing() {
    let app = TestApp::street().await;
    let course = app.published_course("CX", 1, 60).await;
    for branch in ["CX", "CX", "WT"] {
        let who = app.resident(branch).await;
        let _ = who.put(&format!("/courses/{}/enrollment", course.id), &json!({})).await.expect(201);
        let lesson = course.lessons[0];
        let viewing = who.get(&format!("/lessons/{lesson}/playback")).await.expect(200)["viewing_id"].clone();
        app.clock.advance(Duration::minutes(2));
        let report = json!({"viewing_id": viewing, "position": 60, "watched": [[0, 60]]});
        let _ = who.put(&format!("/lessons/{lesson}/progress"), &report).await.expect(200);
    }
    app.clock.set(datetime!(2026-12-05 10:00 +8));
    let mut books = Books::of(&app).await;
    let before = books.ask("SELECT count(*) FROM credit_rules UNION ALL SELECT count(*) FROM credit_transfers").await;
    let admin = app.admin().await;
    let try_rule = async |rule: Value| {
        let trial = admin.post("/credit-rules/trial", &rule).await.expect(200);
        assert_eq!(trial["month"], "2026-11");
        let figures = |row: &Value| ["before", "after", "capped"].map(|name| row[name].as_str().unwrap().to_owned());
        let rows: Vec<_> =
            trial["rows"].as_array().unwrap().iter().map(|row| (row["code"].clone(), figures(row))).collect();
        (rows, figures(&trial["total"]))
    };
    let strings = |figures: [&str; 3]| figures.map(str::to_owned);
    let double =
        rule("lesson_completed", "credit", json!({"code": "lesson", "multiplier": 200, "valid_from": "2026-12-05"}));
    let (rows, total) = try_rule(double).await;
    assert_eq!(total, strings(["1.50", "3.00", "0.00"]));
    assert_eq!(
        rows,
        [(json!("CX"), strings(["1.00", "2.00", "0.00"])), (json!("WT"), strings(["0.50", "1.00", "0.00"]))]
    );
    let minutes = json!({"amount": "5", "per_minutes": 1, "day_cap": "3", "valid_from": "2026-12-05"});
    let (_, total) = try_rule(rule("minutes", "point", minutes)).await;
    assert_eq!(total, strings(["0", "9", "6"]));
    let course = json!({"target_group": "elderly", "valid_from": "2026-12-05"});
    let (rows, total) = try_rule(rule("course_completed", "point", course)).await;
    assert_eq!((rows.len(), total), (0, strings(["0", "0", "0"])));
    let of_branch = json!({"branch_id": app.branch("WT").id, "valid_from": "2026-12-05"});
    let (_, total) = try_rule(rule("course_completed", "point", of_branch)).await;
    assert_eq!(total, strings(["0", "2", "0"]));
    for earns in ["daily_log_in", "attendance"] {
        let _ = try_rule(rule(earns, "point", json!({"amount": "1", "valid_from": "2026-12-05"}))).await;
    }
    let quiz = try_rule(rule("quiz_passed", "point", json!({"valid_from": "2026-12-05"}))).await;
    assert_eq!(quiz.1, strings(["0", "0", "0"]));
    let awards = rule("award", "credit", json!({"code": "award", "day_cap": "1.00", "valid_from": "2026-12-05"}));
    assert_eq!(try_rule(awards).await.1, strings(["0.00", "0.00", "0.00"]));
    let after = books.ask("SELECT count(*) FROM credit_rules UNION ALL SELECT count(*) FROM credit_transfers").await;
    assert_eq!(after, before);
}
