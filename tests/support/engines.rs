//! One private PostgreSQL, Redis and object store for all test processes of one checkout.
//!
//! The first test process starts them as a process of their own; every test process holds a
//! shared lock on a file while it lives, and the engines stop when nobody has held it for a
//! while. So it does not matter how tests are started, how many at once, or how they end.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use campus::storage::StorageConfig;
use serde::{Deserialize, Serialize};
use standalone::engines::{self, DataFolder, EngineError, Postgres, PostgresOptions, Redis, RedisOptions};
use standalone::storage::{BUCKET, ObjectStorage, REGION};

/// The program that runs engines, the API and the worker as processes for tests.
const PROGRAM: &str = "test-process";
/// How long the engines outlive the last test process.
const IDLE: Duration = Duration::from_secs(90);
/// How long a first start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Redis has sixteen numbered databases; the first is nobody's.
const REDIS_DATABASES: std::ops::RangeInclusive<u32> = 1..=15;

/// Where the engines are reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Addresses {
    /// The process that runs them.
    pub process: u32,
    /// A URL of PostgreSQL with `{role}` and `{database}` to be filled in.
    pub postgres: String,
    /// Redis, without the number of a database.
    pub redis: String,
    /// The object store.
    pub storage: String,
    /// Its access key.
    pub access_key: String,
    /// Its secret key.
    pub secret_key: String,
    /// Its bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
}

impl Addresses {
    /// The object store, below a folder of one's own.
    #[must_use]
    pub fn storage_below(&self, folder: &str) -> StorageConfig {
        StorageConfig {
            endpoint: self.storage.clone(),
            public_endpoint: None,
            bucket: self.bucket.clone(),
            prefix: format!("{folder}/"),
            region: self.region.clone(),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.clone(),
        }
    }

    /// A database of the cluster, as one of its roles.
    #[must_use]
    pub fn database(&self, role: &str, database: &str) -> String {
        self.postgres.replace("{role}", role).replace("{database}", database)
    }
}

/// The engines, held for as long as this lives.
#[derive(Debug)]
pub struct Held {
    /// Where they are.
    pub addresses: Addresses,
    /// This process's own database of Redis.
    pub redis_url: String,
    _in_use: File,
    _redis_slot: File,
}

/// The engines, started where they do not run yet. Blocks.
///
/// # Panics
/// When they cannot be started.
#[must_use]
pub fn hold() -> Held {
    let folder = folder();
    fs::create_dir_all(&folder).expect("the build folder can be written");
    let in_use = open(&folder.join("in-use"));
    // Waits here while engines that nobody used are being stopped.
    in_use.lock_shared().expect("locks work in the build folder");
    let addresses = running(&folder).unwrap_or_else(|| start(&folder));
    let (redis_slot, redis_url) = redis_database(&folder, &addresses.redis);
    Held { addresses, redis_url, _in_use: in_use, _redis_slot: redis_slot }
}

fn open(path: &Path) -> File {
    File::options().create(true).truncate(false).write(true).open(path).expect("the build folder can be written")
}

/// Beside the program that is running: `target/test-engines`.
fn folder() -> PathBuf {
    build_folder().parent().expect("a profile's folder lies in the target folder").join("test-engines")
}

/// The folder with built programs: that of the running one, or the one above its `deps`.
fn build_folder() -> PathBuf {
    let this = std::env::current_exe().expect("a process knows its program");
    let folder = this.parent().expect("a program lies in a folder");
    let above = folder.parent().filter(|_| folder.ends_with("deps"));
    above.unwrap_or(folder).to_owned()
}

/// The program that runs the API, the worker or the engines (built with the tests).
#[must_use]
pub fn program() -> PathBuf {
    let program = build_folder().join(PROGRAM);
    assert!(program.exists(), "{} is missing: cargo build -p tests --bin {PROGRAM}", program.display());
    program
}

fn running(folder: &Path) -> Option<Addresses> {
    // Whoever runs the engines holds this lock.
    if open(&folder.join("lock")).try_lock().is_ok() {
        return None;
    }
    let text = fs::read(folder.join("engines.json")).ok()?;
    let addresses: Addresses = serde_json::from_slice(&text).ok()?;
    // What an earlier process left when it was killed is removed by the next, in a moment.
    Path::new(&format!("/proc/{}", addresses.process)).exists().then_some(addresses)
}

