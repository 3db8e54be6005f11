//! What recognition needs of the ledger: rules of its own, and what its transfers have become.

use std::collections::HashMap;

use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::rows::{Rule, Transfer};
use super::{queries, rule_queries};
use crate::db::Connection;
use crate::error::{Error, Result};
use crate::ids::new_id;

/// A version of the rule by which one sort of outcome is recognised.
#[derive(Debug, Clone)]
pub struct NewRecognitionRule {
    /// What all its versions share.
    pub code: String,
    /// What is recognised.
    pub name: String,
    /// At most so much in a year, in hundredths of a credit.
    pub year_cap: Option<i64>,
    /// From when.
    pub valid_from: Date,
}

/// Writes the next version of a rule for what is recognised, and answers its id.
///
/// # Errors
/// What the database says.
pub async fn add_recognition_rule(connection: &mut Connection, rule: &NewRecognitionRule) -> Result<Uuid> {
    let id = new_id();
    rule_queries::take_turns(connection).await?;
    let newest = rule_queries::versions(connection, &rule.code).await?.into_iter().next();
    let version = newest.map_or(1, |newest| newest.version + 1);
    queries::insert_recognition_rule(connection, id, version, rule).await?;
    Ok(id)
}

/// The rule of this id, in force or not.
///
/// # Errors
/// Where there is none.
pub async fn rule_of(connection: &mut Connection, id: Uuid) -> Result<Rule> {
    queries::rules_by_id(connection, &[id]).await?.remove(&id).ok_or_else(|| Error::internal("a rule is gone"))
}

/// These transfers by their ids, each with the moment it was taken back.
///
/// # Errors
/// What the database says.
pub async fn transfers_with_ids(
    connection: &mut Connection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, (Transfer, Option<OffsetDateTime>)>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let taken_back = queries::reversed_at(connection, ids).await?;
    let mut found = HashMap::new();
    for transfer in queries::with_ids(connection, ids).await? {
        let at = taken_back.get(&transfer.id).copied();
        found.insert(transfer.id, (transfer, at));
    }
    Ok(found)
}
