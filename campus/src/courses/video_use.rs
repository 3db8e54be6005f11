//! Which videos lessons show, and taking away those that none does.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use uuid::Uuid;

use crate::Campus;
use crate::access::{Actor, CanManage};
use crate::db::Connection;
use crate::db::schema::lessons;
use crate::error::{Code, Error, Result};
use crate::videos::{self, Video};

/// Takes a video away that no lesson shows, in whatever version of a course; an upload that is under
/// way is cancelled. What it holds in the store is freed by a job.
///
/// # Errors
/// [`Code::VideoInUse`]; [`Code::VideoStateInvalid`] while the worker has it; [`Code::NotFound`] when
/// it is gone.
pub async fn remove_video(campus: &Campus, actor: &Actor, proof: &CanManage<Video>) -> Result<()> {
    let now = campus.clock.now();
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let video = videos::lock_for_removal(connection, proof).await?;
            if is_shown(connection, video.id).await? {
                return Err(Error::code(Code::VideoInUse));
            }
            videos::remove(connection, actor, &video, now).await
        })
        .await?;
    campus.signals.wake_workers().await;
    Ok(())
}

/// A lesson that no version has any more is no row either.
async fn is_shown(connection: &mut Connection, video: Uuid) -> Result<bool> {
    let shows = lessons::table.filter(lessons::video_id.eq(video));
    Ok(diesel::select(exists(shows)).get_result(connection).await?)
}
