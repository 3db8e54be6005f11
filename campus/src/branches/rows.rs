//! Rows of branches, of their venues, and of the words that go with them.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::schema::{branches, venues};

/// A branch school, or the street centre (which has no parent).
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, QueryableByName, Insertable, Serialize, Deserialize)]
#[diesel(table_name = branches)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Branch {
    /// Its id.
    pub id: Uuid,
    /// Its short code, e.g. `CX`.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// The branch above it; `None` for the street centre.
    pub parent_id: Option<Uuid>,
    /// The people who live there.
    pub population: Option<i32>,
}

/// A room of a branch in which people come together.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = venues)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Venue {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub branch_id: Uuid,
    /// What it is called.
    pub name: String,
    /// How many find a seat.
    pub seats: i32,
    /// When it was closed; `None` while it is open.
    pub closed_at: Option<OffsetDateTime>,
}

/// A code with its name in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct NamedCode {
    /// What programs read.
    pub code: String,
    /// What people read.
    pub name: String,
}
