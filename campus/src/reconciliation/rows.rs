//! Rows of reports on the store, and what stands in them.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::schema::storage_reports;

/// How many of what was seen, found and mended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Objects in the store.
    pub objects: u64,
    /// What they hold, in bytes.
    pub bytes: u64,
    /// Objects that no row names.
    pub unnamed_objects: u64,
    /// Of those, the ones that were removed.
    pub removed_objects: u64,
    /// Objects that a row names and the store does not have.
    pub missing_objects: u64,
    /// Videos that are made again from their original.
    pub remade_videos: u64,
    /// Videos whose original is lost too.
    pub lost_videos: u64,
    /// Open uploads that no row names.
    pub open_uploads: u64,
    /// Of those, the ones that were aborted.
    pub aborted_uploads: u64,
}

/// What is at odds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// An object that no row names.
    UnnamedObject,
    /// A row whose object is not there.
    MissingObject,
    /// An upload that no row names.
    OpenUpload,
}

impl FindingKind {
    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnnamedObject => "unnamed_object",
            Self::MissingObject => "missing_object",
            Self::OpenUpload => "open_upload",
        }
    }
}

/// What was done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing yet, or nothing that a program can do.
    Listed,
    /// The object was removed.
    Removed,
    /// The upload was aborted.
    Aborted,
    /// The video is made again from its original.
    Remade,
    /// The video's original is lost too: it is shown as failed.
    Lost,
}

impl Outcome {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Removed => "removed",
            Self::Aborted => "aborted",
            Self::Remade => "remade",
            Self::Lost => "lost",
        }
    }
}

/// One thing that is at odds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// Where in the store.
    pub object_key: String,
    /// What was done about it.
    pub outcome: Outcome,
}

/// One comparison.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = storage_reports)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct StorageReport {
    /// Its id.
    pub id: Uuid,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When it was through.
    pub finished_at: OffsetDateTime,
    /// [`Counts`].
    pub counts: serde_json::Value,
    /// The first hundred of [`Finding`].
    pub findings: serde_json::Value,
}
