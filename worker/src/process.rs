//! The worker as a process of its own, configured by the environment.

use std::net::SocketAddr;

use anyhow::Context;
use campus::Campus;
use campus::config::{Config, clock_from_environment};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::signal::unix::{SignalKind, signal};

use crate::WorkerConfig;

/// Works until a signal stops it.
///
/// # Errors
/// What keeps it from working, as one line that says what to do.
pub async fn run() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned()))
        .init();
    serve_metrics()?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let campus = Campus::new(Config::from_environment()?, clock_from_environment()?)?;
    let running = crate::start(&campus, WorkerConfig::of(&campus.config));
    tracing::info!("working");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: running jobs are finished or given back");
    running.stop().await?;
    tracing::info!("stopped");
    Ok(())
}

/// Serves the figures for Prometheus on `METRICS_ADDR` (`127.0.0.1:9100`), where it is set.
fn serve_metrics() -> anyhow::Result<()> {
    let Some(address) = std::env::var("METRICS_ADDR").ok().filter(|value| !value.is_empty()) else { return Ok(()) };
    let address: SocketAddr =
        address.parse().with_context(|| format!("METRICS_ADDR must look like 127.0.0.1:9100, not {address}"))?;
    PrometheusBuilder::new().with_http_listener(address).install().context("cannot serve METRICS_ADDR")?;
    Ok(())
}
