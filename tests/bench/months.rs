//! What the month costs a large network: rankings, closing, and what goes on meanwhile.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use api::{Running, ServerConfig, Settings};
use campus::Campus;
use campus::access::{ReadReports, SessionProof};
use campus::accounts::Sessions;
use campus::clock::Month;
use campus::reports::{self, Keeper};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::future::join;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::Line;
use crate::ground::Ground;
use crate::load::{latencies, request, run};
use crate::street;

/// How long each side of a rate is measured, in seconds.
const SECONDS: u64 = 5;
/// Clients at once.
const CLIENTS: usize = 32;
/// Answers of an open month that are waited for, one after the other.
const LOOKS: usize = 600;
/// The longest that the ranking of an open month may take at the 95th percentile, in milliseconds.
const PATIENCE: f64 = 50.0;

/// A large network with an API of its own.
struct Network {
    campus: Campus,
    address: SocketAddr,
    server: Running,
    admin: Uuid,
}

impl Network {
    /// A token of the admin's, for now: closing takes longer than one is good for.
    fn token(&self) -> String {
        let session = SessionProof { id: self.admin, proved_at: self.campus.clock.now() };
        self.server.state.sessions.issue(&self.campus, self.admin, &session).expect("a token can be made")
    }
}

async fn network(ground: &Ground) -> &'static Network {
    static MADE: OnceCell<Network> = OnceCell::const_new();
    MADE.get_or_init(|| async {
        let (campus, admin) = street::make(ground).await;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let settings = Settings { behind_proxy: true, ..Settings::default() };
        let server =
            api::start(&campus, listener, ServerConfig { workers: 2, settings, extra: None }).expect("the API starts");
        Network { campus, address, server, admin }
    })
    .await
}

/// The month that runs.
fn current(campus: &Campus) -> Month {
    Month::of(campus.clock.today())
}

/// The `back`-th month before the one that runs.
fn earlier(campus: &Campus, back: usize) -> Month {
    current(campus).back(back + 1).into_iter().next().expect("a month")
}

/// Closes a month; answers the seconds it took.
async fn close(campus: &Campus, month: Month) -> f64 {
    let began = Instant::now();
    let closing = reports::close(campus, None, month).await.expect("the month closes");
    assert!(closing.newly, "{month} was closed before");
    began.elapsed().as_secs_f64()
}

/// Seconds that a plain GROUP BY over the month's rows takes.
async fn plain(ground: &Ground, month: Month) -> f64 {
    let mut owner = AsyncPgConnection::establish(&street::url(ground)).await.expect("the owner connects");
    let first = month.first_day();
    let statements = [
        format!(
            "SELECT branch_id, count(*), sum(watched_ms), count(DISTINCT resident_id) FROM learning_days \
             WHERE counted_month = '{first}' GROUP BY branch_id"
        ),
        format!(
            "SELECT branch_id, count(*), sum(amount) FROM credit_transfers WHERE counted_month = '{first}' GROUP BY branch_id"
        ),
        format!("SELECT registered_branch_id, count(*) FROM residents WHERE counted_month <= '{first}' GROUP BY 1"),
    ];
    let began = Instant::now();
    for statement in statements {
        diesel::sql_query(statement).execute(&mut owner).await.expect("a plain GROUP BY");
    }
    began.elapsed().as_secs_f64()
}

/// Closes the months from the `from`-th back on, down to `to`; answers the seconds of each.
async fn close_each(campus: &Campus, from: usize, to: usize) -> Vec<f64> {
    let mut took = Vec::new();
    for back in (to..=from).rev() {
        took.push(close(campus, earlier(campus, back)).await);
    }
    took
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// What the lines of closing found: it can be done once only.
struct Closed {
    first: f64,
    last: f64,
    plain: f64,
    posting: (f64, f64),
    watching: (f64, f64),
}

async fn closed(ground: &Ground) -> &'static Closed {
    static FOUND: OnceCell<Closed> = OnceCell::const_new();
    FOUND.get_or_init(|| close_all(ground)).await
}

async fn close_all(ground: &Ground) -> Closed {
    let campus = &network(ground).await.campus;
    // Once for the caches of the machine, and the months of which the network has few days or none; then what is
    // compared.
    plain(ground, earlier(campus, 10)).await;
    close_each(campus, 11, 10).await;
    let first = mean(&close_each(campus, 9, 8).await);
    // Connections and caches first: the rates meanwhile are those of a server that has run for a while.
    street::posting(campus, SECONDS).await;
    let alone = street::posting(campus, SECONDS).await;
    street::watching(campus, SECONDS).await;
    let watched_alone = street::watching(campus, SECONDS).await;
    let (posting, _) = during(campus, 7, 6, |campus, stop| Box::pin(street::posting_until(campus, stop))).await;
    let (watching, _) = during(campus, 5, 4, |campus, stop| Box::pin(street::watching_until(campus, stop))).await;
    let plain = plain(ground, earlier(campus, 3)).await;
    let last = mean(&close_each(campus, 3, 1).await);
    Closed { first, last, plain, posting: (posting, alone), watching: (watching, watched_alone) }
}

type Work<'a> = futures_util::future::BoxFuture<'a, f64>;

