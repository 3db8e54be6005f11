//! What a learning record store is told: all of it, once however often it is sent, and nothing of who
//! it is about.

mod outages;
mod people;

use serde_json::{Value, json};
use tests::lrs::RecordStore;
use tests::{Client, Person, TestApp, id_of};
use time::Duration;
use uuid::Uuid;

use crate::books::Books;
use crate::making;

const SITE: &str = "https://learn.example.org";
const PHONE: &str = "13812345678";

/// A course of a video of 61.5 s, an article and a quiz, and who is in it.
struct Class {
    course: String,
    video: Uuid,
    article: Uuid,
    quiz: Uuid,
    learner: Client,
}

impl Class {
    async fn begin(app: &TestApp) -> Self {
        let (staff, admin) = (app.staff("CX").await, app.admin().await);
        let video = making::video(app, &staff, "ready").await;
        let course = making::course(&staff, "防震减灾", video).await;
        let lessons = format!("/courses/{course}/lessons");
        let article = id_of(&staff.post(&lessons, &making::article("先护住头")).await.expect(201));
        let quiz = making::quiz(&[("single", &["对", "错"], &[0]), ("true_false", &["错", "对"], &[1])]);
        let quiz = id_of(&staff.post(&lessons, &quiz).await.expect(201));
        making::publish(&staff, &admin, &course).await;
        let known = staff.get(&format!("/courses/{course}")).await.expect(200);
        let video = id_of(&known["lessons"][0]);
        let person = Person { phone: Some(PHONE.to_owned()), ..Person::default() };
        let learner = app.new_resident("CX", &person).await;
        Self { course, video, article, quiz, learner }
    }

    async fn enroll(&self) {
        let _ = self.learner.put(&format!("/courses/{}/enrollment", self.course), &json!({})).await.expect(201);
    }

    async fn enroll_again(&self) {
        let _ = self.learner.put(&format!("/courses/{}/enrollment", self.course), &json!({})).await.expect(200);
    }

    async fn watch(&self, app: &TestApp, until: f64) {
        let playback = self.learner.get(&format!("/lessons/{}/playback", self.video)).await.expect(200);
        app.clock.advance(Duration::seconds(60));
        let report = json!({"viewing_id": playback["viewing_id"], "position": until, "watched": [[0, until]]});
        let _ = self.learner.put(&format!("/lessons/{}/progress", self.video), &report).await.expect(200);
    }

    async fn read(&self, app: &TestApp) {
        let path = format!("/lessons/{}/reading", self.article);
        let _ = self.learner.put(&path, &json!({"finished": false})).await.expect(200);
        app.clock.advance(Duration::seconds(6));
        let _ = self.learner.put(&path, &json!({"finished": true})).await.expect(200);
    }

    /// Goes through the quiz in 90 seconds, with one question wrong unless all are to be right.
    async fn answer(&self, app: &TestApp, all: bool) {
        let path = format!("/lessons/{}/quiz-attempts", self.quiz);
        let attempt = self.learner.post(&path, &json!({})).await.expect(201);
        app.clock.advance(Duration::seconds(90));
        for (place, question) in attempt["questions"].as_array().unwrap().iter().enumerate() {
            let right = all || place == 0;
            let options = question["options"].as_array().unwrap();
            let chosen = options.iter().find(|option| (option["text"] == "对") == right).unwrap();
            let path = format!("/quiz-attempts/{}/answers/{}", id_of(&attempt), id_of(question));
            let _ = self.learner.put(&path, &json!({"chosen": [chosen["id"]]})).await.expect(200);
        }
    }
}

/// Lets everything that comes due come due: progress each quarter of an hour, delivery each minute.
async fn settle(app: &TestApp) {
    app.clock.advance(Duration::minutes(15));
    app.tick().await;
    later(app, 1).await;
}

async fn later(app: &TestApp, minutes: i64) {
    app.clock.advance(Duration::minutes(minutes));
    app.tick().await;
}

/// The verb, what it was done with, and what came of it.
fn outline(statement: &Value) -> String {
    let last = |part: &str| statement.pointer(part).unwrap().as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let name = statement["object"]["definition"]["name"]["zh-CN"].as_str().unwrap();
    let result = statement.get("result").unwrap_or(&Value::Null);
    format!("{} {} {name} {result}", last("/verb/id"), last("/object/definition/type"))
}

fn outlines(store: &RecordStore) -> Vec<String> {
    let mut told: Vec<String> = store.statements().iter().map(outline).collect();
    told.sort();
    told
}

