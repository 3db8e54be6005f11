//! What is asked of the database about records that look alike.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::db::Connection;
use crate::db::schema::{resident_distinctions, residents};
use crate::error::Result;

/// Two records that have a name, a telephone or an ID number in common.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Pair {
    #[diesel(sql_type = SqlUuid)]
    pub(super) first_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(super) second_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) first_name: String,
    #[diesel(sql_type = Text)]
    pub(super) second_name: String,
    #[diesel(sql_type = SqlDate)]
    pub(super) first_birth_date: Date,
    #[diesel(sql_type = SqlDate)]
    pub(super) second_birth_date: Date,
    #[diesel(sql_type = Bool)]
    pub(super) same_phone: bool,
    #[diesel(sql_type = Bool)]
    pub(super) same_id_number: bool,
}

/// The next residents of these branches (`None`: any), from this id on.
pub(super) async fn stride(
    connection: &mut Connection,
    within: Option<&[Uuid]>,
    from: Uuid,
    most: i64,
) -> Result<Vec<Uuid>> {
    let mut query = residents::table
        .filter(residents::merged_into.is_null().and(residents::left_at.is_null()).and(residents::id.ge(from)))
        .order(residents::id)
        .limit(most)
        .select(residents::id)
        .into_boxed();
    if let Some(branches) = within {
        query = query.filter(residents::branch_id.eq_any(branches.to_vec()));
    }
    Ok(query.load(connection).await?)
}

/// A telephone that more people than this have is an office's or a helper's, and says nothing of who is who:
/// every two of them would be a pair.
const MOST_HOLDERS: i64 = 50;

/// The pairs of which the older one is among `firsts`, in order, without those told apart. Numbers
/// are compared by their digests: those by an older key are found once a job has renewed them.
pub(super) async fn pairs(connection: &mut Connection, within: Option<&[Uuid]>, firsts: &[Uuid]) -> Result<Vec<Pair>> {
    Ok(diesel::sql_query(
        "WITH first AS (SELECT * FROM residents WHERE id = ANY($1)), \
         crowded AS MATERIALIZED (SELECT phone_index FROM residents WHERE phone_index IN (SELECT phone_index FROM first) \
             GROUP BY phone_index HAVING count(*) > $3), \
         paired AS ( \
             SELECT first.id AS first_id, other.id AS second_id FROM first JOIN residents AS other ON other.name = first.name \
             UNION SELECT first.id, other.id FROM first JOIN residents AS other ON other.phone_index = first.phone_index \
                 AND first.phone_index NOT IN (SELECT phone_index FROM crowded) \
             UNION SELECT first.id, other.id FROM first JOIN residents AS other ON other.id_number_index = first.id_number_index) \
         SELECT first_id, second_id, first.name AS first_name, second.name AS second_name, \
             first.birth_date AS first_birth_date, second.birth_date AS second_birth_date, \
             coalesce(first.phone_index = second.phone_index, false) AS same_phone, \
             coalesce(first.id_number_index = second.id_number_index, false) AS same_id_number \
         FROM paired JOIN first ON first.id = first_id JOIN residents AS second ON second.id = second_id \
         WHERE second_id > first_id AND second.merged_into IS NULL AND second.left_at IS NULL AND ($2 IS NULL OR second.branch_id = ANY($2)) \
             AND NOT EXISTS (SELECT FROM resident_distinctions AS apart \
                 WHERE (apart.first_id, apart.second_id) = (paired.first_id, paired.second_id)) \
         ORDER BY first_id, second_id",
    )
    .bind::<Array<SqlUuid>, _>(firsts)
    .bind::<Nullable<Array<SqlUuid>>, _>(within)
    .bind::<BigInt, _>(MOST_HOLDERS)
    .load(connection)
    .await?)
}

/// `false`: it was remembered before.
pub(super) async fn insert_distinction(
    connection: &mut Connection,
    first_id: Uuid,
    second_id: Uuid,
    by: Uuid,
    at: OffsetDateTime,
) -> Result<bool> {
    let written = diesel::insert_into(resident_distinctions::table)
        .values((
            resident_distinctions::first_id.eq(first_id),
            resident_distinctions::second_id.eq(second_id),
            resident_distinctions::recorded_at.eq(at),
            resident_distinctions::recorded_by.eq(by),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(written == 1)
}
