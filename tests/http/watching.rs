//! Watching: what counts, what cannot be cheated, and what it earns.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Client, Course, TestApp};
use time::Duration;
use uuid::Uuid;

use crate::books::Books;

pub async fn enrolled(app: &TestApp, course: Uuid) -> Client {
    let resident = app.resident("CX").await;
    let _ = resident.put(&format!("/courses/{course}/enrollment"), &json!({})).await.expect(201);
    resident
}

/// One device with a lesson open.
pub struct Player<'a> {
    client: &'a Client,
    lesson: Uuid,
    viewing: String,
}

pub async fn play(client: &Client, lesson: Uuid) -> Player<'_> {
    let playback = client.get(&format!("/lessons/{lesson}/playback")).await.expect(200);
    Player { client, lesson, viewing: playback["viewing_id"].as_str().unwrap().to_owned() }
}

impl Player<'_> {
    async fn send(&self, watched: &Value) -> Answer {
        let report = json!({"viewing_id": self.viewing, "position": 1.5, "watched": watched});
        self.client.put(&format!("/lessons/{}/progress", self.lesson), &report).await
    }

    /// The seconds watched altogether, after this report.
    pub async fn watch(&self, watched: Value) -> f64 {
        self.send(&watched).await.expect(200)["watched_seconds"].as_f64().unwrap()
    }
}

async fn credits(client: &Client) -> Value {
    client.get("/me/credit-account").await.expect(200)["credits"].clone()
}

/// What answers say was earned, by reason and amount.
fn earned(answers: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let earned = answers.iter().flat_map(|answer| answer["earned"].as_array().unwrap());
    let mut earned: Vec<_> = earned.map(|each| (text(&each["reason"]), text(&each["amount"]))).collect();
    earned.sort_unstable();
    earned
}

const WHOLE: [[f64; 2]; 1] = [[0.0, 60.0]];

