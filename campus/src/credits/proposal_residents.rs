//! For whom an award is that waits: whoever approves it sees each of them, and what stands in the way.

use std::collections::HashMap;

use uuid::Uuid;

use super::awards::{check, judge, rule};
use super::matching::RowStatus;
use super::proposal_queries as queries;
use super::proposals::award_of;
use super::rows::Proposal;
use crate::Campus;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::paging::{Page, PageRequest, page};
use crate::residents::{self, Resident};

/// Somebody for whom an award is.
#[derive(Debug, Clone)]
pub struct ProposedResident {
    /// The resident's id, as it was proposed.
    pub id: Uuid,
    /// Who that is by now; `None` for who has left.
    pub person: Option<Resident>,
    /// What is known of it, as long as it waits.
    pub status: Option<RowStatus>,
}

/// A page of them.
#[derive(Debug, Clone)]
pub struct ProposedResidents {
    /// How many of all could not be awarded as things stand.
    pub refused: usize,
    /// Those that stand in the way come first, then the others, in the order of the list.
    pub page: Page<ProposedResident>,
}

/// For whom an award is.
///
/// # Errors
/// A bad page; [`Code::NotFound`].
pub async fn proposed_residents(campus: &Campus, id: Uuid, request: &PageRequest) -> Result<ProposedResidents> {
    let limit = request.limit()?;
    let after: Option<Uuid> = request.position()?;
    let connection = &mut *campus.database.connection().await?;
    let proposal = queries::find(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
    let mut listed = judged(campus, connection, &proposal).await?;
    let refused = listed.iter().filter(|(_, status)| status.is_some_and(|status| status != RowStatus::Found)).count();
    listed.sort_by_key(|(_, status)| status.is_none_or(|status| status == RowStatus::Found));
    let start = after.and_then(|after| listed.iter().position(|(id, _)| *id == after)).map_or(0, |place| place + 1);
    let taken = usize::try_from(limit).unwrap_or(0) + 1;
    let listed: Vec<(Uuid, Option<RowStatus>)> = listed.into_iter().skip(start).take(taken).collect();
    let ids: Vec<Uuid> = listed.iter().map(|(id, _)| *id).collect();
    let found = residents::with_ids(connection, &ids).await?;
    let mut people: HashMap<Uuid, Resident> = found.into_iter().map(|each| (each.record.id, each.person)).collect();
    let shown =
        listed.into_iter().map(|(id, status)| ProposedResident { id, person: people.remove(&id), status }).collect();
    Ok(ProposedResidents { refused, page: page(shown, limit, |each: &ProposedResident| each.id)? })
}

/// Each with what is known of it. What has been decided is not judged any more.
async fn judged(
    campus: &Campus,
    connection: &mut Connection,
    proposal: &Proposal,
) -> Result<Vec<(Uuid, Option<RowStatus>)>> {
    if proposal.state != "waiting" {
        return Ok(proposal.resident_ids.iter().map(|id| (*id, None)).collect());
    }
    let award = award_of(proposal)?;
    let checked = check(campus, &award)?;
    let rule = rule(connection, checked.unit, award.earned_on).await?;
    let (rows, _) = judge(campus, connection, &award, &checked, &rule).await?;
    Ok(proposal.resident_ids.iter().copied().zip(rows.into_iter().map(|row| Some(row.status))).collect())
}
