//! A next version is published: who has begun nothing learns it, who has begun finishes theirs.

use std::time::Duration as Wait;

use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Value, json};
use tests::database::connect;
use tests::{Client, Person, TestApp, id_of};
use time::Duration;
use uuid::Uuid;

use crate::making;

/// A published course of a video of a minute, an article and a quiz.
struct Offered {
    app: TestApp,
    staff: Client,
    admin: Client,
    course: String,
    video: Uuid,
    article: Uuid,
    quiz: Uuid,
}

impl Offered {
    async fn new() -> Self {
        let app = TestApp::street().await;
        let (staff, admin) = (app.staff("CX").await, app.admin().await);
        let new = json!({"title": "第一版", "topic": "health", "credits": "2.00"});
        let course = id_of(&staff.post("/courses", &new).await.expect(201)).to_string();
        let video = app.ready_video("CX", &staff, 60).await;
        let path = format!("/courses/{course}/lessons");
        let add = async |lesson: Value| id_of(&staff.post(&path, &lesson).await.expect(201));
        let video = add(json!({"title": "看一看", "video_id": video, "credits": "0.50"})).await;
        let article = add(making::article("甲")).await;
        let quiz = add(making::quiz(&[("single", &["对", "错"], &[0])])).await;
        making::publish(&staff, &admin, &course).await;
        Self { app, staff, admin, course, video, article, quiz }
    }

    /// Publishes a second version in which every lesson is another one; answers its lessons.
    async fn replace(&self) -> Vec<Uuid> {
        for lesson in [self.video, self.article, self.quiz] {
            let _ = self.staff.delete(&format!("/lessons/{lesson}")).await.expect(200);
        }
        let path = format!("/courses/{}/lessons", self.course);
        for text in ["乙", "丙"] {
            let _ = self.staff.post(&path, &making::article(text)).await.expect(201);
        }
        making::publish(&self.staff, &self.admin, &self.course).await;
        let course = self.app.anonymous().get(&format!("/courses/{}", self.course)).await.expect(200);
        course["lessons"].as_array().unwrap().iter().map(id_of).collect()
    }

    async fn enroll(&self, resident: &Client) {
        let _ = resident.put(&format!("/courses/{}/enrollment", self.course), &json!({})).await.expect(201);
    }

    async fn enrolled(&self, name: &str) -> Client {
        let person = Person { name: name.to_owned(), ..Person::default() };
        let resident = self.app.new_resident("CX", &person).await;
        self.enroll(&resident).await;
        resident
    }

    async fn version(&self, resident: &Client) -> i64 {
        let progress = resident.get(&format!("/me/courses/{}", self.course)).await.expect(200);
        progress["version"].as_i64().unwrap()
    }
}

/// Where a player that has just been opened reports to, and what.
async fn first_report(resident: &Client, lesson: Uuid) -> (String, Value) {
    let playback = resident.get(&format!("/lessons/{lesson}/playback")).await.expect(200);
    let report = json!({"viewing_id": playback["viewing_id"], "position": 1, "watched": [[0, 1]]});
    (format!("/lessons/{lesson}/progress"), report)
}

async fn watch(resident: &Client, lesson: Uuid) {
    let (path, report) = first_report(resident, lesson).await;
    let _ = resident.put(&path, &report).await.expect(200);
}

