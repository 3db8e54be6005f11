//! The HTTP server: layers, rooms, start and stop.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use campus::Campus;
use campus::accounts::Sessions;
use campus::learning::WatchRecorder;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::SwaggerUi;

use crate::documentation::document;
use crate::kept::{Answers, KeptLayer};
use crate::state::{Settings, State};
use crate::{
    account_statements, accounts, anomalies, audit, award_batches, awards, branches, captions, cards, catalogue,
    certificates, consents, courses, credit_rules, credits, desk, devices, dossiers, figures, gate, health, helping,
    honours, learning, ledger, lessons, merges, moves, observe, operations, password_reset, problem, questions,
    ratings, recognition, reports, residents, rewards, rosters, session, site, stewardship, storage_reports, venues,
    videos,
};

/// Further routes that a process brings along (the single-machine store's proxy).
pub type Extra = Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>;

/// How to serve.
#[derive(Clone)]
pub struct ServerConfig {
    /// How many threads answer requests.
    pub workers: usize,
    /// What the HTTP side needs to know.
    pub settings: Settings,
    /// Further routes.
    pub extra: Option<Extra>,
}

/// A server that is running.
pub struct Running {
    /// Stops it.
    pub handle: ServerHandle,
    /// Ends when the server has ended.
    pub ended: tokio::task::JoinHandle<std::io::Result<()>>,
    /// What its handlers reach.
    pub state: State,
    /// Hears what other processes change, for as long as this server is there.
    notices: AbortOnDropHandle<()>,
    /// Adds up the figures.
    figures: AbortOnDropHandle<()>,
}

impl Running {
    /// Stops taking requests, lets those under way finish (at most 10 seconds), and ends.
    ///
    /// # Errors
    /// When the server ended badly.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.state.closing.cancel();
        self.handle.stop(true).await;
        self.ended.await??;
        drop((self.notices, self.figures));
        Ok(())
    }
}

/// Every room's routes.
pub(crate) fn rooms(config: &mut ServiceConfig<'_>) {
    // First what is asked for most: addresses are compared with one after the other.
    learning::routes(config);
    accounts::routes(config);
    audit::routes(config);
    branches::routes(config);
    cards::routes(config);
    consents::routes(config);
    credits::routes(config);
    credit_rules::routes(config);
    rewards::routes(config);
    desk::routes(config);
    helping::routes(config);
    devices::routes(config);
    lessons::routes(config);
    operations::routes(config);
    password_reset::routes(config);
    questions::routes(config);
    ratings::routes(config);
    award_batches::routes(config);
    awards::routes(config);
    honours::routes(config);
    dossiers::routes(config);
    anomalies::routes(config);
    venues::routes(config);
    recognition::routes(config);
    reports::routes(config);
    residents::routes(config);
    merges::routes(config);
    moves::routes(config);
    rosters::routes(config);
    session::routes(config);
    stewardship::routes(config);
    catalogue::routes(config);
    certificates::routes(config);
    courses::routes(config);
    videos::routes(config);
    captions::routes(config);
    storage_reports::routes(config);
    ledger::routes(config);
    account_statements::routes(config);
}

/// How long a connection without a request is kept open, in seconds. It must be longer than the
/// one that asks keeps it for reuse (Caddy and browsers: up to 120 s, nginx 60 s): whoever asks on
/// a connection that is being closed gets an error, and must not send a change a second time.
const KEPT_OPEN: Duration = Duration::from_secs(130);

/// Starts to serve on `listener`.
///
/// # Errors
/// When the keys cannot be read or the listener cannot be served.
pub fn start(campus: &Campus, listener: TcpListener, config: ServerConfig) -> anyhow::Result<Running> {
    let sessions = Arc::new(Sessions::new(campus)?);
    sessions.forget_on_notice(campus);
    let metrics = figures::recorder()?;
    let recorder = WatchRecorder::new(campus);
    let (catalogue, rankings) = (Arc::new(Answers::of_the_catalogue()), Arc::new(Answers::of_closed_months()));
    catalogue.forget_on_notice(campus);
    rankings.forget_on_notice(campus);
    // After both have begun to listen: what they hear first is that the line is up.
    let notices = AbortOnDropHandle::new(campus.listen());
    let state = State {
        campus: campus.clone(),
        sessions,
        recorder,
        catalogue,
        rankings,
        closing: CancellationToken::new(),
        metrics,
        settings: Arc::new(config.settings.clone()),
    };
    let shared = state.clone();
    let in_front = KeptLayer::new(&state);
    let description: web::Bytes = serde_json::to_vec(&document())?.into();
    let pages = Arc::new(site::Pages::load(config.settings.web.as_deref())?);
    let extra = config.extra.clone();
    let server = HttpServer::new(move || {
        // Made once by each thread that answers requests: it records what is reported to it.
        let data = Data::new(State { recorder: shared.recorder.beside(), ..shared.clone() });
        let (description, pages, extra) = (description.clone(), pages.clone(), extra.clone());
        App::new()
            .app_data(data)
            .wrap(from_fn(observe::request))
            .wrap(in_front.clone())
            .configure(health::routes)
            .configure(session::root_routes)
            .configure(move |config| {
                if let Some(extra) = extra {
                    extra(config);
                }
            })
            .service(
                web::scope("/api/v1")
                    .wrap(from_fn(gate::check))
                    .configure(|config| rooms(&mut ServiceConfig::new(config)))
                    .route(
                        "/openapi.json",
                        web::get().to(move || {
                            let body = description.clone();
                            async move { HttpResponse::Ok().content_type("application/json").body(body) }
                        }),
                    )
                    .default_service(web::to(problem::no_such_address)),
            )
            .service(SwaggerUi::new("/api/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/api/v1/openapi.json")))
            .configure(move |config| site::routes(config, pages))
            .default_service(web::to(problem::no_such_address))
    })
    .workers(config.workers)
    .shutdown_timeout(10)
    .client_request_timeout(Duration::from_secs(15))
    .keep_alive(KEPT_OPEN)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    let figures = AbortOnDropHandle::new(tokio::spawn(figures::add_up(state.metrics.clone())));
    Ok(Running { handle, ended: tokio::spawn(server), state, notices, figures })
}
