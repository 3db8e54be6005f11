//! What is known of a resident's watching, and what a report comes to by it.

use std::collections::HashMap;

use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::recorder::{Entry, Outcome, Recorded};
use super::stretches::Stretches;
use super::trace::Trace;

/// Granted at once, in milliseconds: a bad line delivers late and in lumps.
const JITTER_MS: i64 = 15_000;
/// What a second that has passed allows to be watched, in milliseconds: some play faster.
const PACE_MS: i128 = 1250;

/// A playback.
#[derive(Debug, Clone)]
pub(super) struct Playing {
    pub(super) lesson_id: Uuid,
    pub(super) duration_ms: i32,
    pub(super) required_ms: i32,
    pub(super) enrolled: bool,
}

/// How far somebody has come in a lesson.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    pub(super) watched: Stretches,
    pub(super) watched_ms: i32,
    pub(super) completed: bool,
    pub(super) trace: Trace,
}

/// One resident's budget and lessons as they stood at `revision`.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) revision: i64,
    pub(super) anchored_at: OffsetDateTime,
    pub(super) spent_ms: i64,
    pub(super) branch_id: Uuid,
    /// The day there is a row to count on.
    pub(super) day: Date,
    /// The month which that day counts in.
    pub(super) month: Date,
    /// By viewing.
    pub(super) playing: HashMap<Uuid, Playing>,
    /// By lesson.
    pub(super) pages: HashMap<Uuid, Page>,
}

/// What a report comes to.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) position_ms: i32,
    pub(super) granted_ms: i32,
    pub(super) required_ms: i32,
    pub(super) page: Page,
}

impl Grant {
    pub(super) const fn reached(&self) -> bool {
        self.page.watched_ms >= self.required_ms
    }

    pub(super) const fn recorded(&self) -> Recorded {
        Recorded {
            outcome: Outcome::Recorded,
            watched_ms: self.page.watched_ms,
            required_ms: self.required_ms,
            reached: self.reached(),
            completed: self.page.completed,
        }
    }
}

impl Sheet {
    /// What may still be counted at `now`, in milliseconds: the time that has passed × 1.25
    /// and 15 seconds, less what has been granted, over all viewings and devices.
    fn allowance_ms(&self, now: OffsetDateTime) -> i64 {
        let passed = (now - self.anchored_at).whole_microseconds() * PACE_MS / 1_000_000;
        let passed = i64::try_from(passed).unwrap_or(i64::MAX - JITTER_MS);
        (passed.saturating_add(JITTER_MS) - self.spent_ms).max(0)
    }

    /// What of a report is new, cut to what can have been watched, earliest first. `None`: the
    /// sheet does not know its viewing; within: that the resident is not enrolled.
    #[allow(clippy::option_option)]
    pub(super) fn grant(&self, entry: &Entry, now: OffsetDateTime) -> Option<Option<Grant>> {
        let playing = self.playing.get(&entry.viewing_id).filter(|playing| playing.lesson_id == entry.lesson_id)?;
        if !playing.enrolled {
            return Some(None);
        }
        let page = self.pages.get(&entry.lesson_id)?;
        let new = entry.watched.up_to(playing.duration_ms).without(&page.watched);
        let granted = new.first(self.allowance_ms(now));
        let granted_ms = i32::try_from(granted.length()).unwrap_or(i32::MAX);
        Some(Some(Grant {
            position_ms: entry.position_ms.min(playing.duration_ms),
            granted_ms,
            required_ms: playing.required_ms,
            page: Page {
                watched: page.watched.with(&granted),
                watched_ms: page.watched_ms.saturating_add(granted_ms),
                completed: page.completed,
                // What is played again once enough was watched says nothing about how it was come to.
                trace: if page.watched_ms < playing.required_ms { page.trace.with(entry) } else { page.trace },
            },
        }))
    }

    /// Becomes the sheet that it is once `grant` is saved.
    pub(super) fn apply(&mut self, lesson_id: Uuid, grant: Grant) {
        self.revision += 1;
        self.spent_ms += i64::from(grant.granted_ms);
        self.pages.insert(lesson_id, grant.page);
    }

    /// Takes over the viewings and lessons of another sheet of the same revision.
    pub(super) fn learn_from(&mut self, other: Self) {
        if self.revision != other.revision {
            return;
        }
        for (viewing_id, playing) in other.playing {
            self.playing.entry(viewing_id).or_insert(playing);
        }
        for (lesson_id, page) in other.pages {
            self.pages.entry(lesson_id).or_insert(page);
        }
    }
}
