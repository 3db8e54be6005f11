//! What a resident sees of their account, each row in plain words.

use std::collections::{HashMap, HashSet};

use time::Date;
use uuid::Uuid;

use super::amount::Unit;
use super::explanation::words;
use super::lots::Lot;
use super::rows::{Rule, Transfer};
use super::rules::Audience;
use super::{Earns, caps, expiry, queries};
use crate::Campus;
use crate::access::Actor;
use crate::branches;
use crate::clock::Month;
use crate::db::Connection;
use crate::error::{Error, Result};
use crate::language::Language;
use crate::paging::{Page, PageRequest, page};
use crate::residents;

/// An account at a glance. Credits in hundredths.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Credits.
    pub credits: i64,
    /// Points.
    pub points: i64,
    /// What is left of them by when they expire, the next to expire first.
    pub expiring: Vec<Lot>,
    /// Credits earned in the month that is running.
    pub this_month: i64,
    /// Credits earned in the year that is running.
    pub this_year: i64,
    /// Today.
    pub today: Today,
}

/// What today has brought, and may bring yet. Credits in hundredths.
#[derive(Debug, Clone)]
pub struct Today {
    /// Earned today.
    pub earned: i64,
    /// What lessons may still earn today; `None` where no cap says so.
    pub remaining: Option<i64>,
}

/// A transfer with its words.
#[derive(Debug, Clone)]
pub struct StatementRow {
    /// The transfer.
    pub transfer: Transfer,
    /// The reason given with it.
    pub note: Option<String>,
    /// What it is, in plain words.
    pub explanation: String,
    /// The transfer that took it back.
    pub reversed_by: Option<Uuid>,
}

impl StatementRow {
    /// The amount with its sign, as in the API.
    #[must_use]
    pub fn signed_amount(&self) -> String {
        unit(&self.transfer).write(self.transfer.signed())
    }
}

fn unit(transfer: &Transfer) -> Unit {
    Unit::from_name(&transfer.unit).unwrap_or(Unit::Credit)
}

/// A resident's account.
///
/// # Errors
/// What the database says.
pub async fn statement(campus: &Campus, resident_id: Uuid) -> Result<Statement> {
    let connection = &mut *campus.database.connection().await?;
    let today = campus.clock.today();
    let month = Month::of(today);
    let year = month.first_day().replace_month(time::Month::January).map_err(Error::internal)?;
    let records = residents::records(connection, resident_id).await?;
    let balances = queries::balances(connection, &records).await?;
    let remaining = remaining(connection, resident_id, &records, today).await?;
    let points = balances.get("point").copied().unwrap_or(0);
    Ok(Statement {
        credits: balances.get("credit").copied().unwrap_or(0),
        points,
        expiring: expiry::left(connection, campus, &records, points).await?,
        this_month: queries::earned_between(connection, &records, month.first_day(), today).await?,
        this_year: queries::earned_between(connection, &records, year, today).await?,
        today: Today { earned: queries::earned_between(connection, &records, today, today).await?, remaining },
    })
}

/// What lessons may still earn somebody today, under all rules that are meant for them; `None`: one of them has
/// no cap, or none earns anything.
async fn remaining(
    connection: &mut Connection,
    resident_id: Uuid,
    records: &[Uuid],
    today: Date,
) -> Result<Option<i64>> {
    let person = residents::find(connection, resident_id).await?;
    let mut rules = queries::rules(connection, Earns::LessonCompleted.as_str(), today).await?;
    rules.retain(|rule| rule.unit == Unit::Credit.as_str() && rule.multiplier > 0);
    let audience = Audience::of(connection, &rules, person.id, person.branch_id).await?;
    let mut sum = None;
    for rule in rules.iter().filter(|rule| audience.is_meant_by(rule)) {
        let Some(left) = caps::left(connection, rule, (person.id, records), today).await? else { return Ok(None) };
        sum = Some(sum.unwrap_or(0) + left);
    }
    Ok(sum)
}

