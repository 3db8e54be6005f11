//! What is asked of the database about who has learned most.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::criteria::{Criteria, Measure};
use super::rows::HonourList;
use crate::db::Connection;
use crate::db::schema::{accounts, honour_lists};
use crate::error::Result;

/// Somebody, or a unit, with what they have done.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Ranked {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub(super) members: Vec<Uuid>,
    #[diesel(sql_type = BigInt)]
    pub(super) value: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) rank: i64,
}

/// What counts, a row each: whose record, which branch, how much. `$1` and `$2` are the first and the
/// last day, `$3` the ways in which credits are known (`NULL`: all).
const CREDITS: &str = "SELECT resident_id, branch_id, amount AS value FROM credit_transfers AS made \
    WHERE unit = 'credit' AND kind IN ('earning', 'award', 'recognition') AND earned_on BETWEEN $1 AND $2 \
        AND ($3::text[] IS NULL OR evidence = ANY ($3)) \
        AND NOT EXISTS (SELECT FROM credit_transfers AS back WHERE back.reverses = made.id)";
const HOURS: &str = "SELECT resident_id, branch_id, watched_ms AS value FROM learning_days \
    WHERE day BETWEEN $1 AND $2 AND ($3::text[] IS NULL OR 'system' = ANY ($3))";

const fn counted(measure: Measure) -> &'static str {
    match measure {
        Measure::Credits => CREDITS,
        Measure::Hours => HOURS,
    }
}

/// What each person has done under all their records: `$4` are the branches they belong to (`NULL`: all),
/// `$5` the target group (`NULL`: any).
fn people(measure: Measure) -> String {
    format!(
        "SELECT person.id, person.phone_index, sum(counted.value)::bigint AS value FROM ({}) AS counted \
         JOIN residents AS record ON record.id = counted.resident_id \
         JOIN residents AS person ON person.id = coalesce(record.merged_into, record.id) \
         WHERE person.left_at IS NULL AND ($4::uuid[] IS NULL OR person.branch_id = ANY ($4)) \
             AND ($5::text IS NULL OR $5 = ANY (person.groups)) \
         GROUP BY person.id",
        counted(measure)
    )
}

/// The first `$6` of what `found` has, and whoever shares the place of the last of them.
fn first(found: &str) -> String {
    format!(
        "SELECT * FROM (SELECT found.*, rank() OVER (ORDER BY value DESC) AS rank FROM ({found}) AS found \
             WHERE value > 0) AS ranked WHERE rank <= $6 ORDER BY rank, id"
    )
}

/// People.
pub(super) async fn individuals(
    connection: &mut Connection,
    criteria: &Criteria,
    within: Option<&[Uuid]>,
) -> Result<Vec<Ranked>> {
    let people = people(criteria.measure);
    let found = format!("SELECT id, ARRAY[]::uuid[] AS members, value FROM ({people}) AS people");
    ranked(connection, &first(&found), criteria, within, criteria.individuals).await
}

/// Families: people who share a telephone, two at least on record.
pub(super) async fn families(
    connection: &mut Connection,
    criteria: &Criteria,
    within: Option<&[Uuid]>,
) -> Result<Vec<Ranked>> {
    let people = people(criteria.measure);
    let found = format!(
        "SELECT (array_agg(people.id ORDER BY people.value DESC, people.id))[1] AS id, \
             (SELECT array_agg(member.id ORDER BY member.id) FROM residents AS member \
                 WHERE member.phone_index = people.phone_index AND member.merged_into IS NULL) AS members, \
             sum(people.value)::bigint AS value \
         FROM ({people}) AS people WHERE people.phone_index IS NOT NULL \
             AND (SELECT count(*) FROM residents AS member \
                 WHERE member.phone_index = people.phone_index AND member.merged_into IS NULL) > 1 \
         GROUP BY people.phone_index"
    );
    ranked(connection, &first(&found), criteria, within, criteria.families).await
}

/// Branch schools and teaching points, by what was done while people belonged to them.
pub(super) async fn units(
    connection: &mut Connection,
    criteria: &Criteria,
    within: Option<&[Uuid]>,
) -> Result<Vec<Ranked>> {
    let found = format!(
        "SELECT branches.id, ARRAY[]::uuid[] AS members, sum(counted.value)::bigint AS value FROM ({}) AS counted \
         JOIN branches ON branches.id = counted.branch_id JOIN residents AS record ON record.id = counted.resident_id \
         JOIN residents AS person ON person.id = coalesce(record.merged_into, record.id) \
         WHERE branches.parent_id IS NOT NULL AND ($4::uuid[] IS NULL OR branches.id = ANY ($4)) \
             AND ($5::text IS NULL OR $5 = ANY (person.groups)) \
         GROUP BY branches.id",
        counted(criteria.measure)
    );
    ranked(connection, &first(&found), criteria, within, criteria.units).await
}

async fn ranked(
    connection: &mut Connection,
    query: &str,
    criteria: &Criteria,
    within: Option<&[Uuid]>,
    count: u16,
) -> Result<Vec<Ranked>> {
    let evidence = (!criteria.evidence.is_empty()).then_some(criteria.evidence.as_slice());
    Ok(diesel::sql_query(query)
        .bind::<SqlDate, _>(criteria.from)
        .bind::<SqlDate, _>(criteria.to)
        .bind::<Nullable<Array<Text>>, _>(evidence)
        .bind::<Nullable<Array<SqlUuid>>, _>(within)
        .bind::<Nullable<Text>, _>(criteria.group.as_deref())
        .bind::<BigInt, _>(i64::from(count))
        .load(connection)
        .await?)
}

pub(super) async fn insert(connection: &mut Connection, list: &HonourList) -> Result<()> {
    diesel::insert_into(honour_lists::table).values(list).execute(connection).await?;
    Ok(())
}

/// With the name of who has frozen it.
pub(super) async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<(HonourList, String)>> {
    Ok(honour_lists::table
        .inner_join(accounts::table.on(accounts::id.eq(honour_lists::frozen_by)))
        .filter(honour_lists::id.eq(id))
        .select((HonourList::as_select(), accounts::name))
        .first(connection)
        .await
        .optional()?)
}

/// The newest first.
pub(super) async fn list(
    connection: &mut Connection,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(HonourList, String)>> {
    let mut query =
        honour_lists::table.inner_join(accounts::table.on(accounts::id.eq(honour_lists::frozen_by))).into_boxed();
    if let Some(before) = before {
        query = query.filter(honour_lists::id.lt(before));
    }
    Ok(query
        .order(honour_lists::id.desc())
        .limit(limit)
        .select((HonourList::as_select(), accounts::name))
        .load(connection)
        .await?)
}