#[allow(clippy::zombie_processes, reason = "the engines outlive this process on purpose")]
fn start(folder: &Path) -> Addresses {
    let log = folder.join("engines.log");
    let mut child = spawn(folder, &log);
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(addresses) = running(folder) {
            return addresses;
        }
        match child.try_wait().expect("a child can be asked") {
            Some(status) if !status.success() => panic!("the engines did not start: {}", last_words(&log)),
            // It found the folder locked: by another at work, or by somebody who only looked.
            Some(_) => child = spawn(folder, &log),
            None => {}
        }
        assert!(Instant::now() < deadline, "the engines took too long: {}", last_words(&log));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Where the log is, and the end of it: a disk that is full is told where the test's failure is read.
fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    let lines: Vec<&str> = lines.into_iter().rev().collect();
    format!("{}\n{}", log.display(), lines.join("\n"))
}

fn spawn(folder: &Path, log: &Path) -> Child {
    let log = File::options().create(true).append(true).open(log).expect("the build folder can be written");
    Command::new(program())
        .arg("engines")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a file can be opened twice"))
        .stderr(log)
        // Outlives the test that happened to come first, and its runner's clean-up.
        .process_group(0)
        .spawn()
        .expect("the engines' program starts")
}

/// Takes a numbered database that no other process has.
fn redis_database(folder: &Path, url: &str) -> (File, String) {
    loop {
        for number in REDIS_DATABASES {
            let slot = open(&folder.join(format!("redis-{number}")));
            if slot.try_lock().is_ok() {
                let url = format!("{url}?db={number}");
                forget(&url);
                return (slot, url);
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whoever had this database before has left its counters.
fn forget(url: &str) {
    let client = redis::Client::open(url).expect("the address of Redis is good");
    let mut line = client.get_connection().expect("Redis answers");
    redis::cmd("FLUSHDB").exec(&mut line).expect("Redis forgets");
}

/// Runs the engines in `folder` until nobody has used them for a while.
///
/// # Errors
/// What keeps them from starting.
pub async fn serve(folder: &Path) -> anyhow::Result<()> {
    let folder = match DataFolder::open(folder) {
        Ok(folder) => folder,
        Err(EngineError::Locked { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let path = folder.path();
    engines::end_all(path).await?;
    for leftover in ["engines.json", "postgres", "objects"] {
        let leftover = path.join(leftover);
        if leftover.is_dir() {
            fs::remove_dir_all(leftover)?;
        } else if leftover.exists() {
            fs::remove_file(leftover)?;
        }
    }
    let options = PostgresOptions { durable: false, max_connections: 400, settings: Vec::new() };
    let (postgres, redis, storage) = tokio::try_join!(
        Postgres::start(path, options),
        Redis::start(path, RedisOptions::default()),
        ObjectStorage::start(path, 0),
    )?;
    let addresses = Addresses {
        process: std::process::id(),
        postgres: postgres.url_for("{role}", "{database}"),
        redis: redis.url(),
        storage: storage.endpoint(),
        access_key: storage.keys().access_key.clone(),
        secret_key: storage.keys().secret_key.clone(),
        bucket: BUCKET.to_owned(),
        region: REGION.to_owned(),
    };
    let draft = path.join("engines.json.draft");
    fs::write(&draft, serde_json::to_vec_pretty(&addresses)?)?;
    fs::rename(&draft, path.join("engines.json"))?;
    let stopping = wait_until_idle(&path.join("in-use")).await;
    fs::remove_file(path.join("engines.json"))?;
    storage.stop().await;
    redis.stop().await;
    postgres.stop().await;
    drop(stopping);
    Ok(())
}

/// Answers the lock that keeps newcomers waiting until everything has stopped.
async fn wait_until_idle(path: &Path) -> File {
    let in_use = open(path);
    let mut used = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        match in_use.try_lock() {
            Ok(()) if used.elapsed() >= IDLE => return in_use,
            Ok(()) => drop(in_use.unlock()),
            Err(_) => used = Instant::now(),
        }
    }
}
