//! What is asked of the database about rules.

use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::Rule;
use crate::db::Connection;
use crate::db::schema::{credit_rules, residents};
use crate::error::Result;

/// Every version of every rule that earns, by what earns and code, the newest first.
pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Rule>> {
    Ok(credit_rules::table
        .filter(credit_rules::earns.ne("spending"))
        .order((credit_rules::earns, credit_rules::code, credit_rules::version.desc()))
        .select(Rule::as_select())
        .load(connection)
        .await?)
}

/// The versions of a rule that earns, the newest first.
pub(super) async fn versions(connection: &mut Connection, code: &str) -> Result<Vec<Rule>> {
    Ok(credit_rules::table
        .filter(credit_rules::code.eq(code).and(credit_rules::earns.ne("spending")))
        .order(credit_rules::version.desc())
        .select(Rule::as_select())
        .load(connection)
        .await?)
}

/// Of two who write rules at once the second waits here until the first has committed.
pub(super) async fn take_turns(connection: &mut Connection) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(7102)").execute(connection).await?;
    Ok(())
}

pub(super) async fn insert(connection: &mut Connection, rule: &Rule, by: Uuid, at: OffsetDateTime) -> Result<()> {
    diesel::insert_into(credit_rules::table)
        .values((rule, credit_rules::created_at.eq(at), credit_rules::created_by.eq(by)))
        .execute(connection)
        .await?;
    Ok(())
}

/// The target groups that a resident belongs to.
pub(super) async fn groups_of(connection: &mut Connection, resident_id: Uuid) -> Result<Vec<String>> {
    Ok(residents::table.find(resident_id).select(residents::groups).first(connection).await?)
}

/// A branch and those above it.
pub(super) async fn branches_above(connection: &mut Connection, branch_id: Uuid) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows: Vec<Id> = diesel::sql_query(
        "WITH RECURSIVE above AS ( \
             SELECT id, parent_id FROM branches WHERE id = $1 \
             UNION SELECT branches.id, branches.parent_id FROM branches JOIN above ON branches.id = above.parent_id) \
         SELECT id FROM above",
    )
    .bind::<SqlUuid, _>(branch_id)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// What a rule has given on the days from `from` to `to` and was not taken back, by branch.
pub(super) async fn given(
    connection: &mut Connection,
    code: &str,
    from: time::Date,
    to: time::Date,
) -> Result<Vec<(Uuid, i64)>> {
    #[derive(QueryableByName)]
    struct Given {
        #[diesel(sql_type = SqlUuid)]
        branch_id: Uuid,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        amount: i64,
    }
    let rows: Vec<Given> = diesel::sql_query(
        "SELECT transfer.branch_id, sum(transfer.amount)::bigint AS amount \
         FROM credit_transfers AS transfer JOIN credit_rules AS rule ON rule.id = transfer.rule_id \
         WHERE rule.code = $1 AND transfer.earned_on BETWEEN $2 AND $3 \
             AND transfer.counted_month >= date_trunc('month', $2)::date \
             AND transfer.kind IN ('earning', 'award', 'recognition') \
             AND NOT EXISTS (SELECT FROM credit_transfers AS reversal WHERE reversal.reverses = transfer.id) \
         GROUP BY 1",
    )
    .bind::<diesel::sql_types::Text, _>(code)
    .bind::<diesel::sql_types::Date, _>(from)
    .bind::<diesel::sql_types::Date, _>(to)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.branch_id, row.amount)).collect())
}
