//! Where what was awarded for was held. How many came is known by whom it was awarded to.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::Date;
use uuid::Uuid;

use super::posting::{Batch, BatchOutcome, post_batch};
use crate::branches::Venue;
use crate::clock::Clock;
use crate::db::Connection;
use crate::db::schema::award_venues;
use crate::error::Result;

/// A venue as an award to a list would fill it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Filled {
    /// Which one.
    pub venue_id: Uuid,
    /// What it is called.
    pub name: String,
    /// How many find a seat.
    pub seats: i32,
    /// How many people who are not on the list have been awarded there for the same day.
    pub others: i64,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    people: i64,
}

/// How the venue is filled on a day beside these people.
pub(super) async fn filled(connection: &mut Connection, venue: Venue, on: Date, listed: &[Uuid]) -> Result<Filled> {
    let Counted { people } = diesel::sql_query(
        "SELECT count(DISTINCT person_id) AS people FROM venue_visits \
         WHERE venue_id = $1 AND day = $2 AND person_id <> ALL ($3)",
    )
    .bind::<SqlUuid, _>(venue.id)
    .bind::<SqlDate, _>(on)
    .bind::<Array<SqlUuid>, _>(listed)
    .get_result(connection)
    .await?;
    Ok(Filled { venue_id: venue.id, name: venue.name, seats: venue.seats, others: people })
}

/// Posts a batch of awards inside the caller's transaction, and writes where it was held.
pub(super) async fn post_held(
    connection: &mut Connection,
    clock: &Clock,
    batch: &Batch<'_>,
    venue_id: Option<Uuid>,
) -> Result<BatchOutcome> {
    let outcome = post_batch(connection, clock, batch).await?;
    if let (BatchOutcome::Done(answer), Some(venue_id)) = (&outcome, venue_id) {
        // The answer names the batch that was posted. Of a request that came again that is the first one, which
        // has its venue; of one that waits for a second person there is none yet.
        let batch_id: Option<Uuid> = serde_json::from_value(answer.get("batch_id").cloned().unwrap_or(Value::Null))?;
        if let Some(batch_id) = batch_id {
            diesel::insert_into(award_venues::table)
                .values((award_venues::batch_id.eq(batch_id), award_venues::venue_id.eq(venue_id)))
                .on_conflict_do_nothing()
                .execute(connection)
                .await?;
        }
    }
    Ok(outcome)
}
