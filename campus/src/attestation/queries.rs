//! What is asked of the ledger, and of what is kept about its roots and checks.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use futures_util::Stream;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::canonical::Entry;
use super::rows::{Account, LedgerAudit, LedgerRoot, SystemAccount};
use crate::db::Connection;
use crate::db::schema::{accounts, credit_accounts, credit_transfers, ledger_audits, ledger_roots};
use crate::error::Result;

/// Up to `limit` residents' accounts behind `after`, by their ids.
pub(super) async fn accounts(connection: &mut Connection, after: Option<Uuid>, limit: i64) -> Result<Vec<Account>> {
    let mut query = credit_accounts::table.filter(credit_accounts::kind.eq("resident")).into_boxed();
    if let Some(after) = after {
        query = query.filter(credit_accounts::id.gt(after));
    }
    Ok(query.order(credit_accounts::id).limit(limit).select(Account::as_select()).load(connection).await?)
}

pub(super) async fn system_accounts(connection: &mut Connection) -> Result<Vec<SystemAccount>> {
    let systems = credit_accounts::table.filter(credit_accounts::kind.ne("resident"));
    Ok(systems.select(SystemAccount::as_select()).load(connection).await?)
}

/// The rows of accounts behind `after` and up to `last` (`None`: to the end), chain by chain.
pub(super) async fn entries(
    connection: &mut Connection,
    after: Option<Uuid>,
    last: Option<Uuid>,
) -> Result<impl Stream<Item = QueryResult<Entry>> + Send + use<>> {
    let mut query = credit_transfers::table.into_boxed();
    if let Some(after) = after {
        query = query.filter(credit_transfers::account_id.gt(after));
    }
    if let Some(last) = last {
        query = query.filter(credit_transfers::account_id.le(last));
    }
    let order = (credit_transfers::account_id, credit_transfers::account_version);
    Ok(query.order(order).select(Entry::as_select()).load_stream(connection).await?)
}

/// The rows of these accounts from the given places on, chain by chain: each looked up by its place, as there
/// are few of them and the table is large.
pub(super) async fn entries_from(
    connection: &mut Connection,
    account_ids: &[Uuid],
    versions: &[i64],
) -> Result<impl Stream<Item = QueryResult<Entry>> + Send + use<>> {
    let query = diesel::sql_query(
        "SELECT credit_transfers.* FROM unnest($1, $2) AS since(id, version) \
         JOIN credit_transfers ON account_id = since.id AND account_version >= since.version \
         ORDER BY account_id, account_version",
    );
    let query = query.bind::<Array<SqlUuid>, _>(account_ids.to_vec()).bind::<Array<BigInt>, _>(versions.to_vec());
    Ok(query.load_stream::<Entry>(connection).await?)
}

/// How many transfers there should be.
pub(super) async fn expected(connection: &mut Connection) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        expected: i64,
    }
    let sum = "SELECT coalesce(sum(version), 0)::bigint AS expected FROM credit_accounts WHERE kind = 'resident'";
    let row: Row = diesel::sql_query(sum).get_result(connection).await?;
    Ok(row.expected)
}

/// When the first transfer was written.
pub(super) async fn first_recorded(connection: &mut Connection) -> Result<Option<OffsetDateTime>> {
    Ok(credit_transfers::table.select(diesel::dsl::min(credit_transfers::recorded_at)).get_result(connection).await?)
}

/// What the database's own clock says.
pub(super) async fn database_now(connection: &mut Connection) -> Result<OffsetDateTime> {
    let now = diesel::dsl::sql::<Timestamptz>("clock_timestamp()");
    Ok(diesel::select(now).get_result(connection).await?)
}

pub(super) async fn newest_root(connection: &mut Connection) -> Result<Option<LedgerRoot>> {
    let roots = ledger_roots::table.order(ledger_roots::sequence.desc());
    Ok(roots.select(LedgerRoot::as_select()).first(connection).await.optional()?)
}

pub(super) async fn root(connection: &mut Connection, sequence: i64) -> Result<Option<LedgerRoot>> {
    let root = ledger_roots::table.find(sequence);
    Ok(root.select(LedgerRoot::as_select()).first(connection).await.optional()?)
}

/// All roots as they were signed, with their numbers, in order.
pub(super) async fn signed_roots(connection: &mut Connection) -> Result<Vec<(i64, String)>> {
    let roots = ledger_roots::table.order(ledger_roots::sequence);
    Ok(roots.select((ledger_roots::sequence, ledger_roots::signed)).load(connection).await?)
}

/// `false`: another has signed a root of this number meanwhile.
pub(super) async fn insert_root(connection: &mut Connection, root: &LedgerRoot) -> Result<bool> {
    let written =
        diesel::insert_into(ledger_roots::table).values(root).on_conflict_do_nothing().execute(connection).await?;
    Ok(written == 1)
}