async fn read(app: &TestApp, resident: &Client, lesson: Uuid) -> Value {
    let path = format!("/lessons/{lesson}/reading");
    let _ = resident.put(&path, &json!({"finished": false})).await.expect(200);
    app.clock.advance(Duration::seconds(6));
    resident.put(&path, &json!({"finished": true})).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_begun_nothing_learns_the_version_that_is_offered() {
    let offered = Offered::new().await;
    let idle = offered.enrolled("甲没有开始").await;
    let watched = offered.enrolled("乙看了一秒").await;
    let opened = offered.enrolled("丙打开文章").await;
    let tried = offered.enrolled("丁开始测验").await;
    watch(&watched, offered.video).await;
    let reading = format!("/lessons/{}/reading", offered.article);
    let _ = opened.put(&reading, &json!({"finished": false})).await.expect(200);
    let _ = tried.post(&format!("/lessons/{}/quiz-attempts", offered.quiz), &json!({})).await.expect(201);
    // What is done in another course is no beginning of this one.
    let other = offered.app.published_course("CX", 1, 60).await;
    let _ = idle.put(&format!("/courses/{}/enrollment", other.id), &json!({})).await.expect(201);
    watch(&idle, other.lessons[0]).await;

    let lessons = offered.replace().await;
    let _ = offered.app.run_jobs().await;
    assert_eq!(offered.version(&idle).await, 2);
    for begun in [&watched, &opened, &tried] {
        assert_eq!(offered.version(begun).await, 1);
    }
    let audit = offered.admin.get("/audit-entries?action=course.enrollments_moved").await.expect(200);
    assert_eq!(audit["items"][0]["detail"], json!({"enrollments": 1, "version": 2}));

    // They finish the new one: all of it, and no more than all of it.
    idle.put(&reading, &json!({"finished": false})).await.expect_problem(409, "not_enrolled");
    for (done, lesson) in lessons.iter().enumerate() {
        let items = idle.get("/me/enrollments").await.expect(200)["items"].clone();
        let own = items.as_array().unwrap().iter().find(|item| item["course_id"] == json!(offered.course)).unwrap();
        assert_eq!((&own["completed_lessons"], &own["lesson_count"]), (&json!(done), &json!(2)), "{own}");
        assert_eq!(own["next_lesson_id"], json!(lesson));
        let _ = read(&offered.app, &idle, *lesson).await;
    }
    let progress = idle.get(&format!("/me/courses/{}", offered.course)).await.expect(200);
    assert!(progress["completed_at"].is_string(), "{progress}");

    // Who had begun is not held up either.
    let _ = read(&offered.app, &opened, offered.article).await;
    let own = opened.get("/me/enrollments").await.expect(200)["items"][0].clone();
    assert_eq!((&own["completed_lessons"], &own["lesson_count"]), (&json!(1), &json!(3)));
    assert_eq!(own["next_lesson_id"], json!(offered.video));

    // Nobody is moved twice, and nobody back.
    let _ = offered.staff.patch(&format!("/courses/{}", offered.course), &json!({"title": "第三版"})).await.expect(200);
    making::publish(&offered.staff, &offered.admin, &offered.course).await;
    let _ = offered.app.run_jobs().await;
    assert_eq!((offered.version(&idle).await, offered.version(&watched).await), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_under_another_record_counts() {
    let offered = Offered::new().await;
    let (kept, other) = (offered.enrolled("张桂芳").await, offered.enrolled("张桂方").await);
    let (third, fourth) = (offered.enrolled("李秀英").await, offered.enrolled("李秀瑛").await);
    watch(&other, offered.video).await;
    for (stays, goes) in [(&kept, &other), (&third, &fourth)] {
        let path = format!("/residents/{}/merges", stays.resident_id.unwrap());
        let _ = offered.staff.post(&path, &json!({"other_id": goes.resident_id})).await.expect(201);
    }
    let lessons = offered.replace().await;
    let _ = offered.app.run_jobs().await;
    assert_eq!((offered.version(&kept).await, offered.version(&third).await), (1, 2));
    // Of a person who had begun nothing neither record keeps what is no longer offered.
    for lesson in lessons {
        let _ = read(&offered.app, &fourth, lesson).await;
    }
    let own = third.get("/me/enrollments").await.expect(200)["items"][0].clone();
    assert_eq!((&own["completed_lessons"], &own["lesson_count"]), (&json!(2), &json!(2)));
    assert!(own["completed_at"].is_string(), "{own}");
}

/// Waits until so many sessions wait for locks that others hold.
pub async fn until_waiting(database: &mut AsyncPgConnection, sessions: i64) {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        waiting: i64,
    }
    let mut look = async || loop {
        let row: Row = diesel::sql_query(
            "SELECT count(*) AS waiting FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .get_result(database)
        .await
        .unwrap();
        if row.waiting >= sessions {
            return;
        }
        tokio::task::yield_now().await;
    };
    tokio::time::timeout(Wait::from_secs(20), look()).await.expect("they wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_just_beginning_is_not_moved_away() {
    let offered = Offered::new().await;
    let resident = offered.enrolled("正在开始").await;
    // Somebody who has learned something today has a row to count on.
    let other = offered.app.published_course("CX", 1, 60).await;
    let _ = resident.put(&format!("/courses/{}/enrollment", other.id), &json!({})).await.expect(201);
    watch(&resident, other.lessons[0]).await;
    let _ = offered.replace().await;
    let (path, report) = first_report(&resident, offered.video).await;

    // The first report has come as far as that row when the course's enrolments are moved.
    let mut holder = connect(&offered.app.owner_url()).await;
    let id = resident.resident_id.unwrap();
    let hold = format!("BEGIN; SELECT FROM learning_days WHERE resident_id = '{id}' FOR UPDATE");
    holder.batch_execute(&hold).await.unwrap();
    let mut looking = connect(&offered.app.owner_url()).await;
    let watching = tokio::spawn({
        let resident = resident.clone();
        async move { resident.put(&path, &report).await }
    });
    until_waiting(&mut looking, 1).await;
    let release = async {
        until_waiting(&mut looking, 2).await;
        holder.batch_execute("COMMIT").await.unwrap();
    };
    let _ = tokio::join!(offered.app.run_jobs(), release);

    let recorded = watching.await.unwrap().expect(200);
    assert_eq!(recorded["watched_seconds"], 1.0);
    assert_eq!(offered.version(&resident).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn going_on_leads_to_what_was_begun_last() {
    let offered = Offered::new().await;
    let resident = offered.enrolled("接着学的人").await;
    let next = async || {
        let own = resident.get("/me/enrollments").await.expect(200)["items"][0].clone();
        let course = resident.get(&format!("/me/courses/{}", offered.course)).await.expect(200);
        assert_eq!(course["next_lesson_id"], own["next_lesson_id"], "the course's page leads elsewhere");
        (own["next_lesson_id"].clone(), own["next_lesson_kind"].as_str().map(str::to_owned))
    };
    let lesson = |id: Uuid, kind: &str| (json!(id), Some(kind.to_owned()));
    assert_eq!(next().await, lesson(offered.video, "video"));
    let reading = format!("/lessons/{}/reading", offered.article);
    let _ = resident.put(&reading, &json!({"finished": false})).await.expect(200);
    assert_eq!(next().await, lesson(offered.article, "article"));
    offered.app.clock.advance(Duration::minutes(1));
    let _ = resident.post(&format!("/lessons/{}/quiz-attempts", offered.quiz), &json!({})).await.expect(201);
    assert_eq!(next().await, lesson(offered.quiz, "quiz"));
    offered.app.clock.advance(Duration::minutes(1));
    watch(&resident, offered.video).await;
    assert_eq!(next().await, lesson(offered.video, "video"));
    // A new version changes nothing for who has begun.
    let _ = offered.replace().await;
    let _ = offered.app.run_jobs().await;
    assert_eq!(next().await, lesson(offered.video, "video"));
    let _ = resident.put(&reading, &json!({"finished": true})).await.expect(200);
    assert_eq!(next().await, lesson(offered.video, "video"));

    // Who had begun nothing goes on with the first of the new one.
    let idle = offered.app.resident("CX").await;
    let _ = idle.put(&format!("/courses/{}/enrollment", offered.course), &json!({})).await.expect(201);
    let first = offered.app.anonymous().get(&format!("/courses/{}", offered.course)).await.expect(200);
    let own = idle.get("/me/enrollments").await.expect(200)["items"][0].clone();
    assert_eq!(own["next_lesson_id"], first["lessons"][0]["id"]);
}
