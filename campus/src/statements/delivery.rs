//! Handing statements over: in batches, and one by one where the store does not take a batch, so
//! that one which it refuses holds up no other.

use diesel_async::AsyncConnection;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::queries::{self, Outgoing};
use super::wording::naming;
use crate::Campus;
use crate::error::{Code, Error, Result};
use crate::jobs::{self, NewJob};
use crate::lrs::{Lrs, Reply};

/// Statements that go with one request.
const TOGETHER: i64 = 100;
/// Batches that one run sends at most: the rest is the next one's.
const BATCHES: usize = 50;
/// How long a worker that has died keeps what it was sending.
const HELD: Duration = Duration::minutes(5);
/// The first pause after the store did not answer; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::minutes(1);
const LONGEST_PAUSE: Duration = Duration::hours(1);
/// The longest that the store may send us away for.
const LONGEST_WISH: Duration = Duration::hours(6);

/// The kind of job that holds what was refused: dead from the beginning, so that admins see it where
/// they see dead jobs, and may have it tried again when the cause is gone.
pub(super) const REFUSED: &str = "deliver_refused_statements";

/// What became of a batch.
#[derive(Default)]
struct Outcome {
    taken: Vec<Uuid>,
    /// Each with what the store said.
    refused: Vec<(Uuid, String)>,
    left: Vec<Uuid>,
    outage: Option<Outage>,
}

struct Outage {
    reason: String,
    after: Option<std::time::Duration>,
}

/// Sends what waits, unless the store is being left alone.
pub(super) async fn deliver(campus: &Campus) -> Result<()> {
    let Some(lrs) = campus.lrs.as_deref() else { return Ok(()) };
    let paused = {
        let connection = &mut *campus.database.connection().await?;
        queries::sweep(connection).await?;
        queries::paused_until(connection).await?
    };
    if paused.is_none_or(|until| until <= campus.clock.now()) {
        send(campus, lrs, paused.is_some()).await?;
    }
    measure(campus).await
}

/// Batch by batch, until nothing waits or the store does not answer. `failing`: it did not, last time.
async fn send(campus: &Campus, lrs: &Lrs, mut failing: bool) -> Result<()> {
    for _ in 0..BATCHES {
        let now = campus.clock.now();
        // Let go before the store is asked: its answer may take long.
        let claimed = queries::claim(&mut *campus.database.connection().await?, TOGETHER, now, now + HELD).await?;
        if claimed.is_empty() {
            break;
        }
        let outcome = hand_over(campus, lrs, claimed).await;
        let out = outcome.outage.is_some();
        note(campus, outcome, failing).await?;
        failing = out;
        if out {
            break;
        }
    }
    Ok(())
}

/// Tries again, one by one, what was refused.
pub(super) async fn deliver_refused(campus: &Campus, ids: &[Uuid]) -> Result<()> {
    let lrs = campus.lrs.as_deref().ok_or_else(|| Error::internal("no learning record store is configured"))?;
    let until = campus.clock.now() + HELD;
    let claimed = queries::claim_refused(&mut *campus.database.connection().await?, ids, until).await?;
    let outcome = one_by_one(campus, lrs, &claimed).await;
    let connection = &mut *campus.database.connection().await?;
    queries::forget(connection, &outcome.taken).await?;
    queries::release(connection, &outcome.left).await?;
    for (id, refusal) in &outcome.refused {
        queries::refuse(connection, *id, refusal, campus.clock.now()).await?;
    }
    if let Some(outage) = outcome.outage {
        tracing::warn!(reason = outage.reason, "the learning record store is not to be had");
        return Err(Error::code(Code::Unavailable));
    }
    match outcome.refused.first() {
        Some((id, refusal)) => Err(Error::internal(format!("{}: {id}: {refusal}", outcome.refused.len()))),
        None => Ok(()),
    }
}

async fn hand_over(campus: &Campus, lrs: &Lrs, claimed: Vec<Outgoing>) -> Outcome {
    let statements: Vec<Value> = claimed.iter().map(|each| whole(campus, each)).collect();
    match lrs.post(&statements).await {
        Reply::Taken => Outcome { taken: ids(&claimed), ..Outcome::default() },
        Reply::Later { reason, after } => {
            Outcome { left: ids(&claimed), outage: Some(Outage { reason, after }), ..Outcome::default() }
        }
        // One of them is why: the store takes all of a batch or nothing.
        Reply::Conflict(_) | Reply::Refused(_) => one_by_one(campus, lrs, &claimed).await,
    }
}

fn ids(statements: &[Outgoing]) -> Vec<Uuid> {
    statements.iter().map(|each| each.id).collect()
}

fn whole(campus: &Campus, statement: &Outgoing) -> Value {
    naming(&campus.config.site_url, statement.actor, statement.body.clone())
}

