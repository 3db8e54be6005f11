//! Rows of dossiers.

use diesel::prelude::*;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::KEPT_DAYS;
use crate::db::schema::dossiers;

/// How far a dossier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is being made.
    Making,
    /// It can be taken away.
    Ready,
    /// It could not be made.
    Failed,
    /// Its days are over: the archive is gone.
    Removed,
}

impl State {
    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Removed => "removed",
        }
    }
}

/// A year's archive, of a branch or the whole street.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dossiers)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Dossier {
    /// Its id.
    pub id: Uuid,
    /// The calendar year.
    pub year: i32,
    /// Whose it is, those below it taken in; `None`: the whole street's.
    pub branch_id: Option<Uuid>,
    pub(super) state: String,
    /// How many of its parts are in it by now …
    pub done: i32,
    /// … of how many.
    pub parts: i32,
    pub(super) object_key: Option<String>,
    /// How many files it holds; `None` before it is ready.
    pub files: Option<i32>,
    /// In bytes.
    pub size: Option<i64>,
    /// Over the archive, in hexadecimal.
    pub sha256: Option<String>,
    pub(super) requested_by: Uuid,
    /// When somebody asked for it.
    pub requested_at: OffsetDateTime,
    /// When it was ready, or failed.
    pub finished_at: Option<OffsetDateTime>,
}

impl Dossier {
    /// How far it is.
    #[must_use]
    pub fn state(&self) -> State {
        match self.state.as_str() {
            "making" => State::Making,
            "ready" => State::Ready,
            "removed" => State::Removed,
            _ => State::Failed,
        }
    }

    /// Until when it can be taken away.
    #[must_use]
    pub fn kept_until(&self) -> Option<OffsetDateTime> {
        self.finished_at.filter(|_| self.state() == State::Ready).map(|at| at + Duration::days(KEPT_DAYS))
    }
}