pub(super) async fn roots(
    connection: &mut Connection,
    acknowledging: bool,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<LedgerRoot>> {
    let mut query = ledger_roots::table.into_boxed();
    if acknowledging {
        query = query.filter(ledger_roots::acknowledges.is_not_null());
    }
    if let Some(before) = before {
        query = query.filter(ledger_roots::sequence.lt(before));
    }
    Ok(query.order(ledger_roots::sequence.desc()).limit(limit).select(LedgerRoot::as_select()).load(connection).await?)
}

pub(super) async fn audits(
    connection: &mut Connection,
    before: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<LedgerAudit>> {
    let mut query = ledger_audits::table.into_boxed();
    if let Some((at, id)) = before {
        let older = ledger_audits::started_at.eq(at).and(ledger_audits::id.lt(id));
        query = query.filter(ledger_audits::started_at.lt(at).or(older));
    }
    let order = (ledger_audits::started_at.desc(), ledger_audits::id.desc());
    Ok(query.order(order).limit(limit).select(LedgerAudit::as_select()).load(connection).await?)
}

/// The last check of a scope that has begun.
pub(super) async fn last_audit(connection: &mut Connection, scope: &str) -> Result<Option<LedgerAudit>> {
    let audits = ledger_audits::table.filter(ledger_audits::scope.eq(scope.to_owned()));
    let newest = audits.order((ledger_audits::started_at.desc(), ledger_audits::id.desc()));
    Ok(newest.select(LedgerAudit::as_select()).first(connection).await.optional()?)
}

/// Begins a full check; `false`: one is under way.
pub(super) async fn begin_audit(
    connection: &mut Connection,
    id: Uuid,
    requested_by: Option<Uuid>,
    now: OffsetDateTime,
) -> Result<bool> {
    let written = diesel::insert_into(ledger_audits::table)
        .values((
            ledger_audits::id.eq(id),
            ledger_audits::scope.eq("full"),
            ledger_audits::status.eq("running"),
            ledger_audits::requested_by.eq(requested_by),
            ledger_audits::started_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(written == 1)
}

pub(super) async fn note_progress(
    connection: &mut Connection,
    id: Uuid,
    (expected, checked): (i64, i64),
) -> Result<()> {
    diesel::update(ledger_audits::table.filter(ledger_audits::id.eq(id).and(ledger_audits::status.eq("running"))))
        .set((ledger_audits::expected.eq(expected), ledger_audits::checked.eq(checked)))
        .execute(connection)
        .await?;
    Ok(())
}

/// How a check ended.
#[derive(AsChangeset)]
#[diesel(table_name = ledger_audits)]
pub(super) struct Ending<'a> {
    pub(super) status: &'a str,
    pub(super) finished_at: OffsetDateTime,
    pub(super) expected: i64,
    pub(super) checked: i64,
    pub(super) accounts: i64,
    pub(super) root_sequence: Option<i64>,
    pub(super) finding: Option<Value>,
}

/// Ends a check. `false`: it had ended so before. What was found counts, even where the check had been given up
/// meanwhile; nothing takes it back.
pub(super) async fn end_audit(connection: &mut Connection, id: Uuid, ending: &Ending<'_>) -> Result<bool> {
    let before: &[&str] = if ending.status == "failed" { &["running", "given_up", "passed"] } else { &["running"] };
    let audit =
        ledger_audits::table.filter(ledger_audits::id.eq(id).and(ledger_audits::status.eq_any(before.to_vec())));
    Ok(diesel::update(audit).set(ending).execute(connection).await? == 1)
}

/// Whether the same has kept a root from being signed since then.
pub(super) async fn is_refused_since(
    connection: &mut Connection,
    finding: &Value,
    since: OffsetDateTime,
) -> Result<bool> {
    let refusals = ledger_audits::table
        .filter(ledger_audits::scope.eq("signing").and(ledger_audits::started_at.ge(since)))
        .filter(ledger_audits::finding.eq(finding));
    Ok(diesel::select(diesel::dsl::exists(refusals)).get_result(connection).await?)
}

/// Keeps that no root could be signed.
pub(super) async fn insert_refusal(
    connection: &mut Connection,
    id: Uuid,
    root_sequence: Option<i64>,
    finding: &Value,
    now: OffsetDateTime,
) -> Result<()> {
    diesel::insert_into(ledger_audits::table)
        .values((
            ledger_audits::id.eq(id),
            ledger_audits::scope.eq("signing"),
            ledger_audits::status.eq("failed"),
            ledger_audits::started_at.eq(now),
            ledger_audits::finished_at.eq(now),
            ledger_audits::root_sequence.eq(root_sequence),
            ledger_audits::finding.eq(finding),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// The addresses of admins who may log in.
pub(super) async fn admin_addresses(connection: &mut Connection) -> Result<Vec<String>> {
    Ok(accounts::table
        .filter(accounts::role.eq("admin").and(accounts::disabled_at.is_null()))
        .filter(accounts::email.is_not_null())
        .order(accounts::id)
        .select(accounts::email.assume_not_null())
        .load(connection)
        .await?)
}
