//! Verified watching: reports that arrive together are recorded by one statement, and
//! acknowledged when it has committed.

use diesel::sql_types::{Date as SqlDate, Jsonb, Timestamptz};
use diesel_async::{AsyncConnection, RunQueryDsl};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, oneshot};
use uuid::Uuid;

use std::fmt::Write as _;
use std::sync::Arc;

use super::completion::{LessonEarned, complete};
use super::{queries, required_ms};
use crate::Campus;
use crate::access::{Actor, CanView, Role};
use crate::courses::Lesson;
use crate::db;
use crate::error::{Code, Error, FieldError, Result};
use crate::ids::new_id;

diesel::define_sql_function! {
    fn record_watches(reports: Jsonb, reported_at: Timestamptz, today: SqlDate) -> Jsonb;
}

/// Reports that one statement takes at most.
const LARGEST_BATCH: usize = 256;
/// Ranges that one report may hold.
const MOST_RANGES: usize = 1000;
/// The longest position there can be, in seconds: a day.
const LONGEST: f64 = 86_400.0;
/// How many statements may be under way at a time: one fills while another commits.
const LANES: usize = 2;

/// A playback that has begun.
#[derive(Debug, Clone)]
pub struct Viewing {
    /// To be sent with every report; `None` for staff, whose watching earns nothing.
    pub id: Option<Uuid>,
    /// Where to go on, in milliseconds.
    pub resume_at_ms: i32,
}

/// Begins a playback.
///
/// # Errors
/// What the database says.
pub async fn start_viewing(campus: &Campus, actor: &Actor, proof: &CanView<Lesson>) -> Result<Viewing> {
    let lesson = proof.object();
    let (Role::Resident, Some(resident_id)) = (actor.role, actor.resident_id) else {
        return Ok(Viewing { id: None, resume_at_ms: 0 });
    };
    let id = new_id();
    let required = required_ms(lesson.duration_ms, lesson.completion_percent);
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let now = campus.clock.now();
            queries::insert_viewing(connection, id, resident_id, lesson.id, lesson.duration_ms, required, now).await
        })
        .await?;
    let progress = queries::progress(connection, resident_id, &[lesson.id]).await?;
    let resume_at_ms = progress.get(&lesson.id).map_or(0, |row| row.resume_at(lesson.duration_ms));
    Ok(Viewing { id: Some(id), resume_at_ms })
}

/// What a player reports.
#[derive(Debug, Clone)]
pub struct WatchReport {
    /// The playback it belongs to.
    pub viewing_id: Uuid,
    /// Where the player stands, in seconds.
    pub position: f64,
    /// What has been watched, half-open, in seconds.
    pub watched: Vec<(f64, f64)>,
}

/// What has been recorded.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Watched altogether, each stretch counted once, in milliseconds.
    pub watched_ms: i32,
    /// What finishes the lesson, in milliseconds.
    pub required_ms: i32,
    /// Whether it is finished.
    pub completed: bool,
    /// What that has earned just now.
    pub earned: Vec<LessonEarned>,
}

#[derive(Debug, Clone)]
struct Entry {
    resident_id: Uuid,
    lesson_id: Uuid,
    viewing_id: Uuid,
    position_ms: i64,
    watched: String,
}

struct Waiting {
    entry: Entry,
    answer: oneshot::Sender<Result<Recorded>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Recorded {
    index: usize,
    outcome: String,
    watched_ms: i32,
    required_ms: i32,
    reached: bool,
    completed: bool,
}

/// Takes watch reports and records those that arrive together in one statement.
#[derive(Clone)]
pub struct WatchRecorder {
    queue: mpsc::Sender<Waiting>,
}

impl WatchRecorder {
    /// Starts the lanes that record, on the current runtime.
    #[must_use]
    pub fn start(campus: &Campus) -> Self {
        let (queue, waiting) = mpsc::channel(8192);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..LANES {
            tokio::spawn(lane(campus.clone(), Arc::clone(&waiting)));
        }
        Self { queue }
    }

