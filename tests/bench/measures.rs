//! The measures themselves, each with its baseline.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use campus::credits::{self, Earns, Source};
use futures_util::FutureExt;
use uuid::Uuid;

use crate::ground::{Ground, PEOPLE, id};
use crate::load::{request, run};
use crate::{Line, pgbench};

/// How long each side of a measure runs, in seconds.
const SECONDS: u64 = 5;
/// Clients at once, as pgbench has them.
const CLIENTS: usize = 16;

/// 500 different queries in rotation, against a bare route with the same bytes.
pub async fn catalogue(ground: &Ground) -> Line {
    let paths = (0..500).map(|number| format!("/api/v1/courses?q=%E8%AF%BE%E7%A8%8B+{number}&limit=10")).collect();
    let (ours, baseline) = against_a_bare_route(ground, paths).await;
    Line { name: "catalogue, 500 queries, vs a bare route", ours, baseline, goal: 0.8, at_most: false }
}

/// The pages of 500 courses in rotation, against a bare route with the same bytes.
pub async fn course_pages(ground: &Ground) -> Line {
    let paths = (0..500).map(|number| format!("/api/v1/courses/{}", id(3, number))).collect();
    let (ours, baseline) = against_a_bare_route(ground, paths).await;
    Line { name: "pages of 500 courses vs a bare route", ours, baseline, goal: 0.8, at_most: false }
}

/// Requests a second: ours for these paths in rotation, and of a bare route with the same bytes.
async fn against_a_bare_route(ground: &Ground, paths: Vec<String>) -> (f64, f64) {
    let mut bodies = Vec::new();
    for path in &paths {
        let answer = reqwest::get(format!("http://{}{path}", ground.address)).await.expect("the catalogue answers");
        assert!(answer.status().is_success(), "{path} is answered {}", answer.status());
        bodies.push(answer.bytes().await.expect("a body"));
    }
    let bodies = web::Data::new(bodies);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let bare = listener.local_addr().expect("an address");
    let served = bodies.clone();
    let server =
        HttpServer::new(move || App::new().app_data(served.clone()).route("/{number}", web::get().to(bare_route)))
            .workers(2)
            .disable_signals()
            .listen(listener)
            .expect("the bare route is served")
            .run();
    let handle = server.handle();
    tokio::spawn(server);
    let wanted: Vec<Vec<u8>> = paths.iter().map(|path| request("GET", path, "", "")).collect();
    let ours =
        run(ground.address, 32, SECONDS, move |client, number| wanted[(client * 31 + number) % 500].clone()).await;
    let wanted: Vec<Vec<u8>> = (0..500).map(|number| request("GET", &format!("/{number}"), "", "")).collect();
    let baseline = run(bare, 32, SECONDS, move |client, number| wanted[(client * 31 + number) % 500].clone()).await;
    handle.stop(false).await;
    (ours, baseline)
}

