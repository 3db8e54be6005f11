//! What every handler can reach.

use std::sync::Arc;

use campus::Campus;
use campus::accounts::Sessions;
use campus::learning::WatchRecorder;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

use crate::kept::Answers;

/// Shared by all workers of one process.
#[derive(Clone)]
pub struct State {
    /// The domain.
    pub campus: Campus,
    /// Tokens: made, checked, cached.
    pub sessions: Arc<Sessions>,
    /// Records what is watched.
    pub recorder: WatchRecorder,
    /// The catalogue's finished answers.
    pub catalogue: Arc<Answers>,
    /// Finished rankings of closed months.
    pub rankings: Arc<Answers>,
    /// Ends what would go on for as long as somebody listens.
    pub closing: CancellationToken,
    /// The figures for Prometheus.
    pub metrics: PrometheusHandle,
    /// How the process was set up.
    pub settings: Arc<Settings>,
}

/// What the HTTP side alone needs to know.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether a proxy in front says who the client is (`X-Forwarded-For`, `X-Forwarded-Proto`).
    pub behind_proxy: bool,
    /// The token that `/metrics` asks for; `None`: only loopback may read it.
    pub metrics_token: Option<String>,
    /// The folder with the built web, `learner/` and `office/` inside; `None`: none is served.
    pub web: Option<std::path::PathBuf>,
}
