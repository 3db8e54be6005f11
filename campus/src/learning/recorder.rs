//! Watch reports that arrive together are recorded by one statement, and acknowledged when it has
//! committed.

use std::collections::{HashSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use diesel::sql_types::{Array, Date as SqlDate, Int4, Integer, Multirange, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc, oneshot};
use uuid::Uuid;

use crate::Campus;
use crate::db;
use crate::error::{Error, Result};

diesel::define_sql_function! {
    fn record_watches(resident_ids: Array<SqlUuid>, lesson_ids: Array<SqlUuid>, viewing_ids: Array<SqlUuid>,
        positions_ms: Array<Integer>, watched: Array<Multirange<Int4>>, reported_at: Timestamptz, today: SqlDate) -> Jsonb;
}

/// Reports that one statement takes at most.
const LARGEST_BATCH: usize = 256;
/// How many statements may be under way at a time: one is worked on while another commits.
const LANES: usize = 2;

/// Ranges in milliseconds.
pub(super) type Ranges = Vec<(Bound<i32>, Bound<i32>)>;

/// A report whose form is right.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) resident_id: Uuid,
    pub(super) lesson_id: Uuid,
    pub(super) viewing_id: Uuid,
    pub(super) position_ms: i32,
    pub(super) watched: Ranges,
}

/// What became of a report.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Recorded {
    index: usize,
    pub(super) outcome: Outcome,
    pub(super) watched_ms: i32,
    pub(super) required_ms: i32,
    pub(super) reached: bool,
    pub(super) completed: bool,
}

/// Whether it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// It does.
    Recorded,
    /// The resident is not enrolled in the lesson's course.
    NotEnrolled,
}

/// `None`: there is no such viewing of this lesson by this resident.
type Answered = Result<Option<Recorded>>;

struct Waiting {
    entry: Entry,
    answer: oneshot::Sender<Answered>,
}

/// Where reports wait for the next statement.
#[derive(Clone)]
pub(super) struct Recorder {
    queue: mpsc::Sender<Waiting>,
}

impl Recorder {
    /// Starts to record, on the current runtime.
    pub(super) fn start(campus: &Campus) -> Self {
        let (queue, waiting) = mpsc::channel(8192);
        tokio::spawn(record_all(campus.clone(), waiting));
        Self { queue }
    }

    /// Records a report together with those that wait, and answers when it is committed.
    pub(super) async fn record(&self, entry: Entry) -> Answered {
        let (answer, answered) = oneshot::channel();
        let gone = || Error::internal("the recorder of watch reports has stopped");
        self.queue.send(Waiting { entry, answer }).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

async fn record_all(campus: Campus, mut queue: mpsc::Receiver<Waiting>) {
    let lanes = Arc::new(Semaphore::new(LANES));
    let mut held = VecDeque::new();
    loop {
        // First a lane, then the reports: they gather while all lanes are taken.
        let Ok(lane) = Arc::clone(&lanes).acquire_owned().await else { return };
        let mut arrived = Vec::from(std::mem::take(&mut held));
        if arrived.is_empty() && queue.recv_many(&mut arrived, LARGEST_BATCH).await == 0 {
            return;
        }
        while arrived.len() < LARGEST_BATCH
            && let Ok(next) = queue.try_recv()
        {
            arrived.push(next);
        }
        let batch = one_each(arrived, &mut held);
        let campus = campus.clone();
        tokio::spawn(async move {
            record_batch(&campus, batch).await;
            drop(lane);
        });
    }
}

/// The first report of each resident; the others are held for the next statement.
fn one_each(arrived: Vec<Waiting>, held: &mut VecDeque<Waiting>) -> Vec<Waiting> {
    let mut residents = HashSet::new();
    let mut batch = Vec::with_capacity(arrived.len());
    for waiting in arrived {
        if residents.insert(waiting.entry.resident_id) {
            batch.push(waiting);
        } else {
            held.push_back(waiting);
        }
    }
    batch
}

async fn record_batch(campus: &Campus, batch: Vec<Waiting>) {
    let (entries, answers): (Vec<Entry>, Vec<_>) =
        batch.into_iter().map(|waiting| (waiting.entry, waiting.answer)).unzip();
    match write(campus, &entries).await {
        Ok(mut recorded) => {
            recorded.sort_unstable_by_key(|each| each.index);
            let mut recorded = recorded.into_iter().peekable();
            for (index, answer) in answers.into_iter().enumerate() {
                // A client that has gone away does not hear that its report is recorded.
                drop(answer.send(Ok(recorded.next_if(|each| each.index == index))));
            }
        }
        // One bad report must not fail the others: each is tried alone.
        Err(Error::Database(_)) if entries.len() > 1 => {
            for (entry, answer) in entries.into_iter().zip(answers) {
                let recorded = write(campus, std::slice::from_ref(&entry)).await;
                drop(answer.send(recorded.map(|recorded| recorded.into_iter().next())));
            }
        }
        Err(error) => {
            for answer in answers {
                drop(answer.send(Err(again(&error))));
            }
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

async fn write(campus: &Campus, entries: &[Entry]) -> Result<Vec<Recorded>> {
    fn column<T>(entries: &[Entry], of: impl Fn(&Entry) -> T) -> Vec<T> {
        entries.iter().map(of).collect()
    }
    let now = campus.clock.now();
    let recording = diesel::select(record_watches(
        column(entries, |entry| entry.resident_id),
        column(entries, |entry| entry.lesson_id),
        column(entries, |entry| entry.viewing_id),
        column(entries, |entry| entry.position_ms),
        column(entries, |entry| entry.watched.clone()),
        now,
        now.date(),
    ));
    let connection = &mut *campus.database.connection().await?;
    let answer: Value = db::committed(recording.load(connection).await)?;
    Ok(serde_json::from_value(answer)?)
}
