//! Ten thousand people who watch at the same time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::Line;
use crate::ground::{Ground, id};
use crate::load::{answer, request};

const VIEWERS: usize = 10_000;
/// Their numbers begin here: they are nobody whom another measure knows.
const FIRST: usize = 100_000;
/// How often a player reports.
const EVERY: Duration = Duration::from_secs(15);
/// How many reports each sends: two minutes of them.
const REPORTS: usize = 8;
/// The longest that a report may take, in milliseconds, at the 99th percentile.
const PATIENCE: f64 = 250.0;

/// The 99th percentile of reporting, counted from the moment at which the report was due, against
/// the time that it may take at most. Each report comes over a connection of its own, as from a
/// browser whose last one has been idle for too long. Fails when a report is lost.
pub async fn patience(ground: &Ground) -> Line {
    seed(&ground.postgres.url()).await;
    let tokens: Vec<String> = (0..VIEWERS).map(|viewer| ground.token(id(2, FIRST + viewer))).collect();
    let address = ground.address;
    let generator = std::thread::Builder::new().name("viewers".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(watch_all(address, tokens))
    });
    let generator = generator.expect("a thread can be made");
    let joined = tokio::task::spawn_blocking(move || generator.join().expect("every report is answered"));
    let mut times = joined.await.expect("it ends");
    assert_eq!(times.len(), VIEWERS * REPORTS);
    nothing_is_lost(&ground.postgres.url()).await;
    times.sort();
    let ours = times[times.len() * 99 / 100].as_secs_f64() * 1000.0;
    Line { name: "10,000 viewers report: p99, of 250 ms", ours, baseline: PATIENCE, goal: 1.0, at_most: true }
}

async fn watch_all(address: SocketAddr, tokens: Vec<String>) -> Vec<Duration> {
    let began = Instant::now() + Duration::from_millis(200);
    let viewers = tokens.into_iter().enumerate().map(|(viewer, token)| {
        // Evenly spread: people press play when they like.
        let first = began + EVERY * u32::try_from(viewer).unwrap_or(0) / u32::try_from(VIEWERS).unwrap_or(1);
        tokio::spawn(watch(address, viewer, token, first))
    });
    let mut times = Vec::with_capacity(VIEWERS * REPORTS);
    for viewer in viewers.collect::<Vec<_>>() {
        times.extend(viewer.await.expect("every report is answered"));
    }
    times
}

async fn watch(address: SocketAddr, viewer: usize, token: String, first: Instant) -> Vec<Duration> {
    let mut times = Vec::with_capacity(REPORTS);
    let mut buffer = Vec::with_capacity(1024);
    for number in 0..REPORTS {
        let due = first + EVERY * u32::try_from(number).unwrap_or(0);
        tokio::time::sleep_until(due.into()).await;
        let (from, to) = (number * 15, number * 15 + 15);
        let body = format!(r#"{{"viewing_id":"{}","position":{to},"watched":[[{from},{to}]]}}"#, id(5, FIRST + viewer));
        let headers = format!("authorization: Bearer {token}\r\nconnection: close\r\n");
        let report = request("PUT", &format!("/api/v1/lessons/{}/progress", id(4, 1)), &headers, &body);
        let mut stream = TcpStream::connect(address).await.expect("the server is there");
        stream.set_nodelay(true).expect("an option that always works");
        stream.write_all(&report).await.expect("the server takes it");
        let status = answer(&mut stream, &mut buffer).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&buffer));
        times.push(due.elapsed());
    }
    times
}

async fn seed(url: &str) {
    let mut owner = AsyncPgConnection::establish(url).await.expect("the owner connects");
    let (first, last) = (FIRST, FIRST + VIEWERS - 1);
    let sql = format!(
        "INSERT INTO residents (id, name, birth_date, branch_id, registered_branch_id, registered_on, counted_month, origin, recorded_at)
         SELECT ('00000001-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '观众' || n, '1950-01-01', '{branch}', '{branch}',
             current_date, date_trunc('month', current_date), 'demo', now() FROM generate_series({first}, {last}) n;
         INSERT INTO accounts (id, role, name, resident_id, created_at)
         SELECT ('00000002-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'resident', '观众' || n,
             ('00000001-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, now() FROM generate_series({first}, {last}) n;
         INSERT INTO session_families (id, account_id, created_at, expires_at, proved_at)
         SELECT id, id, now(), now() + interval '1 day', now() FROM accounts WHERE name LIKE '观众%';
         INSERT INTO enrollments (resident_id, course_id, enrolled_at) SELECT id, '{course}', now() FROM residents WHERE name LIKE '观众%';
         INSERT INTO viewings (id, resident_id, lesson_id, duration_ms, required_ms, started_at)
         SELECT ('00000005-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, ('00000001-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
             '{lesson}', 86000000, 77400000, now() FROM generate_series({first}, {last}) n;
         INSERT INTO watch_budgets (resident_id, anchored_at, contacted_at) SELECT id, now(), now() FROM residents WHERE name LIKE '观众%';
         ANALYZE residents; ANALYZE accounts; ANALYZE viewings; ANALYZE watch_budgets; ANALYZE enrollments",
        branch = id(9, 0),
        course = id(3, 1),
        lesson = id(4, 1),
    );
    owner.batch_execute(&sql).await.expect("the viewers fit the schema");
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn nothing_is_lost(url: &str) {
    let mut owner = AsyncPgConnection::establish(url).await.expect("the owner connects");
    let whole = format!(
        "SELECT count(*) FROM lesson_progress WHERE lesson_id = '{}' AND watched_ms = {}",
        id(4, 1),
        REPORTS * 15_000
    );
    let found: Vec<Count> = diesel::sql_query(whole).load(&mut owner).await.expect("a count");
    let found = found.iter().map(|row| row.count).sum::<i64>();
    assert_eq!(found, i64::try_from(VIEWERS).unwrap_or(0), "of so many viewers everything that was reported is there");
}
