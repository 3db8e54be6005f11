//! A deployment as it runs on many machines: its own engines, with commits that reach the disk,
//! and the API and the worker as processes.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use campus::Campus;
use campus::accounts;
use campus::clock::Clock;
use campus::config::Config;
use campus::mail::{self, Mail, MailConfig};
use campus::storage::StorageConfig;
use diesel::sql_types::{BigInt, Integer};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use standalone::engines::{Postgres, PostgresOptions, Redis, RedisOptions};
use standalone::storage::{BUCKET, ObjectStorage, REGION};
use tests::database::{APPLICATION, migrate};
use tests::engines::program;
use uuid::Uuid;

/// The admin's login.
pub const ADMIN: &str = "admin@example.org";
/// Everybody's password.
pub const PASSWORD: &str = "correct horse 常青";
/// How long something may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A process that is killed when it is dropped.
pub struct Process {
    child: Child,
}

impl Process {
    /// Kills it without warning.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it after a test that went well; it must have lived until now.
    pub fn end(mut self) {
        assert!(self.child.try_wait().unwrap().is_none(), "it ended by itself");
        self.kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Engines and what is needed to start processes on them.
pub struct Stand {
    pub postgres: Postgres,
    pub redis: Redis,
    /// Addresses of two APIs.
    pub sites: [String; 2],
    pub mailbox: PathBuf,
    storage: ObjectStorage,
    folder: tempfile::TempDir,
}

/// An address of this machine's that this process has to itself: an API that was killed finds its port
/// still free when it is started again.
fn own_address() -> Ipv4Addr {
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 77, high, low)
}

impl Stand {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let (postgres, redis, storage) = tokio::try_join!(
            Postgres::start(path, PostgresOptions::default()),
            Redis::start(path, RedisOptions::default()),
            ObjectStorage::start(path, 0),
        )
        .unwrap();
        accounts::make_key(&path.join("keys")).unwrap();
        migrate(postgres.url()).await;
        let free = [0, 1].map(|_| TcpListener::bind(SocketAddr::from((own_address(), 0))).unwrap());
        let sites = free.each_ref().map(|listener| format!("http://{}", listener.local_addr().unwrap()));
        let mailbox = path.join("mailbox");
        std::fs::create_dir(&mailbox).unwrap();
        std::fs::create_dir(path.join("temporary")).unwrap();
        let stand = Self { postgres, redis, sites, mailbox, storage, folder };
        let made = stand.command("setup", &["api", "setup"]).status().unwrap();
        assert!(made.success(), "setup failed; its log is shown above");
        stand
    }

    /// The database as its owner.
    pub fn owner_url(&self) -> String {
        self.postgres.url()
    }

    /// A folder that is gone with the stand.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where its processes keep temporary files.
    pub fn temporary(&self) -> PathBuf {
        self.folder.path().join("temporary")
    }

    fn application_url(&self) -> String {
        self.postgres.url_for(APPLICATION, standalone::engines::DATABASE)
    }

    fn command(&self, log: &str, arguments: &[&str]) -> Command {
        let log = self.folder.path().join(format!("{log}.log"));
        let log = File::options().create(true).append(true).open(log).unwrap();
        let mut command = Command::new(program());
        command
            .args(arguments)
            .env_clear()
            .env("DATABASE_URL", self.application_url())
            .env("REDIS_URL", self.redis.url())
            .env("STORAGE_ENDPOINT", self.storage.endpoint())
            .env("STORAGE_PUBLIC_ENDPOINT", self.storage.endpoint())
            .env("STORAGE_BUCKET", BUCKET)
            .env("STORAGE_REGION", REGION)
            .env("STORAGE_ACCESS_KEY", &self.storage.keys().access_key)
            .env("STORAGE_SECRET_KEY", &self.storage.keys().secret_key)
            .env("MAILBOX_DIR", &self.mailbox)
            .env("SIGNING_KEYS_DIR", self.folder.path().join("keys"))
            .env("ADMIN_EMAIL", ADMIN)
            .env("ADMIN_PASSWORD", PASSWORD)
            .env("WEB_WORKERS", "2")
            // One admin awards everything here, all in a day.
            .env("AWARD_SECOND_PERSON_ABOVE", "1000000000")
            .env("RUST_LOG", "warn")
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TMPDIR", self.temporary())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        command
    }

    /// Starts the API and waits until it answers.
    pub async fn start_api(&self) -> Process {
        self.start_api_at(&self.sites[0]).await
    }

