//! Awards that have been posted, batch by batch.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use campus::access::{Actor, AwardCredits};
use campus::credits::{self, AwardBatch, Unit};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::credits::PageQuery;
use crate::input::Query;
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;
use crate::venues::NamedVenue;

/// A batch of awards.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwardBatchBody {
    /// What files and reversals name it by.
    id: Uuid,
    /// `standing`, `partly_reversed` or `reversed`.
    state: &'static str,
    awarded_by: Option<String>,
    /// Who approved it, where that took a second person.
    approved_by: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    awarded_at: OffsetDateTime,
    /// Until when whoever asks may undo it without saying why; `null` where they may not, or not any more.
    #[serde(with = "time::serde::rfc3339::option")]
    undo_until: Option<OffsetDateTime>,
    people: i64,
    /// Of how many it was taken back.
    reversed: i64,
    unit: String,
    /// Each.
    amount: String,
    total: String,
    /// `null` where it has been forgotten with whom it was about.
    reason: Option<String>,
    #[schema(value_type = String, format = Date)]
    earned_on: String,
    evidence: String,
    /// Where it was held; `null` where that was not said.
    venue: Option<NamedVenue>,
}

impl AwardBatchBody {
    fn new(state: &State, actor: &Actor, batch: AwardBatch) -> Self {
        let unit = Unit::from_name(&batch.unit).unwrap_or(Unit::Credit);
        let clock = &state.campus.clock;
        let venue = batch.venue_id.zip(batch.venue_name.clone()).zip(batch.venue_seats);
        Self {
            id: batch.id,
            state: batch.state(),
            undo_until: batch.undo_until(&state.campus, actor).map(|until| clock.local(until)),
            awarded_by: batch.awarded_by,
            approved_by: batch.approved_by,
            awarded_at: clock.local(batch.awarded_at),
            people: batch.people,
            reversed: batch.reversed,
            amount: unit.write(batch.amount),
            total: unit.write(batch.total),
            unit: batch.unit,
            reason: batch.reason,
            earned_on: batch.earned_on.to_string(),
            evidence: batch.evidence,
            venue: venue.map(|((id, name), seats)| NamedVenue { id, name, seats }),
        }
    }
}

/// Batches of awards, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwardBatchList {
    items: Vec<AwardBatchBody>,
    next_cursor: Option<String>,
}

/// What has been awarded, batch by batch, the newest first.
#[utoipa::path(tag = "credits", params(PageQuery), responses((status = 200, body = AwardBatchList)))]
#[get("/credit-awards")]
pub async fn batches(state: Data<State>, permit: Permit<AwardCredits>, query: Query<PageQuery>) -> Answer {
    let page = credits::award_batches(&state.campus, &query.0.into()).await?;
    let items = page.items.into_iter().map(|batch| AwardBatchBody::new(&state, &permit, batch)).collect();
    Ok(HttpResponse::Ok().json(AwardBatchList { items, next_cursor: page.next_cursor }))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(batches);
}
