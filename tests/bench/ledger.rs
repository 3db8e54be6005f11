//! What a large ledger costs: a check of all of it, posting into it, and a batch.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use campus::Campus;
use campus::attestation::{Archive, Signing, TrustedKeys, sign_next, verify_against};
use campus::config::Config;
use campus::credits::{self, Earns, Evidence, Posting, PostingKind, Source};
use campus::db;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::{TryStreamExt, future::join_all};
use sha2::{Digest, Sha256};
use standalone::storage::ObjectStorage;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::Line;
use crate::ground::{Ground, PEOPLE, id, seed_people};

/// Accounts of the large ledger; each row of one is followed by one of every other.
const ACCOUNTS: usize = 200_000;
/// Tasks at once.
const TASKS: usize = 16;
/// How long each side of a measure posts, in seconds.
const SECONDS: u64 = 10;

/// How many transfers the large ledger has: `LEDGER_ROWS`, else ten million.
fn rows() -> usize {
    std::env::var("LEDGER_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(10_000_000)
}

/// A database of its own with the bench's people and no transfer; made once.
async fn database(ground: &Ground, name: &str) -> Campus {
    let mut owner = AsyncPgConnection::establish(&ground.postgres.url()).await.expect("the owner connects");
    let is_new = owner.batch_execute(&format!("CREATE DATABASE {name}")).await.is_ok();
    let url = ground.postgres.url_for(standalone::engines::OWNER, name);
    if is_new {
        db::migrate(&url).await.expect("the database can be migrated");
        seed_people(&url).await;
    }
    let config =
        Config { database_url: ground.postgres.url_for("changqing_app", name), ..(*ground.campus.config).clone() };
    Campus::new(config, ground.campus.clock.clone()).expect("a campus")
}

/// The large ledger; made once.
async fn large(ground: &Ground) -> Campus {
    let campus = database(ground, "large").await;
    let url = ground.postgres.url_for(standalone::engines::OWNER, "large");
    let mut owner = AsyncPgConnection::establish(&url).await.expect("the owner connects");
    if owner.batch_execute("CREATE TABLE filled ()").await.is_ok() {
        fill(&mut owner).await;
    }
    campus
}

/// Every column but the hash, which comes last.
const COLUMNS: &str = "id, unit, debit_account_id, credit_account_id, resident_id, amount, capped, kind, source_kind, \
     source_id, source_label, rule_id, evidence, note_id, note_digest, actor_id, batch_id, place, branch_id, earned_at, \
     earned_on, recorded_at, counted_month, reverses, account_id, account_version, balance_after";

/// Posts a row of every account.
fn round() -> String {
    let columns: Vec<String> = COLUMNS.split(", ").map(|column| format!("(bare).{}", column.trim())).collect();
    format!(
        "WITH bare AS (
             SELECT head_hash, (gen_random_uuid(), 'credit', system.id, heads.id, resident_id, 50, 0, 'earning', 'course',
                 gen_random_uuid(), '合唱入门', '019a3c00-0000-7000-8000-000000000002', 'system', NULL, NULL, NULL,
                 gen_random_uuid(), 0, '{branch}', now(), current_date, now(), date_trunc('month', current_date)::date,
                 NULL, heads.id, version + 1, balance + 50, ''::bytea)::credit_transfers AS bare
             FROM heads, (SELECT id FROM credit_accounts WHERE kind = 'issuance') AS system OFFSET 0
         ), posted AS (
             INSERT INTO credit_transfers ({COLUMNS}, chain_hash)
             SELECT {}, sha256(head_hash || convert_to(canonical_transfer(bare), 'UTF8')) FROM bare
             RETURNING account_id, resident_id, account_version, balance_after, chain_hash
         ) INSERT INTO next SELECT * FROM posted",
        columns.join(", "),
        branch = id(9, 0)
    )
}

