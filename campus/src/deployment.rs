//! What this deployment decided at its first start, and whether it is ready.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::Campus;
use crate::db::schema::deployment;
use crate::error::Result;

/// Notes the first start: reporting begins in the month that is running. Later starts
/// change nothing.
///
/// # Errors
/// What the database says.
pub async fn begin(campus: &Campus) -> Result<()> {
    let now = campus.clock.now();
    diesel::insert_into(deployment::table)
        .values((
            deployment::only_row.eq(true),
            deployment::reporting_since.eq(campus.clock.this_month().first_day()),
            deployment::time_zone.eq(campus.clock.zone_name()),
            deployment::started_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(&mut campus.database.connection().await?)
        .await?;
    Ok(())
}

/// Notes that accounts exist and the demo's videos, where there are any, can be played.
///
/// # Errors
/// What the database says.
pub async fn mark_ready(campus: &Campus) -> Result<()> {
    diesel::update(deployment::table.filter(deployment::ready_at.is_null()))
        .set(deployment::ready_at.eq(campus.clock.now()))
        .execute(&mut campus.database.connection().await?)
        .await?;
    Ok(())
}

/// Whether [`mark_ready`] has been said.
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_ready(campus: &Campus) -> Result<bool> {
    let ready = deployment::table
        .filter(deployment::ready_at.is_not_null())
        .count()
        .get_result::<i64>(&mut campus.database.connection().await?)
        .await?;
    Ok(ready == 1)
}
