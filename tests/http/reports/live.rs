//! The month that runs: on a board that every API reads, and the same without it.

use std::time::Duration;

use campus::reports::{self, Keeper};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tests::database::execute;
use tests::{Answer, Client, Person, TestApp};

use super::training::learned;
use super::{METRICS, of, ranking};

const MONTH: &str = "2026-11";

/// The rankings of the month by every metric.
async fn rankings(client: &Client) -> Vec<Value> {
    let mut all = Vec::new();
    for metric in METRICS {
        all.push(ranking(client, MONTH, metric).await);
    }
    all
}

async fn revision(app: &TestApp) -> Option<String> {
    reports::revision(&app.campus, MONTH.parse().unwrap()).await
}

/// Hours of learning that no part of the program has written or told of.
async fn learn_secretly(app: &TestApp, who: &Client, code: &str) {
    let (resident, branch) = (who.resident_id.unwrap(), app.branch(code).id);
    let sql = format!(
        "INSERT INTO learning_days VALUES ('{resident}', '2026-11-03', '{branch}', '2026-11-01', 3600000) \
         ON CONFLICT (resident_id, day, branch_id, counted_month) DO UPDATE SET watched_ms = learning_days.watched_ms + 3600000"
    );
    execute(&app.owner_url(), &sql).await;
}

async fn award(admin: &Client, who: &Client, amount: &str) {
    let body = json!({"residents": [{"id": who.resident_id.unwrap()}], "unit": "credit", "amount": amount,
        "reason": "志愿服务", "earned_on": "2026-11-03"});
    let _ = admin.post("/credit-awards", &body).await.expect(201);
}

#[tokio::test]
async fn the_board_says_what_the_statements_say() {
    let app = TestApp::street().await;
    let (admin, who) = (app.admin().await, app.resident("CX").await);
    award(&admin, &who, "2.50").await;
    learn_secretly(&app, &who, "YX").await;
    let without = rankings(&admin).await;
    assert_eq!(revision(&app).await, None);
    let mut keeper = Keeper::default();
    keeper.look_after(&app.campus).await.unwrap();
    let first = revision(&app).await.unwrap();
    assert_eq!(rankings(&admin).await, without);
    // That the board is what is read shows where nobody knows of a change: in one figure, for a board counts
    // for some seconds only.
    keeper.look_after(&app.campus).await.unwrap();
    learn_secretly(&app, &who, "YX").await;
    assert_eq!(of(&ranking(&admin, MONTH, "learning_hours").await, "YX")["value"], json!(1));
    // Every branch is looked at in turn, so it is found all the same.
    for _ in 0..60 {
        keeper.look_after(&app.campus).await.unwrap();
    }
    assert_ne!(revision(&app).await.unwrap(), first);
    assert_eq!(of(&ranking(&admin, MONTH, "learning_hours").await, "YX")["value"], json!(2));
    // Somebody else keeps no board meanwhile.
    let last = revision(&app).await;
    Keeper::default().look_after(&app.campus).await.unwrap();
    assert_eq!(revision(&app).await, last);
}

#[tokio::test]
async fn what_is_written_is_seen_at_once() {
    let app = TestApp::street().await;
    let (admin, who) = (app.admin().await, app.resident("CX").await);
    let mut keeper = Keeper::default();
    keeper.look_after(&app.campus).await.unwrap();
    award(&admin, &who, "2.50").await;
    assert_eq!(of(&ranking(&admin, MONTH, "credits").await, "CX")["value"], json!(2.5));
    for _ in 0..3 {
        app.on_record("WT", &Person::default()).await;
    }
    assert_eq!(of(&ranking(&admin, MONTH, "new_registrations").await, "WT")["value"], json!(3));
    // Who moves changes two branches, in every month that is open.
    let to = json!({"branch_id": app.branch("YX").id, "moved_on": app.clock.today().to_string()});
    let path = format!("/residents/{}/moves", who.resident_id.unwrap());
    let _ = admin.post(&path, &to).await.expect(201);
    let total = ranking(&admin, MONTH, "total_registrations").await;
    assert_eq!((&of(&total, "CX")["value"], &of(&total, "YX")["value"]), (&json!(0), &json!(1)));
    let before = rankings(&admin).await;
    keeper.look_after(&app.campus).await.unwrap();
    assert_eq!(rankings(&admin).await, before);
}

