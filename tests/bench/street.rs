//! A large network, made from a seed: 200 branches, a million residents, 20 million days of learning, ten
//! million transfers over twelve months.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use campus::Campus;
use campus::access::{Actor, Role};
use campus::config::Config;
use campus::credits::{self, Earns, Source};
use campus::language::Language;
use campus::learning::{WatchRecorder, WatchReport};
use campus::{db, deployment};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::{join, join_all};
use uuid::Uuid;

use crate::ground::{Ground, PEOPLE, id, seed_people};

/// Branches, the centre included.
pub const BRANCHES: usize = 200;
/// Tasks that post or watch at once.
const TASKS: usize = 16;
const NAME: &str = "network";

/// A share of the whole, for trying: `NETWORK_SHARE` in hundredths, else all.
fn share(whole: usize) -> usize {
    let hundredths = std::env::var("NETWORK_SHARE").ok().and_then(|share| share.parse::<usize>().ok());
    whole * hundredths.unwrap_or(100) / 100
}

/// The owner's address of the network's database.
pub fn url(ground: &Ground) -> String {
    ground.postgres.url_for(standalone::engines::OWNER, NAME)
}

/// Makes the network; answers it and an admin.
pub async fn make(ground: &Ground) -> (Campus, Uuid) {
    let began = Instant::now();
    let mut first = AsyncPgConnection::establish(&ground.postgres.url()).await.expect("the owner connects");
    first.batch_execute(&format!("CREATE DATABASE {NAME}")).await.expect("a database can be made");
    let url = url(ground);
    db::migrate(&url).await.expect("the database can be migrated");
    let config =
        Config { database_url: ground.postgres.url_for("changqing_app", NAME), ..(*ground.campus.config).clone() };
    let campus = Campus::new(config, ground.campus.clock.clone()).expect("a campus");
    deployment::begin(&campus).await.expect("the deployment begins");
    seed_people(&url).await;
    fill(&url).await;
    println!("(a network of {} residents made in {:.0} s)", share(1_000_000), began.elapsed().as_secs_f64());
    (campus, open_session(&url).await)
}

async fn open_session(url: &str) -> Uuid {
    let mut owner = AsyncPgConnection::establish(url).await.expect("the owner connects");
    let admin = id(8, 0);
    let sql = format!(
        "UPDATE accounts SET created_at = now() WHERE id = '{admin}';
         INSERT INTO session_families (id, account_id, created_at, expires_at, proved_at)
         VALUES ('{admin}', '{admin}', now(), now() + interval '1 day', now())"
    );
    owner.batch_execute(&sql).await.expect("a session can be opened");
    admin
}

async fn run(url: &str, statements: &str) {
    let mut owner = AsyncPgConnection::establish(url).await.expect("the owner connects");
    // What rows refer to is made with them; indexes are made once all rows are there.
    owner
        .batch_execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
        .await
        .expect("a setting");
    for statement in statements.split(';').filter(|statement| !statement.trim().is_empty()) {
        owner.batch_execute(statement).await.expect("the network can be filled");
    }
}

/// The statements that make a table's indexes and unique constraints again, after they were dropped; what other
/// tables refer to stays.
async fn without_indexes(url: &str, table: &str) -> String {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the owner connects");
    tokio::spawn(connection);
    let constraints = "SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint AS own \
         WHERE conrelid = $1::text::regclass AND contype IN ('p', 'u') AND NOT EXISTS ( \
             SELECT FROM pg_constraint AS other WHERE other.contype = 'f' AND other.conindid = own.conindid)";
    let mut again = String::new();
    for row in client.query(constraints, &[&table]).await.expect("the constraints can be read") {
        let (name, definition): (String, String) = (row.get(0), row.get(1));
        let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {name}");
        client.batch_execute(&drop).await.expect("a constraint can be dropped");
        again.push_str(&format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition};"));
    }
    let indexes = "SELECT pg_get_indexdef(indexrelid), indexrelid::regclass::text FROM pg_index \
         WHERE indrelid = $1::text::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)";
    for row in client.query(indexes, &[&table]).await.expect("the indexes can be read") {
        let (definition, name): (String, String) = (row.get(0), row.get(1));
        client.batch_execute(&format!("DROP INDEX {name}")).await.expect("an index can be dropped");
        again.push_str(&format!("{definition};"));
    }
    again
}

