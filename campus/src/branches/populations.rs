//! How many people of each target group live at a branch, as an admin has entered it: what the training rate of
//! a group is taken from.

use std::collections::BTreeMap;

use diesel::sql_types::{Array, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use serde_json::json;
use uuid::Uuid;

use super::Branch;
use crate::Campus;
use crate::access::{Actor, CanManage, CanView};
use crate::audit;
use crate::db::Connection;
use crate::error::{Code, Error, FieldError, Result};

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    group_code: String,
    #[diesel(sql_type = Integer)]
    people: i32,
}

#[derive(diesel::QueryableByName)]
struct Known {
    #[diesel(sql_type = Text)]
    code: String,
}

/// The people of each group, by its code; groups of which nobody has entered any are left out.
pub type Populations = BTreeMap<String, i32>;

/// What was entered for a branch.
///
/// # Errors
/// What the database says.
pub async fn group_populations(connection: &mut Connection, proof: &CanView<Branch>) -> Result<Populations> {
    read(connection, proof.object().id).await
}

async fn read(connection: &mut Connection, branch: Uuid) -> Result<Populations> {
    let rows: Vec<Row> =
        diesel::sql_query("SELECT group_code, people FROM branch_group_populations WHERE branch_id = $1")
            .bind::<SqlUuid, _>(branch)
            .load(connection)
            .await?;
    Ok(rows.into_iter().map(|row| (row.group_code, row.people)).collect())
}

/// Enters the people of each group in place of what was entered before. Months that are closed keep what they
/// were closed with.
///
/// # Errors
/// [`Code::GroupUnknown`] and [`Code::PopulationInvalid`] on `populations.<group>`.
pub async fn set_group_populations(
    campus: &Campus,
    actor: &Actor,
    proof: &CanManage<Branch>,
    populations: &Populations,
) -> Result<Populations> {
    let branch = proof.object();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            check(connection, populations).await?;
            diesel::sql_query("DELETE FROM branch_group_populations WHERE branch_id = $1")
                .bind::<SqlUuid, _>(branch.id)
                .execute(connection)
                .await?;
            diesel::sql_query("INSERT INTO branch_group_populations SELECT $1, * FROM unnest($2, $3)")
                .bind::<SqlUuid, _>(branch.id)
                .bind::<Array<Text>, _>(populations.keys().collect::<Vec<_>>())
                .bind::<Array<Integer>, _>(populations.values().collect::<Vec<_>>())
                .execute(connection)
                .await?;
            let entry = audit::Entry {
                action: "branch.group_populations_set",
                object_kind: "branch",
                object_id: Some(branch.id),
                branch_id: Some(branch.id),
                detail: json!({"code": branch.code, "populations": populations}),
                actor: Some(actor),
            };
            audit::record(connection, campus.clock.now(), &entry).await?;
            read(connection, branch.id).await
        })
        .await
}

async fn check(connection: &mut Connection, populations: &Populations) -> Result<()> {
    let known: Vec<Known> = diesel::sql_query("SELECT code FROM target_groups").load(connection).await?;
    let wrong: Vec<FieldError> = populations
        .iter()
        .filter_map(|(group, people)| {
            let code = if !known.iter().any(|one| one.code == *group) {
                Code::GroupUnknown
            } else if *people <= 0 {
                Code::PopulationInvalid
            } else {
                return None;
            };
            Some(FieldError { field: format!("populations.{group}"), code })
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}
