//! Settling what was found, and taking that back.

use diesel_async::AsyncConnection;
use serde_json::json;
use uuid::Uuid;

use super::detectors::Candidate;
use super::rows::{Anomaly, Kind, Row};
use super::{batches, naming, queries};
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::writing;

/// The longest note, in characters.
const NOTE: usize = 500;

/// Settles it with a note on what it was about. `true`: now; `false`: the actor has settled it so before.
///
/// # Errors
/// A bad note; [`Code::AnomalySettled`] where somebody else has, or with other words; [`Code::OwnAnomaly`]
/// for awards of the actor's own; [`Code::NotFound`].
pub async fn settle(campus: &Campus, actor: &Actor, id: Uuid, note: &str) -> Result<(Anomaly, bool)> {
    let note = writing::lines(note, NOTE).map_err(|flaw| flaw.refusal("note", Code::NoteRequired))?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let row = queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            if row.settled_by.is_some() {
                if row.settled_by == Some(actor.account_id) && row.note.as_deref() == Some(note.as_str()) {
                    return Ok((read(campus, connection, actor, id).await?, false));
                }
                return Err(Error::code(Code::AnomalySettled));
            }
            refuse_own(connection, actor, &row).await?;
            queries::set_settlement(connection, id, Some((now, actor.account_id, note.as_str()))).await?;
            record(campus, connection, actor, "anomaly.settled", &row).await?;
            Ok((read(campus, connection, actor, id).await?, true))
        })
        .await
}

/// Opens it again. Open before: nothing happens.
///
/// # Errors
/// [`Code::AnomalyFoundAgain`] where more of the same was found since, and is open; [`Code::OwnAnomaly`],
/// [`Code::NotFound`].
pub async fn reopen(campus: &Campus, actor: &Actor, id: Uuid) -> Result<Anomaly> {
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let row = queries::lock(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            if row.settled_at.is_some() {
                refuse_own(connection, actor, &row).await?;
                refuse_second(connection, &row).await?;
                queries::set_settlement(connection, id, None).await?;
                record(campus, connection, actor, "anomaly.reopened", &row).await?;
            }
            read(campus, connection, actor, id).await
        })
        .await
}

/// Nobody decides about what they have done themselves, were it together with others.
async fn refuse_own(connection: &mut Connection, actor: &Actor, row: &Row) -> Result<()> {
    let kind = Kind::from_name(&row.kind).ok_or_else(|| Error::internal("a finding has an unknown kind"))?;
    let own = if kind.is_about_people() {
        false
    } else if kind.is_about_an_account() {
        row.subject == actor.account_id
    } else {
        batches::has_awarded(connection, actor.account_id, &row.evidence).await?
    };
    if own { Err(Error::code(Code::OwnAnomaly)) } else { Ok(()) }
}

/// What is open about one thing is one finding.
async fn refuse_second(connection: &mut Connection, row: &Row) -> Result<()> {
    let kind = Kind::from_name(&row.kind).ok_or_else(|| Error::internal("a finding has an unknown kind"))?;
    let same = Candidate {
        subject: row.subject,
        mark: row.mark.clone(),
        period: row.period,
        evidence: row.evidence.clone(),
        figures: row.figures.clone(),
    };
    let known = queries::about(connection, kind, &same).await?;
    if known.iter().any(|other| other.id != row.id && other.settled_at.is_none()) {
        return Err(Error::code(Code::AnomalyFoundAgain));
    }
    Ok(())
}

async fn read(campus: &Campus, connection: &mut Connection, actor: &Actor, id: Uuid) -> Result<Anomaly> {
    let row = queries::lock(connection, id).await?.into_iter().collect();
    naming::shown(campus, connection, actor, row).await?.pop().ok_or_else(|| Error::code(Code::NotFound))
}

/// The audit keeps that it was done; the words may be about a person, and stand in the row alone.
async fn record(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    action: &'static str,
    row: &Row,
) -> Result<()> {
    let entry = audit::Entry {
        action,
        object_kind: "anomaly",
        object_id: Some(row.id),
        branch_id: None,
        detail: json!({"kind": row.kind}),
        actor: Some(actor),
    };
    audit::record(connection, campus.clock.now(), &entry).await
}
