//! Statements as they are kept.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::db::schema::account_statements;

/// A statement that was given out.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_statements)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct AccountStatement {
    /// Its id.
    pub id: Uuid,
    /// By which it is checked.
    pub code: String,
    /// Whose it is.
    pub resident_id: Uuid,
    /// The period's first day.
    pub from_on: Date,
    /// The period's last day.
    pub to_on: Date,
    /// When it was first given out.
    pub issued_at: OffsetDateTime,
    /// What the period brought, in hundredths of a credit.
    pub credits: i64,
    /// And in points.
    pub points: i64,
    /// How many rows it has.
    pub row_count: i32,
    /// Where the person's chains stood: each a [`ChainHead`].
    pub heads: Value,
    /// SHA-256 over its rows' hashes.
    pub rows_hash: Vec<u8>,
    /// SHA-256 over what it says; see [`super::digest`].
    pub digest: Vec<u8>,
}

/// Where one chain stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The account.
    pub account_id: Uuid,
    /// How many rows it had.
    pub version: i64,
    /// The hash of the last one, in hexadecimal digits.
    pub hash: String,
}