async fn count(app: &TestApp, what: &str) -> i64 {
    Books::of(app).await.number(&format!("SELECT count(*) FROM {what}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_course_is_told_step_by_step() {
    let store = RecordStore::start();
    let app = TestApp::street_telling(&store).await;
    let class = Class::begin(&app).await;
    class.enroll().await;
    class.enroll_again().await;
    class.watch(&app, 40.0).await;
    settle(&app).await;
    // Half of it is told once, and nothing until three quarters.
    class.watch(&app, 45.0).await;
    settle(&app).await;
    class.watch(&app, 61.5).await;
    class.read(&app).await;
    class.answer(&app, false).await;
    class.answer(&app, true).await;
    settle(&app).await;
    settle(&app).await;
    let progress = "https://w3id.org/xapi/cmi5/result/extensions/progress";
    assert_eq!(
        outlines(&store),
        [
            r#"completed assessment 考一考 {"completion":true}"#,
            r#"completed course 防震减灾 {"completion":true,"duration":"PT1M1.50S"}"#,
            r#"completed lesson 第一课 {"completion":true,"duration":"PT1M1.50S"}"#,
            r#"completed lesson 读一读 {"completion":true}"#,
            r#"failed assessment 考一考 {"completion":true,"duration":"PT1M30S","score":{"max":100,"min":0,"raw":50,"scaled":0.5},"success":false}"#,
            r#"passed assessment 考一考 {"completion":true,"duration":"PT1M30S","score":{"max":100,"min":0,"raw":100,"scaled":1.0},"success":true}"#,
            &format!(
                r#"progressed lesson 第一课 {{"completion":false,"duration":"PT40S","extensions":{{"{progress}":50}}}}"#
            ),
            "registered course 防震减灾 null",
        ]
    );
    assert_eq!(store.arrivals().len(), 8, "each came once");
    assert_eq!(count(&app, "statements").await, 0, "what has been told is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_says_what_xapi_asks_for_and_nothing_of_the_person() {
    let store = RecordStore::start();
    let app = TestApp::street_telling(&store).await;
    let class = Class::begin(&app).await;
    class.enroll().await;
    class.watch(&app, 61.5).await;
    settle(&app).await;
    let told = store.statements();
    let of = |verb: &str| told.iter().find(|each| outline(each).starts_with(verb)).unwrap();
    let (registered, completed) = (of("registered"), of("completed"));
    let course = format!("{SITE}/course/?id={}", class.course);
    assert_eq!(registered["verb"]["id"], "http://adlnet.gov/expapi/verbs/registered");
    assert_eq!(registered["verb"]["display"], json!({"zh-CN": "报名", "en": "registered"}));
    assert_eq!(registered["object"]["id"], json!(course));
    assert_eq!(registered["object"]["definition"]["type"], "http://adlnet.gov/expapi/activities/course");
    assert_eq!(registered["timestamp"], "2026-11-22T10:00:00+08:00");
    assert_eq!(completed["timestamp"], "2026-11-22T10:01:00+08:00");
    assert_eq!(completed["object"]["id"], json!(format!("{SITE}/lesson/?id={}", class.video)));
    let context = &completed["context"];
    assert_eq!((&context["platform"], &context["language"]), (&json!("常青学堂"), &json!("zh-CN")));
    assert_eq!(context["revision"], "1");
    assert_eq!(context["registration"], registered["context"]["registration"]);
    for group in ["parent", "grouping"] {
        assert_eq!(context["contextActivities"][group], json!([registered["object"]]));
    }
    assert_eq!(completed["actor"], registered["actor"]);
    assert_eq!(completed["actor"]["account"]["homePage"], SITE);

    let resident = class.learner.resident_id.unwrap();
    let name = Books::of(&app).await.ask(&format!("SELECT name FROM residents WHERE id = '{resident}'")).await;
    let canaries = [name[0].clone(), app.learner_number(resident).await, PHONE.to_owned()];
    let ids = [resident, class.learner.account_id.unwrap()].map(|id| id.to_string());
    for canary in canaries.iter().chain(&ids) {
        assert!(told.iter().all(|each| !each.to_string().contains(canary.as_str())), "{canary}");
    }
    // What the person takes away has the name that they go by there.
    let export = class.learner.get("/me/export").await.expect(200);
    let known = json!([{"name": completed["actor"]["account"]["name"], "waiting": 0}]);
    assert_eq!(export["record_store_names"], known);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_store_nothing_is_written_and_nothing_runs() {
    let app = TestApp::street().await;
    let class = Class::begin(&app).await;
    class.enroll().await;
    class.watch(&app, 40.0).await;
    settle(&app).await;
    class.watch(&app, 61.5).await;
    class.answer(&app, true).await;
    settle(&app).await;
    for table in ["statements", "statement_actors", "stated_progress", "statement_pause"] {
        assert_eq!(count(&app, table).await, 0, "{table}");
    }
    let jobs = "jobs WHERE kind IN ('deliver_statements', 'state_progress') OR queue = 'statements'";
    assert_eq!(count(&app, jobs).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_of_the_tests_knows_the_rules() {
    let store = RecordStore::start();
    let lrs = campus::lrs::Lrs::new(&store.config()).unwrap();
    let good = json!({
        "id": Uuid::new_v4(), "actor": {"objectType": "Agent", "account": {"homePage": SITE, "name": "a"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en": "completed"}},
        "object": {"objectType": "Activity", "id": SITE, "definition": {"type": SITE, "name": {"zh-CN": "课"}}},
        "context": {}, "timestamp": "2026-11-22T10:00:00+08:00",
    });
    for (part, wrong) in [
        ("/id", json!("1")),
        ("/id", json!(campus::ids::new_id())),
        ("/actor/account/homePage", json!("learn")),
        ("/actor/account/name", json!("")),
        ("/actor/objectType", json!("Person")),
        ("/verb/id", json!("completed")),
        ("/verb/display", json!("completed")),
        ("/object/id", json!("course 1")),
        ("/object/definition/name", json!({"": "课"})),
        ("/context", json!({"registration": "1"})),
        ("/context", json!({"platform": null})),
        ("/timestamp", json!("2026-11-22T10:00:00")),
        ("/timestamp", json!("2026-11-22")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(part).unwrap() = wrong;
        assert!(matches!(lrs.post(&[bad]).await, campus::lrs::Reply::Refused(_)), "{part}");
    }
    assert_eq!(store.take_faults().len(), 13);
    assert_eq!(lrs.post(&[good]).await, campus::lrs::Reply::Taken);
    let stranger = campus::lrs::LrsConfig { password: "wrong".to_owned(), ..store.config() };
    let _ = campus::lrs::Lrs::new(&stranger).unwrap().post(&[]).await;
    assert_eq!(store.take_faults().len(), 1);
}
