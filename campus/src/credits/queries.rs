//! What is asked of the ledger.

use diesel::prelude::*;
use diesel::sql_types;
use diesel_async::RunQueryDsl;
use std::collections::{HashMap, HashSet};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::recognised::NewRecognitionRule;
use super::rows::{Rule, Transfer};
use crate::db::Connection;
use crate::db::schema::{
    credit_accounts, credit_cap_counters, credit_notes, credit_rules, credit_transfers, residents,
};
use crate::error::Result;

/// The rules in force on a day for what `earns`: of each code the newest version that is valid.
pub(super) async fn rules(connection: &Connection, earns: &str, on: Date) -> Result<Vec<Rule>> {
    Ok(credit_rules::table
        .filter(credit_rules::earns.eq(earns).and(credit_rules::valid_from.le(on)))
        .filter(credit_rules::valid_to.is_null().or(credit_rules::valid_to.gt(on)))
        .distinct_on(credit_rules::code)
        .order((credit_rules::code, credit_rules::version.desc()))
        .select(Rule::as_select())
        .load(&mut &*connection)
        .await?)
}

pub(super) async fn rules_by_id(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Rule>> {
    let rules: Vec<Rule> =
        credit_rules::table.filter(credit_rules::id.eq_any(ids)).select(Rule::as_select()).load(connection).await?;
    Ok(rules.into_iter().map(|rule| (rule.id, rule)).collect())
}

/// The newest version of a rule that everybody knows is there.
pub(super) async fn newest_rule(connection: &mut Connection, code: &str) -> Result<Rule> {
    Ok(credit_rules::table
        .filter(credit_rules::code.eq(code))
        .order(credit_rules::version.desc())
        .select(Rule::as_select())
        .first(connection)
        .await?)
}

/// The points on each record.
pub(super) async fn points(connection: &mut Connection, records: &[Uuid]) -> Result<Vec<(Uuid, i64)>> {
    Ok(credit_accounts::table
        .filter(credit_accounts::kind.eq("resident").and(credit_accounts::unit.eq("point")))
        .filter(credit_accounts::resident_id.eq_any(records))
        .select((credit_accounts::resident_id.assume_not_null(), credit_accounts::balance.assume_not_null()))
        .load(connection)
        .await?)
}

/// Where each of these residents belongs now.
pub(super) async fn branches_of(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let rows: Vec<(Uuid, Uuid)> = residents::table
        .filter(residents::id.eq_any(ids))
        .select((residents::id, residents::branch_id))
        .load(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The balances of all accounts of these records together, by unit.
pub(super) async fn balances(connection: &mut Connection, records: &[Uuid]) -> Result<HashMap<String, i64>> {
    let rows: Vec<(String, Option<i64>)> = credit_accounts::table
        .filter(credit_accounts::kind.eq("resident").and(credit_accounts::resident_id.eq_any(records)))
        .select((credit_accounts::unit, credit_accounts::balance))
        .load(connection)
        .await?;
    let mut balances = HashMap::new();
    for (unit, balance) in rows {
        *balances.entry(unit).or_default() += balance.unwrap_or(0);
    }
    Ok(balances)
}

/// Hundredths of a credit earned from `from` to `to`, reversals taken off.
pub(super) async fn earned_between(connection: &mut Connection, records: &[Uuid], from: Date, to: Date) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = sql_types::BigInt)]
        sum: i64,
    }
    let row: Sum = diesel::sql_query(
        "SELECT coalesce(sum(CASE kind WHEN 'reversal' THEN -amount ELSE amount END), 0)::bigint AS sum \
         FROM credit_transfers WHERE resident_id = ANY($1) AND unit = 'credit' AND earned_on BETWEEN $2 AND $3",
    )
    .bind::<sql_types::Array<sql_types::Uuid>, _>(records)
    .bind::<sql_types::Date, _>(from)
    .bind::<sql_types::Date, _>(to)
    .get_result(connection)
    .await?;
    Ok(row.sum)
}

/// What each person has used of a cap, under whichever of their `records` (by record, whose it is).
pub(super) async fn cap_used(
    connection: &mut Connection,
    records: &HashMap<Uuid, Uuid>,
    rule: &Rule,
    period: &str,
    start: Date,
) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<(Option<Uuid>, i64)> = credit_cap_counters::table
        .inner_join(credit_accounts::table.on(credit_accounts::id.eq(credit_cap_counters::account_id)))
        .filter(credit_accounts::resident_id.eq_any(records.keys()).and(credit_accounts::unit.eq(&rule.unit)))
        .filter(credit_cap_counters::rule_code.eq(&rule.code))
        .filter(credit_cap_counters::period.eq(period).and(credit_cap_counters::period_start.eq(start)))
        .select((credit_accounts::resident_id, credit_cap_counters::used))
        .load(connection)
        .await?;
    let mut sums = HashMap::new();
    for (record, used) in rows {
        if let Some(person) = record.and_then(|record| records.get(&record)) {
            *sums.entry(*person).or_default() += used;
        }
    }
    Ok(sums)
}