/// Chains as `post_transfers` makes them, a row of every account at a time.
async fn fill(owner: &mut AsyncPgConnection) {
    let began = format!(
        "SET session_replication_role = replica;
         DROP INDEX credit_transfers_source, credit_transfers_awards, credit_transfers_month, credit_transfers_resident;
         ALTER TABLE credit_transfers DROP CONSTRAINT credit_transfers_account_id_account_version_key,
             DROP CONSTRAINT credit_transfers_batch_id_place_key;
         INSERT INTO credit_accounts (unit, kind, branch_id) VALUES ('credit', 'issuance', '{branch}');
         INSERT INTO credit_accounts (unit, kind, resident_id, balance, version, head_hash)
             SELECT 'credit', 'resident', resident, 0, 0, sha256(convert_to('changqing|credit|' || resident, 'UTF8'))
             FROM (SELECT gen_random_uuid() AS resident FROM generate_series(1, {ACCOUNTS})) AS made;
         CREATE UNLOGGED TABLE heads AS SELECT id, resident_id, version, balance, head_hash FROM credit_accounts
             WHERE kind = 'resident'",
        branch = id(9, 0)
    );
    for statement in began.split(';') {
        owner.batch_execute(statement).await.expect("a large ledger can be begun");
    }
    let round = round();
    for _ in 0..rows() / ACCOUNTS {
        owner.batch_execute("CREATE UNLOGGED TABLE next (LIKE heads)").await.expect("heads can be kept");
        owner.batch_execute(&round).await.expect("a round can be posted");
        owner.batch_execute("DROP TABLE heads; ALTER TABLE next RENAME TO heads").await.expect("heads can be kept");
    }
    let done = "UPDATE credit_accounts a SET version = h.version, balance = h.balance, head_hash = h.head_hash
             FROM heads h WHERE h.id = a.id;
         ALTER TABLE credit_transfers ADD UNIQUE (account_id, account_version), ADD UNIQUE (batch_id, place);
         CREATE UNIQUE INDEX credit_transfers_source ON credit_transfers (account_id, source_id, rule_id) WHERE kind = 'earning';
         CREATE INDEX credit_transfers_awards ON credit_transfers (account_id, earned_on) WHERE kind = 'award';
         CREATE INDEX credit_transfers_month ON credit_transfers (counted_month, branch_id) INCLUDE (unit, kind, evidence, amount, earned_on);
         CREATE INDEX credit_transfers_resident ON credit_transfers (resident_id, recorded_at DESC, id DESC);
         DROP TABLE heads;
         VACUUM ANALYZE;
         CHECKPOINT";
    for statement in done.split(';') {
        owner.batch_execute(statement).await.expect("a large ledger can be finished");
    }
}

/// A column as it came over the line.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A statement without parameters needs a type for them all the same.
#[derive(Debug)]
struct Nothing;

impl ToSql for Nothing {
    fn to_sql(&self, _: &Type, _: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        Ok(IsNull::Yes)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Seconds to read all rows in the order of their chains and to hash each behind the one before.
async fn plain_loop(url: &str) -> f64 {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the owner connects");
    tokio::spawn(connection);
    let began = Instant::now();
    let query = "SELECT * FROM credit_transfers ORDER BY account_id, account_version";
    let stream = client.query_raw(query, Vec::<Nothing>::new()).await.expect("the ledger can be read");
    let mut stream = std::pin::pin!(stream);
    let mut hash = Sha256::digest(b"");
    while let Some(row) = stream.try_next().await.expect("the ledger can be read") {
        let mut digest = Sha256::new().chain_update(hash);
        for column in 0..row.len() {
            if let Some(Raw(bytes)) = row.get::<_, Option<Raw<'_>>>(column) {
                digest.update(bytes);
            }
        }
        hash = digest.finalize();
    }
    began.elapsed().as_secs_f64()
}

/// The large ledger with a root signed over it, and the store that has the root; made once.
async fn signed(ground: &Ground) -> &'static Campus {
    static SIGNED: OnceCell<(Campus, ObjectStorage, TempDir)> = OnceCell::const_new();
    let made = SIGNED.get_or_init(|| async {
        let folder = tempfile::tempdir_in(ground.folder.path()).expect("a folder can be made");
        let storage = ObjectStorage::start(folder.path(), 0).await.expect("the store starts");
        let campus = large(ground).await;
        let config = Config { storage: crate::videos::config_of(&storage), ..(*campus.config).clone() };
        let campus = Campus::new(config, campus.clock.clone()).expect("a campus");
        let signing = sign_next(&campus).await.expect("a root can be signed");
        assert!(matches!(signing, Signing::Signed(_)), "{signing:?}");
        (campus, storage, folder)
    });
    &made.await.0
}

/// Seconds for a full check and the most memory that it takes.
async fn full_check(campus: &Campus) -> (f64, f64) {
    let keys = TrustedKeys::of_folder(&campus.config.signing_keys).expect("there are keys");
    let archive = Archive::Store(campus.storage.clone());
    std::fs::write("/proc/self/clear_refs", "5").expect("the peak can be forgotten");
    let before = crate::videos::memory("VmRSS");
    let began = Instant::now();
    let verified = verify_against(&campus.database, &archive, &keys, None, &mut |_, _| {}).await.expect("all fits");
    let seconds = began.elapsed().as_secs_f64();
    assert!(verified.verified.transfers >= 1, "{verified:?}");
    (seconds, crate::videos::memory("VmHWM") - before)
}

/// Seconds for a full check, against reading the rows with SHA-256 in a plain loop.
pub async fn audit(ground: &Ground) -> Line {
    let (ours, _) = full_check(signed(ground).await).await;
    let baseline = plain_loop(&ground.postgres.url_for(standalone::engines::OWNER, "large")).await;
    Line { name: "check of the ledger, seconds, vs a plain loop", ours, baseline, goal: 2.0, at_most: true }
}

/// MB that a full check takes, against what it may take however large the ledger is.
pub async fn audit_memory(ground: &Ground) -> Line {
    let (_, ours) = full_check(signed(ground).await).await;
    Line { name: "MB that a check of the ledger takes, of 32", ours, baseline: 32.0, goal: 1.0, at_most: true }
}

