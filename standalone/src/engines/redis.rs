//! The private Redis: limits, cache and wake-ups. It is never the truth, so it keeps nothing on
//! the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::binaries::find_redis;
use super::error::EngineError;
use super::leftovers::end_leftovers;
use super::process::{EngineFolder, Launch, Log, RunningChild};
use super::sockets;
use super::supervision::{Engine, Supervisor};
use super::user::{EngineUser, engine_user};

/// Time a start may take; there is nothing to load.
const START_PATIENCE: Duration = Duration::from_secs(20);

/// How the private Redis runs.
#[derive(Debug, Clone)]
pub struct RedisOptions {
    /// Memory it may use, in MiB; the keys used least recently give way.
    pub memory_mib: u32,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self { memory_mib: 64 }
    }
}

/// A running private Redis, restarted (empty) when it falls. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Redis {
    supervisor: Supervisor,
    socket: PathBuf,
}

impl Redis {
    /// Starts Redis in `data_dir/redis` and returns once it answers. The caller holds the data
    /// folder's lock.
    ///
    /// # Errors
    /// One line that says what to do: a missing program, rights, a start that failed.
    pub async fn start(data_dir: &Path, options: RedisOptions) -> Result<Self, EngineError> {
        let data_dir = data_dir.canonicalize().map_err(EngineError::rights("open", data_dir))?;
        let user = engine_user()?;
        let socket = sockets::socket_folder(&data_dir, user)?.join("redis.sock");
        let server = Server {
            program: find_redis()?,
            folder: EngineFolder::open(&data_dir.join("redis"), user)?,
            data_dir,
            socket: socket.clone(),
            user,
            options,
        };
        let supervisor = Supervisor::start(Arc::new(server)).await?;
        Ok(Self { supervisor, socket })
    }

    /// Connection URL over the Unix socket.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket.display())
    }

    /// Folder of the Unix socket, mode 0700.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        self.socket.parent().unwrap_or(&self.socket)
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

    /// Stops the server and waits until it is gone.
    pub async fn stop(self) {
        let folder = self.socket_dir().to_owned();
        self.supervisor.stop().await;
        sockets::leave(&folder);
    }
}

#[derive(Debug)]
struct Server {
    program: PathBuf,
    data_dir: PathBuf,
    folder: EngineFolder,
    socket: PathBuf,
    user: Option<EngineUser>,
    options: RedisOptions,
}

impl Engine for Server {
    const NAME: &'static str = "redis";
    const STOP: &'static [(Signal, Duration)] =
        &[(Signal::TERM, Duration::from_secs(3)), (Signal::KILL, Duration::from_secs(1))];

    async fn launch(&self) -> Result<RunningChild, EngineError> {
        let name = self
            .program
            .file_name()
            .map_or_else(|| "redis-server".to_owned(), |name| name.to_string_lossy().into_owned());
        let socket = self.socket.to_string_lossy();
        end_leftovers(&name, &socket, &self.folder.path, Signal::TERM).await?;
        let log = Log::open(&self.data_dir, "redis")?;
        let child = Launch {
            program: "Redis",
            path: &self.program,
            arguments: self.arguments(),
            user: self.user,
            folder: &self.folder,
            log: &log,
            death_signal: Signal::TERM,
        }
        .spawn()?;
        self.wait_ready(&child, &log).await?;
        Ok(child)
    }
}

impl Server {
    fn arguments(&self) -> Vec<String> {
        [
            ("--port", "0"),
            ("--unixsocket", &*self.socket.to_string_lossy()),
            ("--unixsocketperm", "700"),
            ("--dir", &*self.folder.argument.to_string_lossy()),
            ("--daemonize", "no"),
            ("--appendonly", "no"),
            ("--save", ""),
            ("--maxmemory", &format!("{}mb", self.options.memory_mib)),
            ("--maxmemory-policy", "allkeys-lru"),
        ]
        .into_iter()
        .flat_map(|(name, value)| [name.to_owned(), value.to_owned()])
        .collect()
    }

    async fn wait_ready(&self, child: &RunningChild, log: &Log) -> Result<(), EngineError> {
        let deadline = Instant::now() + START_PATIENCE;
        while !answers(&self.socket).await {
            if child.ended().is_some() || Instant::now() > deadline {
                return Err(EngineError::Start {
                    program: "Redis",
                    detail: log.last_words().unwrap_or_else(|| "it does not answer".to_owned()),
                    log: log.path.clone(),
                });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}

async fn answers(socket: &Path) -> bool {
    let ping = async {
        let mut stream = UnixStream::connect(socket).await?;
        stream.write_all(b"PING\r\n").await?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await?;
        std::io::Result::Ok(&answer == b"+PONG")
    };
    matches!(tokio::time::timeout(Duration::from_secs(2), ping).await, Ok(Ok(true)))
}
