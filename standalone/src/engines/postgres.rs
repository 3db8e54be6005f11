//! The private PostgreSQL.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio_postgres::{Client, Config, NoTls};

use super::binaries::PostgresBinaries;
use super::cluster::prepare_cluster;
use super::error::EngineError;
use super::leftovers::end_leftovers;
use super::process::{EngineFolder, Launch, Log, RunningChild};
use super::sockets;
use super::supervision::{Engine, Supervisor};
use super::user::{EngineUser, engine_user};

/// The cluster's superuser, who owns the schema.
pub const OWNER: &str = "changqing_owner";
/// The database of the site.
pub const DATABASE: &str = "changqing";

/// Time a start may take: a recovery after `kill -9` replays the write-ahead log first.
const START_PATIENCE: Duration = Duration::from_secs(300);

/// How the private PostgreSQL runs.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// Whether commits reach the disk before they are acknowledged (`fsync`, `full_page_writes`).
    /// Off only for tests: what was acknowledged then survives a killed process, not a power cut.
    pub durable: bool,
    /// Connections at once.
    pub max_connections: u16,
    /// Further `name=value` settings.
    pub settings: Vec<String>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { durable: true, max_connections: 100, settings: Vec::new() }
    }
}

/// A running private PostgreSQL, restarted when it falls. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Postgres {
    supervisor: Supervisor,
    socket_dir: PathBuf,
}

impl Postgres {
    /// Starts the cluster in `data_dir/postgres`, making it on the first start, and returns once it
    /// answers and the database [`DATABASE`] exists. The caller holds the data folder's lock.
    ///
    /// # Errors
    /// One line that says what to do: a missing program, rights, a start that failed.
    pub async fn start(data_dir: &Path, options: PostgresOptions) -> Result<Self, EngineError> {
        let data_dir = data_dir.canonicalize().map_err(EngineError::rights("open", data_dir))?;
        let user = engine_user()?;
        let (binaries, folder) = prepare_cluster(&data_dir, user, options.durable).await?;
        let socket_dir = sockets::socket_folder(&data_dir, user)?;
        let server = Server {
            marker: sockets::marker(&data_dir),
            data_dir,
            binaries,
            folder,
            socket_dir: socket_dir.clone(),
            user,
            options,
        };
        let supervisor = Supervisor::start(Arc::new(server)).await?;
        create_database(&socket_dir).await?;
        Ok(Self { supervisor, socket_dir })
    }

    /// Connection URL of the site's database as its owner.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_for(OWNER, DATABASE)
    }

    /// Connection URL for another role or database of this cluster.
    #[must_use]
    pub fn url_for(&self, role: &str, database: &str) -> String {
        let host: String = self
            .socket_dir
            .to_string_lossy()
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        format!("postgresql:///{database}?user={role}&host={host}")
    }

    /// Folder of the Unix socket, mode 0700.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// Process id of the server, `None` while it is down.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.supervisor.pid()
    }

    /// Kills the server without warning (SIGKILL), for fault tests; it is started again.
    pub fn kill(&self) {
        self.supervisor.kill();
    }

    /// Waits until a server process other than `earlier` is up and answers.
    pub async fn restarted(&self, earlier: Option<u32>) {
        self.supervisor.restarted(earlier).await;
    }

    /// Stops the server (fast shutdown) and waits until it is gone.
    pub async fn stop(self) {
        self.supervisor.stop().await;
        sockets::leave(&self.socket_dir);
    }
}

#[derive(Debug)]
struct Server {
    data_dir: PathBuf,
    marker: String,
    binaries: PostgresBinaries,
    folder: EngineFolder,
    socket_dir: PathBuf,
    user: Option<EngineUser>,
    options: PostgresOptions,
}

impl Engine for Server {
    const NAME: &'static str = "postgresql";
    const STOP: &'static [(Signal, Duration)] = &[
        (Signal::INT, Duration::from_secs(9)),
        (Signal::QUIT, Duration::from_secs(2)),
        (Signal::KILL, Duration::from_secs(2)),
    ];

    async fn launch(&self) -> Result<RunningChild, EngineError> {
        end_leftovers("postgres", &self.marker, &self.folder.path, Signal::INT).await?;
        // With no process of this cluster alive and the data folder locked, a pid file is stale;
        // its number may meanwhile belong to a stranger, at which PostgreSQL would refuse to start.
        remove_file(&self.folder.path.join("postmaster.pid"))?;
        remove_file(&self.socket_dir.join(".s.PGSQL.5432.lock"))?;
        let log = Log::open(&self.data_dir, "postgresql")?;
        let program = self.binaries.program("postgres");
        let child = Launch {
            program: "PostgreSQL",
            path: &program,
            arguments: self.arguments(),
            user: self.user,
            folder: &self.folder,
            log: &log,
            death_signal: Signal::INT,
        }
        .spawn()?;
        self.wait_ready(&child, &log).await?;
        Ok(child)
    }
}

impl Server {
    fn arguments(&self) -> Vec<String> {
        let on_or_off = if self.options.durable { "on" } else { "off" };
        let mut settings = vec![
            "listen_addresses=".to_owned(),
            "port=5432".to_owned(),
            format!("unix_socket_directories={}", quoted(&self.socket_dir)),
            "unix_socket_permissions=0700".to_owned(),
            format!("cluster_name={}", self.marker),
            format!("max_connections={}", self.options.max_connections),
            "shared_buffers=128MB".to_owned(),
            format!("fsync={on_or_off}"),
            "synchronous_commit=on".to_owned(),
            format!("full_page_writes={on_or_off}"),
            "timezone=UTC".to_owned(),
            "log_timezone=UTC".to_owned(),
            "logging_collector=off".to_owned(),
        ];
        settings.extend(self.options.settings.iter().cloned());
        let mut arguments = vec!["-D".to_owned(), self.folder.argument.to_string_lossy().into_owned()];
        for setting in settings {
            arguments.push("-c".to_owned());
            arguments.push(setting);
        }
        arguments
    }

    async fn wait_ready(&self, child: &RunningChild, log: &Log) -> Result<(), EngineError> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            // A refused connection is the expected answer until the server is up.
            let failure = match connect(&self.socket_dir, "postgres").await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            if child.ended().is_some() || Instant::now() > deadline {
                return Err(EngineError::Start {
                    program: "PostgreSQL",
                    detail: log.last_words().unwrap_or_else(|| failure.to_string()),
                    log: log.path.clone(),
                });
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

/// The setting is a comma-separated list, so a path is quoted in it.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.to_string_lossy().replace('"', "\"\""))
}

fn remove_file(path: &Path) -> Result<(), EngineError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(EngineError::rights("remove", path)(error)),
    }
}

async fn connect(socket_dir: &Path, database: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = Config::new()
        .host_path(socket_dir)
        .user(OWNER)
        .dbname(database)
        .connect_timeout(Duration::from_secs(5))
        .connect(NoTls)
        .await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "administrative connection ended");
        }
    });
    Ok(client)
}

async fn create_database(socket_dir: &Path) -> Result<(), EngineError> {
    let client = connect(socket_dir, "postgres").await?;
    let known = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&DATABASE]).await?;
    if known.is_none() {
        client.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
    }
    Ok(())
}