    /// Starts an API at one of the addresses and waits until it answers.
    pub async fn start_api_at(&self, site: &str) -> Process {
        let listen = site.trim_start_matches("http://");
        let process = Process { child: self.command("api", &["api"]).env("LISTEN", listen).spawn().unwrap() };
        self.until_ready(site).await;
        process
    }

    /// Starts a worker whose clock is ahead by two minutes for each earlier life, so that what
    /// the earlier ones held is free at once.
    pub fn start_worker(&self, life: i64) -> Process {
        let start = time::OffsetDateTime::now_utc() + time::Duration::minutes(2 * life);
        let start = start.format(&time::format_description::well_known::Rfc3339).unwrap();
        Process { child: self.command("worker", &["worker"]).env("CLOCK_START", start).spawn().unwrap() }
    }

    /// Waits until an API and its database answer.
    pub async fn until_ready(&self, site: &str) {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        let url = format!("{site}/health/ready");
        let began = Instant::now();
        loop {
            if client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "the API does not come back: {}", self.log("api"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The end of a process's log.
    pub fn log(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.folder.path().join(format!("{name}.log"))).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// A connection as the owner, once there is one to be had.
    async fn connection(&self) -> AsyncPgConnection {
        let began = Instant::now();
        loop {
            match AsyncPgConnection::establish(&self.owner_url()).await {
                Ok(connection) => return connection,
                Err(error) => assert!(began.elapsed() < PATIENCE, "the database does not come back: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Kills the process of one connection, upon which PostgreSQL ends all others and recovers.
    pub async fn kill_a_backend(&self) {
        #[derive(diesel::QueryableByName)]
        struct Backend {
            #[diesel(sql_type = Integer)]
            pid: i32,
        }
        let mut connection = self.connection().await;
        let backends: Vec<Backend> = diesel::sql_query(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'changqing_app' ORDER BY state = 'active' DESC, random() LIMIT 1",
        )
        .load(&mut connection)
        .await
        .unwrap();
        for backend in backends {
            let killed = Command::new("kill").args(["-9", &backend.pid.to_string()]).status().unwrap();
            assert!(killed.success());
        }
    }

    /// The domain, in this process.
    pub fn campus(&self) -> Campus {
        let config = Config {
            database_url: self.application_url(),
            database_connections: 4,
            redis_url: Some(self.redis.url()),
            storage: StorageConfig {
                endpoint: self.storage.endpoint(),
                public_endpoint: None,
                bucket: BUCKET.to_owned(),
                prefix: String::new(),
                region: REGION.to_owned(),
                access_key: self.storage.keys().access_key.clone(),
                secret_key: self.storage.keys().secret_key.clone(),
            },
            mail: MailConfig::Folder(self.mailbox.clone()),
            mail_from: "常青学堂 <noreply@changqing.example>".to_owned(),
            signing_keys: self.folder.path().join("keys"),
            closing_day: 6,
            redis_patience: campus::signals::PATIENCE,
            points_last_months: 24,
            award_second_person_above: 100_000_000,
            password_hashing: 2,
            help_telephone: "12345".to_owned(),
            site_url: "http://localhost:8080".to_owned(),
            lrs: None,
            auditor_email: None,
        };
        Campus::new(config, Clock::live("Asia/Shanghai").unwrap()).unwrap()
    }

    /// Queues mails as a verb does, and answers their ids.
    pub async fn queue_mails(&self, count: usize) -> Vec<Uuid> {
        let campus = self.campus();
        let connection = &mut *campus.database.connection().await.unwrap();
        let mut ids = Vec::new();
        for number in 0..count {
            let mail = Mail {
                to: "somebody@example.org".to_owned(),
                subject: format!("第{number}封"),
                html: "<p>您好</p>".to_owned(),
                text: "您好".to_owned(),
            };
            ids.push(mail::queue(connection, "fault_test", &mail, campus.clock.now()).await.unwrap());
        }
        campus.signals.wake_workers().await;
        ids
    }

    /// Waits until so many mails are noted as sent.
    pub async fn until_some_are_sent(&self, count: usize) {
        let began = Instant::now();
        while self.count("mail_deliveries WHERE sent_at IS NOT NULL").await < i64::try_from(count).unwrap() {
            assert!(began.elapsed() < PATIENCE, "mails are not sent: {}", self.log("worker"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many rows.
    pub async fn count(&self, of: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let mut connection = self.connection().await;
        let query = format!("SELECT count(*) AS count FROM {of}");
        diesel::sql_query(query).get_result::<Count>(&mut connection).await.unwrap().count
    }
}
