//! One start on one machine: check, start the engines, run the site, stop everything in order.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::engines::{self, DataFolder, EngineError, Postgres, PostgresOptions, Redis, RedisOptions};
use crate::settings::{Settings, SettingsError};
use crate::site::{self, SiteContext};
use crate::storage::ObjectStorage;

/// Time the site gets to finish what it is doing once it is told to stop. Together with the
/// engines' own limits everything ends within 30 seconds.
const SITE_PATIENCE: Duration = Duration::from_secs(10);

/// Why a start did not work, as one line for the terminal.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting cannot be understood.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Another program listens on the port.
    #[error("port {port} is in use: stop the program that uses it, or choose another one (PORT={other} make run)")]
    PortInUse {
        /// The port asked for.
        port: u16,
        /// One to try instead.
        other: u16,
    },
    /// The port or address cannot be listened on.
    #[error("cannot listen on {address}: {cause}: choose another HOST or a PORT from 1024 on")]
    Address {
        /// The address asked for.
        address: SocketAddr,
        /// What the system answered.
        cause: std::io::Error,
    },
    /// An engine or the data folder.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The process cannot listen for signals or log.
    #[error("the process cannot be set up: {0}")]
    Process(#[from] std::io::Error),
    /// The site itself.
    #[error("{0:#}")]
    Site(anyhow::Error),
}

/// Says on the terminal what is being done.
pub fn progress(chinese: &str, english: &str) {
    line(&format!("· {chinese} ({english})"));
}

/// Writes a line to the terminal.
pub fn line(text: &str) {
    // A closed terminal is no reason to stop serving.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The engines of a start.
struct Engines {
    postgres: Postgres,
    redis: Redis,
    storage: ObjectStorage,
}

impl Engines {
    async fn start(folder: &DataFolder) -> Result<Self, EngineError> {
        let path = folder.path();
        let (postgres, redis, storage) = tokio::try_join!(
            Postgres::start(path, PostgresOptions::default()),
            Redis::start(path, RedisOptions::default()),
            ObjectStorage::start(path, 0),
        )?;
        Ok(Self { postgres, redis, storage })
    }

    async fn stop(self) {
        tokio::join!(self.storage.stop(), self.redis.stop());
        self.postgres.stop().await;
    }
}

/// Runs until a signal asks to stop (`Ok`) or something ends the start (`Err`); with `words`, runs the tool that
/// they name instead of the site and answers its code.
///
/// # Errors
/// One line that says what to do.
pub async fn run(settings: Settings, words: Vec<String>) -> Result<ExitCode, StartError> {
    let stopping = stop_on_signals()?;
    // Before anything slow, and kept from here on, so that nobody takes the port meanwhile.
    let listener = listen(&settings)?;
    progress("检查数据目录和所需程序", "checking data folder and programs");
    let folder = DataFolder::open(&settings.data_dir)?;
    let ffmpeg = engines::require_all(folder.path())?;
    start_logging(&folder)?;
    progress("启动数据库、缓存和对象存储", "starting PostgreSQL, Redis and object storage");
    let began = Instant::now();
    let engines = tokio::select! {
        started = Engines::start(&folder) => started,
        () = stopping.cancelled() => {
            goodbye();
            engines::end_all(folder.path()).await?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let engines = match engines {
        Ok(engines) => engines,
        Err(error) => {
            engines::end_all(folder.path()).await?;
            return Err(error.into());
        }
    };
    tracing::info!(milliseconds = began.elapsed().as_millis(), "engines run");
    let context = SiteContext {
        listener,
        settings,
        data_dir: folder.path().to_owned(),
        ffmpeg,
        postgres_url: engines.postgres.url(),
        application_url: engines.postgres.url_for("changqing_app", "changqing"),
        redis_url: engines.redis.url(),
        storage_endpoint: engines.storage.endpoint(),
        storage_address: engines.storage.address(),
        storage_keys: engines.storage.keys().clone(),
        stopping: stopping.clone(),
    };
    let outcome = if words.is_empty() {
        run_until_stopped(context, &stopping).await.map(|()| ExitCode::SUCCESS)
    } else {
        site::run_tool(&context, words).await.map_err(StartError::Site)
    };
    goodbye();
    engines.stop().await;
    outcome
}

async fn run_until_stopped(context: SiteContext, stopping: &CancellationToken) -> Result<(), StartError> {
    let site = site::run_site(context);
    tokio::pin!(site);
    tokio::select! {
        ended = &mut site => return ended.map_err(StartError::Site),
        () = stopping.cancelled() => {}
    }
    match tokio::time::timeout(SITE_PATIENCE, site).await {
        Ok(ended) => ended.map_err(StartError::Site),
        Err(_) => {
            tracing::warn!("the site did not finish in time");
            Ok(())
        }
    }
}

fn goodbye() {
    progress("正在停止，数据已保存", "stopping; everything is kept");
}

fn listen(settings: &Settings) -> Result<TcpListener, StartError> {
    let address = SocketAddr::from((settings.host, settings.port));
    TcpListener::bind(address).map_err(|cause| {
        if cause.kind() == ErrorKind::AddrInUse {
            StartError::PortInUse { port: settings.port, other: settings.port.checked_add(1).unwrap_or(8080) }
        } else {
            StartError::Address { address, cause }
        }
    })
}

/// A token that is cancelled by Ctrl-C, SIGTERM or a closed terminal. Further signals change
/// nothing: `timeout` and some supervisors send theirs twice, to the process and to its group.
fn stop_on_signals() -> Result<CancellationToken, std::io::Error> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let stopping = CancellationToken::new();
    let cancelled = stopping.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            cancelled.cancel();
        }
    });
    Ok(stopping)
}

/// Logs to `logs/site.log` in the data folder, so that the terminal stays readable. `RUST_LOG`
/// chooses what.
fn start_logging(folder: &DataFolder) -> Result<(), EngineError> {
    use tracing_subscriber::EnvFilter;
    let file = engines::open_log(folder.path(), "site")?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,s3s=warn,s3s_fs=warn"));
    let logging =
        tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::sync::Mutex::new(file)).try_init();
    if let Err(error) = logging {
        // Only where a test has set its own subscriber before.
        tracing::debug!(%error, "logging was set up before");
    }
    Ok(())
}