/// A resident's transfers, newest first.
///
/// # Errors
/// What the database says; a bad page.
pub async fn transfers_of_resident(
    campus: &Campus,
    resident_id: Uuid,
    language: Language,
    request: &PageRequest,
) -> Result<Page<StatementRow>> {
    let limit = request.limit()?;
    let connection = &mut *campus.database.connection().await?;
    let records = residents::records(connection, resident_id).await?;
    let items = queries::of_records(connection, &records, request.position()?, limit + 1).await?;
    let page = page(items, limit, |transfer| transfer.id)?;
    let reader = Reader { language, own: Some((resident_id, &records, campus.clock.today())) };
    Ok(Page { items: explain(connection, page.items, reader).await?, next_cursor: page.next_cursor })
}

/// Transfers of the actor's branches, newest first.
///
/// # Errors
/// [`crate::error::Code::NotFound`] for residents; a bad page.
pub async fn transfers_of_branches(
    campus: &Campus,
    actor: &Actor,
    resident_id: Option<Uuid>,
    batch_id: Option<Uuid>,
    request: &PageRequest,
) -> Result<Page<StatementRow>> {
    let limit = request.limit()?;
    let connection = &mut *campus.database.connection().await?;
    let within = branches::ids_within(connection, &branches::scope(actor)?).await?;
    let records = match resident_id {
        Some(id) => Some(residents::same_person(connection, id).await?),
        None => None,
    };
    let items = queries::list(connection, within.as_deref(), records, batch_id, request.position()?, limit + 1).await?;
    let page = page(items, limit, |transfer| transfer.id)?;
    let reader = Reader { language: actor.language, own: None };
    Ok(Page { items: explain(connection, page.items, reader).await?, next_cursor: page.next_cursor })
}

/// Who reads; of their own transfers with their records and the day that runs.
pub(super) struct Reader<'a> {
    pub(super) language: Language,
    pub(super) own: Option<(Uuid, &'a [Uuid], Date)>,
}

pub(super) async fn explain(
    connection: &mut Connection,
    transfers: Vec<Transfer>,
    reader: Reader<'_>,
) -> Result<Vec<StatementRow>> {
    let rule_ids: Vec<Uuid> = transfers.iter().map(|transfer| transfer.rule_id).collect();
    let note_ids: Vec<Uuid> = transfers.iter().filter_map(|transfer| transfer.note_id).collect();
    let ids: Vec<Uuid> = transfers.iter().map(|transfer| transfer.id).collect();
    let rules = queries::rules_by_id(connection, &rule_ids).await?;
    let mut left = left_today(connection, &transfers, &rules, &reader).await?;
    let mut notes = if note_ids.is_empty() { HashMap::new() } else { queries::notes(connection, &note_ids).await? };
    // A note belongs to a whole batch, so several rows may share it.
    let reversals = queries::reversals(connection, &ids).await?;
    let rows = transfers.into_iter().map(|transfer| {
        let note = transfer.note_id.and_then(|id| notes.get_mut(&id).cloned());
        let rule = rules.get(&transfer.rule_id);
        let explanation = words(&transfer, rule, note.as_deref(), left.remove(&transfer.id), reader.language);
        let reversed_by = reversals.get(&transfer.id).copied();
        StatementRow { transfer, note, explanation, reversed_by }
    });
    Ok(rows.collect())
}

/// What the rules of today's transfers may still bring today: with the newest transfer of each rule.
async fn left_today(
    connection: &mut Connection,
    transfers: &[Transfer],
    rules: &HashMap<Uuid, Rule>,
    reader: &Reader<'_>,
) -> Result<HashMap<Uuid, i64>> {
    let (mut left, mut told) = (HashMap::new(), HashSet::new());
    let Some((person, records, today)) = reader.own else { return Ok(left) };
    for transfer in transfers.iter().filter(|transfer| transfer.earned_on == today && transfer.kind == "earning") {
        let Some(rule) = rules.get(&transfer.rule_id) else { continue };
        if rule.day_cap.is_none() || !told.insert(&rule.code) {
            continue;
        }
        if let Some(of_rule) = caps::left(connection, rule, (person, records), today).await? {
            left.insert(transfer.id, of_rule);
        }
    }
    Ok(left)
}
