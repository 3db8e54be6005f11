//! Rows of what was found, and what is shown of them.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::credits::Unit;
use crate::db::schema::anomalies;
use crate::residents::Resident;

/// What sort of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Many people registered with one telephone.
    SharedTelephone,
    /// Several people watched a lesson in exactly the same way.
    EqualTraces,
    /// Somebody awarded far more on a day than they are used to.
    UnusualAwards,
    /// Somebody awarded in the night.
    AwardsOutsideHours,
    /// More people were awarded for coming to a venue on a day than find a seat there.
    AttendanceAboveRoom,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::SharedTelephone,
        Self::EqualTraces,
        Self::UnusualAwards,
        Self::AwardsOutsideHours,
        Self::AttendanceAboveRoom,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SharedTelephone => "shared_telephone",
            Self::EqualTraces => "equal_traces",
            Self::UnusualAwards => "unusual_awards",
            Self::AwardsOutsideHours => "awards_outside_hours",
            Self::AttendanceAboveRoom => "attendance_above_room",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it is about people, whose ids are its evidence; else about awards, whose batches are.
    pub(super) const fn is_about_people(self) -> bool {
        matches!(self, Self::SharedTelephone | Self::EqualTraces)
    }

    /// Whether its subject is the account that has awarded.
    pub(super) const fn is_about_an_account(self) -> bool {
        matches!(self, Self::UnusualAwards | Self::AwardsOutsideHours)
    }
}

/// The figures that explain it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Figures {
    /// See [`Kind::SharedTelephone`].
    SharedTelephone {
        /// How many registered.
        people: usize,
    },
    /// See [`Kind::EqualTraces`].
    EqualTraces {
        /// How many watched so.
        people: usize,
        /// How many reports were the same, 255 at most.
        reports: u8,
    },
    /// See [`Kind::UnusualAwards`].
    UnusualAwards {
        /// Of what.
        unit: Unit,
        /// Of that day: hundredths of a credit, or points.
        amount: i64,
        /// To how many.
        people: i64,
        /// The median of the days before.
        usual: i64,
        /// How many those were.
        days: i64,
    },
    /// See [`Kind::AwardsOutsideHours`].
    AwardsOutsideHours {
        /// To how many.
        people: i64,
        /// How many times.
        batches: usize,
        /// The first time of day, `23:40`.
        first: String,
        /// The last.
        last: String,
    },
    /// See [`Kind::AttendanceAboveRoom`].
    AttendanceAboveRoom {
        /// How many people were awarded, each once, of what stands.
        people: i64,
        /// How many seats there were.
        seats: i32,
    },
}

impl Figures {
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::SharedTelephone { .. } => Kind::SharedTelephone,
            Self::EqualTraces { .. } => Kind::EqualTraces,
            Self::UnusualAwards { .. } => Kind::UnusualAwards,
            Self::AwardsOutsideHours { .. } => Kind::AwardsOutsideHours,
            Self::AttendanceAboveRoom { .. } => Kind::AttendanceAboveRoom,
        }
    }

    /// The same about so many people, where these are its evidence.
    pub(super) const fn with_evidence(mut self, count: usize) -> Self {
        if let Self::SharedTelephone { people } | Self::EqualTraces { people, .. } = &mut self {
            *people = count;
        }
        self
    }
}

/// A finding as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = anomalies)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) kind: String,
    /// The lesson, the account, the venue, or the first of the people.
    pub(super) subject: Uuid,
    /// What tells several about one subject apart.
    pub(super) mark: String,
    pub(super) period: Option<Date>,
    /// The people, or the batches.
    pub(super) evidence: Vec<Uuid>,
    /// [`Figures`].
    pub(super) figures: Value,
    pub(super) found_at: OffsetDateTime,
    pub(super) settled_at: Option<OffsetDateTime>,
    pub(super) settled_by: Option<Uuid>,
    pub(super) note: Option<String>,
}

/// Somebody whom it is about.
#[derive(Debug, Clone)]
pub struct Person {
    /// The resident.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// Their learner number.
    pub learner_number: String,
    /// The branch they belong to.
    pub branch_id: Uuid,
}

impl From<&Resident> for Person {
    fn from(resident: &Resident) -> Self {
        Self {
            id: resident.id,
            name: resident.name.clone(),
            learner_number: resident.learner_number.clone(),
            branch_id: resident.branch_id,
        }
    }
}

/// What was awarded at once.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Which one.
    pub id: Uuid,
    /// By whom: the name.
    pub awarded_by: Option<String>,
    /// The account.
    pub(super) account_id: Option<Uuid>,
    /// When.
    pub awarded_at: OffsetDateTime,
    /// What for; `None` where that was forgotten.
    pub reason: Option<String>,
    /// Of what.
    pub unit: Unit,
    /// How much altogether: hundredths of a credit, or points.
    pub amount: i64,
    /// To how many.
    pub people: i64,
    /// From how many it was taken back.
    pub reversed: i64,
    /// The first of them, of those who are still on record.
    pub recipients: Vec<Person>,
}

/// The lesson that was watched.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// Which one.
    pub id: Uuid,
    /// Its course.
    pub course_id: Uuid,
    /// What it is called.
    pub title: String,
}

/// The venue that was too small.
#[derive(Debug, Clone)]
pub struct Venue {
    /// Which one.
    pub id: Uuid,
    /// Whose it is.
    pub branch_id: Uuid,
    /// What it is called by now.
    pub name: String,
    /// How many seats it had when this was found.
    pub seats: i32,
}

/// What an admin has made of it.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// When.
    pub at: OffsetDateTime,
    /// By whom: the name.
    pub by: String,
    /// In their words.
    pub note: String,
}

/// Something out of the ordinary, as it is shown.
#[derive(Debug, Clone)]
pub struct Anomaly {
    /// Its id.
    pub id: Uuid,
    /// What sort of thing.
    pub kind: Kind,
    /// What it is, in the reader's words.
    pub explanation: String,
    /// When it was found.
    pub found_at: OffsetDateTime,
    /// Who is meant, of those who are still on record.
    pub people: Vec<Person>,
    /// How many more are meant, who have left or whose record was joined to another's.
    pub unlisted: usize,
    /// The lesson.
    pub lesson: Option<Lesson>,
    /// The venue.
    pub venue: Option<Venue>,
    /// Whose account has awarded, where it is about one.
    pub account_name: Option<String>,
    /// What was awarded, the earliest first.
    pub batches: Vec<Batch>,
    /// Whether the reader has awarded any of them.
    pub own: bool,
    /// `None` while it is open.
    pub settlement: Option<Settlement>,
}
