//! The catalogue: what is recognised, what it is worth, what must be shown.

use diesel_async::AsyncConnection;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::fields::Fields;
use super::queries;
use super::rows::Outcome;
use crate::Campus;
use crate::access::Actor;
use crate::audit;
use crate::credits::{self, Credits, NewRecognitionRule};
use crate::db::Connection;
use crate::error::{Code, Error, Result};
use crate::idempotency::{self, Request};
use crate::ids::new_id;

/// What sorts of outcomes there are.
pub const KINDS: [&str; 4] = ["certificate", "training", "volunteering", "other"];
/// What credits are counted by.
pub const BASES: [&str; 2] = ["each", "hour"];
/// The most days of public notice.
const LONGEST_NOTICE: i16 = 60;
/// The most that one outcome, or one hour, is worth, in hundredths of a credit.
const LARGEST: i64 = 100_000;

/// An entry as it is to stand.
#[derive(Debug, Clone, serde::Serialize)]
pub struct OutcomeInput {
    /// One of [`KINDS`].
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// What must be shown.
    pub requirement: String,
    /// One of [`BASES`].
    pub basis: String,
    /// `"2.50"`, each or per hour.
    pub credits: String,
    /// At most so much in a year; `None`: no limit.
    pub year_cap: Option<String>,
    /// For how many days an approved one is shown in public.
    pub notice_days: i16,
    /// Whether nothing more is filed under it.
    pub retired: bool,
}

struct Checked {
    name: String,
    requirement: String,
    credits: i64,
    year_cap: Option<i64>,
}

fn check(input: &OutcomeInput) -> Result<Checked> {
    let mut fields = Fields::default();
    if !KINDS.contains(&input.kind.as_str()) {
        fields.refuse("kind", Code::ValueInvalid);
    }
    if !BASES.contains(&input.basis.as_str()) {
        fields.refuse("basis", Code::ValueInvalid);
    }
    if !(0..=LONGEST_NOTICE).contains(&input.notice_days) {
        fields.refuse("notice_days", Code::ValueInvalid);
    }
    let name = fields.line("name", &input.name);
    let requirement = fields.lines("requirement", &input.requirement);
    let mut amount = |field: &str, text: &str| match text.trim().parse::<Credits>() {
        Ok(Credits(hundredths)) if (1..=LARGEST).contains(&hundredths) => hundredths,
        _ => {
            fields.refuse(field, Code::CreditsInvalid);
            0
        }
    };
    let credits = amount("credits", &input.credits);
    let year_cap = input.year_cap.as_deref().map(|cap| amount("year_cap", cap));
    fields.finish()?;
    Ok(Checked { name, requirement, credits, year_cap })
}

/// Every entry, those that are retired last.
///
/// # Errors
/// What the database says.
pub async fn outcomes(campus: &Campus) -> Result<Vec<Outcome>> {
    queries::outcomes(&mut *campus.database.connection().await?).await
}

/// Writes a new entry with a rule of its own.
///
/// # Errors
/// The fields that are wrong.
pub async fn add_outcome(campus: &Campus, actor: &Actor, request: &Request, input: &OutcomeInput) -> Result<Outcome> {
    let checked = check(input)?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            if let Some(id) = idempotency::claim::<Uuid>(connection, request, now).await? {
                return queries::outcome(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound));
            }
            let id = new_id();
            let outcome = Outcome {
                id,
                kind: input.kind.clone(),
                basis: input.basis.clone(),
                credits: checked.credits,
                year_cap: checked.year_cap,
                notice_days: input.notice_days,
                rule_id: rule(campus, connection, id, &checked).await?,
                version: 1,
                created_at: now,
                changed_at: now,
                retired_at: input.retired.then_some(now),
                name: checked.name,
                requirement: checked.requirement,
            };
            queries::insert_outcome(connection, &outcome).await?;
            note(connection, actor, "recognised_outcome.added", &outcome, now).await?;
            idempotency::keep(connection, request, &id).await?;
            Ok(outcome)
        })
        .await
}

/// Changes an entry. What has been filed under it keeps the worth and the cap of the day it was filed.
///
/// # Errors
/// The fields that are wrong; [`Code::NotFound`].
pub async fn change_outcome(campus: &Campus, actor: &Actor, id: Uuid, input: &OutcomeInput) -> Result<Outcome> {
    let checked = check(input)?;
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let known = queries::lock_outcome(connection, id).await?.ok_or_else(|| Error::code(Code::NotFound))?;
            let mut outcome = known.clone();
            let version = known.version + 1;
            // What rows of the ledger say of themselves is in their rule: a new name is a new rule too.
            if (&known.name, known.year_cap) != (&checked.name, checked.year_cap) {
                outcome.rule_id = rule(campus, connection, id, &checked).await?;
            }
            outcome.kind.clone_from(&input.kind);
            outcome.basis.clone_from(&input.basis);
            (outcome.name, outcome.requirement) = (checked.name, checked.requirement);
            (outcome.credits, outcome.year_cap) = (checked.credits, checked.year_cap);
            outcome.notice_days = input.notice_days;
            outcome.retired_at = input.retired.then(|| known.retired_at.unwrap_or(now));
            if outcome == known {
                return Ok(outcome);
            }
            (outcome.version, outcome.changed_at) = (version, now);
            queries::update_outcome(connection, &outcome).await?;
            note(connection, actor, "recognised_outcome.changed", &outcome, now).await?;
            Ok(outcome)
        })
        .await
}

async fn rule(campus: &Campus, connection: &mut Connection, id: Uuid, checked: &Checked) -> Result<Uuid> {
    let rule = NewRecognitionRule {
        code: format!("recognition:{id}"),
        name: checked.name.clone(),
        year_cap: checked.year_cap,
        valid_from: campus.clock.today(),
    };
    credits::add_recognition_rule(connection, &rule).await
}

async fn note(
    connection: &mut Connection,
    actor: &Actor,
    action: &'static str,
    outcome: &Outcome,
    at: OffsetDateTime,
) -> Result<()> {
    let detail = json!({
        "name": outcome.name, "basis": outcome.basis, "credits": outcome.credits, "year_cap": outcome.year_cap,
        "notice_days": outcome.notice_days, "version": outcome.version, "retired": outcome.retired_at.is_some(),
    });
    let (object_kind, object_id) = ("recognised_outcome", Some(outcome.id));
    let entry = audit::Entry { action, object_kind, object_id, branch_id: None, detail, actor: Some(actor) };
    audit::record(connection, at, &entry).await
}
