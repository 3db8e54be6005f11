//! Watch reports that arrive together are recorded by one statement, and acknowledged when it has
//! committed. Each thread that answers requests records what comes to it: to wake another thread and be
//! woken by it costs as much as the report itself.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use diesel_async::AsyncConnection;
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::sheets::{self, Granted, Sheets};
use super::stretches::Stretches;
use crate::Campus;
use crate::db::Connection;
use crate::error::{Error, Result};

/// Reports that one statement takes at most.
const LARGEST_BATCH: usize = 256;
/// How often others of the same thread are let in before a statement is made: reports come in
/// together, and a statement for eight takes little longer than a statement for one.
const COURTESY: usize = 16;
/// How long one statement is waited for before another is made beside it.
const PATIENCE: Duration = Duration::from_millis(50);
/// How many statements of one thread may be under way at most, all but one of them overdue.
const LANES: usize = 4;

/// A report whose form is right.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) resident_id: Uuid,
    pub(super) lesson_id: Uuid,
    pub(super) viewing_id: Uuid,
    pub(super) position_ms: i32,
    pub(super) watched: Stretches,
}

/// What became of a report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recorded {
    pub(super) outcome: Outcome,
    pub(super) watched_ms: i32,
    pub(super) required_ms: i32,
    pub(super) reached: bool,
    pub(super) completed: bool,
}

impl Recorded {
    pub(super) const NOT_ENROLLED: Self =
        Self { outcome: Outcome::NotEnrolled, watched_ms: 0, required_ms: 0, reached: false, completed: false };
}

/// Whether it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Opened by the first report, on the runtime on which it comes.
    queue: Arc<OnceLock<mpsc::Sender<Waiting>>>,
    desk: Desk,
}

impl Recorder {
    pub(super) fn new(campus: &Campus) -> Self {
        Self::at(Desk { campus: campus.clone(), sheets: Sheets::new() })
    }

    /// Another recorder with the same sheets.
    pub(super) fn beside(&self) -> Self {
        Self::at(self.desk.clone())
    }

    fn at(desk: Desk) -> Self {
        Self { queue: Arc::new(OnceLock::new()), desk }
    }

    fn queue(&self) -> &mpsc::Sender<Waiting> {
        self.queue.get_or_init(|| {
            let (queue, waiting) = mpsc::channel(8192);
            tokio::spawn(record_all(self.desk.clone(), waiting));
            queue
        })
    }

    /// Notes that a lesson is finished.
    pub(super) fn completed(&self, resident_id: Uuid, lesson_id: Uuid) {
        self.desk.sheets.completed(resident_id, lesson_id);
    }

    /// Records a report together with those that wait, and answers when it is committed.
    pub(super) async fn record(&self, entry: Entry) -> Answered {
        let (answer, answered) = oneshot::channel();
        let gone = || Error::internal("the recorder of watch reports has stopped");
        self.queue().send(Waiting { entry, answer }).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// Where reports are worked out and saved.
#[derive(Clone)]
struct Desk {
    campus: Campus,
    sheets: Sheets,
}

async fn record_all(desk: Desk, mut queue: mpsc::Receiver<Waiting>) {
    let mut statements = JoinSet::new();
    let mut held = VecDeque::new();
    loop {
        let mut arrived = Vec::from(std::mem::take(&mut held));
        if arrived.is_empty() && queue.recv_many(&mut arrived, LARGEST_BATCH).await == 0 {
            return;
        }
        for _ in 0..COURTESY {
            tokio::task::yield_now().await;
        }
        while arrived.len() < LARGEST_BATCH
            && let Ok(next) = queue.try_recv()
        {
            arrived.push(next);
        }
        let batch = one_each(arrived, &mut held);
        let desk = desk.clone();
        statements.spawn(async move { desk.record_batch(batch).await });
        // Reports gather meanwhile; but one statement that hangs does not hold up everybody.
        let patience = if statements.len() < LANES { PATIENCE } else { Duration::MAX };
        drop(tokio::time::timeout(patience, statements.join_next()).await);
        while statements.try_join_next().is_some() {}
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

impl Desk {
    async fn record_batch(&self, mut batch: Vec<Waiting>) {
        // In one order everywhere: two processes never wait for one another.
        batch.sort_unstable_by_key(|waiting| waiting.entry.resident_id);
        let (entries, answers): (Vec<Entry>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.entry, waiting.answer)).unzip();
        match self.record(&entries).await {
            Ok(recorded) => {
                for (entry, answer) in entries.iter().zip(answers) {
                    // A client that has gone away does not hear that its report is recorded.
                    drop(answer.send(Ok(recorded.get(&entry.resident_id).copied())));
                }
            }
            // One bad report must not fail the others: each is tried alone.
            Err(Error::Database(_)) if entries.len() > 1 => {
                for (entry, answer) in entries.iter().zip(answers) {
                    let recorded = self.record(std::slice::from_ref(entry)).await;
                    drop(answer.send(recorded.map(|recorded| recorded.get(&entry.resident_id).copied())));
                }
            }
            Err(error) => {
                for answer in answers {
                    drop(answer.send(Err(again(&error))));
                }
            }
        }
    }

    /// By the sheets that are kept while they still hold, else by what the database has. Answers
    /// what became of each resident's report, one that belongs to no viewing of theirs left out.
    async fn record(&self, entries: &[Entry]) -> Result<HashMap<Uuid, Recorded>> {
        let now = self.campus.clock.now();
        let connection = &mut *self.campus.database.connection().await?;
        let kept = |entry: &'_ Entry| Some((entry.clone(), self.sheets.kept(entry.resident_id, now.date())?));
        let mut recorded = self.settle(sheets::save(connection, entries.iter().filter_map(kept), now).await?);
        let left: Vec<&Entry> = entries.iter().filter(|entry| !recorded.contains_key(&entry.resident_id)).collect();
        if !left.is_empty() {
            let saved =
                connection.transaction(async |connection| self.save_locked(connection, &left, now).await).await?;
            recorded.extend(self.settle(saved));
        }
        Ok(recorded)
    }

    async fn save_locked(
        &self,
        connection: &mut Connection,
        entries: &[&Entry],
        now: OffsetDateTime,
    ) -> Result<Vec<Granted>> {
        let mut locked = sheets::lock(connection, entries, now).await?;
        let sheets = entries.iter().filter_map(|entry| {
            let mut sheet = locked.remove(&entry.resident_id)?;
            if let Some(kept) = self.sheets.kept(entry.resident_id, now.date()) {
                sheet.learn_from(&kept);
            }
            Some((Entry::clone(entry), Arc::new(sheet)))
        });
        sheets::save(connection, sheets, now).await
    }

    /// Keeps the sheets of what has been committed, and tells whose month it changed.
    fn settle(&self, saved: Vec<Granted>) -> HashMap<Uuid, Recorded> {
        self.campus.signals.changed(saved.iter().filter_map(Granted::branch_with_more));
        saved.into_iter().map(|granted| (granted.entry.resident_id, self.sheets.keep(granted))).collect()
    }
}

/// The same failure, for each of those it befell.
fn again(error: &Error) -> Error {
    match error {
        Error::DatabaseUnavailable(message) => Error::DatabaseUnavailable(message.clone()),
        other => Error::internal(other),
    }
}