async fn one_by_one(campus: &Campus, lrs: &Lrs, statements: &[Outgoing]) -> Outcome {
    let mut outcome = Outcome::default();
    for (place, statement) in statements.iter().enumerate() {
        match settle(lrs, statement.id, &whole(campus, statement)).await {
            Reply::Taken => outcome.taken.push(statement.id),
            Reply::Refused(said) | Reply::Conflict(said) => outcome.refused.push((statement.id, said)),
            Reply::Later { reason, after } => {
                outcome.outage = Some(Outage { reason, after });
                outcome.left = statements.get(place..).map(ids).unwrap_or_default();
                break;
            }
        }
    }
    outcome
}

/// Hands over one. Where the store has one of this id, it is looked at: ours has arrived before, or
/// it says something else.
async fn settle(lrs: &Lrs, id: Uuid, statement: &Value) -> Reply {
    match lrs.put(id, statement).await {
        Reply::Conflict(said) => match lrs.get(id).await {
            Ok(Some(known)) if says_the_same(&known, statement) => Reply::Taken,
            Ok(_) => Reply::Conflict(said),
            Err(later) => later,
        },
        reply => reply,
    }
}

/// By what the store may not change. It does add to a statement, and writes times and figures as it likes.
fn says_the_same(known: &Value, ours: &Value) -> bool {
    ["/id", "/actor/account", "/verb/id", "/object/id", "/context/registration"]
        .iter()
        .all(|part| known.pointer(part) == ours.pointer(part))
}

/// Notes what became of a batch, all at once: what is not noted is sent again.
async fn note(campus: &Campus, outcome: Outcome, failing: bool) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    metrics::counter!("statements_delivered_total").increment(u64::try_from(outcome.taken.len()).unwrap_or(0));
    connection
        .transaction(async |connection| {
            queries::forget(connection, &outcome.taken).await?;
            queries::release(connection, &outcome.left).await?;
            for (id, refusal) in &outcome.refused {
                queries::refuse(connection, *id, refusal, now).await?;
            }
            if !outcome.refused.is_empty() {
                jobs::bury(connection, &set_aside(&outcome.refused, now), &told(&outcome.refused), now).await?;
            }
            match &outcome.outage {
                Some(outage) => {
                    let failures = queries::note_failure(connection, now).await?;
                    let until = now + pause(failures, outage.after);
                    tracing::warn!(reason = outage.reason, failures, %until, "the learning record store is not to be had");
                    queries::pause(connection, until).await
                }
                None if failing => queries::end_pause(connection).await,
                None => Ok(()),
            }
        })
        .await
}

fn set_aside(refused: &[(Uuid, String)], now: OffsetDateTime) -> NewJob {
    let ids: Vec<Uuid> = refused.iter().map(|(id, _)| *id).collect();
    let mut job = NewJob::new(REFUSED, json!({"statements": ids}), now).on(super::jobs::QUEUE);
    job.max_attempts = 1;
    job
}

/// What the store said of each, for whoever looks at the dead job.
fn told(refused: &[(Uuid, String)]) -> Vec<String> {
    refused.iter().map(|(id, said)| format!("{id}: {said}")).collect()
}

/// How long the store is left alone: longer each time, and as long as it asked for.
fn pause(failures: i32, wish: Option<std::time::Duration>) -> Duration {
    let doubled = FIRST_PAUSE * 1_i32.checked_shl(u32::try_from(failures - 1).unwrap_or(0).min(16)).unwrap_or(1);
    let wish = wish.and_then(|wish| Duration::try_from(wish).ok()).unwrap_or(Duration::ZERO);
    doubled.min(LONGEST_PAUSE).max(wish.min(LONGEST_WISH))
}

#[allow(clippy::as_conversions, clippy::cast_precision_loss)]
async fn measure(campus: &Campus) -> Result<()> {
    let standing = queries::standing(&mut *campus.database.connection().await?).await?;
    let age = standing.oldest.map_or(0.0, |oldest| (campus.clock.now() - oldest).as_seconds_f64());
    metrics::gauge!("statements_waiting").set(standing.waiting as f64);
    metrics::gauge!("statements_refused").set(standing.refused as f64);
    metrics::gauge!("statements_oldest_seconds").set(age);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_heed_what_the_store_asks_for() {
        let minutes: Vec<i64> =
            [1, 2, 3, 7, 1000].iter().map(|failures| pause(*failures, None).whole_minutes()).collect();
        assert_eq!(minutes, [1, 2, 4, 60, 60]);
        let asked = |seconds| pause(1, Some(std::time::Duration::from_secs(seconds))).whole_minutes();
        assert_eq!([asked(30), asked(7200), asked(u64::MAX)], [1, 120, 1]);
        assert_eq!(asked(1_000_000), 360);
    }
}