    /// Records what was watched. What cannot have been watched is clipped, never refused.
    ///
    /// # Errors
    /// [`Code::RangesInvalid`], [`Code::PositionInvalid`], [`Code::ViewingUnknown`], [`Code::NotEnrolled`].
    pub async fn record(
        &self,
        campus: &Campus,
        actor: &Actor,
        lesson_id: Uuid,
        report: &WatchReport,
    ) -> Result<Watched> {
        let resident_id = actor.resident()?;
        let entry = check(resident_id, lesson_id, report)?;
        let (answer, answered) = oneshot::channel();
        let gone = || Error::internal("the recorder of watch reports has stopped");
        self.queue.send(Waiting { entry, answer }).await.map_err(|_| gone())?;
        let recorded = answered.await.map_err(|_| gone())??;
        match recorded.outcome.as_str() {
            "recorded" => {}
            "not_enrolled" => return Err(Error::code(Code::NotEnrolled)),
            _ => return Err(Error::field("viewing_id", Code::ViewingUnknown)),
        }
        let earned = if recorded.reached && !recorded.completed {
            complete(campus, resident_id, lesson_id).await?
        } else {
            Vec::new()
        };
        Ok(Watched {
            watched_ms: recorded.watched_ms,
            required_ms: recorded.required_ms,
            completed: recorded.reached || recorded.completed,
            earned,
        })
    }
}

fn check(resident_id: Uuid, lesson_id: Uuid, report: &WatchReport) -> Result<Entry> {
    let in_range = |seconds: f64| seconds.is_finite() && (0.0..=LONGEST).contains(&seconds);
    let mut fields = Vec::new();
    if !in_range(report.position) {
        fields.push(FieldError { field: "position".to_owned(), code: Code::PositionInvalid });
    }
    let ranges_fit = report.watched.len() <= MOST_RANGES
        && report.watched.iter().all(|(from, to)| in_range(*from) && in_range(*to) && from <= to);
    if !ranges_fit {
        fields.push(FieldError { field: "watched".to_owned(), code: Code::RangesInvalid });
    }
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let mut watched = String::from("{");
    for (from, to) in report.watched.iter().map(|(from, to)| (milliseconds(*from), milliseconds(*to))) {
        if from < to {
            let comma = if watched.len() > 1 { "," } else { "" };
            write!(watched, "{comma}[{from},{to})").map_err(Error::internal)?;
        }
    }
    watched.push('}');
    Ok(Entry {
        resident_id,
        lesson_id,
        viewing_id: report.viewing_id,
        position_ms: milliseconds(report.position),
        watched,
    })
}

/// Seconds, checked to be between 0 and a day, as whole milliseconds.
#[allow(clippy::as_conversions, clippy::cast_possible_truncation)]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

async fn lane(campus: Campus, queue: Arc<Mutex<mpsc::Receiver<Waiting>>>) {
    loop {
        let mut batch = Vec::new();
        // Held while waiting: the other lane takes what comes next.
        if queue.lock().await.recv_many(&mut batch, LARGEST_BATCH).await == 0 {
            return;
        }
        let entries: Vec<&Entry> = batch.iter().map(|waiting| &waiting.entry).collect();
        let recorded = write(&campus, &entries).await;
        let mut answers: Vec<Option<Result<Recorded>>> = match recorded {
            Ok(recorded) => place(recorded, batch.len()),
            // One bad report must not fail the others: each is tried alone.
            Err(error) if batch.len() > 1 && matches!(error, Error::Database(_)) => {
                let mut alone = Vec::new();
                for waiting in &batch {
                    alone.push(match write(&campus, &[&waiting.entry]).await {
                        Ok(recorded) => recorded.into_iter().next().map(Ok),
                        Err(error) => Some(Err(error)),
                    });
                }
                alone
            }
            Err(error) => batch.iter().map(|_| Some(Err(again(&error)))).collect(),
        };
        for (waiting, answer) in batch.into_iter().zip(answers.drain(..)) {
            let answer = answer.unwrap_or_else(|| Err(Error::internal("a watch report got no answer")));
            // A client that has gone away does not hear that its report is recorded.
            drop(waiting.answer.send(answer));
        }
    }
}

/// The same failure, for each of those it befell.
fn again(error: &Error) -> Error {
    match error {
        Error::DatabaseUnavailable(message) => Error::DatabaseUnavailable(message.clone()),
        other => Error::internal(other),
    }
}

fn place(recorded: Vec<Recorded>, count: usize) -> Vec<Option<Result<Recorded>>> {
    let mut placed: Vec<Option<Result<Recorded>>> = (0..count).map(|_| None).collect();
    for row in recorded {
        if let Some(slot) = placed.get_mut(row.index) {
            *slot = Some(Ok(row));
        }
    }
    placed
}

async fn write(campus: &Campus, entries: &[&Entry]) -> Result<Vec<Recorded>> {
    let reports: Vec<Value> = entries
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            json!({
                "index": index, "resident_id": entry.resident_id, "viewing_id": entry.viewing_id,
                "lesson_id": entry.lesson_id, "position_ms": entry.position_ms, "watched": entry.watched,
            })
        })
        .collect();
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    let recording = diesel::select(record_watches(Value::Array(reports), now, now.date()));
    let answer: Value = db::committed(recording.load(connection).await)?;
    Ok(serde_json::from_value(answer)?)
}
