//! Lists of honours.

use diesel::pg::Pg;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::criteria::Criteria;
use crate::db::schema::honour_lists;

/// One who is honoured, by ids and figures alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Standard competition rank: 1, 2, 2, 4.
    pub(super) rank: u32,
    /// Whether more share the last place than there are places for.
    pub(super) tied: bool,
    /// The resident, of a family the one who did most, or the branch.
    pub(super) id: Uuid,
    /// Of a family: everybody in it, that one included.
    pub(super) members: Vec<Uuid>,
    /// Hundredths of a credit, or milliseconds.
    pub(super) value: i64,
}

/// What was drawn up: this is what is hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) title: String,
    pub(super) criteria: Criteria,
    pub(super) individuals: Vec<Entry>,
    pub(super) families: Vec<Entry>,
    pub(super) units: Vec<Entry>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = honour_lists)]
#[diesel(check_for_backend(Pg))]
pub(super) struct HonourList {
    pub(super) id: Uuid,
    pub(super) title: String,
    pub(super) content: String,
    pub(super) hash: String,
    pub(super) frozen_at: OffsetDateTime,
    pub(super) frozen_by: Uuid,
}

/// One who is honoured, with names as they stand now.
#[derive(Debug, Clone)]
pub struct Honoured {
    /// Standard competition rank: 1, 2, 2, 4.
    pub rank: u32,
    /// Whether more share the last place than there are places for.
    pub tied: bool,
    /// The resident, of a family the one who did most, or the branch.
    pub id: Uuid,
    /// What they are called; `None` for who has left.
    pub name: Option<String>,
    /// Of a person: the learner number.
    pub learner_number: Option<String>,
    /// Of a person or family: what their branch is called.
    pub branch: Option<String>,
    /// Of a family: the names of everybody in it who has not left.
    pub members: Vec<String>,
    /// Hundredths of a credit, or milliseconds.
    pub value: i64,
}

/// The three lists.
#[derive(Debug, Clone)]
pub struct Honours {
    /// By what they were drawn up.
    pub criteria: Criteria,
    /// People.
    pub individuals: Vec<Honoured>,
    /// Families: people who share a telephone.
    pub families: Vec<Honoured>,
    /// Branch schools and teaching points.
    pub units: Vec<Honoured>,
}

/// The three lists as they would be frozen.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// SHA-256 over them: who freezes them says so.
    pub digest: String,
    /// The lists.
    pub honours: Honours,
}

/// A frozen list in the list of them.
#[derive(Debug, Clone)]
pub struct FrozenSummary {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// SHA-256 over its content.
    pub hash: String,
    /// When it was frozen.
    pub frozen_at: OffsetDateTime,
    /// By whom.
    pub frozen_by: String,
}

/// A frozen list.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// What is known of it.
    pub summary: FrozenSummary,
    /// Whether its content is the one that was hashed.
    pub intact: bool,
    /// What it holds.
    pub honours: Honours,
}