fn numbered(kind: u8, number: &str) -> String {
    format!("('0000000{kind}-0000-7000-8000-' || lpad(({number})::text, 12, '0'))::uuid")
}

async fn fill(url: &str) {
    let people = share(1_000_000);
    let branches = format!(
        "INSERT INTO branches SELECT {}, 'S' || n, '分校' || n, '{}', 5000, now() FROM generate_series(1, {BRANCHES} - 1) n",
        numbered(9, "n"),
        id(9, 0)
    );
    run(url, &branches).await;
    let indexes = without_indexes(url, "residents").await;
    // The first thousand are there: they watch and post.
    let residents = format!(
        "INSERT INTO residents (id, learner_number, name, birth_date, branch_id, registered_branch_id, registered_on, counted_month, origin, recorded_at) \
         SELECT {id}, 'N' || n, '学员' || n, '1950-01-01', {branch}, {branch}, day, date_trunc('month', day)::date, 'roster', now() - interval '1 day' \
         FROM (SELECT n, current_date - (n::bigint * 7919 % 1800)::integer AS day FROM generate_series({PEOPLE}, {people} - 1) n) AS made;
         UPDATE residents SET branch_id = {first}, registered_branch_id = {first} \
             FROM (SELECT id AS each, right(id::text, 12)::bigint AS n FROM residents WHERE name LIKE '学员%' AND right(id::text, 12)::bigint < {PEOPLE}) AS numbers \
             WHERE residents.id = each;
         {indexes}
         VACUUM ANALYZE residents",
        id = numbered(1, "n"),
        branch = numbered(9, &format!("n % {BRANCHES}")),
        first = numbered(9, &format!("n % {BRANCHES}")),
    );
    run(url, &residents).await;
    join(learning(url, people), transfers(url, people)).await;
}

/// Twenty days of learning of each, over a year, in the order in which they would have come.
async fn learning(url: &str, people: usize) {
    let indexes = without_indexes(url, "learning_days").await;
    let sql = format!(
        "INSERT INTO learning_days (resident_id, day, branch_id, counted_month, watched_ms) \
         SELECT {id}, day, {branch}, date_trunc('month', day)::date, 60000 + (n * 31 + back * 977) % 3000000 \
         FROM (SELECT n, back, current_date - back AS day FROM generate_series(359, 0, -1) back \
             CROSS JOIN LATERAL generate_series({PEOPLE} + (back - {PEOPLE}) % 18 + 18, {people} - 1, 18) n) AS made;
         {indexes}
         VACUUM ANALYZE learning_days",
        id = numbered(1, "n"),
        branch = numbered(9, &format!("n % {BRANCHES}")),
    );
    run(url, &sql).await;
}

/// Ten transfers of each, over a year, in the order in which they would have come; nobody reads their chain here.
async fn transfers(url: &str, people: usize) {
    let indexes = without_indexes(url, "credit_transfers").await;
    let sql = format!(
        "INSERT INTO credit_accounts (id, unit, kind, branch_id) VALUES ('{issuance}', 'credit', 'issuance', '{centre}');
         INSERT INTO credit_accounts (id, unit, kind, resident_id, balance, version, head_hash) \
             SELECT {account}, 'credit', 'resident', {id}, 500, 10, sha256(n::text::bytea) FROM generate_series({PEOPLE}, {people} - 1) n;
         INSERT INTO credit_transfers (id, unit, debit_account_id, credit_account_id, resident_id, amount, capped, kind, source_kind, \
             source_id, source_label, rule_id, evidence, batch_id, place, branch_id, earned_at, earned_on, recorded_at, counted_month, \
             account_id, account_version, balance_after, chain_hash) \
         SELECT {transfer}, 'credit', '{issuance}', {account}, {id}, 50, 0, 'earning', 'course', {transfer}, '合唱入门', \
             '019a3c00-0000-7000-8000-000000000002', (ARRAY['system', 'scanned', 'listed', 'declared'])[1 + n % 4], {transfer}, 0, \
             {branch}, day, day, day, date_trunc('month', day)::date, {account}, k, k * 50, decode('00', 'hex') \
         FROM (SELECT n, 10 - back / 36 AS k, back, current_date - back AS day FROM generate_series(359, 0, -1) back \
             CROSS JOIN LATERAL generate_series({PEOPLE} + (back - {PEOPLE}) % 36 + 36, {people} - 1, 36) n) AS made;
         {indexes}
         VACUUM ANALYZE credit_accounts;
         VACUUM ANALYZE credit_transfers;
         CHECKPOINT",
        issuance = id(7, 1),
        centre = id(9, 0),
        account = numbered(5, "n + 100000"),
        id = numbered(1, "n"),
        transfer = numbered(6, &format!("(359 - back)::bigint * {people} + n")),
        branch = numbered(9, &format!("n % {BRANCHES}")),
    );
    run(url, &sql).await;
}

