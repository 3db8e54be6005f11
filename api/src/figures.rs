//! The figures for Prometheus that this process keeps.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the times that are told apart, in seconds.
const TIMES: [f64; 11] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// How often what was recorded is added up: until then each value is kept by itself.
const ADDING_UP: Duration = Duration::from_secs(5);

/// One recorder a process, however many servers it starts, and even where two start at once.
///
/// # Errors
/// When another recorder is installed.
pub fn recorder() -> anyhow::Result<PrometheusHandle> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    HANDLE.get_or_init(|| install().map_err(|error| format!("{error:#}"))).clone().map_err(anyhow::Error::msg)
}

fn install() -> anyhow::Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new().set_buckets(&TIMES)?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)?;
    Ok(handle)
}

/// Adds up what is recorded for as long as it is run: where nobody reads the figures, the values
/// would gather in memory for good.
pub async fn add_up(handle: PrometheusHandle) {
    loop {
        tokio::time::sleep(ADDING_UP).await;
        handle.run_upkeep();
    }
}
