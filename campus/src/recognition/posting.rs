//! Posting: what is approved comes into the ledger once its notice is over.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::rows::{Notice, Recognition};
use super::{note, queries};
use crate::Campus;
use crate::credits::{self, Evidence, Outcome, Posting, PostingKind};
use crate::db::Connection;
use crate::error::{Error, Result};
use crate::residents;

/// How many are looked for at once.
const AT_ONCE: i64 = 50;
/// How many notices are shown.
const NOTICES: i64 = 200;

/// Posts what is due, each in a transaction of its own. Answers how many have been dealt with.
///
/// # Errors
/// What the database says.
pub async fn post_due(campus: &Campus) -> Result<usize> {
    let connection = &mut *campus.database.connection().await?;
    let due = queries::due(connection, campus.clock.now(), AT_ONCE).await?;
    for id in &due {
        connection.transaction(async |connection| post_one(campus, connection, *id).await).await?;
    }
    Ok(due.len())
}

/// The row is held, and what it has become is written with the transfer: so it is posted once, however
/// many workers come.
async fn post_one(campus: &Campus, connection: &mut Connection, id: Uuid) -> Result<()> {
    let now = campus.clock.now();
    let Some(mut recognition) = queries::lock(connection, id).await? else { return Ok(()) };
    if recognition.state != "approved" || recognition.notice_until.is_none_or(|until| until > now) {
        return Ok(());
    }
    let posting = posting(campus, connection, &recognition).await?;
    let posted = credits::post(connection, &campus.clock, &[posting]).await?;
    let posted = posted.first().ok_or_else(|| Error::internal("the ledger gave no answer"))?;
    let (state, action) = match posted.outcome {
        Outcome::Posted => {
            recognition.transfer_id = Some(posted.id);
            ("posted", "recognition.posted")
        }
        _ => ("over_cap", "recognition.over_cap"),
    };
    recognition.state = state.to_owned();
    queries::update(connection, &recognition).await?;
    queries::add_step(connection, id, state, now, None, None).await?;
    note(connection, now, None, action, &recognition).await
}

async fn posting(campus: &Campus, connection: &mut Connection, recognition: &Recognition) -> Result<Posting> {
    let missing = || Error::internal("something approved has no worth");
    let rule = credits::rule_of(connection, recognition.rule_id.ok_or_else(missing)?).await?;
    let resident = residents::find(connection, recognition.resident_id).await?;
    let earned_on = recognition.issued_on;
    let elsewhere = residents::elsewhere_on(connection, &[resident.id], earned_on).await?;
    let evidence = if recognition.original_seen { Evidence::Listed } else { Evidence::Declared };
    Ok(Posting {
        resident_id: resident.id,
        branch_id: elsewhere.get(&resident.id).copied().unwrap_or(resident.branch_id),
        amount: recognition.credits.ok_or_else(missing)?,
        kind: PostingKind::Recognition,
        source_kind: "recognition".to_owned(),
        source_id: recognition.id,
        // What the catalogue calls it: what its owner wrote must be forgotten when they leave.
        source_label: rule.name_zh.clone(),
        rule,
        evidence: evidence.as_str().to_owned(),
        actor_id: None,
        earned_at: campus.clock.start_of(earned_on),
        earned_on,
    })
}

/// What is shown in public before it is posted: a surname, and what is recognised.
///
/// # Errors
/// What the database says.
pub async fn notices(campus: &Campus) -> Result<Vec<Notice>> {
    let connection = &mut *campus.database.connection().await?;
    let found = queries::notices(connection, campus.clock.now(), NOTICES).await?;
    let masked = found.into_iter().map(|(name, outcome, until)| Notice {
        name: format!("{}**", residents::surname(&name)),
        outcome,
        until,
    });
    Ok(masked.collect())
}
