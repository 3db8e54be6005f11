//! Whom nobody has taught yet this year: the list to call.

use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Date as DateType, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::measures::Group;
use crate::Campus;
use crate::access::CanManage;
use crate::branches::{self, Branch, Scope};
use crate::clock::Month;
use crate::error::Result;
use crate::paging::{Page, PageRequest, page};
use crate::residents::{self, Resident};

/// Residents of a branch who were not taught in the year up to the end of a month.
#[derive(Debug)]
pub struct Unreached {
    /// How many they are.
    pub total: i64,
    /// A page of them, those registered first.
    pub page: Page<Resident>,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// Who of the branch, its teaching points included, was not taught in the year up to the end of `month`; of one
/// group where one is named. Who has left is not on the list, and several records of one person are there once.
///
/// # Errors
/// A bad page; what the database says.
pub async fn unreached(
    campus: &Campus,
    proof: &CanManage<Branch>,
    month: Month,
    group: Option<Group>,
    request: &PageRequest,
) -> Result<Unreached> {
    let (limit, position) = (request.limit()?, request.position::<Uuid>()?);
    let connection = &mut *campus.database.connection().await?;
    let within = branches::ids_within(connection, &Scope::Below(proof.object().id)).await?.unwrap_or_default();
    let rows: Vec<Row> = diesel::sql_query(
        "WITH missing AS ( \
             SELECT id FROM residents \
             WHERE branch_id = ANY($1) AND merged_into IS NULL AND left_at IS NULL \
                 AND ($2 IS NULL OR $2 = ANY(groups)) \
                 AND NOT EXISTS (SELECT FROM taught_years AS taught WHERE taught.resident_id = residents.id \
                     AND year = $3 AND first_month <= $4) \
                 AND NOT EXISTS (SELECT FROM residents AS merged JOIN taught_years AS taught ON taught.resident_id = merged.id \
                     WHERE merged.merged_into = residents.id AND year = $3 AND first_month <= $4)) \
         SELECT id, (SELECT count(*) FROM missing) AS total FROM missing WHERE $5 IS NULL OR id > $5 ORDER BY id LIMIT $6",
    )
    .bind::<Array<SqlUuid>, _>(within)
    .bind::<Nullable<Text>, _>(group.map(Group::as_str))
    .bind::<Integer, _>(month.first_day().year())
    .bind::<DateType, _>(month.first_day())
    .bind::<Nullable<SqlUuid>, _>(position)
    .bind::<BigInt, _>(limit + 1)
    .load(connection)
    .await?;
    let total = rows.iter().map(|row| row.total).max().unwrap_or(0);
    let ids: Vec<Uuid> = rows.into_iter().map(|row| row.id).collect();
    let mut found: HashMap<Uuid, Resident> =
        residents::as_recorded(connection, &ids).await?.into_iter().map(|one| (one.id, one)).collect();
    let people = ids.iter().filter_map(|id| found.remove(id)).collect();
    Ok(Unreached { total, page: page(people, limit, |resident| resident.id)? })
}
