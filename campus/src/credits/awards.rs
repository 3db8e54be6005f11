//! Awarding to a list: a dry run that says what is known of each row, then all or nothing.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::Date;
use uuid::Uuid;

use super::amount::Unit;
use super::award_venues::{Filled, filled};
use super::caps::{Cap, caps};
use super::matching::{AwardRow, Named, RowStatus, matches};
use super::posting::{Batch, Evidence, Note, Posting, PostingKind, read_reason};
use super::proposals::propose;
use super::rows::Rule;
use super::second_person::{Alone, post_alone};
use super::{audit_value, queries};
use crate::Campus;
use crate::access::Actor;
use crate::branches::venues;
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};
use crate::idempotency::Request;
use crate::ids::new_id;
use crate::residents;

/// How many people one list may name.
const LONGEST_LIST: usize = 10_000;

/// An award to a list of people.
#[derive(Debug, Clone, Serialize)]
pub struct Award {
    /// Who.
    pub residents: Vec<Named>,
    /// Of what.
    pub unit: String,
    /// How much each: `"2.50"` credits, `"3"` points.
    pub amount: String,
    /// What for.
    pub reason: String,
    /// The day it was earned.
    pub earned_on: Date,
    /// How it is known.
    pub evidence: Evidence,
    /// Where it was held. Left out of the fingerprint where nothing is said, as by requests that know no venues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue_id: Option<Uuid>,
}

/// What came of it, or would come of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AwardAnswer {
    /// Every row of the list, in its order.
    pub rows: Vec<AwardRow>,
    /// The batch, once it is posted.
    pub batch_id: Option<Uuid>,
    /// How many people got it.
    pub awarded: usize,
    /// What waits for a second person, where so much does.
    #[serde(default)]
    pub proposal_id: Option<Uuid>,
    /// How the venue would be filled; of a dry run that names one.
    #[serde(default)]
    pub venue: Option<Filled>,
}

pub(super) struct Checked {
    pub(super) unit: Unit,
    pub(super) amount: i64,
    pub(super) reason: String,
}

/// Awards to a list. Without a request it is a dry run. With one, all of it is posted, or,
/// when any row is not simply found, none. Above what one may award alone in a day it is put by for a
/// second person.
///
/// # Errors
/// The fields that are wrong, a venue that is absent or closed too; [`Code::AwardRowsRefused`] with the rows.
pub async fn award(campus: &Campus, actor: &Actor, request: Option<&Request>, award: &Award) -> Result<AwardAnswer> {
    let checked = check(campus, award)?;
    let connection = &mut *campus.database.connection().await?;
    let Some(request) = request else {
        let rule = rule(connection, checked.unit, award.earned_on).await?;
        return try_out(campus, connection, actor, award, &checked, &rule).await;
    };
    // Asked for together: neither needs the answer to the other.
    let (rule, (rows, branches)) = try_join(
        rule(connection, checked.unit, award.earned_on),
        matches(campus, connection, &award.residents, award.earned_on),
    )
    .await?;
    if let Some(venue_id) = award.venue_id
        && let Err(refused) = venues::named(connection, actor, venue_id).await
    {
        // A repeated request must get its first answer even where the venue has been closed since.
        return crate::idempotency::earlier(connection, request).await?.ok_or(refused);
    }
    let unique: HashSet<Uuid> = rows.iter().filter_map(|row| row.resident_id).collect();
    if unique.len() < rows.len() {
        // A repeated request must get its first answer even where the list no longer fits.
        return refuse(campus, connection, request, award, &checked, &rule).await;
    }
    let batch_id = new_id();
    let answer = AwardAnswer { awarded: rows.len(), batch_id: Some(batch_id), rows, proposal_id: None, venue: None };
    let postings = postings(campus, actor.account_id, award, &checked, &rule, &answer.rows, &branches);
    let batch = Batch {
        id: batch_id,
        request,
        note: &Note::new(&checked.reason),
        postings: &postings,
        audit: audit_value(actor, "credits.awarded", batch_id, audit_detail(award, &checked, answer.awarded, None)),
        answer: serde_json::to_value(&answer)?,
    };
    match post_alone(campus, connection, actor, checked.unit, &batch, award.venue_id).await? {
        Alone::Posted(answer) => Ok(serde_json::from_value(answer)?),
        Alone::Refused => refuse(campus, connection, request, award, &checked, &rule).await,
        Alone::TooMuch => {
            let (judged, _) = judge(campus, connection, award, &checked, &rule).await?;
            if judged.iter().any(|row| row.status != RowStatus::Found) {
                return refuse(campus, connection, request, award, &checked, &rule).await;
            }
            propose(campus, connection, actor, request, award, &checked, judged).await
        }
    }
}

/// Says what would come of it.
async fn try_out(
    campus: &Campus,
    connection: &mut Connection,
    actor: &Actor,
    award: &Award,
    checked: &Checked,
    rule: &Rule,
) -> Result<AwardAnswer> {
    let venue = match award.venue_id {
        Some(id) => Some(venues::named(connection, actor, id).await?),
        None => None,
    };
    let (rows, branches) = judge(campus, connection, award, checked, rule).await?;
    let venue = match venue {
        Some(venue) => {
            let listed: Vec<Uuid> = branches.into_keys().collect();
            Some(filled(connection, venue, award.earned_on, &listed).await?)
        }
        None => None,
    };
    Ok(AwardAnswer { rows, batch_id: None, awarded: 0, proposal_id: None, venue })
}

