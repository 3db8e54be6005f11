//! What one admin awards alone: as much as the deployment says on one civil day. Above that a second person
//! has to approve, however many lists it was split into.

use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use serde_json::Value;
use uuid::Uuid;

use super::amount::Unit;
use super::award_venues::post_held;
use super::posting::{Batch, BatchOutcome, post_batch};
use crate::Campus;
use crate::access::Actor;
use crate::config::NO_AWARD_LIMIT;
use crate::db::Connection;
use crate::error::{Code, Error, Result};

diesel::define_sql_function! {
    /// What an account has awarded alone since a moment and still stands; it waits for others who ask of the same.
    fn awarded_alone(account: SqlUuid, unit: Text, since: Timestamptz) -> BigInt;
}

/// What came of posting a batch alone.
pub(super) enum Alone {
    /// It is posted; the answer given now, or when the same request came first.
    Posted(Value),
    /// It is more than one may award alone.
    TooMuch,
    /// A row could not be posted, so none was.
    Refused,
}

/// Posts a batch of awards, and where it was held, where what the actor has awarded alone today leaves room for it.
pub(super) async fn post_alone(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    unit: Unit,
    batch: &Batch<'_>,
    venue_id: Option<Uuid>,
) -> Result<Alone> {
    let limit = campus.config.award_second_person_above;
    if limit == NO_AWARD_LIMIT && venue_id.is_none() {
        return match post_batch(connection, &campus.clock, batch).await? {
            BatchOutcome::Done(answer) => Ok(Alone::Posted(answer)),
            BatchOutcome::Refused(_) => Ok(Alone::Refused),
        };
    }
    let posted: Result<Option<Value>> = connection
        .transaction(async |connection| {
            if limit != NO_AWARD_LIMIT
                && sum(campus, connection, actor.account_id, unit, batch).await? > limit_of(limit, unit)
            {
                return Ok(None);
            }
            match post_held(connection, &campus.clock, batch, venue_id).await? {
                BatchOutcome::Done(answer) => Ok(Some(answer)),
                BatchOutcome::Refused(outcome) => {
                    tracing::info!(?outcome, "an award was refused");
                    Err(Error::code(Code::AwardRowsRefused))
                }
            }
        })
        .await;
    match posted {
        Ok(Some(answer)) => Ok(Alone::Posted(answer)),
        Ok(None) => Ok(Alone::TooMuch),
        Err(error) if error.stable_code() == Code::AwardRowsRefused => Ok(Alone::Refused),
        Err(error) => Err(error),
    }
}

/// The limit is one of credits; as many points are a hundredth of its hundredths.
const fn limit_of(limit: i64, unit: Unit) -> i64 {
    match unit {
        Unit::Credit => limit,
        Unit::Point => limit / 100,
    }
}

/// What this batch and what the actor has awarded alone today come to.
async fn sum(
    campus: &Campus,
    connection: &mut Connection,
    account_id: Uuid,
    unit: Unit,
    batch: &Batch<'_>,
) -> Result<i64> {
    let since = campus.clock.start_of(campus.clock.today());
    let earlier: i64 = diesel::select(awarded_alone(account_id, unit.as_str(), since)).get_result(connection).await?;
    Ok(batch.postings.iter().fold(earlier, |sum, posting| sum.saturating_add(posting.amount)))
}
