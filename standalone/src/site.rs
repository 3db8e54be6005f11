//! The site on this machine: migrations, API and worker in one process, the demo network.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use api::{Extra, ServerConfig};
use campus::Campus;
use campus::clock::Clock;
use campus::config::{Config, lrs_from_environment};
use campus::mail::MailConfig;
use campus::storage::StorageConfig;
use campus::{accounts, db, deployment};
use tokio_util::sync::CancellationToken;
use worker::WorkerConfig;

use crate::demo;
use crate::settings::Settings;
use crate::start::progress;
use crate::storage::{BUCKET, REGION, StorageKeys, proxy};

/// What the engines hand to the site.
#[derive(Debug)]
pub struct SiteContext {
    /// The site's port, bound and listening.
    pub listener: TcpListener,
    /// What this start was told.
    pub settings: Settings,
    /// Absolute path of the data folder.
    pub data_dir: PathBuf,
    /// The ffmpeg program.
    pub ffmpeg: PathBuf,
    /// The database as its owner; the application's own role is made by the migrations.
    pub postgres_url: String,
    /// The database as the application's role.
    pub application_url: String,
    /// Redis over its Unix socket.
    pub redis_url: String,
    /// S3 endpoint for this process.
    pub storage_endpoint: String,
    /// Where the way under `/storage/` leads.
    pub storage_address: SocketAddr,
    /// Keys for signing.
    pub storage_keys: StorageKeys,
    /// Cancelled when the site is to stop; [`run_site`] then has ten seconds to return.
    pub stopping: CancellationToken,
}

/// Serves the site until `context.stopping` is cancelled.
///
/// # Errors
/// Whatever keeps the site from being served.
pub async fn run_site(context: SiteContext) -> anyhow::Result<()> {
    progress("更新数据库结构", "bringing the database up to date");
    db::migrate(&context.postgres_url).await.context("the database cannot be brought up to date")?;
    let campus = campus(&context)?;
    deployment::begin(&campus).await?;
    let address = context.listener.local_addr()?;
    let server = api::start(&campus, context.listener.try_clone()?, server_config(&context))?;
    let worker =
        worker::start(&campus, WorkerConfig { grace: Duration::from_secs(8), ..WorkerConfig::of(&campus.config) });
    let filled = tokio::select! {
        filled = demo::fill(&campus, &context.data_dir, context.settings.demo) => Some(filled),
        () = context.stopping.cancelled() => None,
    };
    match filled {
        Some(Ok(people)) => {
            announce(address, &people, &context.data_dir);
            context.stopping.cancelled().await;
        }
        Some(Err(error)) => {
            let (server, worker) = tokio::join!(server.stop(), worker.stop());
            server.and(worker)?;
            return Err(error.context("the data folder could not be filled; start again to go on"));
        }
        None => {}
    }
    let (server, worker) = tokio::join!(server.stop(), worker.stop());
    server.and(worker)
}

/// Runs a tool of the worker's on what this machine keeps.
///
/// # Errors
/// When there is no such tool, or the database cannot be brought up to date.
pub async fn run_tool(context: &SiteContext, words: Vec<String>) -> anyhow::Result<ExitCode> {
    db::migrate(&context.postgres_url).await.context("the database cannot be brought up to date")?;
    let campus = Some(campus(context)?);
    let mut words = words.into_iter();
    match words.next().as_deref() {
        Some("audit-ledger") => Ok(worker::audit_ledger::run(words, campus).await),
        Some("acknowledge-ledger") => Ok(worker::acknowledge_ledger::run(words, campus).await),
        other => anyhow::bail!("{} is not known; audit-ledger, or acknowledge-ledger", other.unwrap_or_default()),
    }
}

fn campus(context: &SiteContext) -> anyhow::Result<Campus> {
    let keys = context.data_dir.join("keys/tokens");
    accounts::make_key(&keys)?;
    let config = Config {
        database_url: context.application_url.clone(),
        database_connections: 24,
        redis_url: Some(context.redis_url.clone()),
        storage: StorageConfig {
            endpoint: context.storage_endpoint.clone(),
            public_endpoint: None,
            bucket: BUCKET.to_owned(),
            prefix: String::new(),
            region: REGION.to_owned(),
            access_key: context.storage_keys.access_key.clone(),
            secret_key: context.storage_keys.secret_key.clone(),
        },
        mail: MailConfig::Folder(context.data_dir.join("mailbox")),
        mail_from: "常青学堂 <noreply@changqing.example>".to_owned(),
        signing_keys: keys,
        closing_day: 6,
        redis_patience: campus::signals::PATIENCE,
        points_last_months: 24,
        award_second_person_above: 100_000,
        password_hashing: 2,
        help_telephone: std::env::var("HELP_TELEPHONE").unwrap_or_else(|_| "12345".to_owned()),
        site_url: match &context.settings.site_url {
            Some(url) => url.clone(),
            None => format!("http://localhost:{}", context.listener.local_addr()?.port()),
        },
        lrs: lrs_from_environment()?,
        auditor_email: std::env::var("AUDITOR_EMAIL").ok().filter(|value| !value.is_empty()),
    };
    let zone = std::env::var("TIME_ZONE").unwrap_or_else(|_| "Asia/Shanghai".to_owned());
    let clock = match context.settings.clock_start {
        Some(start) => Clock::starting_at(&zone, start)?,
        None => Clock::live(&zone)?,
    };
    Campus::new(config, clock)
}

fn server_config(context: &SiteContext) -> ServerConfig {
    let storage = context.storage_address;
    let extra: Extra = Arc::new(move |config| proxy::configure(config, storage));
    let web = std::env::var_os("WEB_DIR").map_or_else(|| PathBuf::from("web"), PathBuf::from);
    ServerConfig {
        workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
        settings: api::Settings {
            behind_proxy: context.settings.behind_proxy,
            metrics_token: None,
            web: web.is_dir().then_some(web),
        },
        extra: Some(extra),
    }
}

fn announce(address: SocketAddr, people: &[demo::DemoAccount], data_dir: &std::path::Path) {
    let port = address.port();
    progress(&format!("已就绪：http://localhost:{port}"), &format!("ready: http://localhost:{port}"));
    progress(
        &format!("办公端：http://localhost:{port}/office"),
        "the office's side; phones on the same network use this machine's address",
    );
    for person in people {
        let branch = person.branch.as_deref().unwrap_or("-");
        crate::start::line(&format!(
            "  {:<12} {:<6} {:<28} {}  {}{}",
            person.role,
            branch,
            person.login,
            person.password,
            person.name,
            person.totp_secret.as_deref().map_or_else(String::new, |secret| format!("  TOTP {secret}")),
        ));
    }
    let file = data_dir.join("demo-accounts.json");
    progress(&format!("账号保存在 {}", file.display()), "the accounts are kept there too");
}