/// Transfers a second for so many seconds.
pub async fn posting(campus: &Campus, seconds: u64) -> f64 {
    posting_until(campus, after(seconds)).await
}

/// Watch reports a second for so many seconds.
pub async fn watching(campus: &Campus, seconds: u64) -> f64 {
    watching_until(campus, after(seconds)).await
}

fn after(seconds: u64) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        told.store(true, Ordering::Relaxed);
    });
    stop
}

async fn post(campus: &Campus, resident: usize) {
    let mut connection = campus.database.connection().await.expect("a connection");
    let rules = credits::rules_for(&mut connection, Earns::CourseCompleted, campus.clock.today());
    let rules = rules.await.expect("the rules can be read");
    let source =
        Source {
            earns: Earns::CourseCompleted, id: Uuid::new_v4(), label: "课程", worth: 50, at: campus.clock.now()
        };
    let branch = id(9, resident % BRANCHES);
    let earned = credits::earn_under(&mut connection, &campus.clock, id(1, resident), branch, &source, &rules).await;
    assert_eq!(earned.expect("it posts").len(), 1);
}

/// Transfers a second by 16 tasks until `stop` says so.
pub async fn posting_until(campus: &Campus, stop: Arc<AtomicBool>) -> f64 {
    let began = Instant::now();
    let tasks = (0..TASKS).map(|task| {
        let (campus, stop) = (campus.clone(), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut count = 0_usize;
            while !stop.load(Ordering::Relaxed) {
                post(&campus, (task * 61 + count * 7) % PEOPLE).await;
                count += 1;
            }
            count
        })
    });
    let counts = join_all(tasks).await;
    counts.into_iter().map(|count| count.expect("no task failed")).sum::<usize>() as f64 / began.elapsed().as_secs_f64()
}

/// Posts ten transfers a second until `stop` says so.
pub async fn posting_slowly(campus: Campus, stop: Arc<AtomicBool>) {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        post(&campus, number % PEOPLE).await;
        number += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn learner(person: usize) -> Actor {
    Actor {
        account_id: id(2, person),
        role: Role::Resident,
        branch_id: None,
        resident_id: Some(id(1, person)),
        request_id: None,
        language: Language::Chinese,
        session: None,
        second_factor_due: None,
    }
}

/// Watch reports a second by 16 tasks until `stop` says so, a millisecond of somebody's each.
pub async fn watching_until(campus: &Campus, stop: Arc<AtomicBool>) -> f64 {
    /// How many there were: nobody watches the same millisecond twice.
    static REPORTS: AtomicUsize = AtomicUsize::new(0);
    let began = Instant::now();
    let recorder = Arc::new(WatchRecorder::new(campus));
    let tasks = (0..TASKS).map(|_| {
        let (stop, recorder) = (Arc::clone(&stop), Arc::clone(&recorder));
        tokio::spawn(async move {
            let mut count = 0_usize;
            while !stop.load(Ordering::Relaxed) {
                let number = REPORTS.fetch_add(1, Ordering::Relaxed);
                let (person, round) = (number % PEOPLE, number / PEOPLE);
                let (from, to) = (round as f64 / 1000.0, (round + 1) as f64 / 1000.0);
                let report = WatchReport { viewing_id: id(5, person), position: to, watched: vec![(from, to)] };
                recorder.record(&learner(person), id(4, 0), &report).await.expect("it is recorded");
                count += 1;
            }
            count
        })
    });
    let counts = join_all(tasks).await;
    counts.into_iter().map(|count| count.expect("no task failed")).sum::<usize>() as f64 / began.elapsed().as_secs_f64()
}
