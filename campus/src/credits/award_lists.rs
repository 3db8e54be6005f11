//! Batches of awards that have been posted: who made them, for how many, and what of them still stands.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date as SqlDate, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::reversals::UNDONE_WITHIN;
use crate::Campus;
use crate::access::Actor;
use crate::db::Connection;
use crate::error::Result;
use crate::paging::{Page, PageRequest, page};

/// A batch of awards.
#[derive(Debug, Clone, QueryableByName)]
pub struct AwardBatch {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Who made it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub account_id: Option<Uuid>,
    /// Their name.
    #[diesel(sql_type = Nullable<Text>)]
    pub awarded_by: Option<String>,
    /// Who approved it, where that took a second person.
    #[diesel(sql_type = Nullable<Text>)]
    pub approved_by: Option<String>,
    /// When it was posted.
    #[diesel(sql_type = Timestamptz)]
    pub awarded_at: OffsetDateTime,
    /// `credit` or `point`.
    #[diesel(sql_type = Text)]
    pub unit: String,
    /// How much each: hundredths of a credit, or points.
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    /// All together.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
    /// How many people.
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    /// Of how many it was taken back.
    #[diesel(sql_type = BigInt)]
    pub reversed: i64,
    /// What for; `None` where that has been forgotten.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    /// The day it was earned.
    #[diesel(sql_type = SqlDate)]
    pub earned_on: Date,
    /// How it is known.
    #[diesel(sql_type = Text)]
    pub evidence: String,
    /// Where it was held, where that was said.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub venue_id: Option<Uuid>,
    /// What that is called.
    #[diesel(sql_type = Nullable<Text>)]
    pub venue_name: Option<String>,
    /// How many find a seat there.
    #[diesel(sql_type = Nullable<Integer>)]
    pub venue_seats: Option<i32>,
}

impl AwardBatch {
    /// `standing`, `partly_reversed` or `reversed`.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self.reversed {
            0 => "standing",
            reversed if reversed < self.people => "partly_reversed",
            _ => "reversed",
        }
    }

    /// Until when the actor may undo it without saying why; `None` where they may not, or not any more.
    #[must_use]
    pub fn undo_until(&self, campus: &Campus, actor: &Actor) -> Option<OffsetDateTime> {
        let until = self.awarded_at + UNDONE_WITHIN;
        let open = self.account_id == Some(actor.account_id) && self.reversed < self.people;
        (open && campus.clock.now() < until).then_some(until)
    }
}

/// Batches of awards, the newest first.
///
/// # Errors
/// A bad page; what the database says.
pub async fn award_batches(campus: &Campus, request: &PageRequest) -> Result<Page<AwardBatch>> {
    let limit = request.limit()?;
    let before: Option<(OffsetDateTime, Uuid)> = request.position()?;
    let connection = &mut *campus.database.connection().await?;
    page(list(connection, before, limit + 1).await?, limit, |batch: &AwardBatch| (batch.awarded_at, batch.id))
}

async fn list(
    connection: &mut Connection,
    before: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<AwardBatch>> {
    // Of a batch all rows are alike, and it has one first.
    let batches = "SELECT first.batch_id AS id, first.actor_id AS account_id, account.name AS awarded_by, \
             approver.name AS approved_by, first.recorded_at AS awarded_at, first.unit, first.amount, \
             rows.total, rows.people, rows.reversed, note.body AS reason, first.earned_on, first.evidence, \
             venue.id AS venue_id, venue.name AS venue_name, venue.seats AS venue_seats \
         FROM (SELECT * FROM credit_transfers WHERE kind = 'award' AND place = 0 \
             AND ($1::timestamptz IS NULL OR (recorded_at, batch_id) < ($1, $2)) \
             ORDER BY recorded_at DESC, batch_id DESC LIMIT $3) AS first \
         CROSS JOIN LATERAL (SELECT count(*) AS people, sum(made.amount)::bigint AS total, count(back.id) AS reversed \
             FROM credit_transfers AS made LEFT JOIN credit_transfers AS back ON back.reverses = made.id \
             WHERE made.batch_id = first.batch_id) AS rows \
         LEFT JOIN accounts AS account ON account.id = first.actor_id \
         LEFT JOIN credit_notes AS note ON note.id = first.note_id \
         LEFT JOIN award_proposals AS proposal ON proposal.id = first.batch_id \
         LEFT JOIN accounts AS approver ON approver.id = proposal.decided_by \
         LEFT JOIN award_venues AS held ON held.batch_id = first.batch_id \
         LEFT JOIN venues AS venue ON venue.id = held.venue_id \
         ORDER BY first.recorded_at DESC, first.batch_id DESC";
    let (at, id) = before.unzip();
    Ok(diesel::sql_query(batches)
        .bind::<Nullable<Timestamptz>, _>(at)
        .bind::<Nullable<SqlUuid>, _>(id)
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?)
}
