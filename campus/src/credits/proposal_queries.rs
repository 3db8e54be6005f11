//! What is asked of the database about awards that wait, and about files of awards.

use std::collections::HashMap;

use diesel::dsl::{count_star, exists};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::rows::{AwardFile, Proposal, ShownProposal};
use crate::branches::venues;
use crate::db::Connection;
use crate::db::schema::{accounts, award_files, award_proposals, credit_transfers};
use crate::error::Result;

pub(super) async fn insert(connection: &mut Connection, proposal: &Proposal) -> Result<()> {
    diesel::insert_into(award_proposals::table).values(proposal).execute(connection).await?;
    Ok(())
}

pub(super) async fn update(connection: &mut Connection, proposal: &Proposal) -> Result<()> {
    diesel::update(award_proposals::table.find(proposal.id)).set(proposal).execute(connection).await?;
    Ok(())
}

pub(super) async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Proposal>> {
    Ok(award_proposals::table.find(id).select(Proposal::as_select()).first(connection).await.optional()?)
}

pub(super) async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Proposal>> {
    Ok(award_proposals::table
        .find(id)
        .select(Proposal::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()?)
}

/// Those that wait first, then the newest first. `before` is where the page before ended: whether that was
/// decided, and its id.
pub(super) async fn list(
    connection: &mut Connection,
    before: Option<(bool, Uuid)>,
    limit: i64,
) -> Result<Vec<Proposal>> {
    let decided = award_proposals::state.ne("waiting");
    let mut query = award_proposals::table.into_boxed();
    query = match before {
        None => query,
        Some((false, id)) => query.filter(decided.or(award_proposals::id.lt(id))),
        Some((true, id)) => query.filter(decided.and(award_proposals::id.lt(id))),
    };
    Ok(query
        .order((decided, award_proposals::id.desc()))
        .limit(limit)
        .select(Proposal::as_select())
        .load(connection)
        .await?)
}

/// These with the names of who proposed and decided them, and where they were held.
pub(super) async fn shown(connection: &mut Connection, found: Vec<Proposal>) -> Result<Vec<ShownProposal>> {
    let ids: Vec<Uuid> = found.iter().flat_map(|each| [Some(each.account_id), each.decided_by]).flatten().collect();
    let names: Vec<(Uuid, String)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((accounts::id, accounts::name))
        .load(connection)
        .await?;
    let names: HashMap<Uuid, String> = names.into_iter().collect();
    let held: Vec<Uuid> = found.iter().filter_map(|each| each.venue_id).collect();
    let venues = venues::with_ids(connection, &held).await?;
    let shown = found.into_iter().map(|proposal| ShownProposal {
        proposed_by: names.get(&proposal.account_id).cloned().unwrap_or_default(),
        decided_by: proposal.decided_by.and_then(|id| names.get(&id).cloned()),
        venue: proposal.venue_id.and_then(|id| venues.get(&id).cloned()),
        proposal,
    });
    Ok(shown.collect())
}

/// Whether there is a batch of awards, or a proposal, of this id.
pub(super) async fn is_award(connection: &mut Connection, id: Uuid) -> Result<bool> {
    let posted = credit_transfers::table
        .filter(credit_transfers::batch_id.eq(id).and(credit_transfers::kind.eq("award")))
        .select(credit_transfers::id);
    let proposed = award_proposals::table.filter(award_proposals::id.eq(id)).select(award_proposals::id);
    let known = exists(posted).or(exists(proposed));
    Ok(diesel::select(known).get_result(connection).await?)
}

pub(super) async fn insert_file(connection: &mut Connection, file: &AwardFile) -> Result<()> {
    diesel::insert_into(award_files::table).values(file).execute(connection).await?;
    Ok(())
}

/// Files of one batch are added one after another: what is counted does not change meanwhile.
pub(super) async fn lock_files(connection: &mut Connection, batch: Uuid) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1::text, 7104))")
        .bind::<diesel::sql_types::Uuid, _>(batch)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn count_files(connection: &mut Connection, batch: Uuid) -> Result<i64> {
    Ok(award_files::table.filter(award_files::batch_id.eq(batch)).select(count_star()).first(connection).await?)
}

/// The earliest first.
pub(super) async fn files(connection: &mut Connection, batch: Uuid) -> Result<Vec<AwardFile>> {
    Ok(award_files::table
        .filter(award_files::batch_id.eq(batch))
        .order((award_files::created_at, award_files::id))
        .select(AwardFile::as_select())
        .load(connection)
        .await?)
}
