//! What is measured on: private engines, a migrated database, an API, people and courses.

use std::net::{SocketAddr, TcpListener};

use api::{Running, ServerConfig, Settings};
use campus::Campus;
use campus::access::{Role, SessionProof};
use campus::accounts::{self, NewStaff, Passwords};
use campus::clock::Clock;
use campus::config::Config;
use campus::mail::MailConfig;
use campus::storage::StorageConfig;
use campus::{db, deployment};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use standalone::engines::{Postgres, PostgresOptions, Redis, RedisOptions};
use uuid::Uuid;

/// Residents, each with an account, a viewing and a budget.
pub const PEOPLE: usize = 1000;
/// Transfers that each of them has had.
const HISTORY: usize = 20;
/// What each of them logs in with, besides `p<number>@bench.example`.
pub const PASSWORD: &str = "a password of a thousand people";

pub struct Ground {
    pub folder: tempfile::TempDir,
    pub postgres: Postgres,
    pub redis: Redis,
    pub campus: Campus,
    pub server: Running,
    pub address: SocketAddr,
    pub admin: Uuid,
    /// Of [`PASSWORD`].
    pub password_hash: String,
}

/// The id of the n-th person, lesson or viewing: known beforehand, so that pgbench can name it.
pub fn id(kind: u8, number: usize) -> Uuid {
    format!("0000000{kind}-0000-7000-8000-{number:012}").parse().expect("a well-formed id")
}

impl Ground {
    pub async fn prepare() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let data = folder.path();
        std::fs::set_permissions(data, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it is ours");
        let postgres = Postgres::start(data, PostgresOptions::default()).await.expect("PostgreSQL starts");
        let redis = Redis::start(data, RedisOptions::default()).await.expect("Redis starts");
        db::migrate(&postgres.url()).await.expect("the database can be migrated");
        accounts::make_key(&data.join("keys")).expect("a key can be made");
        let config = Config {
            database_url: postgres.url_for("changqing_app", "changqing"),
            database_connections: 20,
            redis_url: Some(redis.url()),
            storage: StorageConfig {
                endpoint: "http://127.0.0.1:9".to_owned(),
                public_endpoint: None,
                bucket: "storage".to_owned(),
                prefix: String::new(),
                region: "us-east-1".to_owned(),
                access_key: "none".to_owned(),
                secret_key: "none".to_owned(),
            },
            mail: MailConfig::Folder(data.join("mailbox")),
            mail_from: "常青学堂 <noreply@changqing.example>".to_owned(),
            signing_keys: data.join("keys"),
            closing_day: 6,
            redis_patience: campus::signals::PATIENCE,
            points_last_months: 24,
            award_second_person_above: i64::MAX,
            password_hashing: 2,
            help_telephone: "12345".to_owned(),
            site_url: "http://localhost:8080".to_owned(),
            lrs: None,
            auditor_email: None,
        };
        let campus = Campus::new(config, Clock::live("Asia/Shanghai").expect("a zone")).expect("a campus");
        deployment::begin(&campus).await.expect("the deployment begins");
        seed(&postgres.url()).await;
        let passwords = Passwords::new(2).expect("hashing works");
        let admin = NewStaff {
            role: Role::Admin,
            name: "测".to_owned(),
            email: "bench@changqing.example".to_owned(),
            branch_id: None,
            password: "a password that nobody uses".to_owned(),
        };
        let password_hash = passwords.hash(PASSWORD).await.expect("hashing works");
        give_passwords(&postgres.url(), &password_hash).await;
        let admin = accounts::create_staff(&campus, &passwords, None, &admin).await.expect("an admin").id;
        open_sessions(&postgres.url()).await;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        // What attempts are counted by is said in a header.
        let settings = Settings { behind_proxy: true, ..Settings::default() };
        let server =
            api::start(&campus, listener, ServerConfig { workers: 2, settings, extra: None }).expect("the API starts");
        Self { folder, postgres, redis, campus, server, address, admin, password_hash }
    }

    /// A token of a session that was opened beforehand: everybody's has the id of their account.
    pub fn token(&self, account: Uuid) -> String {
        let session = SessionProof { id: account, proved_at: self.campus.clock.now() };
        self.server.state.sessions.issue(&self.campus, account, &session).expect("a token can be made")
    }

    pub async fn stop(self) {
        if let Err(error) = self.server.stop().await {
            eprintln!("the API ended badly: {error:#}");
        }
        self.redis.stop().await;
        self.postgres.stop().await;
    }
}

async fn give_passwords(url: &str, hash: &str) {
    let mut owner = AsyncPgConnection::establish(url).await.expect("the owner connects");
    let sql = format!(
        "UPDATE accounts SET password_hash = '{hash}', email = 'p' || right(id::text, 12)::bigint || '@bench.example'
         WHERE role = 'resident'; VACUUM ANALYZE accounts"
    );
    for statement in sql.split(';') {
        owner.batch_execute(statement).await.expect("passwords can be given");
    }
}

