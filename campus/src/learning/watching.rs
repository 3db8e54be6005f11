//! Verified watching: what a player reports, checked, recorded, and what it finishes.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::completion::LessonEarned;
use super::recorder::{Entry, Outcome, Recorder, Told};
use super::stretches::Stretches;
use super::{queries, required_ms};
use crate::Campus;
use crate::access::{Actor, CanView, Role};
use crate::courses::Lesson;
use crate::error::{Code, Error, FieldError, Result};
use crate::ids::new_id;
use crate::residents;

/// Ranges that one report may hold.
const MOST_RANGES: usize = 1000;
/// The longest position there can be, in seconds: a day.
const LONGEST: f64 = 86_400.0;

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
    let records = residents::records(connection, resident_id).await?;
    let progress = queries::progress(connection, &records, &[lesson.id]).await?;
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

/// Takes watch reports and records those that arrive together in one statement.
#[derive(Clone)]
pub struct WatchRecorder(Recorder);

impl WatchRecorder {
    /// A recorder, which works on the runtime on which reports come.
    #[must_use]
    pub fn new(campus: &Campus) -> Self {
        Self(Recorder::new(campus))
    }

    /// Another recorder beside this one, for reports that come in on another thread: so neither a
    /// report nor its answer has to change threads.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self(self.0.beside())
    }

    /// Records what was watched, and finishes what it is enough for; whoever goes away before the answer
    /// cuts neither short. What cannot have been watched is clipped, never refused.
    ///
    /// # Errors
    /// [`Code::RangesInvalid`], [`Code::PositionInvalid`], [`Code::ViewingUnknown`], [`Code::NotEnrolled`].
    pub async fn record(&self, actor: &Actor, lesson_id: Uuid, report: &WatchReport) -> Result<Watched> {
        let resident_id = actor.resident()?;
        let entry = check(resident_id, lesson_id, report)?;
        let told = self.0.record(entry).await?;
        let Told { recorded, earned } = told.ok_or_else(|| Error::field("viewing_id", Code::ViewingUnknown))?;
        if recorded.outcome == Outcome::NotEnrolled {
            return Err(Error::code(Code::NotEnrolled));
        }
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
    let watched = report.watched.iter().map(|(from, to)| (milliseconds(*from), milliseconds(*to)));
    Ok(Entry {
        resident_id,
        lesson_id,
        viewing_id: report.viewing_id,
        position_ms: milliseconds(report.position),
        watched: Stretches::of(watched.collect()),
    })
}

/// Seconds, checked to be between 0 and a day, as whole milliseconds.
#[allow(clippy::as_conversions, clippy::cast_possible_truncation)]
fn milliseconds(seconds: f64) -> i32 {
    (seconds * 1000.0).round() as i32
}
