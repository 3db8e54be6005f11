//! What a period has brought: its transfers, and sums by month and by evidence.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::Date;
use uuid::Uuid;

use super::rows::Transfer;
use super::statement::{Reader, StatementRow, explain};
use crate::Campus;
use crate::clock::Month;
use crate::db::Connection;
use crate::db::schema::credit_transfers;
use crate::error::Result;
use crate::language::Language;
use crate::residents;

/// How many months are shown.
const MONTHS: usize = 12;

/// Up to `limit` transfers of these records that were earned from `from` to `to`, each with its words, in
/// the order of days.
///
/// # Errors
/// What the database says.
pub async fn transfers_between(
    connection: &mut Connection,
    records: &[Uuid],
    (from, to): (Date, Date),
    limit: i64,
    language: Language,
) -> Result<Vec<StatementRow>> {
    let transfers = credit_transfers::table
        .filter(credit_transfers::resident_id.eq_any(records.to_vec()))
        .filter(credit_transfers::earned_on.between(from, to))
        .order((credit_transfers::earned_on, credit_transfers::recorded_at, credit_transfers::id))
        .limit(limit)
        .select(Transfer::as_select())
        .load(connection)
        .await?;
    explain(connection, transfers, Reader { language, own: None }).await
}

/// What a month has brought, reversals taken off.
#[derive(Debug, Clone, QueryableByName)]
pub struct MonthSum {
    /// Its first day.
    #[diesel(sql_type = SqlDate)]
    pub month: Date,
    /// Hundredths of a credit.
    #[diesel(sql_type = BigInt)]
    pub credits: i64,
}

/// The last twelve months, and all there is.
#[derive(Debug, Clone)]
pub struct History {
    /// Oldest first.
    pub months: Vec<MonthSum>,
    /// The strongest first.
    pub by_evidence: Vec<EvidenceSum>,
}

/// What the last twelve months have brought a resident, and all credits by evidence.
///
/// # Errors
/// What the database says.
pub async fn history(campus: &Campus, resident_id: Uuid) -> Result<History> {
    let connection = &mut *campus.database.connection().await?;
    let records = residents::records(connection, resident_id).await?;
    let today = campus.clock.today();
    let first = (0..MONTHS - 1).fold(Month::of(today), |month, _| month.previous()).first_day();
    Ok(History {
        months: monthly(connection, &records, first, today).await?,
        by_evidence: by_evidence(connection, &records).await?,
    })
}

/// What each month from that of `first` to that of `last` has brought these records, oldest first.
async fn monthly(connection: &mut Connection, records: &[Uuid], first: Date, last: Date) -> Result<Vec<MonthSum>> {
    Ok(diesel::sql_query(
        "SELECT month::date AS month, coalesce(sum(CASE kind WHEN 'reversal' THEN -amount ELSE amount END), 0)::bigint AS credits \
         FROM generate_series(date_trunc('month', $2::timestamp), date_trunc('month', $3::timestamp), '1 month') AS month \
         LEFT JOIN credit_transfers ON resident_id = ANY ($1) AND unit = 'credit' \
             AND earned_on >= month::date AND earned_on < (month + interval '1 month')::date \
         GROUP BY month ORDER BY month",
    )
    .bind::<Array<SqlUuid>, _>(records)
    .bind::<SqlDate, _>(first)
    .bind::<SqlDate, _>(last)
    .load(connection)
    .await?)
}

/// Credits of one grade of evidence, reversals taken off.
#[derive(Debug, Clone, QueryableByName)]
pub struct EvidenceSum {
    /// The grade.
    #[diesel(sql_type = Text)]
    pub evidence: String,
    /// Hundredths of a credit.
    #[diesel(sql_type = BigInt)]
    pub credits: i64,
}

/// All credits of these records by evidence, the strongest first.
async fn by_evidence(connection: &mut Connection, records: &[Uuid]) -> Result<Vec<EvidenceSum>> {
    Ok(diesel::sql_query(
        "SELECT evidence, sum(CASE kind WHEN 'reversal' THEN -amount ELSE amount END)::bigint AS credits \
         FROM credit_transfers WHERE resident_id = ANY ($1) AND unit = 'credit' GROUP BY evidence \
         ORDER BY array_position(ARRAY['system', 'scanned', 'checked_in', 'listed', 'declared'], evidence)",
    )
    .bind::<Array<SqlUuid>, _>(records)
    .load(connection)
    .await?)
}
