//! What this deployment decided at its first start, and whether it is ready.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::Campus;
use crate::db::Connection;
use crate::db::schema::deployment;
use crate::error::Result;

/// Notes the first start: reporting begins in the month that is running. Later starts
/// change nothing.
///
/// # Errors
/// What the database says, and when this process has another time zone than the first start had: days and
/// months that were counted would no longer be the same.
pub async fn begin(campus: &Campus) -> anyhow::Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    diesel::insert_into(deployment::table)
        .values((
            deployment::only_row.eq(true),
            deployment::reporting_since.eq(campus.clock.this_month().first_day()),
            deployment::time_zone.eq(campus.clock.zone_name()),
            deployment::started_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    let (kept, own) = (time_zone(connection).await?, campus.clock.zone_name());
    anyhow::ensure!(kept == own, "TIME_ZONE is {own}, but this site counts its days in {kept}: set TIME_ZONE to that");
    Ok(())
}

async fn time_zone(connection: &mut Connection) -> QueryResult<String> {
    deployment::table.select(deployment::time_zone).get_result(connection).await
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

/// Whether [`mark_ready`] has been said, in the time zone that this process has too.
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_ready(campus: &Campus) -> Result<bool> {
    let ready = deployment::table
        .filter(deployment::ready_at.is_not_null().and(deployment::time_zone.eq(campus.clock.zone_name())))
        .count()
        .get_result::<i64>(&mut campus.database.connection().await?)
        .await?;
    Ok(ready == 1)
}