async fn open_sessions(url: &str) {
    let mut owner = AsyncPgConnection::establish(url).await.expect("the owner connects");
    let sql = "INSERT INTO session_families (id, account_id, created_at, expires_at, proved_at)
        SELECT id, id, now(), now() + interval '1 day', now() FROM accounts; ANALYZE session_families";
    owner.batch_execute(sql).await.expect("sessions can be opened");
}

async fn seed(url: &str) {
    seed_people(url).await;
    seed_history(url).await;
}

/// People, courses and what they learn, but no transfer.
pub async fn seed_people(url: &str) {
    let mut owner = AsyncPgConnection::establish(url).await.expect("the owner connects");
    let people = PEOPLE;
    let sql = format!(
        "INSERT INTO branches VALUES ('{branch}', 'B', '分校', NULL, 1000, now());
         INSERT INTO residents (id, name, birth_date, branch_id, registered_branch_id, registered_on, counted_month, origin, recorded_at)
         SELECT ('00000001-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '学员' || n, '1950-01-01', '{branch}', '{branch}',
             current_date, date_trunc('month', current_date), 'demo', now() FROM generate_series(0, {people} - 1) n;
         INSERT INTO accounts (id, role, name, resident_id, created_at)
         SELECT ('00000002-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'resident', '学员' || n,
             ('00000001-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, now() FROM generate_series(0, {people} - 1) n;
         INSERT INTO accounts (id, role, name, email, created_at) VALUES ('{maker}', 'admin', '制', 'maker@changqing.example', now());
         INSERT INTO videos (id, branch_id, account_id, file_name, size, content_type, object_key, part_size, status, duration_ms, created_at)
         VALUES ('{video}', '{branch}', '{maker}', 'a.mp4', 1, 'video/mp4', 'a', 8388608, 'ready', 86000000, now());
         INSERT INTO courses (id, branch_id, title, summary, topic, credits, status, created_at, updated_at, published_at)
         SELECT ('00000003-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '{branch}', '课程 ' || n, '防震减灾与安全上网的第 ' || n || ' 课',
             'health', 100, 'published', now(), now(), now() FROM generate_series(0, 499) n;
         INSERT INTO course_versions (course_id, number, status, title, summary, topic, groups, credits, created_at, updated_at, published_at)
         SELECT id, 1, status, title, summary, topic, groups, credits, created_at, updated_at, published_at FROM courses
         ON CONFLICT DO NOTHING;
         INSERT INTO lessons (id, course_id, title, video_id, created_at)
         SELECT ('00000004-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, ('00000003-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
             '第一课', '{video}', now() FROM generate_series(0, 499) n;
         INSERT INTO version_lessons SELECT course_id, 1, id, 1 FROM lessons;
         INSERT INTO enrollments (resident_id, course_id, enrolled_at) SELECT id, '{course}', now() FROM residents;
         INSERT INTO viewings (id, resident_id, lesson_id, duration_ms, required_ms, started_at)
         SELECT ('00000005-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, ('00000001-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
             '{lesson}', 86000000, 77400000, now() FROM generate_series(0, {people} - 1) n;
         INSERT INTO watch_budgets (resident_id, anchored_at, contacted_at) SELECT id, now(), now() FROM residents;
         INSERT INTO lesson_progress (resident_id, lesson_id, updated_at) SELECT id, '{lesson}', now() FROM residents;
         ANALYZE;",
        branch = id(9, 0),
        maker = id(8, 0),
        video = id(7, 0),
        course = id(3, 0),
        lesson = id(4, 0),
    );
    owner.batch_execute(&sql).await.expect("the seed fits the schema");
}

async fn seed_history(url: &str) {
    let mut owner = AsyncPgConnection::establish(url).await.expect("the owner connects");
    let people = PEOPLE;
    // A ledger with a history, and statistics of it: plans that are kept are those of a bank at work.
    let history = format!(
        "SELECT post_transfers(jsonb_agg(jsonb_build_object('index', n, 'id', gen_random_uuid(),
             'resident_id', '00000001-0000-7000-8000-' || lpad(n::text, 12, '0'), 'unit', 'credit', 'amount', 50,
             'kind', 'earning', 'source_kind', 'course', 'source_id', gen_random_uuid(), 'source_label', '课程',
             'rule_id', '019a3c00-0000-7000-8000-000000000002', 'rule_code', 'course', 'evidence', 'system',
             'batch_id', gen_random_uuid(), 'place', n, 'branch_id', '{}', 'earned_at', now(),
             'earned_on', current_date, 'caps', '[]'::jsonb)), now(), current_date)
         FROM generate_series(0, {people} - 1) n",
        id(9, 0)
    );
    for _ in 0..HISTORY {
        owner.batch_execute(&history).await.expect("the history fits the ledger");
    }
    owner.batch_execute("ANALYZE").await.expect("statistics can be gathered");
}