async fn bare_route(bodies: web::Data<Vec<web::Bytes>>, number: web::Path<usize>) -> HttpResponse {
    match bodies.get(*number) {
        Some(body) => HttpResponse::Ok().content_type("application/json").body(body.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Milliseconds of a lesson for one round of [`progress`], many more than are reported in it.
const STRETCH: usize = 10_000;

/// Watch reports over HTTP, logged in, against a single-row update by pgbench.
pub async fn progress(ground: &Ground) -> Line {
    static ROUNDS: AtomicUsize = AtomicUsize::new(0);
    // What was reported before would be less to write.
    let begin = ROUNDS.fetch_add(1, Ordering::Relaxed) * STRETCH;
    let path = format!("/api/v1/lessons/{}/progress", id(4, 0));
    // What stays the same is made beforehand, as pgbench parses its script beforehand.
    let people: Vec<(String, String)> = (0..PEOPLE)
        .map(|person| {
            let token = ground.token(id(2, person));
            (format!(r#"{{"viewing_id":"{}","#, id(5, person)), format!("authorization: Bearer {token}\r\n"))
        })
        .collect();
    let ours = run(ground.address, CLIENTS, SECONDS, move |client, number| {
        // Each client speaks for its share of the people in turn, and reports a millisecond each
        // time: no more than can have been watched meanwhile.
        let share = PEOPLE / CLIENTS;
        let (person, at) = (client * share + number % share, begin + number / share);
        let (from, to) = (at as f64 / 1000.0, (at + 1) as f64 / 1000.0);
        let (viewing, headers) = &people[person];
        request("PUT", &path, headers, &format!(r#"{viewing}"position":{to:.3},"watched":[[{from:.3},{to:.3}]]}}"#))
    })
    .await;
    let script = format!(
        "\\set n random(0, {})\n\
         UPDATE lesson_progress SET watched = watched + int4multirange(int4range(watched_ms, watched_ms + 1)), \
         watched_ms = watched_ms + 1, position_ms = watched_ms + 1, updated_at = now() \
         WHERE resident_id = ('00000001-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid AND lesson_id = '{}';\n",
        PEOPLE - 1,
        id(4, 0)
    );
    let baseline = pgbench::run(ground, &script, SECONDS);
    Line { name: "watch reports over HTTP vs pgbench", ours, baseline, goal: 1.0, at_most: false }
}

fn posting_script() -> String {
    format!(
        "\\set n random(0, {})\n\
         SELECT post_transfers(jsonb_build_array(jsonb_build_object('index', 0, 'id', gen_random_uuid(), \
         'resident_id', '00000001-0000-7000-8000-' || lpad(:n::text, 12, '0'), 'unit', 'credit', 'amount', 50, \
         'kind', 'earning', 'source_kind', 'course', 'source_id', gen_random_uuid(), 'source_label', '课程', \
         'rule_id', '019a3c00-0000-7000-8000-000000000002', 'rule_code', 'course', 'evidence', 'system', \
         'batch_id', gen_random_uuid(), 'place', 0, 'branch_id', '{}', 'earned_at', now(), \
         'earned_on', current_date, 'caps', '[]'::jsonb)), now(), current_date);\n",
        PEOPLE - 1,
        id(9, 0)
    )
}

/// Transfers through campus at 16 tasks, against pgbench posting the same rows in one statement.
pub async fn transfers(ground: &Ground) -> Line {
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let began = Instant::now();
    let tasks = (0..CLIENTS).map(|client| {
        let campus = ground.campus.clone();
        tokio::spawn(async move {
            let mut count = 0_usize;
            let mut connection = campus.database.connection().await.expect("a connection");
            let rule = credits::rules_for(&mut connection, Earns::CourseCompleted, campus.clock.today())
                .await
                .expect("the rules can be read");
            while Instant::now() < until {
                let source = Source {
                    earns: Earns::CourseCompleted,
                    id: Uuid::new_v4(),
                    label: "课程",
                    worth: 50,
                    at: campus.clock.now(),
                };
                let resident = id(1, (client * 61 + count * 7) % PEOPLE);
                let earned =
                    credits::earn_under(&mut connection, &campus.clock, resident, id(9, 0), &source, &rule).await;
                assert_eq!(earned.expect("it posts").len(), 1);
                count += 1;
            }
            count
        })
    });
    let counts =
        futures_util::future::join_all(tasks.map(|task| task.map(|count| count.expect("no task failed")))).await;
    let ours = counts.iter().sum::<usize>() as f64 / began.elapsed().as_secs_f64();
    let baseline = pgbench::run(ground, &posting_script(), SECONDS);
    Line { name: "transfers through campus vs pgbench", ours, baseline, goal: 0.9, at_most: false }
}

/// Awards to one person over HTTP, against the same pgbench script.
pub async fn awards(ground: &Ground) -> Line {
    let token = ground.token(ground.admin);
    let run_id = Uuid::new_v4();
    let ours = run(ground.address, CLIENTS, SECONDS, move |client, number| {
        let body = format!(
            r#"{{"residents":[{{"id":"{}"}}],"unit":"credit","amount":"0.50","reason":"志愿 {run_id} {client} {number}","earned_on":"2026-10-{:02}","evidence":"listed"}}"#,
            id(1, (client * 61 + number * 7) % PEOPLE),
            // Nobody is awarded a dozen times on one day.
            number / 16 % 28 + 1
        );
        let headers = format!("authorization: Bearer {token}\r\nidempotency-key: {}\r\n", Uuid::new_v4());
        request("POST", "/api/v1/credit-awards", &headers, &body)
    })
    .await;
    let baseline = pgbench::run(ground, &posting_script(), SECONDS);
    Line { name: "awards over HTTP vs pgbench", ours, baseline, goal: 0.6, at_most: false }
}
