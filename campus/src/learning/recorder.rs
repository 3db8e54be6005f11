//! Watch reports that arrive together are recorded by one statement, and acknowledged when it has
//! committed. Each thread that answers requests records what comes to it: to wake another thread and be
//! woken by it costs as much as the report itself.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diesel_async::AsyncConnection;
use time::OffsetDateTime;
use tokio::sync::{Notify, oneshot};
use tracing::{Instrument, Span};
use uuid::Uuid;

use super::completion::{LessonEarned, complete};
use super::sheets::{self, Granted, Sheets};
use super::stretches::Stretches;
use crate::Campus;
use crate::db::Connection;
use crate::error::{Error, Result};

/// Reports that one statement takes at most.
const LARGEST_BATCH: usize = 256;
/// How long a statement waits for as many reports as there were lately: they come in together, and a
/// statement for eight takes little longer than a statement for one.
const COURTESY: Duration = Duration::from_millis(1);
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

/// A recorded report, and what the lesson that it finished has earned.
pub(super) struct Told {
    pub(super) recorded: Recorded,
    pub(super) earned: Vec<LessonEarned>,
}

/// `None`: there is no such viewing of this lesson by this resident.
type Answered = Result<Option<Told>>;

struct Waiting {
    entry: Entry,
    /// What it is logged under.
    span: Span,
    answer: oneshot::Sender<Answered>,
}

impl Waiting {
    /// A client that has gone away does not hear that its report is recorded.
    fn answer(self, answer: Answered) {
        drop(self.answer.send(answer));
    }
}

/// Where reports wait for the next statement.
#[derive(Clone)]
pub(super) struct Recorder(Arc<Line>);

impl Recorder {
    pub(super) fn new(campus: &Campus) -> Self {
        Self::at(Desk { campus: campus.clone(), sheets: Sheets::new() })
    }

    /// Another recorder with the same sheets.
    pub(super) fn beside(&self) -> Self {
        Self::at(self.0.desk.clone())
    }

    fn at(desk: Desk) -> Self {
        Self(Arc::new(Line { desk, state: Mutex::default(), complete: Notify::new() }))
    }

    /// Records a report together with those that wait, and answers when it is committed and what it
    /// finishes is finished; all of that happens whether or not the answer is waited for.
    pub(super) async fn record(&self, entry: Entry) -> Answered {
        let (answer, answered) = oneshot::channel();
        self.0.queue(Waiting { entry, span: Span::current(), answer });
        answered.await.map_err(|_| Error::internal("a watch report was given up"))?
    }
}

/// The reports of one thread, and the statements that record them.
struct Line {
    desk: Desk,
    state: Mutex<State>,
    /// Told when as many wait as are expected.
    complete: Notify,
}

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    /// How many reports there were when a statement last ended: those it had recorded, whose senders go on
    /// watching, and those that had come meanwhile.
    expected: usize,
    /// Statements under way.
    statements: usize,
    /// Those of them that take too long.
    overdue: usize,
}

impl State {
    fn is_complete(&self) -> bool {
        self.waiting.len() >= self.expected.min(LARGEST_BATCH)
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(self: &Arc<Self>, waiting: Waiting) {
        let mut state = self.state();
        state.waiting.push(waiting);
        if state.is_complete() {
            self.complete.notify_one();
        }
        self.begin_if_due(state);
    }

    /// Waits until as many reports wait as are expected, but not for long: some have stopped watching.
    async fn gather(&self) {
        let complete = async {
            while !self.state().is_complete() {
                self.complete.notified().await;
            }
        };
        // Late or complete, what waits is recorded.
        tokio::time::timeout(COURTESY, complete).await.unwrap_or_default();
    }

    /// Reports gather while a statement is under way; but one that hangs does not hold up everybody.
    fn begin_if_due(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        let free = state.statements == state.overdue && state.statements < LANES;
        if free && !state.waiting.is_empty() {
            state.statements += 1;
            drop(state);
            tokio::spawn(Statement { line: Arc::clone(self), overdue: false }.run());
        }
    }
}

/// One statement, counted from its beginning to its end, however it ends.
struct Statement {
    line: Arc<Line>,
    overdue: bool,
}

impl Statement {
    async fn run(mut self) {
        self.line.gather().await;
        let batch = one_each(&mut self.line.state().waiting);
        let taken = batch.len();
        let desk = self.line.desk.clone();
        let mut recording = pin!(desk.record_batch(batch));
        if tokio::time::timeout(PATIENCE, &mut recording).await.is_err() {
            self.let_another_begin();
            recording.await;
        }
        let line = Arc::clone(&self.line);
        drop(self);
        let mut state = line.state();
        state.expected = taken + state.waiting.len();
        line.begin_if_due(state);
    }