#[tokio::test(flavor = "multi_thread")]
async fn seeking_to_the_end_earns_nothing() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 60).await;
    let resident = enrolled(&app, id).await;
    let player = play(&resident, lessons[0]).await;
    app.clock.advance(Duration::minutes(5));
    let report = json!({"viewing_id": player.viewing, "position": 60, "watched": []});
    let path = format!("/lessons/{}/progress", lessons[0]);
    let answer = resident.put(&path, &report).await.expect(200);
    let expected = json!({"watched_seconds": 0.0, "required_seconds": 54.0, "completed": false, "earned": []});
    assert_eq!(answer, expected);
    assert_eq!(player.watch(json!([[59, 60]])).await, 1.0);
    // Beyond the end there is nothing to be watched.
    assert_eq!(player.watch(json!([[59.5, 86_400]])).await, 1.0);
    assert_eq!(player.watch(json!([[61, 600]])).await, 1.0);
    assert_eq!(credits(&resident).await, "0.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_watched_twice_counts_once() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 600).await;
    let resident = enrolled(&app, id).await;
    let player = play(&resident, lessons[0]).await;
    app.clock.advance(Duration::minutes(10));
    assert_eq!(player.watch(json!([[0, 60]])).await, 60.0);
    // Again, replayed, in pieces, overlapping, out of order, empty, and of no length.
    assert_eq!(player.watch(json!([[0, 60]])).await, 60.0);
    assert_eq!(player.watch(json!([[30, 60], [0, 30], [10, 50]])).await, 60.0);
    assert_eq!(player.watch(json!([])).await, 60.0);
    assert_eq!(player.watch(json!([[100, 100]])).await, 60.0);
    assert_eq!(player.watch(json!([[120, 130], [50, 70], [125, 140]])).await, 90.0);
    assert_eq!(player.watch(json!([[0.0005, 0.5]])).await, 90.0);
    let second = play(&resident, lessons[0]).await;
    assert_eq!(second.watch(json!([[0, 140]])).await, 140.0);
    assert_eq!(player.watch(json!([[70, 120]])).await, 140.0);
    let mut books = Books::of(&app).await;
    for figure in [
        "SELECT sum(watched_ms) FROM lesson_progress",
        "SELECT spent_ms FROM watch_budgets",
        "SELECT sum(watched_ms) FROM learning_days",
        "SELECT sum(upper(part) - lower(part)) FROM lesson_progress, unnest(watched) AS part",
    ] {
        assert_eq!(books.number(figure).await, 140_000, "{figure}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_have_been_watched_yet_is_clipped_and_may_come_again() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 60).await;
    let resident = enrolled(&app, id).await;
    let player = play(&resident, lessons[0]).await;
    // (now − anchor) × 1.25 + 15 s
    assert_eq!(player.watch(json!(WHOLE)).await, 15.0);
    assert_eq!(player.watch(json!(WHOLE)).await, 15.0);
    app.clock.advance(Duration::seconds(10));
    assert_eq!(player.watch(json!(WHOLE)).await, 27.5);
    app.clock.advance(Duration::seconds(4));
    assert_eq!(player.watch(json!([[50, 60], [40, 45]])).await, 32.5);
    assert_eq!(Books::of(&app).await.ask("SELECT watched FROM lesson_progress").await, ["{[0,27500),[40000,45000)}"]);
    app.clock.advance(Duration::seconds(60));
    assert_eq!(player.watch(json!(WHOLE)).await, 60.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_tabs_earn_what_one_does() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 10, 60).await;
    let resident = enrolled(&app, id).await;
    let mut tabs = Vec::new();
    for lesson in &lessons {
        tabs.push(play(&resident, *lesson).await);
    }
    app.clock.advance(Duration::seconds(40));
    let watched = join_all(tabs.iter().map(|tab| tab.watch(json!([[0, 40]])))).await;
    assert_eq!(watched.iter().sum::<f64>(), 65.0, "{watched:?}");
    assert_eq!(credits(&resident).await, "0.00");
    // Two devices on one lesson, over two servers.
    let Course { id, lessons, .. } = app.published_course("CX", 1, 120).await;
    let second = enrolled(&app, id).await;
    let elsewhere = app.another().client_of(second.account_id.unwrap());
    let (phone, tablet) = (play(&second, lessons[0]).await, play(&elsewhere, lessons[0]).await);
    app.clock.advance(Duration::seconds(20));
    let (one, other) = tokio::join!(phone.watch(json!([[0, 60]])), tablet.watch(json!([[60, 120]])));
    assert_eq!(one.max(other), 40.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_writes_meanwhile_is_heeded() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 2, 600).await;
    let resident = enrolled(&app, id).await;
    let elsewhere = app.another().client_of(resident.account_id.unwrap());
    let (phone, tablet) = (play(&resident, lessons[0]).await, play(&elsewhere, lessons[0]).await);
    let other = play(&resident, lessons[1]).await;
    app.clock.advance(Duration::minutes(20));
    // Two servers in turn, each of which remembers what it last saw.
    for (round, seconds) in [(0, 20.0), (1, 40.0), (2, 60.0)] {
        let from = f64::from(round) * 20.0;
        assert_eq!(phone.watch(json!([[from, from + 10.0]])).await, seconds - 10.0);
        assert_eq!(tablet.watch(json!([[from, from + 20.0]])).await, seconds);
    }
    assert_eq!(other.watch(json!([[0, 5]])).await, 5.0);
    // Moved to another branch: from then on it counts there.
    let mut books = Books::of(&app).await;
    books
        .execute(&format!(
            "UPDATE residents SET branch_id = '{}' WHERE id = '{}'",
            app.branch("WT").id,
            resident.resident_id.unwrap()
        ))
        .await;
    assert_eq!(phone.watch(json!([[60, 63]])).await, 63.0);
    // A new day has a row of its own.
    app.clock.advance(Duration::days(1));
    assert_eq!(phone.watch(json!([[70, 77]])).await, 70.0);
    let by_row = "SELECT string_agg(format('%s %s', code, watched_ms), ', ' ORDER BY day, code) FROM learning_days \
                  JOIN branches ON branches.id = branch_id";
    assert_eq!(books.ask(by_row).await, ["CX 65000, WT 3000, WT 7000"]);
    assert_eq!(books.number("SELECT spent_ms FROM watch_budgets").await, 75_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_half_hour_does_not_add_up() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 3600).await;
    let idle = enrolled(&app, id).await;
    let busy = enrolled(&app, id).await;
    let all = json!([[0, 3600]]);
    let _ = play(&idle, lessons[0]).await;
    let player = play(&busy, lessons[0]).await;
    app.clock.advance(Duration::minutes(29));
    assert_eq!(player.watch(json!([[0, 10]])).await, 10.0);
    app.clock.advance(Duration::minutes(2));
    // The idle one opens the lesson anew after 31 minutes: from the first second again.
    assert_eq!(play(&idle, lessons[0]).await.watch(all.clone()).await, 15.0);
    // The other was heard of two minutes ago: 31 minutes × 1.25 + 15 s.
    assert_eq!(play(&busy, lessons[0]).await.watch(all).await, 2340.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_reports_are_named_and_fail_nobody_else() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 2, 60).await;
    let (lesson, path) = (lessons[0], format!("/lessons/{}/progress", lessons[0]));
    let (resident, other) = (enrolled(&app, id).await, enrolled(&app, id).await);
    let stranger = app.resident("CX").await;
    let mine = play(&resident, lesson).await;
    let theirs = play(&other, lesson).await;
    let of_another_lesson = play(&resident, lessons[1]).await;
    let not_enrolled = play(&stranger, lesson).await;
    app.clock.advance(Duration::seconds(30));

    let field = |name: &str, code: &str| vec![(name.to_owned(), code.to_owned())];
    let many: Vec<[f64; 2]> =
        (0..1001).map(|place| [f64::from(place) * 0.02, f64::from(place) * 0.02 + 0.01]).collect();
    for ranges in [json!(many), json!([[-1, 2]]), json!([[5, 4]]), json!([[0, 86_401]]), json!([[0, 1e300]])] {
        assert_eq!(mine.send(&ranges).await.expect_fields(), field("watched", "ranges_invalid"));
    }
    assert_eq!(mine.watch(json!(many[..1000])).await, 10.0);
    for shape in [json!([[1]]), json!([[1, 2, 3]]), json!([["0", "1"]]), json!([[0, null]]), json!("all"), json!(null)]
    {
        let answer = mine.send(&shape).await;
        assert_eq!(answer.status, 422, "{shape}: {}", answer.body);
    }
    for position in [json!(-0.001), json!(86_400.5), json!(1e308)] {
        let report = json!({"viewing_id": mine.viewing, "position": position, "watched": [[0, 1]]});
        assert_eq!(resident.put(&path, &report).await.expect_fields(), field("position", "position_invalid"));
    }
    let report = |viewing: &str| json!({"viewing_id": viewing, "position": 0, "watched": [[0, 60]]});
    for viewing in [&Uuid::new_v4().to_string(), &theirs.viewing, &of_another_lesson.viewing] {
        assert_eq!(resident.put(&path, &report(viewing)).await.expect_fields(), field("viewing_id", "viewing_unknown"));
    }
    not_enrolled.send(&json!([])).await.expect_problem(409, "not_enrolled");
    app.staff("CX").await.put(&path, &report(&mine.viewing)).await.expect_problem(403, "forbidden");
    let _ = app.anonymous().put(&path, &report(&mine.viewing)).await.expect(401);

    // All of it at one moment: each gets the answer that it would have got alone.
    let (unknown, known) = (report(&Uuid::new_v4().to_string()), report(&theirs.viewing));
    let wave = (0..15).map(|_| async {
        let (whole, malformed) = (json!(WHOLE), json!([[2, 1]]));
        let (good, good_too, bad, own, late, broken) = tokio::join!(
            mine.send(&whole),
            theirs.send(&whole),
            resident.put(&path, &unknown),
            other.put(&path, &known),
            not_enrolled.send(&whole),
            mine.send(&malformed),
        );
        assert_eq!((bad.status, own.status, late.status, broken.status), (422, 200, 409, 422));
        for answer in [good, good_too] {
            // 30 s × 1.25 + 15 s
            assert_eq!(answer.expect(200)["watched_seconds"], 52.5);
        }
    });
    join_all(wave).await;
    assert_eq!(Books::of(&app).await.number("SELECT count(*) FROM lesson_progress").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn ninety_percent_finish_a_lesson_once() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 2, 61).await;
    let resident = enrolled(&app, id).await;
    let player = play(&resident, lessons[0]).await;
    app.clock.advance(Duration::minutes(1));
    let nearly = player.send(&json!([[6.001, 61]])).await.expect(200);
    assert_eq!((&nearly["watched_seconds"], &nearly["completed"]), (&json!(54.999), &json!(false)));
    let done = player.send(&json!([[6, 6.001]])).await.expect(200);
    assert_eq!((&done["watched_seconds"], &done["completed"]), (&json!(55.0), &json!(true)));
    assert_eq!(earned(&[done]), [("学完一课《第1课》".to_owned(), "0.50".to_owned())]);
    let again = player.send(&json!([[0, 61]])).await.expect(200);
    assert_eq!((&again["completed"], &again["earned"]), (&json!(true), &json!([])));
    assert_eq!(credits(&resident).await, "0.50");

    let player = play(&resident, lessons[1]).await;
    app.clock.advance(Duration::minutes(1));
    let english = resident.clone().reading("en");
    let player = Player { client: &english, ..player };
    let done = player.send(&json!([[0, 61]])).await.expect(200);
    assert_eq!(done["required_seconds"], 55.0);
    assert_eq!(
        earned(&[done]),
        [
            ("Finished the course “地震演练”".to_owned(), "2.00".to_owned()),
            ("Finished the lesson “第2课”".to_owned(), "0.50".to_owned())
        ]
    );
    assert_eq!(credits(&resident).await, "3.00");
    let progress = resident.get(&format!("/me/courses/{id}")).await.expect(200);
    assert!(progress["completed_at"].is_string() && progress["lessons"][1]["completed"] == true, "{progress}");
    Books::of(&app).await.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lessons_finished_at_one_moment_finish_the_course_once() {
    let app = TestApp::street().await;
    let elsewhere = app.another();
    let course_once = || ("学完课程《地震演练》".to_owned(), "2.00".to_owned());
    let lesson_once = |number: u8| (format!("学完一课《第{number}课》"), "0.50".to_owned());
    for _ in 0..5 {
        let Course { id, lessons, .. } = app.published_course("CX", 2, 60).await;
        let resident = enrolled(&app, id).await;
        let second_device = elsewhere.client_of(resident.account_id.unwrap());
        let (one, other) = (play(&resident, lessons[0]).await, play(&second_device, lessons[1]).await);
        app.clock.advance(Duration::minutes(2));
        let whole = json!(WHOLE);
        let (one, other) = tokio::join!(one.send(&whole), other.send(&whole));
        let answers = [one.expect(200), other.expect(200)];
        assert_eq!(earned(&answers), [lesson_once(1), lesson_once(2), course_once()]);
        assert_eq!(credits(&resident).await, "3.00");
    }
    // Fifty equal reports that finish a course of one lesson.
    let Course { id, lessons, .. } = app.published_course("CX", 1, 60).await;
    let resident = enrolled(&app, id).await;
    let second_device = elsewhere.client_of(resident.account_id.unwrap());
    let here = play(&resident, lessons[0]).await;
    let there = Player { client: &second_device, lesson: here.lesson, viewing: here.viewing.clone() };
    app.clock.advance(Duration::minutes(1));
    let whole = json!(WHOLE);
    let reports = (0..50).map(|number| if number % 2 == 0 { here.send(&whole) } else { there.send(&whole) });
    let answers: Vec<Value> = join_all(reports).await.into_iter().map(|answer| answer.expect(200)).collect();
    assert!(answers.iter().all(|answer| answer["completed"] == true && answer["watched_seconds"] == 60.0));
    assert_eq!(earned(&answers), [lesson_once(1), course_once()]);
    assert_eq!(credits(&resident).await, "2.50");
    Books::of(&app).await.prove().await;
}

/// Leaves a lesson as a crash does between the record and the mark.
async fn crash(app: &TestApp, resident: &Client, lesson: Uuid) {
    assert_eq!(play(resident, lesson).await.watch(json!([[0, 10]])).await, 10.0);
    let (id, at) = (resident.resident_id.unwrap(), app.clock.now().unix_timestamp() + 60);
    // What the API does of the next report, without what it does then.
    let left_out = Books::of(app)
        .await
        .number(&format!(
            "SELECT cardinality(save_watches(ARRAY[(resident_id, revision, '{lesson}', branch_id, '{{[0,60000)}}', 60000, 50000, 60000, true, 1)::watch_report], \
                 to_timestamp({at}), day, counted_month)) \
             FROM watch_budgets JOIN learning_days USING (resident_id) WHERE resident_id = '{id}'"
        ))
        .await;
    assert_eq!(left_out, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_unmarked_is_finished_by_the_job() {
    let app = TestApp::street().await;
    let Course { id, lessons, .. } = app.published_course("CX", 1, 60).await;
    let old = app.published_course("CX", 1, 60).await;
    let (resident, late) = (enrolled(&app, id).await, enrolled(&app, old.id).await);
    crash(&app, &resident, lessons[0]).await;
    crash(&app, &late, old.lessons[0]).await;
    // A course that is offered no more must not hold up the others.
    app.take_steps(old.id, &["archival"]).await;
    assert_eq!(credits(&resident).await, "0.00");
    app.tick().await;
    app.clock.advance(Duration::minutes(10));
    for _ in 0..2 {
        let ran = app.tick().await;
        assert!(ran.iter().any(|job| job.kind == "finish_lessons"));
        assert_eq!(credits(&resident).await, "2.50");
        app.clock.advance(Duration::minutes(10));
    }
    let progress = resident.get(&format!("/me/courses/{id}")).await.expect(200);
    assert!(progress["completed_at"].is_string(), "{progress}");
    Books::of(&app).await.prove().await;
}
