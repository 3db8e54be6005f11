//! What a resident sees of their account, each row in plain words.

use std::collections::HashMap;

use time::Date;
use uuid::Uuid;

use super::amount::Unit;
use super::queries;
use super::rows::{Rule, Transfer};
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
    /// What lessons may still earn today; `None` where no cap is set.
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
        let amount = if self.transfer.kind == "reversal" { -self.transfer.amount } else { self.transfer.amount };
        unit(&self.transfer).write(amount)
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
    let mut remaining = None;
    for rule in queries::rules(connection, "lesson_completed", today).await? {
        if let Some(cap) = rule.day_cap {
            let of_one = records.iter().map(|record| (*record, resident_id)).collect();
            let used = queries::cap_used(connection, &of_one, &rule, "day", today).await?;
            remaining = Some((cap - used.get(&resident_id).copied().unwrap_or(0)).max(0));
        }
    }
    Ok(Statement {
        credits: balances.get("credit").copied().unwrap_or(0),
        points: balances.get("point").copied().unwrap_or(0),
        this_month: queries::earned_between(connection, &records, month.first_day(), today).await?,
        this_year: queries::earned_between(connection, &records, year, today).await?,
        today: Today { earned: queries::earned_between(connection, &records, today, today).await?, remaining },
    })
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
    Ok(Page { items: explain(connection, page.items, language).await?, next_cursor: page.next_cursor })
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
    Ok(Page { items: explain(connection, page.items, actor.language).await?, next_cursor: page.next_cursor })
}

async fn explain(
    connection: &mut Connection,
    transfers: Vec<Transfer>,
    language: Language,
) -> Result<Vec<StatementRow>> {
    let rule_ids: Vec<Uuid> = transfers.iter().map(|transfer| transfer.rule_id).collect();
    let note_ids: Vec<Uuid> = transfers.iter().filter_map(|transfer| transfer.note_id).collect();
    let ids: Vec<Uuid> = transfers.iter().map(|transfer| transfer.id).collect();
    let rules = queries::rules_by_id(connection, &rule_ids).await?;
    let mut notes = if note_ids.is_empty() { HashMap::new() } else { queries::notes(connection, &note_ids).await? };
    // A note belongs to a whole batch, so several rows may share it.
    let reversals = queries::reversals(connection, &ids).await?;
    let rows = transfers.into_iter().map(|transfer| {
        let note = transfer.note_id.and_then(|id| notes.get_mut(&id).cloned());
        let explanation = words(&transfer, rules.get(&transfer.rule_id), note.as_deref(), language);
        let reversed_by = reversals.get(&transfer.id).copied();
        StatementRow { transfer, note, explanation, reversed_by }
    });
    Ok(rows.collect())
}

fn day(date: Date, language: Language) -> String {
    match language {
        Language::Chinese => format!("{}月{}日", u8::from(date.month()), date.day()),
        Language::English => format!("{} {}", date.day(), date.month()),
    }
}

fn words(transfer: &Transfer, rule: Option<&Rule>, note: Option<&str>, language: Language) -> String {
    let unit = unit(transfer);
    let amount = unit.write(transfer.amount);
    let day = day(transfer.earned_on, language);
    let (chinese_unit, english_unit) = match unit {
        Unit::Credit => ("学分", "credits"),
        Unit::Point => ("积分", "points"),
    };
    let reason = note.unwrap_or_default();
    let title = &transfer.source_label;
    let mut text = match (transfer.kind.as_str(), transfer.source_kind.as_str(), language) {
        ("reversal", _, Language::Chinese) => format!("{day} 冲正 −{amount} {chinese_unit}：{reason}"),
        ("reversal", _, Language::English) => format!("{day}: −{amount} {english_unit} taken back: {reason}"),
        ("award", _, Language::Chinese) => format!("{day} {reason} +{amount} {chinese_unit}（街道授予）"),
        ("award", _, Language::English) => format!("{day}: {reason}, +{amount} {english_unit} (awarded by the street)"),
        (_, "lesson", Language::Chinese) => format!("{day} 学完一课《{title}》 +{amount} {chinese_unit}"),
        (_, "lesson", Language::English) => format!("{day}: finished the lesson “{title}”, +{amount} {english_unit}"),
        (_, _, Language::Chinese) => format!("{day} 学完课程《{title}》 +{amount} {chinese_unit}"),
        (_, _, Language::English) => format!("{day}: finished the course “{title}”, +{amount} {english_unit}"),
    };
    if transfer.capped > 0 {
        let whole = unit.write(transfer.amount + transfer.capped);
        let cap = rule.and_then(|rule| rule.day_cap).map(|cap| unit.write(cap));
        text.push_str(&match (language, cap) {
            (Language::Chinese, Some(cap)) => format!("（原为 {whole}，每天最多 {cap}）"),
            (Language::Chinese, None) => format!("（原为 {whole}，已到上限）"),
            (Language::English, Some(cap)) => format!(" (worth {whole}; at most {cap} a day)"),
            (Language::English, None) => format!(" (worth {whole}; a limit was reached)"),
        });
    }
    text
}
