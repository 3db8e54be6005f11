//! Tells who watches an open month that its figures have changed (server-sent events).

use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpResponse, get};
use campus::Campus;
use campus::access::ReadReports;
use campus::clock::Month;
use campus::db::notices::Notice;
use campus::reports;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;
use uuid::Uuid;

use super::month;
use crate::input::Query;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// How often the board is looked at.
const PACE: Duration = Duration::from_secs(1);
/// How often the reader is told to read again where nobody keeps the board.
const WITHOUT_A_BOARD: Duration = Duration::from_secs(5);
/// A line on which nothing comes for longer is cut by proxies.
const SILENCE: Duration = Duration::from_secs(15);
/// How long one answer goes on, in seconds: whoever still may comes again with a new token.
const LONGEST: u64 = 300;

/// How long to listen.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct EventsQuery {
    /// Seconds, at most and by default 300; with 0 the answer says how things stand and ends.
    seconds: Option<u64>,
}

/// Tells at once, and each time the figures of a month change: `event: figures`, with the month and a revision
/// as `data`. Read the ranking anew then.
#[utoipa::path(tag = "reports", params(("month" = String, Path, example = "2026-11"), EventsQuery),
    responses((status = 200, description = "Events", content((String = "text/event-stream")))))]
#[get("/reports/months/{month}/events")]
pub(crate) async fn events(
    state: Data<State>,
    permit: Permit<ReadReports>,
    path: Path<String>,
    query: Query<EventsQuery>,
) -> Answer {
    let seconds = query.0.seconds.unwrap_or(LONGEST).min(LONGEST);
    let listener = Listener {
        campus: state.campus.clone(),
        month: month(&path)?,
        account: permit.account_id,
        notices: state.campus.notices.subscribe(),
        closing: state.closing.clone(),
        until: Instant::now() + Duration::from_secs(seconds),
        told: None,
        spoke: Instant::now(),
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, actix_web::Error>(event), listener))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        // Proxies that gather what they pass on would hold events back.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events))
}

struct Listener {
    campus: Campus,
    month: Month,
    account: Uuid,
    notices: Receiver<Notice>,
    closing: CancellationToken,
    until: Instant,
    /// The revision that was told last; `None`: nothing yet.
    told: Option<String>,
    spoke: Instant,
}

impl Listener {
    /// What is said next; `None`: no more.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.told.is_some() && !self.waits().await {
                return None;
            }
            let revision = reports::revision(&self.campus, self.month).await;
            let due = match (&self.told, &revision) {
                (None, _) => true,
                (Some(told), Some(revision)) => told != revision,
                (Some(_), None) => self.spoke.elapsed() >= WITHOUT_A_BOARD,
            };
            if due {
                return Some(self.figures(revision.unwrap_or_default()));
            }
            if self.spoke.elapsed() >= SILENCE {
                self.spoke = Instant::now();
                return Some(Bytes::from_static(b": still here\n\n"));
            }
        }
    }

    fn figures(&mut self, revision: String) -> Bytes {
        let event = format!("event: figures\ndata: {{\"month\":\"{}\",\"revision\":\"{revision}\"}}\n\n", self.month);
        self.told = Some(revision);
        self.spoke = Instant::now();
        event.into()
    }

    /// Waits for the next look; `false`: it is over, or the reader's account has changed, so that it has to
    /// be asked again whether they may read this.
    async fn waits(&mut self) -> bool {
        let look = Instant::now() + PACE;
        if self.until <= Instant::now() {
            return false;
        }
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return false,
                () = tokio::time::sleep_until(look.min(self.until)) => return look < self.until,
                notice = self.notices.recv() => match notice {
                    Ok(Notice::Account(id)) if id == self.account.to_string() => return false,
                    Ok(Notice::Lost) | Err(RecvError::Lagged(_) | RecvError::Closed) => return false,
                    Ok(_) => {}
                },
            }
        }
    }
}
