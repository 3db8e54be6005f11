//! A store that is away, hangs, refuses; workers that die or are several.

use std::time::Duration as Pause;

use campus::Campus;
use campus::statements::{self, Activity, ActivityKind, Fact, Outcome, Verb};
use reqwest::Method;
use serde_json::json;
use tests::lrs::{Mood, RecordStore};
use tests::{Answer, Person, TestApp};
use time::Duration;
use uuid::Uuid;

use super::{Class, count, later, outlines};
use crate::books::Books;

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_for_days_loses_nothing() {
    let store = RecordStore::start();
    let app = TestApp::street_telling(&store).await;
    let class = Class::begin(&app).await;
    store.set_mood(Mood::Answers(503, None));
    class.enroll().await;
    class.watch(&app, 61.5).await;
    later(&app, 1).await;
    assert_eq!(store.take_requests(), [("POST".to_owned(), 2)]);
    // A minute, two, four: in between it is left alone.
    let mut asked = Vec::new();
    for _ in 0..16 {
        later(&app, 1).await;
        asked.push(store.take_requests().len());
    }
    assert_eq!(asked, [1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    for status in [500, 429, 401, 404, 302] {
        store.set_mood(Mood::Answers(status, None));
        later(&app, 9 * 60).await;
        assert_eq!(store.take_requests().len(), 1, "{status}");
    }
    class.read(&app).await;
    let metrics = app.anonymous().request_at_root(Method::GET, "/metrics");
    let figures = String::from_utf8(Answer::of(metrics).await.bytes).unwrap();
    assert!(figures.contains("statements_waiting 2\n") && figures.contains("statements_refused 0\n"), "{figures}");
    store.set_mood(Mood::Well);
    later(&app, 61).await;
    assert_eq!(store.take_requests(), [("POST".to_owned(), 3)]);
    assert_eq!(store.statements().len(), 3);
    assert_eq!((count(&app, "statements").await, count(&app, "statement_pause").await), (0, 0));
    // From now on at once again.
    class.answer(&app, true).await;
    later(&app, 1).await;
    assert_eq!(store.statements().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_says_when_to_come_back_is_left_alone_until_then() {
    let store = RecordStore::start();
    let app = TestApp::street_telling(&store).await;
    Class::begin(&app).await.enroll().await;
    store.set_mood(Mood::Answers(429, Some(7200)));
    later(&app, 1).await;
    assert_eq!(store.take_requests().len(), 1);
    store.set_mood(Mood::Well);
    later(&app, 118).await;
    assert_eq!(store.take_requests(), []);
    later(&app, 2).await;
    assert_eq!(store.statements().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_hangs_holds_up_nothing_else() {
    let store = RecordStore::start().with_patience(Pause::from_secs(3));
    let app = TestApp::street_telling(&store).await;
    let class = Class::begin(&app).await;
    class.enroll().await;
    class.watch(&app, 61.5).await;
    class.read(&app).await;
    store.set_mood(Mood::Silent);
    let worker = worker::start(&app.campus, worker::WorkerConfig::of(&app.campus.config));
    store.until_asked().await;
    // While it is being waited for, the course is finished and its certificate issued.
    class.answer(&app, true).await;
    let deadline = std::time::Instant::now() + Pause::from_secs(60);
    while class.learner.get("/me/certificates").await.expect(200)["items"] == json!([]) {
        assert!(std::time::Instant::now() < deadline, "other work is held up");
        tokio::task::yield_now().await;
    }
    worker.stop().await.unwrap();
    // It had kept what it did not answer for, and is told once more.
    assert_eq!(store.arrivals().len(), 3);
    assert_eq!(store.take_requests().len(), 1);
    store.set_mood(Mood::Well);
    later(&app, 6).await;
    let mut arrivals = store.arrivals();
    arrivals.sort_unstable();
    arrivals.dedup();
    assert_eq!((arrivals.len(), store.statements().len()), (6, 6));
    assert_eq!(count(&app, "statements").await, 0);
}

/// Delivers in a runtime of its own, which ends like a process that is killed: at whatever it waits for.
async fn killed_while_delivering(app: &TestApp, store: &RecordStore) {
    let (config, clock) = (app.config(), app.clock.clone());
    let (dying, death) = tokio::sync::oneshot::channel::<()>();
    let worker = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let campus = Campus::new(config, clock).unwrap();
            campus::jobs::tick(&campus, &worker::schedules(&campus.config), campus.clock.now()).await.unwrap();
            let handlers = worker::handlers();
            tokio::select! {
                ran = worker::run_available(&campus, &handlers) => panic!("it was not killed: {ran:?}"),
                _ = death => {}
            }
        });
        runtime.shutdown_background();
    });
    store.until_asked().await;
    dying.send(()).unwrap();
    tokio::task::spawn_blocking(move || worker.join().unwrap()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_sending_and_noting_it_tells_the_same_again() {
    for after in [Mood::Well, Mood::Jealous] {
        let store = RecordStore::start();
        let app = TestApp::street_telling(&store).await;
        let class = Class::begin(&app).await;
        class.enroll().await;
        class.watch(&app, 61.5).await;
        store.set_mood(Mood::Silent);
        killed_while_delivering(&app, &store).await;
        let first = store.statements();
        assert_eq!((first.len(), count(&app, "statements").await), (2, 2));
        assert_eq!(store.take_requests().len(), 1);
        store.set_mood(after.clone());
        // Whoever may still be sending them is left to it for a while.
        later(&app, 1).await;
        assert_eq!(store.take_requests(), []);
        later(&app, 5).await;
        assert_eq!(store.statements(), first, "{after:?}");
        assert_eq!(count(&app, "statements").await, 0, "{after:?}");
        let again = if matches!(after, Mood::Jealous) { 5 } else { 1 };
        assert_eq!(
            store.take_requests().len(),
            again,
            "a batch, and where that is refused each and what is kept of it"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_set_aside_with_the_answer_and_the_rest_goes_on() {
    let store = RecordStore::start();
    let app = TestApp::street_telling(&store).await;
    let admin = app.admin().await;
    let class = Class::begin(&app).await;
    class.enroll().await;
    class.watch(&app, 61.5).await;
    class.read(&app).await;
    store.set_mood(Mood::Dislikes("第一课".to_owned()));
    later(&app, 1).await;
    assert_eq!(outlines(&store).len(), 2);
    assert_eq!(store.take_requests().iter().map(|(_, count)| *count).collect::<Vec<_>>(), [3, 1, 1, 1]);
    let dead = admin.get("/dead-jobs").await.expect(200);
    let (job, said) = (&dead["items"][0], dead["items"][0]["errors"][0]["error"].as_str().unwrap());
    assert_eq!(job["kind"], "deliver_refused_statements");
    assert!(said.contains("400 Bad Request: 第一课 is not liked here"), "{said}");
    // It is not tried again by itself.
    later(&app, 60).await;
    assert_eq!(store.take_requests(), []);
    let replay = format!("/dead-jobs/{}/replay", job["id"].as_str().unwrap());
    let again = admin.post(&replay, &json!({})).await;
    assert!((200..300).contains(&again.status), "{}", again.body);
    assert_eq!(app.try_jobs().await.last().unwrap().outcome, worker::Outcome::Dead);
    let dead = admin.get("/dead-jobs").await.expect(200);
    assert_eq!(dead["items"][0]["errors"].as_array().unwrap().len(), 2, "{dead}");
    store.set_mood(Mood::Well);
    let _ = admin.post(&replay, &json!({})).await;
    app.run_jobs().await;
    assert_eq!(outlines(&store).len(), 3);
    assert_eq!(count(&app, "statements").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_statement_of_the_same_id_is_not_taken_for_ours() {
    let store = RecordStore::start();
    let app = TestApp::street_telling(&store).await;
    app.allow_dead_jobs();
    let class = Class::begin(&app).await;
    class.enroll().await;
    class.watch(&app, 61.5).await;
    let id = "SELECT id FROM statements WHERE body -> 'verb' ->> 'id' LIKE '%registered'";
    let id: Uuid = Books::of(&app).await.ask(id).await[0].parse().unwrap();
    store.plant(id, json!({"id": id, "verb": {"id": "http://example.org/verbs/else"}}));
    later(&app, 1).await;
    let told: Vec<String> = store.arrivals().iter().map(Uuid::to_string).collect();
    assert_eq!(told.len(), 1, "the other one has arrived");
    let refusal = Books::of(&app).await.ask("SELECT concat(id, ' ', refusal) FROM statements").await;
    assert_eq!(refusal, [format!("{id} 409 Conflict: {id} is here already")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_send_each_batch_once() {
    let store = RecordStore::start();
    let app = TestApp::street_telling(&store).await;
    let person = app.on_record("CX", &Person::default()).await.id;
    let learner = statements::Learner { person_id: person, record_id: person };
    let occasions: Vec<String> = (0..250).map(|number| number.to_string()).collect();
    let fact = |occasion| Fact {
        verb: Verb::Completed,
        activity: Activity { kind: ActivityKind::Lesson, id: person, title: "第1课" },
        within: None,
        outcome: Outcome::default(),
        at: app.clock.now(),
        occasion: Some(occasion),
    };
    let facts: Vec<Fact<'_>> = occasions.iter().map(|occasion| fact(occasion.as_str())).collect();
    let connection = &mut *app.campus.database.connection().await.unwrap();
    statements::state(connection, &app.campus, learner, &facts).await.unwrap();
    // The same facts once more are the same statements.
    statements::state(connection, &app.campus, learner, &facts).await.unwrap();
    let other = app.another();
    app.clock.advance(Duration::minutes(1));
    let schedules = worker::schedules(&app.campus.config);
    campus::jobs::tick(&app.campus, &schedules, app.clock.now()).await.unwrap();
    let job = campus::jobs::NewJob::new("deliver_statements", json!({}), app.clock.now()).on("statements");
    campus::jobs::enqueue(connection, &job).await.unwrap();
    tokio::join!(app.run_jobs(), other.run_jobs());
    let mut sent: Vec<usize> = store.take_requests().iter().map(|(_, count)| *count).collect();
    sent.sort_unstable();
    assert_eq!(sent, [50, 100, 100]);
    assert_eq!((store.arrivals().len(), store.statements().len()), (250, 250));
}