/// A rate while months are closed.
async fn during(
    campus: &Campus,
    from: usize,
    to: usize,
    work: impl for<'a> Fn(&'a Campus, Arc<AtomicBool>) -> Work<'a>,
) -> (f64, Vec<f64>) {
    let stop = Arc::new(AtomicBool::new(false));
    let closing = async {
        let took = close_each(campus, from, to).await;
        stop.store(true, Ordering::Relaxed);
        took
    };
    join(work(campus, Arc::clone(&stop)), closing).await
}

/// Seconds to close a month, against a plain GROUP BY over its rows.
pub async fn closing(ground: &Ground) -> Line {
    let found = closed(ground).await;
    let name = "closing a month, s, vs a plain GROUP BY";
    Line { name, ours: found.last, baseline: found.plain, goal: 2.0, at_most: true }
}

/// Seconds to close a month with eight to ten before it, against the first two that are whole.
pub async fn closing_later(ground: &Ground) -> Line {
    let found = closed(ground).await;
    let name = "closing the last months, s, vs the first";
    Line { name, ours: found.last, baseline: found.first, goal: 1.1, at_most: true }
}

/// Transfers a second while months are closed, against none being closed.
pub async fn posting(ground: &Ground) -> Line {
    let (ours, baseline) = closed(ground).await.posting;
    Line { name: "transfers while a month closes, vs without", ours, baseline, goal: 0.9, at_most: false }
}

/// Watch reports a second while months are closed, against none being closed.
pub async fn watching(ground: &Ground) -> Line {
    let (ours, baseline) = closed(ground).await.watching;
    Line { name: "watch reports while a month closes, vs without", ours, baseline, goal: 0.9, at_most: false }
}

struct Bare {
    campus: Campus,
    sessions: Arc<Sessions>,
    body: web::Bytes,
}

/// Checks the token as the API does, and returns the bytes.
async fn bare_route(bare: web::Data<Bare>, request: HttpRequest) -> HttpResponse {
    let token = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let Some(token) = token.and_then(|value| value.strip_prefix("Bearer ")) else {
        return HttpResponse::Unauthorized().finish();
    };
    match bare.sessions.actor(&bare.campus, token).await {
        Ok(actor) if actor.require::<ReadReports>(bare.campus.clock.now()).is_ok() => {
            HttpResponse::Ok().content_type("application/json").body(bare.body.clone())
        }
        _ => HttpResponse::Forbidden().finish(),
    }
}

/// The ranking of a closed month, logged in, against a bare route that checks the same token.
pub async fn closed_ranking(ground: &Ground) -> Line {
    closed(ground).await;
    let network = network(ground).await;
    let path = format!("/api/v1/reports/months/{}/ranking?metric=credits", earlier(&network.campus, 1));
    let token = network.token();
    let headers = format!("authorization: Bearer {token}\r\n");
    let url = format!("http://{}{path}", network.address);
    let answer = reqwest::Client::new().get(url).bearer_auth(&token).send().await.expect("the API answers");
    assert!(answer.status().is_success(), "answered {}", answer.status());
    let body = answer.bytes().await.expect("a body");
    let sessions = Arc::clone(&network.server.state.sessions);
    let bare = web::Data::new(Bare { campus: network.campus.clone(), sessions, body });
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let server =
        HttpServer::new(move || App::new().app_data(bare.clone()).route("/ranking", web::get().to(bare_route)))
            .workers(2)
            .disable_signals()
            .listen(listener)
            .expect("the bare route is served")
            .run();
    let handle = server.handle();
    tokio::spawn(server);
    let wanted = request("GET", &path, &headers, "");
    let ours = run(network.address, CLIENTS, SECONDS, move |_, _| wanted.clone()).await;
    let wanted = request("GET", "/ranking", &headers, "");
    let baseline = run(address, CLIENTS, SECONDS, move |_, _| wanted.clone()).await;
    handle.stop(false).await;
    Line { name: "ranking of a closed month vs a bare route", ours, baseline, goal: 0.8, at_most: false }
}

/// The 95th percentile of the ranking of the month that runs, while somebody's credits are posted every
/// tenth of a second, against the time that staff are to wait at most, in milliseconds.
pub async fn open_ranking(ground: &Ground) -> Line {
    let network = network(ground).await;
    let campus = network.campus.clone();
    static KEPT: OnceLock<tokio::task::JoinHandle<()>> = OnceLock::new();
    KEPT.get_or_init(|| tokio::spawn(keep(campus.clone())));
    let month = current(&campus);
    while reports::revision(&campus, month).await.is_none() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let posting = tokio::spawn(street::posting_slowly(campus.clone(), Arc::clone(&stop)));
    let metrics = ["credits", "learning_hours", "active_learners", "total_registrations", "registrations_per_1000"];
    let paths = (0..LOOKS)
        .map(|number| format!("/api/v1/reports/months/{month}/ranking?metric={}", metrics[number % metrics.len()]))
        .collect();
    let headers = format!("authorization: Bearer {}\r\n", network.token());
    let mut times = latencies(network.address, paths, headers).await;
    stop.store(true, Ordering::Relaxed);
    posting.await.expect("posting went well");
    times.sort();
    let ours = times[times.len() * 95 / 100].as_secs_f64() * 1000.0;
    Line { name: "ranking of the open month, p95 ms, of 50", ours, baseline: PATIENCE, goal: 1.0, at_most: true }
}

async fn keep(campus: Campus) {
    let mut keeper = Keeper::default();
    loop {
        // The database goes away when all is measured.
        let Ok(pause) = keeper.look_after(&campus).await else { return };
        tokio::time::sleep(pause).await;
    }
}