/// What the audit keeps of a list: how many, not who.
pub(super) fn audit_detail(award: &Award, checked: &Checked, people: usize, proposed_by: Option<Uuid>) -> Value {
    #[derive(Serialize)]
    struct Detail<'a> {
        people: usize,
        amount: i64,
        unit: &'a str,
        earned_on: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        venue_id: Option<Uuid>,
        #[serde(skip_serializing_if = "Option::is_none")]
        proposed_by: Option<Uuid>,
    }
    json!(Detail {
        people,
        amount: checked.amount,
        unit: &award.unit,
        earned_on: award.earned_on.to_string(),
        venue_id: award.venue_id,
        proposed_by,
    })
}

pub(super) fn check(campus: &Campus, award: &Award) -> Result<Checked> {
    let mut fields = Vec::new();
    let mut refuse = |field: &str, code| fields.push(FieldError { field: field.to_owned(), code });
    match award.residents.len() {
        0 => refuse("residents", Code::AwardListEmpty),
        1..=LONGEST_LIST => {}
        _ => refuse("residents", Code::AwardListTooLong),
    }
    let reason = read_reason(&award.reason).unwrap_or_else(|code| {
        refuse("reason", code);
        String::new()
    });
    if award.earned_on > campus.clock.today() {
        refuse("earned_on", Code::DateInFuture);
    } else if award.earned_on.year() < 2000 {
        refuse("earned_on", Code::DateInvalid);
    }
    if award.evidence == Evidence::System {
        // Only the server itself says so.
        refuse("evidence", Code::ValueInvalid);
    }
    let unit = Unit::from_name(&award.unit);
    let amount = match unit {
        None => {
            refuse("unit", Code::ValueInvalid);
            0
        }
        Some(unit) => unit.read(&award.amount).unwrap_or_else(|_| {
            refuse("amount", Code::AmountInvalid);
            0
        }),
    };
    match unit {
        Some(unit) if fields.is_empty() => Ok(Checked { unit, amount, reason }),
        _ => Err(Error::fields(fields)),
    }
}

pub(super) async fn rule(connection: &Connection, unit: Unit, on: Date) -> Result<Rule> {
    let rules = queries::rules(connection, "award", on).await?;
    rules
        .into_iter()
        .find(|rule| rule.unit == unit.as_str())
        .ok_or_else(|| Error::field("earned_on", Code::DateInvalid))
}

pub(super) fn postings(
    campus: &Campus,
    actor_id: Uuid,
    award: &Award,
    checked: &Checked,
    rule: &Rule,
    rows: &[AwardRow],
    branches: &HashMap<Uuid, Uuid>,
) -> Vec<Posting> {
    let today = award.earned_on == campus.clock.today();
    let earned_at = if today { campus.clock.now() } else { campus.clock.start_of(award.earned_on) };
    let source_id = new_id();
    rows.iter()
        .filter_map(|row| row.resident_id)
        .filter_map(|resident_id| branches.get(&resident_id).map(|branch_id| (resident_id, *branch_id)))
        .map(|(resident_id, branch_id)| Posting {
            resident_id,
            branch_id,
            amount: checked.amount,
            kind: PostingKind::Award,
            source_kind: "award".to_owned(),
            source_id,
            source_label: String::new(),
            rule: rule.clone(),
            evidence: award.evidence.as_str().to_owned(),
            actor_id: Some(actor_id),
            earned_at,
            earned_on: award.earned_on,
        })
        .collect()
}

/// Says of each row what is known; those who have it already, stand twice in the list or
/// have no room under a cap are marked.
pub(super) async fn judge(
    campus: &Campus,
    connection: &mut Connection,
    award: &Award,
    checked: &Checked,
    rule: &Rule,
) -> Result<(Vec<AwardRow>, HashMap<Uuid, Uuid>)> {
    let (mut rows, branches) = matches(campus, connection, &award.residents, award.earned_on).await?;
    let people: Vec<Uuid> = branches.keys().copied().collect();
    let records = residents::records_of(connection, &people).await?;
    let awarded = queries::awarded(connection, &records, rule.unit.as_str(), &checked.reason, award.earned_on).await?;
    let full = over_cap(connection, &records, rule, checked.amount, award.earned_on).await?;
    let mut seen = HashSet::new();
    for row in &mut rows {
        let Some(id) = row.resident_id else { continue };
        if awarded.contains(&id) || !seen.insert(id) {
            row.status = RowStatus::AlreadyAwarded;
        } else if full.contains(&id) {
            row.status = RowStatus::OverCap;
        }
    }
    Ok((rows, branches))
}

async fn over_cap(
    connection: &mut Connection,
    records: &HashMap<Uuid, Uuid>,
    rule: &Rule,
    amount: i64,
    earned_on: Date,
) -> Result<HashSet<Uuid>> {
    let mut full = HashSet::new();
    for Cap { period, start, limit } in caps(rule, earned_on) {
        let used = queries::cap_used(connection, records, rule, period, start).await?;
        full.extend(records.values().filter(|id| used.get(id).copied().unwrap_or(0) + amount > limit));
    }
    Ok(full)
}

/// Answers a wet run that cannot be posted: with the first answer when the same request
/// has been posted before, else with the rows that stand in the way.
async fn refuse(
    campus: &Campus,
    connection: &mut Connection,
    request: &Request,
    award: &Award,
    checked: &Checked,
    rule: &Rule,
) -> Result<AwardAnswer> {
    if let Some(answer) = crate::idempotency::earlier(connection, request).await? {
        return Ok(answer);
    }
    let (rows, _) = judge(campus, connection, award, checked, rule).await?;
    Err(Error::with(Code::AwardRowsRefused, json!({"rows": rows, "batch_id": null, "awarded": 0})))
}
