//! The API as a process of its own, configured by the environment.
//!
//! `api` serves; `api migrate` brings the database up to date; `api setup` makes a new
//! deployment usable: it notes the first month and makes the first admin.

use std::net::TcpListener;
use std::str::FromStr;

use anyhow::Context;
use campus::Campus;
use campus::access::Role;
use campus::accounts::{self, NewStaff, Passwords};
use campus::config::{Config, clock_from_environment, on_or_off};
use tokio::signal::unix::{SignalKind, signal};

use crate::{ServerConfig, Settings};

const USAGE: &str = "usage: api [serve|migrate|setup|document]";

/// Does what `command` says (`serve` where nothing is said) until a signal stops it.
///
/// # Errors
/// What keeps it from working, as one line that says what to do.
pub async fn run(command: Option<&str>) -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_env_filter(optional("RUST_LOG").unwrap_or_else(|| "info".to_owned()))
        .init();
    match command {
        None | Some("serve") => serve().await,
        Some("migrate") => {
            let url = optional("MIGRATION_DATABASE_URL")
                .context("the environment variable MIGRATION_DATABASE_URL is missing: the database, as its owner")?;
            campus::db::migrate(&url).await?;
            tracing::info!("the database is up to date");
            Ok(())
        }
        Some("setup") => set_up().await,
        Some("document") => {
            println!("{}", serde_json::to_string_pretty(&crate::document())?);
            Ok(())
        }
        Some(other) => anyhow::bail!("{other} is no command; {USAGE}"),
    }
}

fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn setting<T: FromStr>(name: &str, default: T) -> anyhow::Result<T> {
    optional(name).map_or(Ok(default), |text| {
        text.parse().map_err(|_| anyhow::anyhow!("the environment variable {name} cannot be understood: {text}"))
    })
}

fn switch(name: &str) -> anyhow::Result<bool> {
    optional(name).map_or(Ok(false), |text| {
        on_or_off(&text).with_context(|| format!("the environment variable {name} cannot be understood: say on or off"))
    })
}

fn campus() -> anyhow::Result<Campus> {
    Campus::new(Config::from_environment()?, clock_from_environment()?)
}

async fn serve() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let campus = campus()?;
    let address = optional("LISTEN").unwrap_or_else(|| "0.0.0.0:8080".to_owned());
    let listener = TcpListener::bind(&address)
        .with_context(|| format!("cannot listen on {address}: set LISTEN to another address and port"))?;
    let config = ServerConfig {
        workers: setting("WEB_WORKERS", std::thread::available_parallelism().map_or(2, Into::into))?,
        settings: Settings {
            behind_proxy: switch("BEHIND_PROXY")?,
            metrics_token: optional("METRICS_TOKEN"),
            web: optional("WEB_DIR").map(Into::into),
        },
        extra: None,
    };
    let address = listener.local_addr()?;
    let mut running = crate::start(&campus, listener, config)?;
    tracing::info!(%address, "serving");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        ended = &mut running.ended => {
            ended??;
            anyhow::bail!("the server ended by itself");
        }
    }
    tracing::info!("stopping: requests under way are finished");
    running.stop().await?;
    tracing::info!("stopped");
    Ok(())
}

async fn set_up() -> anyhow::Result<()> {
    let campus = campus()?;
    campus::deployment::begin(&campus).await.context("cannot note the first start")?;
    let known = accounts::any(&mut *campus.database.connection().await?).await?;
    if known {
        tracing::info!("there are accounts already; no admin is made");
    } else {
        let email = optional("ADMIN_EMAIL").context("the environment variable ADMIN_EMAIL is missing")?;
        let password = optional("ADMIN_PASSWORD").context("the environment variable ADMIN_PASSWORD is missing")?;
        let admin = NewStaff {
            role: Role::Admin,
            name: optional("ADMIN_NAME").unwrap_or_else(|| "管理员".to_owned()),
            email,
            branch_id: None,
            password,
        };
        let account = accounts::create_staff(&campus, &Passwords::new(1)?, None, &admin)
            .await
            .context("ADMIN_PASSWORD needs 15 to 128 characters that are not easily guessed; choose another")?;
        tracing::info!(account = %account.id, "the first admin is made");
    }
    campus::deployment::mark_ready(&campus).await.context("cannot note that it is ready")?;
    Ok(())
}