/// Transfers a second by 16 tasks.
async fn rate(campus: &Campus) -> f64 {
    let (began, until) = (Instant::now(), Instant::now() + Duration::from_secs(SECONDS));
    let tasks = (0..TASKS).map(|task| {
        let campus = campus.clone();
        tokio::spawn(async move {
            let mut connection = campus.database.connection().await.expect("a connection");
            let rules = credits::rules_for(&mut connection, Earns::CourseCompleted, campus.clock.today());
            let rules = rules.await.expect("the rules can be read");
            let mut count = 0_usize;
            while Instant::now() < until {
                let source = Source {
                    earns: Earns::CourseCompleted,
                    id: Uuid::new_v4(),
                    label: "课程",
                    worth: 50,
                    at: campus.clock.now(),
                };
                let resident = id(1, (task * 61 + count * 7) % PEOPLE);
                let earned =
                    credits::earn_under(&mut connection, &campus.clock, resident, id(9, 0), &source, &rules).await;
                assert_eq!(earned.expect("it posts").len(), 1);
                count += 1;
            }
            count
        })
    });
    let counts = join_all(tasks).await;
    counts.into_iter().map(|count| count.expect("no task failed")).sum::<usize>() as f64 / began.elapsed().as_secs_f64()
}

/// Microseconds a transfer into a large ledger, against an empty one.
pub async fn posting(ground: &Ground) -> Line {
    let (large, empty) = (large(ground).await, database(ground, "empty").await);
    let clear = "SET session_replication_role = replica; TRUNCATE credit_transfers, credit_cap_counters CASCADE; \
         UPDATE credit_accounts SET version = 0, balance = 0 WHERE kind = 'resident'; VACUUM credit_accounts; CHECKPOINT";
    let url = ground.postgres.url_for(standalone::engines::OWNER, "empty");
    let mut owner = AsyncPgConnection::establish(&url).await.expect("the owner connects");
    for statement in clear.split(';') {
        owner.batch_execute(statement).await.expect("a ledger can be emptied");
    }
    let (ours, baseline) = (1e6 / rate(&large).await, 1e6 / rate(&empty).await);
    Line { name: "posting into a large ledger, µs, vs an empty", ours, baseline, goal: 1.1, at_most: true }
}

/// Milliseconds for a batch of 500, against one INSERT of the same rows into a table of the same indexes and foreign
/// keys.
pub async fn batch(ground: &Ground) -> Line {
    let campus = &ground.campus;
    let mut owner = AsyncPgConnection::establish(&ground.postgres.url()).await.expect("the owner connects");
    let like = "DROP TABLE IF EXISTS plain_transfers;
         CREATE TABLE plain_transfers (LIKE credit_transfers INCLUDING ALL);
         ALTER TABLE plain_transfers ADD FOREIGN KEY (debit_account_id) REFERENCES credit_accounts,
             ADD FOREIGN KEY (credit_account_id) REFERENCES credit_accounts,
             ADD FOREIGN KEY (rule_id) REFERENCES credit_rules,
             ADD FOREIGN KEY (reverses) REFERENCES credit_transfers";
    owner.batch_execute(like).await.expect("a table can be made");
    let mut connection = campus.database.connection().await.expect("a connection");
    let today = campus.clock.today();
    let rules = credits::rules_for(&mut connection, Earns::CourseCompleted, today).await.expect("the rules are there");
    let (mut ours, mut baseline) = (0.0, 0.0);
    for _ in 0..20 {
        let batch = Uuid::new_v4();
        let postings: Vec<Posting> = (0..500)
            .map(|number| Posting {
                resident_id: id(1, number),
                branch_id: id(9, 0),
                amount: 50,
                kind: PostingKind::Earning,
                source_kind: "course".to_owned(),
                source_id: batch,
                source_label: "课程".to_owned(),
                rule: rules[0].clone(),
                evidence: Evidence::System.as_str().to_owned(),
                actor_id: None,
                earned_at: campus.clock.now(),
                earned_on: today,
            })
            .collect();
        let began = Instant::now();
        let posted = credits::post(&mut connection, &campus.clock, &postings).await.expect("it posts");
        ours += began.elapsed().as_secs_f64();
        assert_eq!(posted.len(), 500);
        let insert = values(ground, batch).await;
        let began = Instant::now();
        owner.batch_execute(&insert).await.expect("the rows can be inserted");
        baseline += began.elapsed().as_secs_f64();
    }
    let name = "a batch of 500, ms, vs one INSERT of the rows";
    Line { name, ours: ours * 50.0, baseline: baseline * 50.0, goal: 1.5, at_most: true }
}

/// One statement that inserts the rows that were posted for this source.
async fn values(ground: &Ground, source: Uuid) -> String {
    let url = ground.postgres.url();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("the owner connects");
    tokio::spawn(connection);
    let quoted = "SELECT 'INSERT INTO plain_transfers VALUES ' || string_agg('(' || (SELECT string_agg(quote_nullable(value), ', ' \
         ORDER BY place) FROM json_each_text(row_to_json(t)) WITH ORDINALITY AS each(key, value, place)) || ')', ', ') \
         FROM credit_transfers t WHERE source_id = ";
    let rows = client.simple_query(&format!("{quoted}'{source}'")).await.expect("the rows can be read");
    let text = rows.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    text.expect("500 rows")
}