#[tokio::test]
async fn other_groups_and_leaving_are_seen_at_once() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let who = app.on_record("CX", &Person::default()).await.id;
    learned(&app, who, "CX", "2026-11-03", "2026-11-01").await;
    Keeper::default().look_after(&app.campus).await.unwrap();
    let elderly = async || of(&ranking(&admin, MONTH, "trained&group=elderly").await, "CX")["value"].clone();
    assert_eq!(elderly().await, json!(0));
    let _ = admin.patch(&format!("/residents/{who}"), &json!({"groups": ["elderly"]})).await.expect(200);
    assert_eq!(elderly().await, json!(1));
    let _ = admin.post(&format!("/residents/{who}/departure"), &json!({"reason": "asked"})).await.expect(201);
    assert_eq!(elderly().await, json!(0));
}

/// The next event of a stream, or what else stands there.
async fn next_event(stream: &mut Response, read: &mut String) -> String {
    loop {
        if let Some(end) = read.find("\n\n") {
            let event = read[..end].to_owned();
            read.drain(..end + 2);
            return event;
        }
        let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
        read.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

#[tokio::test]
async fn who_watches_is_told_of_changes() {
    let app = TestApp::street().await;
    let (admin, who, staff) = (app.admin().await, app.resident("CX").await, app.staff("WT").await);
    let mut keeper = Keeper::default();
    keeper.look_after(&app.campus).await.unwrap();
    let path = format!("/reports/months/{MONTH}/events");
    let mut stream = staff.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut read = String::new();
    let told = next_event(&mut stream, &mut read).await;
    assert!(told.starts_with("event: figures\ndata: {\"month\":\"2026-11\",\"revision\":\""), "{told}");
    award(&admin, &who, "1.00").await;
    keeper.look_after(&app.campus).await.unwrap();
    let again = tokio::time::timeout(Duration::from_secs(30), next_event(&mut stream, &mut read)).await.unwrap();
    assert!(again.starts_with("event: figures\n") && again != told, "{again}");
    // Whoever is shut out hears no more.
    let account = app.actor_of(&staff).await.account_id;
    let _ = admin.patch(&format!("/accounts/{account}"), &json!({"disabled": true})).await.expect(200);
    let ended = tokio::time::timeout(Duration::from_secs(30), stream.chunk()).await.unwrap();
    assert_eq!(ended.unwrap(), None);
}

#[tokio::test]
async fn with_no_time_the_answer_says_how_things_stand() {
    let app = TestApp::street().await;
    let admin = app.admin().await;
    let events = Answer::of(admin.request(Method::GET, &format!("/reports/months/{MONTH}/events?seconds=0"))).await;
    let said = String::from_utf8(events.bytes).unwrap();
    assert_eq!(said, "event: figures\ndata: {\"month\":\"2026-11\",\"revision\":\"\"}\n\n");
    let refused = admin.get("/reports/months/2026-13/events").await.expect_fields();
    assert_eq!(refused, [("month".to_owned(), "month_invalid".to_owned())]);
}

async fn from_memory(client: &Client) -> u64 {
    let metrics = Answer::of(client.request_at_root(Method::GET, "/metrics")).await;
    let metrics = String::from_utf8(metrics.bytes).unwrap();
    let line = metrics.lines().find(|line| line.starts_with("ranking_answers_from_memory")).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn rankings_of_closed_months_come_from_memory_for_those_who_may_read_them() {
    let app = TestApp::street().await;
    app.clock.advance(time::Duration::days(70));
    let admin_later = app.admin().await;
    for month in ["2026-10", "2026-11"] {
        admin_later.post(&format!("/reports/months/{month}/closing"), &Value::Null).await;
    }
    let first = ranking(&admin_later, MONTH, "credits").await;
    let before = from_memory(&admin_later).await;
    // The news of the closings, at which all is forgotten, may still be on its way.
    let kept = async {
        while from_memory(&admin_later).await == before {
            assert_eq!(ranking(&admin_later, MONTH, "credits").await, first);
        }
    };
    tokio::time::timeout(Duration::from_secs(30), kept).await.unwrap();
    // In another language it is another answer, and nobody else may read it.
    let english = admin_later.clone().reading("en");
    assert_eq!(ranking(&english, MONTH, "credits").await["definition"]["name"], "Credits");
    let path = format!("/reports/months/{MONTH}/ranking?metric=credits");
    let _ = app.resident("CX").await.get(&path).await.expect_problem(403, "forbidden");
    let _ = app.anonymous().get(&path).await.expect_problem(401, "not_logged_in");
    // What a branch was called when the month was closed it is called there for good; that it has another name
    // is heard, and the ranking is read anew.
    execute(&app.owner_url(), "UPDATE branches SET name = '新春晓' WHERE code = 'CX'").await;
    let forgotten = async {
        loop {
            let given = from_memory(&admin_later).await;
            let again = ranking(&admin_later, MONTH, "credits").await;
            assert_eq!(again, first);
            if from_memory(&admin_later).await == given {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), forgotten).await.unwrap();
}