    fn let_another_begin(&mut self) {
        let mut state = self.line.state();
        state.overdue += 1;
        self.overdue = true;
        self.line.begin_if_due(state);
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        let mut state = self.line.state();
        state.statements -= 1;
        state.overdue -= usize::from(self.overdue);
        // Who waits is not left behind by those whose statement failed.
        if std::thread::panicking() {
            self.line.begin_if_due(state);
        }
    }
}

/// Takes the first report of each resident; the others are left for the next statement.
fn one_each(waiting: &mut Vec<Waiting>) -> Vec<Waiting> {
    let mut residents = HashSet::new();
    let mut taken = 0;
    let first = |each: &mut Waiting| {
        let first = taken < LARGEST_BATCH && residents.insert(each.entry.resident_id);
        taken += usize::from(first);
        first
    };
    waiting.extract_if(.., first).collect()
}

/// Where reports are worked out and saved.
#[derive(Clone)]
struct Desk {
    campus: Campus,
    sheets: Sheets,
}

impl Desk {
    async fn record_batch(&self, mut batch: Vec<Waiting>) {
        // In one order everywhere: two processes never wait for one another.
        batch.sort_unstable_by_key(|waiting| waiting.entry.resident_id);
        let entries: Vec<&Entry> = batch.iter().map(|waiting| &waiting.entry).collect();
        match self.record(&entries).await {
            Ok(recorded) => {
                for waiting in batch {
                    let recorded = recorded.get(&waiting.entry.resident_id).copied();
                    self.tell(waiting, recorded);
                }
            }
            // One bad report must not fail the others: each is tried alone.
            Err(Error::Database(_)) if batch.len() > 1 => {
                for waiting in batch {
                    match self.record(&[&waiting.entry]).await {
                        Ok(recorded) => self.tell(waiting, recorded.into_values().next()),
                        Err(error) => waiting.answer(Err(error)),
                    }
                }
            }
            Err(error) => batch.into_iter().for_each(|waiting| waiting.answer(Err(again(&error)))),
        }
    }

    /// Answers a report; when it is enough for its lesson, first finishes that.
    fn tell(&self, waiting: Waiting, recorded: Option<Recorded>) {
        match recorded.filter(|recorded| recorded.reached && !recorded.completed) {
            None => waiting.answer(Ok(recorded.map(|recorded| Told { recorded, earned: Vec::new() }))),
            Some(recorded) => {
                let (desk, span) = (self.clone(), waiting.span.clone());
                tokio::spawn(async move { desk.finish(waiting, recorded).await }.instrument(span));
            }
        }
    }

    async fn finish(&self, waiting: Waiting, recorded: Recorded) {
        let Entry { resident_id, lesson_id, .. } = waiting.entry;
        let earned = complete(&self.campus, resident_id, lesson_id).await;
        if earned.is_ok() {
            self.sheets.completed(resident_id, lesson_id);
        }
        waiting.answer(earned.map(|earned| Some(Told { recorded, earned })));
    }

    /// By the sheets that are kept while they still hold, else by what the database has. Answers
    /// what became of each resident's report, one that belongs to no viewing of theirs left out.
    async fn record(&self, entries: &[&Entry]) -> Result<HashMap<Uuid, Recorded>> {
        let now = self.campus.clock.now();
        let connection = &mut *self.campus.database.connection().await?;
        let kept = entries.iter().filter_map(|entry| Some((*entry, self.sheets.take(entry.resident_id, now.date())?)));
        let mut recorded = self.settle(self.sheets.save(connection, kept, now).await?);
        let left: Vec<&Entry> =
            entries.iter().copied().filter(|entry| !recorded.contains_key(&entry.resident_id)).collect();
        if !left.is_empty() {
            let locked =
                connection.transaction(async |connection| self.save_locked(connection, &left, now).await).await?;
            recorded.extend(self.settle(locked));
        }
        Ok(recorded)
    }

    async fn save_locked<'entry>(
        &self,
        connection: &mut Connection,
        entries: &[&'entry Entry],
        now: OffsetDateTime,
    ) -> Result<Vec<Granted<'entry>>> {
        let mut locked = sheets::lock(connection, entries, now).await?;
        let found = entries.iter().filter_map(|entry| {
            let mut sheet = locked.remove(&entry.resident_id)?;
            if let Some(kept) = self.sheets.take(entry.resident_id, now.date()) {
                sheet.learn_from(*kept);
            }
            Some((*entry, Box::new(sheet)))
        });
        self.sheets.save(connection, found, now).await
    }

    /// Keeps the sheets of what has been committed, and tells whose month it changed.
    fn settle(&self, saved: Vec<Granted<'_>>) -> HashMap<Uuid, Recorded> {
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
