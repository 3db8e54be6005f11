//! What is found afterwards and given then: many people at once, in one statement.

use std::ops::RangeInclusive;

use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::posting::{Evidence, Posting, PostingKind, post};
use super::posting_rows::caps_value;
use super::rows::Rule;
use super::{Earns, rules_for};
use crate::branches::{self, Scope};
use crate::clock::Clock;
use crate::db::Connection;
use crate::error::Result;

/// How many people are looked for, and given to, at once.
pub const GIVEN_AT_ONCE: i64 = 500;

/// The days, counted back from today, on which facts are looked for every minute.
pub const LATELY: RangeInclusive<i64> = 0..=1;

/// Those before them, looked through every hour: a site may have been off over a long holiday's end. Of
/// older days the tokens of those who logged in are no longer there.
pub const MISSED: RangeInclusive<i64> = 2..=6;

/// A rule that is worth something by itself, and whom it is for, as queries ask.
#[derive(Debug, Clone)]
pub struct Giving {
    /// The rule.
    pub rule: Rule,
    /// For this target group alone.
    pub group: Option<String>,
    /// For people of these branches alone.
    pub branches: Option<Vec<Uuid>>,
    /// Its caps on the day, as `has_room` takes them.
    pub caps: Value,
}

/// Somebody to whom something is due.
#[derive(Debug, Clone)]
pub struct Due {
    /// Who.
    pub person_id: Uuid,
    /// Their branch.
    pub branch_id: Uuid,
    /// The id of the fact: it earns once.
    pub source_id: Uuid,
    /// What it is called.
    pub label: String,
    /// When it happened.
    pub at: OffsetDateTime,
}

/// The rules by which facts of this sort, which have no worth of their own, earn on a day.
///
/// # Errors
/// What the database says.
pub async fn givings(connection: &mut Connection, earns: Earns, day: Date) -> Result<Vec<Giving>> {
    let mut givings = Vec::new();
    for rule in rules_for(connection, earns, day).await? {
        if rule.worth(0) == 0 {
            continue;
        }
        let branches = match rule.branch_id {
            None => None,
            Some(top) => branches::ids_within(connection, &Scope::Below(top)).await?,
        };
        givings.push(Giving { group: rule.target_group.clone(), branches, caps: caps_value(&rule, day)?, rule });
    }
    Ok(givings)
}

/// Gives what is due. What was given before, or goes beyond a cap, is left out.
///
/// # Errors
/// What the database says; then nothing is given.
pub async fn give(connection: &mut Connection, clock: &Clock, earns: Earns, rule: &Rule, due: &[Due]) -> Result<()> {
    let postings: Vec<Posting> = due
        .iter()
        .map(|due| Posting {
            resident_id: due.person_id,
            branch_id: due.branch_id,
            amount: rule.worth(0),
            kind: PostingKind::Earning,
            source_kind: earns.source_kind().to_owned(),
            source_id: due.source_id,
            source_label: due.label.clone(),
            rule: rule.clone(),
            evidence: Evidence::System.as_str().to_owned(),
            actor_id: None,
            earned_at: due.at,
            earned_on: clock.date_of(due.at),
        })
        .collect();
    if !postings.is_empty() {
        post(connection, clock, &postings).await?;
    }
    Ok(())
}