/// Which persons have this award already, under whichever of their `records` (by record, whose it
/// is): same unit, reason and day, not reversed.
pub(super) async fn awarded(
    connection: &mut Connection,
    records: &HashMap<Uuid, Uuid>,
    unit: &str,
    reason: &str,
    earned_on: Date,
) -> Result<HashSet<Uuid>> {
    let reversals = diesel::alias!(credit_transfers as reversals);
    let rows: Vec<Uuid> = credit_transfers::table
        .inner_join(credit_notes::table.on(credit_notes::id.nullable().eq(credit_transfers::note_id)))
        .filter(credit_transfers::resident_id.eq_any(records.keys()).and(credit_transfers::unit.eq(unit)))
        .filter(credit_transfers::kind.eq("award").and(credit_transfers::earned_on.eq(earned_on)))
        .filter(credit_notes::body.eq(reason))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            reversals
                .filter(reversals.field(credit_transfers::reverses).eq(credit_transfers::id.nullable()))
                .select(reversals.field(credit_transfers::id)),
        )))
        .select(credit_transfers::resident_id)
        .load(connection)
        .await?;
    Ok(rows.iter().filter_map(|record| records.get(record)).copied().collect())
}

/// Transfers of these records, newest first.
pub(super) async fn of_records(
    connection: &mut Connection,
    records: &[Uuid],
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Transfer>> {
    let mut query = credit_transfers::table.filter(credit_transfers::resident_id.eq_any(records.to_vec())).into_boxed();
    if let Some(before) = before {
        query = query.filter(credit_transfers::id.lt(before));
    }
    Ok(query.order(credit_transfers::id.desc()).limit(limit).select(Transfer::as_select()).load(connection).await?)
}

/// Transfers of some branches (`None`: all), newest first.
pub(super) async fn list(
    connection: &mut Connection,
    within: Option<&[Uuid]>,
    records: Option<Vec<Uuid>>,
    batch_id: Option<Uuid>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Transfer>> {
    let mut query = credit_transfers::table.into_boxed();
    if let Some(ids) = within {
        query = query.filter(credit_transfers::branch_id.eq_any(ids.to_vec()));
    }
    if let Some(records) = records {
        query = query.filter(credit_transfers::resident_id.eq_any(records));
    }
    if let Some(batch) = batch_id {
        query = query.filter(credit_transfers::batch_id.eq(batch));
    }
    if let Some(before) = before {
        query = query.filter(credit_transfers::id.lt(before));
    }
    Ok(query.order(credit_transfers::id.desc()).limit(limit).select(Transfer::as_select()).load(connection).await?)
}

pub(super) async fn of_batch(connection: &mut Connection, batch_id: Uuid) -> Result<Vec<Transfer>> {
    Ok(credit_transfers::table
        .filter(credit_transfers::batch_id.eq(batch_id))
        .order(credit_transfers::place)
        .select(Transfer::as_select())
        .load(connection)
        .await?)
}

pub(super) async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Transfer>> {
    Ok(credit_transfers::table.find(id).select(Transfer::as_select()).first(connection).await.optional()?)
}

/// For each of these transfers that has been reversed, the reversal.
pub(super) async fn reversals(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let rows: Vec<(Option<Uuid>, Uuid)> = credit_transfers::table
        .filter(credit_transfers::reverses.eq_any(ids))
        .select((credit_transfers::reverses, credit_transfers::id))
        .load(connection)
        .await?;
    Ok(rows.into_iter().filter_map(|(reversed, id)| reversed.map(|reversed| (reversed, id))).collect())
}

pub(super) async fn notes(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows: Vec<(Uuid, String)> = credit_notes::table
        .filter(credit_notes::id.eq_any(ids).and(credit_notes::body.is_not_null()))
        .select((credit_notes::id, credit_notes::body.assume_not_null()))
        .load(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Writes a version of a rule for what is recognised; its worth is that of what is filed.
pub(super) async fn insert_recognition_rule(
    connection: &mut Connection,
    id: Uuid,
    version: i32,
    rule: &NewRecognitionRule,
) -> Result<()> {
    diesel::insert_into(credit_rules::table)
        .values((
            credit_rules::id.eq(id),
            credit_rules::code.eq(&rule.code),
            credit_rules::version.eq(version),
            credit_rules::name_zh.eq(&rule.name),
            credit_rules::name_en.eq(&rule.name),
            credit_rules::earns.eq("recognition"),
            credit_rules::unit.eq("credit"),
            credit_rules::year_cap.eq(rule.year_cap),
            credit_rules::valid_from.eq(rule.valid_from),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn with_ids(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Transfer>> {
    Ok(credit_transfers::table
        .filter(credit_transfers::id.eq_any(ids))
        .select(Transfer::as_select())
        .load(connection)
        .await?)
}

/// When these transfers were taken back, where they were.
pub(super) async fn reversed_at(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, OffsetDateTime>> {
    let rows: Vec<(Option<Uuid>, OffsetDateTime)> = credit_transfers::table
        .filter(credit_transfers::reverses.eq_any(ids))
        .select((credit_transfers::reverses, credit_transfers::recorded_at))
        .load(connection)
        .await?;
    Ok(rows.into_iter().filter_map(|(reversed, at)| reversed.map(|reversed| (reversed, at))).collect())
}
