//! What learners do, told to a learning record store as statements of xAPI 1.0.3. They are written
//! in the transaction of what they say and wait until the store has them: each goes at least once,
//! and is always the same statement, as its id follows from what it says.
//!
//! A room that has something to tell calls [`state`] with its facts; a new sort of them is a new
//! [`Verb`] or [`ActivityKind`].

mod delivery;
mod jobs;
mod queries;
mod wording;

use time::OffsetDateTime;
use uuid::Uuid;

pub use jobs::{handlers, schedules};

use crate::Campus;
use crate::db::Connection;
use crate::error::Result;

/// Who has done something.
#[derive(Debug, Clone, Copy)]
pub struct Learner {
    /// The person, by the record that stays.
    pub person_id: Uuid,
    /// The record under which they did it, as an enrolment is of one: what follows from it stays the
    /// same whatever is merged later.
    pub record_id: Uuid,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Enrolled.
    Registered,
    /// Came further.
    Progressed,
    /// Finished.
    Completed,
    /// Was scored, and that was enough.
    Passed,
    /// Was scored, and that was not enough.
    Failed,
}

/// What sort of thing something was done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityKind {
    /// A course.
    Course,
    /// A lesson that is watched or read.
    Lesson,
    /// A lesson that is a quiz.
    Assessment,
}

/// What something was done with.
#[derive(Debug, Clone, Copy)]
pub struct Activity<'a> {
    /// Its sort.
    pub kind: ActivityKind,
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: &'a str,
}

/// The course within which something was done.
#[derive(Debug, Clone, Copy)]
pub struct Within<'a> {
    /// The course.
    pub id: Uuid,
    /// What it is called.
    pub title: &'a str,
    /// The version that is learned.
    pub version: i32,
}

/// What came of it, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome {
    /// Whether it was finished by this.
    pub finished: Option<bool>,
    /// Whether it was enough.
    pub passed: Option<bool>,
    /// The score, 0 to 100.
    pub score: Option<i16>,
    /// How far they are, in percent.
    pub progress: Option<i16>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
}

/// One thing that was done.
#[derive(Debug, Clone, Copy)]
pub struct Fact<'a> {
    /// What.
    pub verb: Verb,
    /// With what.
    pub activity: Activity<'a>,
    /// In which course, where it was in one.
    pub within: Option<Within<'a>>,
    /// What came of it.
    pub outcome: Outcome,
    /// When.
    pub at: OffsetDateTime,
    /// Tells it from what the same learner does with the same thing at other times, where that can
    /// be: the id of an attempt, the mark that was reached.
    pub occasion: Option<&'a str>,
}

/// Writes down what is to be told of a learner, inside the transaction in which it becomes true.
/// Without a learning record store nothing is written.
///
/// # Errors
/// What the database says.
pub async fn state(connection: &mut Connection, campus: &Campus, learner: Learner, facts: &[Fact<'_>]) -> Result<()> {
    if campus.lrs.is_none() || facts.is_empty() {
        return Ok(());
    }
    let name = queries::name_of(connection, learner.record_id).await?;
    let said = facts.iter().map(|fact| wording::said(&campus.config.site_url, &campus.clock, name, fact));
    let said = said.collect::<Result<Vec<_>>>()?;
    queries::insert(connection, learner.person_id, &said, campus.clock.now()).await
}
